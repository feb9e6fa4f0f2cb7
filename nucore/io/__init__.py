"""Files: spectra and events in ROOT, Parquet, UHI JSON, CSV and HEPData YAML, with provenance."""
