"""Published results that one command reproduces."""
