"""Pictures of spectra and exclusion curves. Nothing else in the package draws."""

from nuportal.plot.exclusion import ReachLine, reach_figure
from nuportal.plot.spectra import SpectrumLine, spectrum_figure
from nuportal.plot.style import save

__all__ = ["ReachLine", "SpectrumLine", "reach_figure", "save", "spectrum_figure"]
