"""Palettes: what they are (`palette`), the built-in ones and files (`registry`), one module per format (`formats`)."""
