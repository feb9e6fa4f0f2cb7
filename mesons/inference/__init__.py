"""Likelihood, reach and observed limits of a meson experiment."""
