"""Dark matter in the early universe and in detectors."""
