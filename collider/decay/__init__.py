"""Decay of the W: spin, radiation, the tau."""
