"""Pictures of spectra, fits and exclusion curves. Nothing else in the package draws."""

from nucore.plot.exclusion import ReachLine, reach_figure
from nucore.plot.joint import flavours_figure, w_mass_figure, window_figure
from nucore.plot.results import curve_figure, fit_figure, reach_line
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import check_picture, save

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
