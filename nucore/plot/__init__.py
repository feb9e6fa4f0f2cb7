"""Pictures of spectra, fits and exclusion curves. Nothing else in the package draws."""
