"""The picture of each result: what ``--plot`` and `nucore.results.Result.plot` draw."""

from __future__ import annotations

from matplotlib.figure import Figure

from nucore.plot.joint import flavours_figure, w_mass_figure, window_figure
from nucore.plot.observed import limit_figure
from nucore.plot.results import curve_figure
from nucore.results import Result


def reach_picture(reach: Result) -> Figure:
    """Draw a curve, observed limits, a scan of the window, or what a floating W mass does."""
    fields = reach.to_dict()
    if "window_scan" in fields:
        return window_figure(fields)
    if "published_data" in fields:
        return limit_figure(fields, f"{fields['title']}: {fields['published_data']['data']}")
    if fields.get("float_mw"):
        return w_mass_figure(fields)
    return curve_figure([fields], ["expected"], f"{fields['experiment']}: expected reach")


def flavours_picture(report: Result) -> Figure:
    """Draw the contours of the two mixings."""
    return flavours_figure(report.to_dict())
