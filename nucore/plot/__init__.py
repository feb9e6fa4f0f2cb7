"""Pictures of spectra, fits and exclusion curves. Nothing else in the package draws."""

from nucore.caches import prepare_matplotlib

prepare_matplotlib()
