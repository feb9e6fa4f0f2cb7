"""W and Z production: partons, luminosities, mass, rapidity, transverse momentum."""
