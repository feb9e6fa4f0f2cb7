"""Pictures of two quantities together: contours of the mixings of two flavours, or of a mixing and the W mass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, RC, describe, new_figure, power_of_ten
from nucore.plot.symbols import AXIS, MIXING, level, number, plain, systematics
from nucore.stats import Contour


def _closed(values: Any) -> Any:
    return np.append(values, values[0])


def contours_figure(contours: Sequence[Contour], title: str, conditions: Sequence[str] = ()) -> Figure:
    """Draw contours of the same two quantities, and their best fit."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for colour, contour in zip(COLOURS, contours, strict=False):
            label = f"{contour.confidence_level:.0%} CL"
            axes.plot(_closed(contour.x), _closed(contour.y), color=colour, label=label)
        axes.plot(*contours[0].best_fit, "k+", ms=8, label="best fit")
        x, y = contours[0].parameters
        axes.axvline(0.0, color="0.5", lw=0.8, ls=":")
        power_of_ten(axes.xaxis, AXIS.get(x, plain(x, 40)), float(np.abs(axes.get_xlim()).max()))
        axes.set_ylabel(AXIS.get(y, plain(y, 40)))
        axes.ticklabel_format(axis="y", useOffset=False)
        describe(axes, title, conditions)
        place_legend(axes)
    return figure


def flavours_figure(result: Any) -> Figure:
    """Draw the joint contour of two mixings where both are positive, and the limits on each.

    Parameters
    ----------
    result : collider.inference.flavours.FlavoursReport
    """
    fields = result.to_dict()
    first, second = fields["limits"]
    shown = [0.0, 0.0]
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure(5.2)
        if fields["contour"] is not None:
            x, y = (np.array(fields["contour"][name]) for name in ("x", "y"))
            axes.fill(_closed(x), _closed(y), color=COLOURS[0], alpha=0.2, lw=0)
            axes.plot(_closed(x), _closed(y), color=COLOURS[0], label="joint region")
            best = fields["contour"]["best_fit"]
            if min(best) >= 0.0:
                axes.plot(*best, "k+", ms=9, mew=1.5, label="best fit", clip_on=False)
            shown = [float(x.max()), float(y.max())]
        for k, (draw, one) in enumerate(((axes.axvline, first), (axes.axhline, second))):
            name = MIXING[one["parameter"]]
            for limit, style, what in (
                (one["profiled"], "--", "the other free"),
                (one["other_zero"], ":", "the other 0"),
            ):
                value = None if limit is None else limit["observed"]
                if value is not None:
                    draw(value, color=COLOURS[k + 1], ls=style, lw=1.5, label=f"limit on {name}, {what}")
                    shown[k] = max(shown[k], value)
        axes.set(xlim=(0.0, 1.1 * shown[0] or 1.0), ylim=(0.0, 1.1 * shown[1] or 1.0))
        for axis, one, largest in ((axes.xaxis, first, shown[0]), (axes.yaxis, second, shown[1])):
            power_of_ten(axis, MIXING[one["parameter"]], largest)
        describe(axes, f"{plain(fields['experiment'])}: electrons and muons together", _conditions(fields))
        figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure


def _conditions(fields: Any) -> list[str]:
    luminosities = sorted(set(fields["exposure"].values()))
    exposure = " and ".join(rf"{number(value)} fb$^{{-1}}$" for value in luminosities)
    data = "data" if any(fields["data"].values()) else "expected without signal"
    free = "free normalisation" if fields["free_normalisation"] else ""
    return [f"$m_4$ = {fields['m4_GeV']:g} GeV", exposure, level(fields), systematics(fields["analysis"]), free, data]
