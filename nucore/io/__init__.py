"""Files: spectra and events in ROOT, Parquet, UHI JSON, CSV and HEPData YAML, with provenance."""

from nucore.io.atomic import atomic_path
from nucore.io.branches import read_branches
from nucore.io.folders import cache_folder
from nucore.io.readers import SpectrumFile, read_spectrum, read_workspace
from nucore.io.writers import OUTPUT_FORMATS, EventWriter, open_writer, write_json, write_spectra

__all__ = [
    "OUTPUT_FORMATS",
    "EventWriter",
    "SpectrumFile",
    "atomic_path",
    "cache_folder",
    "open_writer",
    "read_branches",
    "read_spectrum",
    "read_workspace",
    "write_json",
    "write_spectra",
]
