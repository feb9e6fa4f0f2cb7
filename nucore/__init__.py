"""The model and what both searches share: cosmology, limits, statistics, files, runs, pictures."""

from nucore.caches import prepare_kernel_cache

__version__ = "0.2.0"
prepare_kernel_cache()
