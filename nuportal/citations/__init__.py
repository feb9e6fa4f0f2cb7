"""What to cite: the paper, the package, and the inputs of the package or of a result."""
