"""Realness: how much pixel art looks placed by hand rather than made by an algorithm.

A logistic regression on statistics of small neighbourhoods that know no colour and no subject. Read it only beside
content (exact cells, colours): a picture can look real and show nothing.
"""
