"""Predictions against references: bins with a ratio panel, and pulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.style import COLOURS, RC, new_figure
from tools.validation.observed_studies import Recovery

Array = NDArray[np.float64]


def comparison_figure(
    edges: Array,
    reference: Array,
    reference_error: Array,
    ours: Array,
    ours_error: Array,
    x_label: str,
    y_label: str,
    title: str,
) -> Figure:
    """Draw a reference as points with error bars, the prediction as steps, and their ratio below.

    Parameters
    ----------
    edges : float64[n + 1]
    reference, reference_error, ours, ours_error : float64[n]
        Values and standard deviations.
    x_label, y_label, title : str
    """
    with mpl.rc_context(RC):
        figure, (main, ratio) = new_figure(ratio=True)
        centres, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
        points: dict[str, Any] = {"fmt": "o", "color": "black", "ms": 3.0, "lw": 0.9, "xerr": half}
        main.errorbar(centres, reference, reference_error, label="reference", **points)
        main.stairs(ours, edges, baseline=None, color=COLOURS[0], lw=1.5, label="this package")
        ratio.errorbar(centres, np.ones_like(centres), reference_error / reference, **points)
        ratio.stairs(ours / reference, edges, baseline=None, color=COLOURS[0], lw=1.5)
        low, high = (ours - ours_error) / reference, (ours + ours_error) / reference
        ratio.stairs(high, edges, baseline=low, fill=True, color=COLOURS[0], alpha=0.25)
        deviation = float(np.nanmax(np.abs(ours / reference - 1.0) + reference_error / reference))
        spread = min(max(1.2 * deviation, 0.02), 0.5)
        main.set(ylabel=y_label, title=title, xlim=(edges[0], edges[-1]))
        main.set_ylim(bottom=0.0)
        ratio.set(xlabel=x_label, ylabel="ratio", ylim=(1.0 - spread, 1.0 + spread))
        main.legend()
    return figure


def pull_figure(labels: Sequence[str], pulls: Sequence[float]) -> Figure:
    """Draw one pull a line, with bands of one and two standard deviations."""
    with mpl.rc_context(RC):
        figure, (axis,) = new_figure(height=1.2 + 0.26 * len(labels))
        rows = np.arange(len(labels))[::-1]
        axis.axvspan(-2.0, 2.0, color="0.93", zorder=0)
        axis.axvspan(-1.0, 1.0, color="0.85", zorder=0)
        axis.plot(pulls, rows, "o", color=COLOURS[0], ms=5)
        limit = max(3.0, 1.1 * float(np.max(np.abs(pulls))))
        axis.set(xlabel="(predicted - measured) / measured uncertainty", xlim=(-limit, limit))
        axis.set_yticks(rows, labels)
        axis.tick_params(axis="y", which="minor", left=False, right=False)
        axis.set_ylim(-0.7, len(labels) - 0.3)
    return figure


def recovery_figure(rows: Sequence[Recovery]) -> Figure:
    """Draw fitted |U|^2 against the injected one: with the W mass of the prediction (filled), and with it ignored."""
    with mpl.rc_context(RC):
        figure, (axis,) = new_figure()
        masses = sorted({row.m4 for row in rows})
        largest = 1.1 * max(row.U_sq for row in rows)
        axis.plot((0.0, largest), (0.0, largest), color="0.6", lw=1.0, zorder=0)
        for k, (m4, colour) in enumerate(zip(masses, COLOURS, strict=False)):
            chosen = [row for row in rows if row.m4 == m4]
            x = np.array([row.U_sq for row in chosen]) + 3e-4 * (k - 1)
            style: dict[str, Any] = {"color": colour, "ms": 5.0, "capsize": 2.0}
            y, errors = [row.used.U_sq for row in chosen], [row.used.uncertainty for row in chosen]
            axis.errorbar(x, y, errors, fmt="o", label=f"$m_4$ = {m4:g} GeV", **style)
            axis.plot(x, [row.ignored.U_sq for row in chosen], "o--", color=colour, mfc="white", ms=5.0, lw=0.8)
        axis.set(xlabel=r"injected $|U_{\mu4}|^2$", ylabel=r"fitted $|U_{\mu4}|^2$", xlim=(0.0, largest))
        axis.legend(title="open: $m_W$ of the prediction ignored")
    return figure
