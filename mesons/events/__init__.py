"""Meson decay events: kernels, samplers, generator, pseudo-data."""
