"""Reach and exclusion curves with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.style import COLOURS, RC, new_figure

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReachLine:
    """A curve; where `y` is not finite there is no reach and nothing is drawn.

    Attributes
    ----------
    x, y : array, shape (n,)
    label : str
    band : dict
        Optional arrays ``minus2``, ``minus1``, ``plus1``, ``plus2``.
    style : str
        Line style; ``guide`` draws a grey line for comparison, such as the thermal target.
    """

    x: Array
    y: Array
    label: str
    band: dict[str, Array] = field(default_factory=dict)
    style: str = "-"


def reach_figure(lines: Sequence[ReachLine], x_label: str, y_label: str, title: str) -> Figure:
    """Draw reach curves on logarithmic axes, each with its 68% and 95% bands if it has them."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        colours = iter(COLOURS * 3)
        for line in lines:
            guide = line.style == "guide"
            colour = "0.5" if guide else next(colours)
            for low, high, alpha in (("minus2", "plus2", 0.15), ("minus1", "plus1", 0.25)):
                if low in line.band and high in line.band:
                    axes.fill_between(line.x, line.band[low], line.band[high], color=colour, alpha=alpha, lw=0)
            width = 2.0 if guide else 1.6
            axes.plot(line.x, line.y, color=colour, ls="-" if guide else line.style, lw=width, label=line.label)
        axes.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label, title=title)
        axes.legend()
    return figure
