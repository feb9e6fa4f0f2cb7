"""M -> l nu4 and M -> l chi phi: rates, spectra, generator and reach of meson experiments."""
