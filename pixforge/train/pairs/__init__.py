"""Exact pairs: real sprites turned into drawings, so that the right answer is known to the pixel."""
