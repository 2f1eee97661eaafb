"""Data sets: a folder of pictures with a manifest that says where each comes from and what may be done with it."""
