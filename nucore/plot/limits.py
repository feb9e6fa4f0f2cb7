"""Picture of the limits at a mass: one row each, the strongest on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.plot.rows import row_panels
from nucore.plot.style import COLOURS, RC, describe, log_ticks
from nucore.plot.symbols import AXIS, MIXING, number, plain

#: Rows of a panel at most.
SHOWN = 25
#: Marker and colour of each kind of limit.
_KINDS = {
    "observed": ("o", COLOURS[0], COLOURS[0]),
    "derived here": ("s", COLOURS[1], COLOURS[1]),
    "projection": ("D", "white", COLOURS[2]),
    "not for an invisible $\\nu_4$": ("o", "white", "0.5"),
}


def strongest_figure(result: Any) -> Figure:
    """Draw the limits on a mixing at a mass, and those on dark matter, the strongest of each on top.

    Parameters
    ----------
    result : nuportal.api.limits.LimitsResult
    """
    fields = result.to_dict()
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in (*fields["limits"], *fields["dark_matter"]):
        if one["value"] is not None:
            groups.setdefault(one["quantity"], []).append(one)
    silent = sum(one["value"] is None for one in (*fields["limits"], *fields["dark_matter"]))
    flavour = MIXING[f"U{fields['flavour']}4_sq"]
    shown = [(AXIS[quantity] if quantity != "U_sq" else flavour, rows[:SHOWN]) for quantity, rows in groups.items()]
    with mpl.rc_context(RC):
        figure, panels = row_panels([len(rows) for _, rows in shown])
        for axes, (label, rows) in zip(panels, shown, strict=bool(shown)):
            _draw(axes, rows)
            axes.set_xlabel(label)
        if not shown:
            panels[0].set(xlabel=flavour, xticks=[], yticks=[])
            panels[0].text(0.5, 0.5, "no limit at this mass", transform=panels[0].transAxes, ha="center", va="center")
        used = {_kind(one) for _, rows in shown for one in rows}
        for kind in (name for name in _KINDS if name in used):
            marker, face, edge = _KINDS[kind]
            panels[0].plot([], [], marker, mfc=face, mec=edge, ls="", label=kind)
        if used:
            figure.legend(loc="outside lower center", ncols=4, fontsize=9)
        hidden = sum(len(rows) for rows in groups.values()) - sum(len(rows) for _, rows in shown)
        words = [f"$m_4$ = {fields['m4_GeV']:g} GeV"]
        if fields["m_chi_GeV"] is not None:
            words += [rf"$m_\chi$ = {fields['m_chi_GeV']:g} GeV", f"halo: {fields['halo']}"]
        words += [f"{hidden} weaker limits are not shown"] if hidden else []
        words += [f"{silent} limits give nothing here"] if silent else []
        describe(panels[0], f"Limits on {flavour}, the strongest first", words)
    return figure


def _kind(one: Mapping[str, Any]) -> str:
    if not one["observed"]:
        return "projection"
    if not one["applies_to_invisible"]:
        return "not for an invisible $\\nu_4$"
    return "derived here" if one["derived_here"] else "observed"


def _draw(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw a row for each limit: a point at its value, a line over what it excludes, confidence level and year."""
    heights = np.arange(len(rows))[::-1]
    values = np.array([one["value"] for one in rows])
    low, high = values.min() / 3.0, values.max() * 3.0
    axes.set(xscale="log", xlim=(low, high))
    for height, one in zip(heights, rows, strict=True):
        marker, face, edge = _KINDS[_kind(one)]
        axes.plot([one["value"], high], [height, height], color=edge, lw=5.0, alpha=0.2, solid_capstyle="butt")
        axes.plot(one["value"], height, marker, mfc=face, mec=edge, ms=5.5)
        words = f"{number(one['value'], 2)}  {one['confidence_level']:.0%}  {one['year']}"
        axes.annotate(
            words, (1.0, height), (4.0, 0.0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", fontsize=8.0,
        )  # fmt: skip
    axes.set_yticks(heights, [plain(one["id"], 60) for one in rows], fontsize=8.5)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    log_ticks(axes.xaxis)
