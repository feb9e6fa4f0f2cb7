"""Reports: one HTML page that holds a result with its inputs, pictures and provenance."""
