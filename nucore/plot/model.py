"""Picture of a parameter point: its coupling to dark matter beside the one of the relic density."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.cosmology.annihilation import relic_target, thermal_target
from nucore.plot.legends import place_legend
from nucore.plot.style import ALLOWED, COLOURS, RC, describe, log_ticks, new_figure
from nucore.plot.symbols import AXIS, number, point_words

#: Range of m_chi around the point, as a factor, and points of the curves.
_AROUND, _POINTS = 100.0, 121


def model_figure(result: Any) -> Figure:
    """Draw Y of a parameter point with the curve of the relic density and that of the thermal cross section.

    Parameters
    ----------
    result : nuportal.api.model.ModelResult
    """
    fields = result.to_dict()
    point = fields["parameters"]
    m_chi, ratio = point["m_chi"], point["m_chi"] / point["m_phi"]
    masses = np.geomspace(m_chi / _AROUND, m_chi * _AROUND, _POINTS)
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for target, label, dash in (
            (relic_target, r"$\Omega h^2$ = 0.12", "-"),
            (thermal_target, r"$\langle\sigma v\rangle = 3\times10^{-26}$ cm$^3$/s", "--"),
        ):
            axes.plot(masses, target(masses, ratio), dash, color="0.4" if dash == "-" else COLOURS[2], label=label)
        axes.set(xscale="log", yscale="log", xlabel=AXIS["m_chi_GeV"], ylabel=AXIS["Y"], xlim=masses[[0, -1]])
        omega = fields["relic_abundance_omega_h2"]
        words = "this point" if omega is None else rf"this point: $\Omega h^2$ = {number(omega)}"
        axes.plot(m_chi, fields["Y"], "*", color=ALLOWED, ms=13, mec="black", mew=0.6, ls="", label=words)
        log_ticks(axes.xaxis, axes.yaxis)
        describe(axes, rf"Relic density at $m_\phi/m_\chi$ = {number(1.0 / ratio)}", point_words(point))
        place_legend(axes)
    return figure
