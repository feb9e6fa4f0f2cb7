"""Figs. 1 and 2 of arXiv:1709.07001: every curve from a formula and published numbers, with its metadata."""
