"""The same likelihood and spectra for other tools: pyhf, HS3, HEPData, UHI and ROOT; pyhf workspaces back."""
