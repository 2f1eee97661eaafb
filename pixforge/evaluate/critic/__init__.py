"""Realness: how much pixel art looks placed by hand rather than made by an algorithm.

A small convolutional network at one position a cell, which learnt real sprites of many sources beside algorithmic
downscales of the same sprites and of drawings. Read it only beside content (exact cells, colours): a picture can look
real and show nothing.
"""
