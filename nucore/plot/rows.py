"""Panels with one row a name: limits, margins, pulls, impacts."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.plot.style import RC

#: Inches: height of a row and of what is around the rows of a panel, and width.
_ROW, _AROUND, _WIDTH = 0.24, 0.75, 7.2


def row_panels(sizes: Sequence[int], width: float = _WIDTH) -> tuple[Figure, list[Axes]]:
    """Make a figure of panels one over the other, each high enough for its number of rows; at least one panel."""
    heights = [_AROUND + _ROW * max(size, 2) for size in sizes] or [_AROUND + 2 * _ROW]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, sum(heights) + 0.8), layout="constrained")
        panels = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for axes in panels:
        axes.tick_params(axis="y", which="both", length=0)
        axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
        axes.grid(axis="y", color="0.93", lw=0.6)
        axes.set_axisbelow(True)
    return figure, list(panels)
