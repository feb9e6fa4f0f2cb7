"""Backgrounds of W -> l nu4: tau decays, Z, multijets."""
