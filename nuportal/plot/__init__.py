"""Pictures of spectra, fits and exclusion curves. Nothing else in the package draws."""

from nuportal.plot.exclusion import ReachLine, reach_figure
from nuportal.plot.joint import flavours_figure, w_mass_figure, window_figure
from nuportal.plot.results import curve_figure, fit_figure, reach_line
from nuportal.plot.spectra import SpectrumLine, spectrum_figure
from nuportal.plot.style import check_picture, save

__all__ = [
    "ReachLine",
    "SpectrumLine",
    "check_picture",
    "curve_figure",
    "fit_figure",
    "flavours_figure",
    "reach_figure",
    "reach_line",
    "save",
    "spectrum_figure",
    "w_mass_figure",
    "window_figure",
]
