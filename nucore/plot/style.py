"""Common style of all pictures: fonts, colours, ticks, title and conditions, and saving."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.atomic import atomic_path

Array = NDArray[np.float64]

#: Colour-blind safe order (Okabe-Ito) for curves drawn together.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
#: Of what is allowed, what is excluded, and what is undecided.
ALLOWED, EXCLUDED, UNDECIDED = COLOURS[0], COLOURS[1], "0.65"
#: Dashes for lines beyond the number of colours.
DASHES = ("-", "--", ":", "-.")

RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11.0,
    "mathtext.fontset": "dejavusans",
    "axes.linewidth": 1.0,
    "axes.titlesize": 11.5,
    "lines.linewidth": 1.6,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.pad": 6.0,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "hatch.linewidth": 0.5,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "nuportal",
}
#: Inches: width of a panel, and height of a line of warnings.
WIDTH, _LINE_INCHES = 6.4, 0.15
#: Points: size of the conditions, height of a line, distance from the axes and of the title; letters in an inch.
_SMALL, _SMALL_LINE, _GAP, _TITLE_GAP, _LETTERS_PER_INCH = 8.5, 12.5, 5.0, 4.5, 14.5
#: Most decades with a minor tick at every digit, and fewest that surely hold a 1, a 2 or a 5.
_DECADES, _SHORT = 12, 0.5


def new_figure(height: float = 4.6, ratio: bool = False, width: float = WIDTH) -> tuple[Figure, list[Axes]]:
    """Make a figure of one panel, or of a main panel with a ratio panel below it."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, height + (1.3 if ratio else 0.0)), layout="constrained")
        heights = {"height_ratios": [3, 1], "hspace": 0.05} if ratio else None
        axes = figure.subplots(2 if ratio else 1, 1, sharex=True, gridspec_kw=heights, squeeze=False)
    return figure, [axis for row in axes for axis in row]


def describe(axes: Axes, title: str, conditions: Iterable[str] = ()) -> None:
    """Write a title over axes, and between them in small type the conditions that hold for what is drawn."""
    figure: Any = axes.figure
    share = axes.get_position().width
    figure.get_layout_engine().execute(figure)  # long names of rows move the left end of the axes
    share = min(share, 1.0 - axes.get_position().x0)
    columns = round(share * figure.get_figwidth() * _LETTERS_PER_INCH)
    lines = _packed([part for text in conditions if text for part in wrapped(text, columns)], columns)
    text = axes.set_title(title, loc="left", pad=_GAP + (_SMALL_LINE * len(lines) + _TITLE_GAP if lines else 0.0))
    room = axes.get_position().width * figure.bbox.width
    while (wide := text.get_window_extent().width / room) > 1.0 and columns > 1:
        columns = int(min(columns - 1, max(map(letters, text.get_text().splitlines())) / wide))
        text.set_text("\n".join(wrapped(title, columns)))
    if lines:
        axes.annotate(
            "\n".join(lines), (0.0, 1.0), (0.0, _GAP), xycoords="axes fraction", textcoords="offset points",
            va="bottom", ha="left", fontsize=_SMALL, color="0.3",
        )  # fmt: skip


def _packed(parts: Sequence[str], columns: int) -> list[str]:
    """Join parts to lines of at most a number of letters."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}, {part}" if lines else part
        if lines and letters(longer) <= columns:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def wrapped(text: str, columns: int) -> list[str]:
    """Break a text into lines of at most a number of letters, outside of TeX."""
    lines: list[str] = []
    for whole in re.findall(r"(?:\\\$|\$(?:\\\$|[^$])*\$|\S)+", text):
        longest = max(columns, 1) if "$" not in whole else len(whole)
        for word in [whole[k : k + longest] for k in range(0, len(whole), longest)]:
            if lines and letters(f"{lines[-1]} {word}") <= columns:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
    return lines


def letters(text: str) -> int:
    """Count the letters that are seen of a text with TeX."""
    return len(re.sub(r"\\mathrm|[${}^_]", "", re.sub(r"\\(?!mathrm)[A-Za-z]+|\\,", "x", text)))


def log_ticks(*several: Axis) -> None:
    """Mark every digit of logarithmic axes, and name every decade that there is room for."""
    for axis in several:
        low, high = np.log10(sorted(axis.get_view_interval()))
        if high - low > _DECADES:
            axis.set_minor_locator(LogLocator(subs=(1.0,), numticks=1000))
        else:
            axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=1000))
        if np.floor(high) > np.ceil(low):  # two decades are named at least
            axis.set_minor_formatter(NullFormatter())
        elif high - low >= _SHORT:
            axis.set_minor_formatter(FuncFormatter(_two_or_five))


def _two_or_five(value: float, _: object) -> str:
    """Label of a tick at twice or five times a power of ten."""
    power = int(np.floor(np.log10(value) + 1e-9))
    digit = round(value / 10.0**power)
    return rf"${digit}\times10^{{{power}}}$" if digit in (2, 5) else ""


def power_of_ten(axis: Axis, label: str, largest: float) -> None:
    """Label a linear axis of small or large numbers in units of a power of ten, which the label names."""
    power = int(np.floor(np.log10(largest))) if largest > 0.0 else 0
    if -2 <= power <= 3:
        axis.set_label_text(label)
        return
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 10.0**power:.6g}"))
    axis.set_label_text(rf"{label} [$10^{{{power}}}$]")


def show_warnings(figure: Figure, warnings: Sequence[str]) -> Figure:
    """Write the warnings of a fit over a picture of it, which grows by as much."""
    if warnings:
        told = (f"warning: {warning}".replace("$", r"\$") for warning in warnings)
        text = "\n".join(fill(words, 90) for words in told)
        figure.set_figheight(figure.get_figheight() + _LINE_INCHES * len(text.splitlines()))
        figure.suptitle(text, color=COLOURS[1], fontsize=8.5)
    return figure


#: Suffixes of pictures.
PICTURE_FORMATS = (".png", ".pdf", ".svg")
#: What files would say of the time they were made.
_NO_DATE = {".png": {}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}


def check_picture(path: str | Path) -> None:
    """Raise `InputError` unless the suffix of a picture is known; call it before computing what the picture shows."""
    if Path(path).suffix not in PICTURE_FORMATS:
        raise InputError(
            f"unknown suffix {Path(path).suffix!r} of picture {path}: expected one of {', '.join(PICTURE_FORMATS)}"
        )


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure in the format of its suffix (PNG, PDF, SVG), completely or not at all, and without a date."""
    check_picture(path)
    with mpl.rc_context(RC), atomic_path(path) as temporary:
        figure.savefig(temporary, metadata=_NO_DATE[Path(path).suffix])
    return Path(path)
