"""Templates: integration, folding with the response, shifts of the nuisances."""
