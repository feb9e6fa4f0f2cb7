"""Picture of a verdict: the margin of every limit, the smallest on top."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.plot.rows import row_panels
from nucore.plot.style import ALLOWED, EXCLUDED, RC, describe, log_ticks
from nucore.plot.symbols import number, plain, point_words

#: Limits drawn at most, and the largest range of margins drawn to each side of 1.
SHOWN, _RANGE = 25, 1e6
_WORDS = {True: "allowed", False: "excluded", None: "undecided"}


def margins_figure(result: Any) -> Figure:
    """Draw the margins of a parameter point, limit over prediction, as bars from 1: to the left what excludes it.

    Parameters
    ----------
    result : nuportal.verdicts.verdict.Verdict
    """
    finite = {name: margin for name, margin in result.margins.items() if 0.0 < margin < math.inf}
    names = sorted(finite, key=finite.__getitem__)[:SHOWN]
    margins = np.array([finite[name] for name in names])
    rows = np.arange(len(names))[::-1]
    with mpl.rc_context(RC):
        figure, (axes,) = row_panels([len(names)])
        clipped = np.clip(margins, 1.0 / _RANGE, _RANGE)
        colours = [EXCLUDED if margin < 1.0 else ALLOWED for margin in margins]
        axes.barh(rows, clipped - 1.0, left=1.0, height=0.65, color=colours, alpha=0.8)
        axes.axvline(1.0, color="black", lw=1.2)
        low, high = min([0.5, *clipped]), max([2.0, *clipped])
        axes.set(xscale="log", xlim=(low / 2.0, high * 2.0), ylim=(-0.7, max(len(names), 1) - 0.3))
        for row, margin in zip(rows, margins, strict=True):
            axes.annotate(
                number(margin), (1.0, row), (4.0, 0.0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", fontsize=8.0,
            )  # fmt: skip
        axes.set_yticks(rows, [plain(name, 60) for name in names], fontsize=8.5)
        axes.set_xlabel("margin = limit / prediction (below 1: excluded)")
        log_ticks(axes.xaxis)
        describe(axes, _title(result), point_words(result.parameters.to_dict()))
        figure.supxlabel(_footnote(result, len(names)), fontsize=8.5, color="0.3")
    return figure


def _title(result: Any) -> str:
    words = f"This point is {_WORDS[result.allowed]}"
    if not result.excluded_by:
        return words
    others = len(result.excluded_by) - 1
    return f"{words} by {plain(result.excluded_by[0], 60)}" + (f" and {others} more" if others else "")


def _footnote(result: Any, shown: int) -> str:
    """How many limits are not drawn, and why."""
    without = sum(math.isinf(margin) for margin in result.margins.values())
    weaker = len(result.margins) - without - shown
    parts = [f"{weaker} more with larger margins"] if weaker else []
    parts += [f"{without} see no effect of this point"] if without else []
    parts += [f"{len(result.not_applicable)} do not apply here"] if result.not_applicable else []
    return "Limits not shown: " + (", ".join(parts) or "none")
