"""Pictures of two quantities together: mixings of two flavours, mixing and W mass, reach against a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.plot.results import MIXING, column
from nucore.plot.style import COLOURS, RC, new_figure
from nucore.stats import Contour

_LABELS = {**MIXING, "m_W_GeV": r"$m_W$ (GeV)"}


def _closed(values: Any) -> Any:
    return np.append(values, values[0])


def contours_figure(contours: Sequence[Contour], title: str) -> Figure:
    """Draw contours of the same two quantities, and their best fit."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for colour, contour in zip(COLOURS, contours, strict=False):
            label = f"{contour.confidence_level:.0%} CL"
            axes.plot(_closed(contour.x), _closed(contour.y), color=colour, lw=1.6, label=label)
        axes.plot(*contours[0].best_fit, "k+", ms=8)
        x, y = contours[0].parameters
        axes.axvline(0.0, color="0.5", lw=0.8, ls=":")
        axes.set(xlabel=_LABELS.get(x, x), ylabel=_LABELS.get(y, y), title=title)
        axes.ticklabel_format(useOffset=False)
        axes.legend()
    return figure


def flavours_figure(fields: Mapping[str, Any]) -> Figure:
    """Draw the joint contour of two mixings where both are positive, and the limits on each.

    Parameters
    ----------
    fields : mapping
        ``to_dict()`` of a result of `nuportal.api.flavours`.
    """
    first, second = fields["limits"]
    level = f"{fields['confidence_level']:.0%} CL"
    shown = [0.0, 0.0]
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        if fields["contour"] is not None:
            x, y = (np.array(fields["contour"][name]) for name in ("x", "y"))
            axes.fill(_closed(x), _closed(y), color=COLOURS[0], alpha=0.2, lw=0)
            axes.plot(_closed(x), _closed(y), color=COLOURS[0], lw=1.6, label=f"joint, {level}")
            axes.plot(*fields["contour"]["best_fit"], "k+", ms=8)
            shown = [float(x.max()), float(y.max())]
        for k, (draw, one) in enumerate(((axes.axvline, first), (axes.axhline, second))):
            name = _LABELS[one["parameter"]]
            for limit, style, what in (
                (one["profiled"], "--", "the other free"),
                (one["other_zero"], ":", "the other 0"),
            ):
                value = None if limit is None else limit["observed"]
                if value is not None:
                    draw(value, color=COLOURS[k + 1], ls=style, lw=1.3, label=f"{name}, {what}")
                    shown[k] = max(shown[k], value)
        axes.set(xlim=(0.0, 1.1 * shown[0] or 1.0), ylim=(0.0, 1.1 * shown[1] or 1.0))
        axes.set(xlabel=_LABELS[first["parameter"]], ylabel=_LABELS[second["parameter"]])
        axes.set_title(f"{fields['experiment']}: $m_4$ = {fields['m4_GeV']:g} GeV")
        axes.ticklabel_format(style="sci", scilimits=(-2, 3))
        axes.legend()
    return figure


def w_mass_figure(curve: Mapping[str, Any]) -> Figure:
    """Draw the reach with a fixed and a floating W mass, and the shift of the W mass at the reach.

    Parameters
    ----------
    curve : mapping
        ``to_dict()`` of a reach with a floating W mass.
    """
    points, name = curve["curve"], curve["quantity"]
    m4 = column(points, "m4_GeV")
    with mpl.rc_context(RC):
        figure, (main, lower) = new_figure(ratio=True)
        main.plot(m4, column(points, name), color=COLOURS[1], label="$m_W$ floating")
        main.plot(m4, column(points, f"{name}_fixed_m_W"), color=COLOURS[0], label="$m_W$ fixed")
        main.set(yscale="log", ylabel=f"{MIXING[name]}, {curve['confidence_level']:.0%} CL", title=curve["title"])
        main.legend()
        lower.plot(m4, column(points, "m_W_bias_MeV"), color=COLOURS[2], label="shift of $m_W$")
        lower.plot(m4, column(points, "m_W_uncertainty_MeV"), color="0.5", ls="--", label="uncertainty of $m_W$")
        lower.axhline(0.0, color="black", lw=0.8)
        lower.set(xlabel=r"$m_4$ (GeV)", ylabel="MeV")
        lower.legend(fontsize=8)
    return figure


def window_figure(scan: Mapping[str, Any]) -> Figure:
    """Draw the reach against the lower edge of the window, one line a mass.

    Parameters
    ----------
    scan : mapping
        ``to_dict()`` of a scan of the window.
    """
    curves = scan["window_scan"]
    name = curves[0]["quantity"]
    low = [curve["window_GeV"][0] for curve in curves]
    reach = np.array([column(curve["curve"], name) for curve in curves])
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for k, point in enumerate(curves[0]["curve"]):
            colour, style = COLOURS[k % len(COLOURS)], ("-", "--", ":")[k // len(COLOURS) % 3]
            axes.plot(low, reach[:, k], style, marker="o", ms=3, color=colour, label=f"$m_4$ = {point['m4_GeV']:g} GeV")
        unit = {"lepton_pt": r"lepton $p_T$", "transverse_mass": r"$m_T$"}.get(scan["observable"], scan["observable"])
        axes.set(yscale="log", xlabel=f"lower edge of the window in {unit} (GeV)", title=scan["title"])
        axes.set_ylabel(f"{MIXING[name]}, {scan['confidence_level']:.0%} CL")
        axes.legend()
    return figure
