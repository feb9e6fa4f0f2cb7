"""Leptonic meson decays to nu4 and to the dark sector: rates, spectra, events, searches and their reach."""
