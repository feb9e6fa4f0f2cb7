"""Angular coefficients of Pythia 8 beside ours, against the transverse momentum of the W."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from collider.production.shower_spin import shower_coefficients
from collider.production.w_production import M_W, w_component
from nucore.plot.style import COLOURS, RC
from tools.validation.reweighting import PT_EDGES_GEV, RAPIDITY_EDGES, expected_cells

Array = NDArray[np.float64]

#: Sign under which coefficients change when z goes from the side of the up-type (anti)parton to the other.
_FLIP = np.array([1.0, -1.0, 1.0, 1.0, -1.0])[:, None, None]
PT_RANGE_GEV = (2.0, 100.0)


@dataclass(frozen=True, eq=False)
class CoefficientCurves:
    """A0..A4, z along the W's longitudinal momentum, averaged over its rapidity.

    Attributes
    ----------
    sqrt_s_TeV : float
    charge : {+1, -1}
    pt : float64[n]
        GeV.
    ours, shower : float64[5, n]
    """

    sqrt_s_TeV: float
    charge: int
    pt: Array
    ours: Array
    shower: Array


def coefficient_curves(sqrt_s_TeV: float, charge: int) -> CoefficientCurves:
    """Average both sets of coefficients over our distribution of the W rapidity in pp collisions."""
    component = w_component(sqrt_s_TeV, charge, 0.0)
    pt = 0.5 * (PT_EDGES_GEV[1:-1] + PT_EDGES_GEV[:-2])
    inside = (pt > PT_RANGE_GEV[0]) & (pt < PT_RANGE_GEV[1])
    pt = pt[inside]
    weight = expected_cells(component).production[:, :-1][:, inside]
    weight = weight / weight.sum(axis=0)
    y = 0.5 * (RAPIDITY_EDGES[1:] + RAPIDITY_EDGES[:-1])[:, None]
    sign = np.where(y < 0.0, _FLIP, 1.0)
    ours = component.spin(M_W, pt[None, :], y)[:5]
    shower = shower_coefficients(sqrt_s_TeV, charge, pt[None, :] / M_W, y)
    mean = ((sign * weight * values).sum(axis=1) for values in (ours, shower))
    return CoefficientCurves(sqrt_s_TeV, charge, pt, *mean)


def coefficients_figure(curves: list[CoefficientCurves]) -> Figure:
    """Draw one panel for each coefficient, with a pair of lines for each set of curves."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(9.6, 6.0), layout="constrained")
        panels = figure.subplots(2, 3, sharex=True).ravel()
        for k, panel in enumerate(panels[:5]):
            for colour, one in zip(COLOURS, curves, strict=False):
                name = f"W{'+' if one.charge > 0 else '-'}"
                panel.plot(one.pt, one.ours[k], color=colour, label=f"{name}, this package")
                panel.plot(one.pt, one.shower[k], color=colour, ls="--", label=f"{name}, Pythia 8")
            panel.axhline(0.0, color="0.8", lw=0.8, zorder=0)
            panel.set(xlabel="$p_T$ of the W [GeV]", title=f"$A_{k}$")
        panels[5].axis("off")
        panels[5].legend(*panels[0].get_legend_handles_labels(), loc="center")
    return figure
