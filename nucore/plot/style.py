"""Common style of all pictures: fonts, colours, ticks, and saving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.errors import InputError
from nucore.io.atomic import atomic_path

#: Height of a line of warnings over a picture.
_LINE_INCHES = 0.15

#: Colour-blind safe order (Okabe-Ito) for curves drawn together.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

RC = {
    "font.family": "sans-serif",
    "font.size": 11.0,
    "mathtext.fontset": "dejavusans",
    "axes.linewidth": 1.0,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.pad": 6.0,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "savefig.dpi": 160,
}


def new_figure(height: float = 4.6, ratio: bool = False) -> tuple[Figure, list[Axes]]:
    """Make a figure of one panel, or of a main panel with a ratio panel below it."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(6.4, height + (1.3 if ratio else 0.0)), layout="constrained")
        heights = {"height_ratios": [3, 1], "hspace": 0.05} if ratio else None
        axes = figure.subplots(2 if ratio else 1, 1, sharex=True, gridspec_kw=heights, squeeze=False)
    return figure, [axis for row in axes for axis in row]


def show_warnings(figure: Figure, warnings: Sequence[str]) -> Figure:
    """Write the warnings of a fit over a picture of it, which grows by as much."""
    if warnings:
        text = "\n".join(fill(f"warning: {warning}", 90) for warning in warnings)
        figure.set_figheight(figure.get_figheight() + _LINE_INCHES * len(text.splitlines()))
        figure.suptitle(text, color=COLOURS[1], fontsize=8.5)
    return figure


#: Suffixes of pictures.
PICTURE_FORMATS = (".png", ".pdf", ".svg")


def check_picture(path: str | Path) -> None:
    """Raise `InputError` unless the suffix of a picture is known; call it before computing what the picture shows."""
    if Path(path).suffix not in PICTURE_FORMATS:
        raise InputError(
            f"unknown suffix {Path(path).suffix!r} of picture {path}: expected one of {', '.join(PICTURE_FORMATS)}"
        )


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure under the format of its suffix (PNG, PDF, SVG), completely or not at all."""
    with mpl.rc_context(RC), atomic_path(path) as temporary:
        figure.savefig(temporary)
    return Path(path)
