"""Pictures of limits against a mass: expected with bands, observed, of several experiments, windows and W masses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.errors import InputError
from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, DASHES, RC, describe, log_ticks, new_figure
from nucore.plot.symbols import (
    AXIS,
    OBSERVABLE,
    column,
    exposure,
    in_symbols,
    level,
    particle,
    plain,
    systematics,
    yukawa,
)

#: Of the regions of one and two standard deviations.
BANDS = (("minus2", "plus2", COLOURS[4], 0.40, "95%"), ("minus1", "plus1", COLOURS[2], 0.50, "68%"))
#: Masses over a range of more than this factor are drawn on a logarithmic axis.
_WIDE = 10.0
#: Points: width of the bars of single masses; most reasons that are told.
_BAR, _REASONS = 9.0, 3
_CHARGES = {("+",): "$W^+$", ("-",): "$W^-$", ("+", "-"): r"$W^\pm$"}


def reach_figure(result: Any) -> Figure:
    """Draw a reach: a scan of the window, the effect of a floating W mass, or limits with bands, observed ones too.

    Parameters
    ----------
    result : nucore.reports.reach.Reach
    """
    fields = result.to_dict()
    if "window_scan" in fields:
        return _window_figure(fields)
    return _w_mass_figure(fields) if fields.get("float_mw") else limits_figure(fields)


def observed_column(curve: Mapping[str, Any]) -> Any:
    """Observed limits of a curve, NaN where there is none."""
    return column(curve["curve"], f"{curve['quantity']}_observed")


def limits_figure(
    curve: Mapping[str, Any], title: str = "", others: Sequence[tuple[str, Mapping[str, Any]]] = ()
) -> Figure:
    """Draw the limits of a curve with the bands of the expected one, and observed limits of other data beside it.

    Parameters
    ----------
    curve : mapping
        ``to_dict()`` of a result of `nuportal.project`.
    title : str, optional
        By default that of the experiment.
    others : sequence of (str, mapping)
        Labels and curves.
    """
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        points, (x, expected, observed) = curve["curve"], _columns(curve)
        if np.isfinite(expected).any():
            for low, high, colour, alpha, share in BANDS:
                band = column(points, low), column(points, high)
                _draw_band(axes, x, band, color=colour, alpha=alpha, label=share)
            _draw_line(axes, x, expected, "k--", lw=1.4, label="expected (median)")
        if np.isfinite(observed).any():
            _draw_line(axes, x, observed, "k-", "s", lw=2.0, label="observed")
        for colour, (label, other) in zip((COLOURS[0], *COLOURS[3:]), others, strict=False):
            other_x, _, other_observed = _columns(other)
            _draw_line(axes, other_x, other_observed, "-", color=colour, label=label)
        _thermal(axes, curve)
        _finish(axes, curve)
        describe(axes, title or in_symbols(plain(curve["title"])), conditions(curve))
        place_legend(axes, ncols=2 if others else 1)
    return figure


def overlay_figure(curves: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str = "") -> Figure:
    """Draw limits of several results on one quantity, the first with its 68% and 95% bands.

    Parameters
    ----------
    curves : sequence of mappings
        ``to_dict()`` of results of `nuportal.project`.
    labels : sequence of str
    title : str, optional
        By default none.

    Raises
    ------
    InputError
        If they are not limits on the same quantity against the same mass.
    """
    first = curves[0]
    for curve in curves:
        for name in ("quantity", "mass"):
            if curve[name] != first[name]:
                raise InputError(f"curves of different {name}: {first[name]} and {curve[name]}, expected the same")
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for k, (curve, label) in enumerate(zip(curves, map(in_symbols, labels), strict=True)):
            points, colour, dash = curve["curve"], COLOURS[k % len(COLOURS)], DASHES[k // len(COLOURS) % len(DASHES)]
            x, expected, observed = _columns(curve)
            has_both = np.isfinite(expected).any() and np.isfinite(observed).any()
            if np.isfinite(observed).any():
                _draw_line(
                    axes,
                    x,
                    observed,
                    dash,
                    "s",
                    color=colour,
                    lw=1.8,
                    label=f"{label}, observed" if has_both else label,
                )
            if np.isfinite(expected).any():
                _draw_line(axes, x, expected, "--" if has_both else dash, color=colour, label=label)
                for low, high, _, alpha, share in BANDS if k == 0 else ():
                    band = column(points, low), column(points, high)
                    _draw_band(axes, x, band, color=colour, alpha=0.4 * alpha, label=f"{label}, {share}")
        _thermal(axes, first)
        _finish(axes, first)
        describe(axes, title, _shared(curves))
        place_legend(axes)
    return figure


def conditions(curve: Mapping[str, Any]) -> list[str]:
    """Under which choices the limits of a curve hold."""
    found = [exposure(curve), level(curve), systematics(curve)]
    if curve.get("charges") is not None:
        found.append(_CHARGES.get(tuple(curve["charges"]), ""))
    if curve.get("window_GeV") is not None and "window_scan" not in curve:
        low, high = curve["window_GeV"]
        found.append(f"{low:g} < {OBSERVABLE[curve['observable']]} < {high:g} GeV")
    if curve.get("ratio") is not None:
        found.append(rf"$m_\phi = {curve['ratio']:g}\,m_\chi$")
    if curve.get("m4") is not None:
        factor, times, _ = curve["m4"].partition("x")
        found.append(rf"$m_4 = {factor}\,m_\chi$" if times else f"$m_4$ = {factor} GeV")
    if curve.get("yL") is not None:
        found.append(yukawa(curve["yL"]))
    if curve.get("published_data"):
        found.append(f"data: {plain(curve['published_data']['data'])}")
    return found


def _shared(curves: Sequence[Mapping[str, Any]]) -> list[str]:
    """Conditions that all curves have."""
    each = [conditions(curve) for curve in curves]
    return [text for text in each[0] if all(text in other for other in each)]


def _columns(curve: Mapping[str, Any]) -> Iterator[Any]:
    """Mass, expected and observed limits of a curve."""
    points, name = curve["curve"], curve["quantity"]
    return (column(points, of) for of in (curve["mass"], name, f"{name}_observed"))


def _thermal(axes: Axes, curve: Mapping[str, Any]) -> None:
    """Draw where thermal production makes all dark matter, for limits on Y."""
    thermal = column(curve["curve"], "Y_thermal")
    if np.isfinite(thermal).any():
        _draw_line(
            axes, column(curve["curve"], curve["mass"]), thermal, "-", "D", color="0.5", lw=2.4, label="thermal target"
        )


def _finish(axes: Axes, curve: Mapping[str, Any]) -> None:
    x = column(curve["curve"], curve["mass"])
    axes.set(yscale="log", xlabel=AXIS[curve["mass"]], xlim=(x[0], x[-1]) if x.size > 1 else None)
    label = AXIS[curve["quantity"]].replace(r"\ell", particle(curve["flavour"]))
    axes.set_ylabel(f"{label}, {curve['confidence_level']:.0%} CL")
    if x[-1] > _WIDE * x[0]:
        axes.set_xscale("log")
        log_ticks(axes.xaxis)
    if any(np.isfinite(line.get_ydata()).any() for line in axes.lines):
        log_ticks(axes.yaxis)
        return
    axes.set(yscale="linear", yticks=[])
    if x.size == 1:
        axes.set_xticks(x)
        axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        axes.set_xlim(0.5 * x[0], 1.5 * x[0])
    reasons = dict.fromkeys(point["reason"] for point in curve["curve"] if point.get("reason"))
    text = "no limit" + "".join(f"\n{reason}" for reason in map(plain, list(reasons)[:_REASONS]))
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=9.5)


def _alone(values: Any) -> Any:
    """Which values have none beside them, so that no line shows them."""
    known = np.pad(np.isfinite(values), 1)
    return known[1:-1] & ~known[:-2] & ~known[2:]


def _draw_line(axes: Axes, x: Any, y: Any, dash: str, marker: str = "o", **look: Any) -> None:
    """Draw a line, and markers where a value has none beside it."""
    alone = np.flatnonzero(_alone(y)).tolist()
    if alone:
        look |= {"marker": marker, "ms": 5.0, "markevery": alone}
    axes.plot(x, y, dash, **look)


def _draw_band(axes: Axes, x: Any, band: tuple[Any, Any], **look: Any) -> None:
    """Draw a band, and bars where a value has none beside it."""
    axes.fill_between(x, *band, lw=0, **look)
    alone = _alone(band[0] + band[1])
    if alone.any():
        low, high = (of[alone] for of in band)
        axes.vlines(x[alone], low, high, color=look["color"], alpha=look["alpha"], lw=_BAR)


def _w_mass_figure(curve: Mapping[str, Any]) -> Figure:
    """Draw the reach with a fixed and a floating W mass, and the shift of the W mass at the reach."""
    points, name = curve["curve"], curve["quantity"]
    with mpl.rc_context(RC):
        figure, (main, lower) = new_figure(ratio=True)
        m4 = column(points, curve["mass"])
        lines = ((name, COLOURS[1], "-", "floating"), (f"{name}_fixed_m_W", COLOURS[0], "--", "fixed"))
        for of, colour, dash, words in lines:
            _draw_line(main, m4, column(points, of), dash, color=colour, label=f"expected, $m_W$ {words}")
        _finish(main, curve)
        main.set_xlabel("")
        describe(main, in_symbols(plain(curve["title"])), conditions(curve))
        _draw_line(lower, m4, column(points, "m_W_bias_MeV"), "-", color=COLOURS[2], label="shift")
        _draw_line(lower, m4, column(points, "m_W_uncertainty_MeV"), "--", color="0.5", label="uncertainty")
        lower.axhline(0.0, color="black", lw=0.8)
        lower.set(xlabel=AXIS[curve["mass"]], ylabel="$m_W$ [MeV]")
        place_legend(main)
        place_legend(lower, ncols=2, fontsize=8.5)
    return figure


def _window_figure(scan: Mapping[str, Any]) -> Figure:
    """Draw the reach against the lower edge of the window, one line a mass."""
    curves = scan["window_scan"]
    name = scan["quantity"]
    low = [curve["window_GeV"][0] for curve in curves]
    reach = np.array([column(curve["curve"], name) for curve in curves])
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for k, point in enumerate(curves[0]["curve"]):
            colour, dash = COLOURS[k % len(COLOURS)], DASHES[k // len(COLOURS) % len(DASHES)]
            axes.plot(low, reach[:, k], dash, marker="o", ms=4, color=colour, label=f"$m_4$ = {point['m4_GeV']:g} GeV")
        axes.set(yscale="log", xlabel=f"lower edge of the window in {OBSERVABLE[scan['observable']]} [GeV]")
        axes.set_ylabel(f"{AXIS[name]}, {scan['confidence_level']:.0%} CL")
        log_ticks(axes.yaxis)
        upper = f"{OBSERVABLE[scan['observable']]} < {scan['window_GeV'][1]:g} GeV"
        describe(axes, in_symbols(plain(scan["title"])), [*conditions(scan), upper])
        place_legend(axes)
    return figure
