"""What a fit or a toy study answers."""
