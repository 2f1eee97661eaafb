"""Realness: how much pixel art looks placed by hand rather than made by an algorithm.

A regression on statistics of clusters, lines and colours, fitted to real sprites of many sources beside algorithmic
downscales of the same sprites and of drawings. Read it only beside content (exact cells, colours): a picture can look
real and show nothing.
"""
