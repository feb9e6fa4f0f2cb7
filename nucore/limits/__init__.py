"""Limits on |U_l4|^2 and on dark matter: a catalogue of curves, their formulas, combination and recast."""
