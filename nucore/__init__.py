"""The model and what both searches share: cosmology, limits, statistics, files, runs, pictures."""

__version__ = "0.1.0"
