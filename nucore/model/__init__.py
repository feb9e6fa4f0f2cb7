"""The Dirac neutrino portal: parameters, card, particles, couplings, widths."""
