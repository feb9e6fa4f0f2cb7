"""Rates and spectra of meson and tau decays."""
