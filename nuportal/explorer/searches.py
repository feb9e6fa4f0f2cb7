"""What takes fits and templates: reach of W -> l nu and K+ -> mu searches as Figs. 1 and 2 have it, and their spectra.

It does not change with the input set and takes half a minute: data/searches.json holds it, written by
tools/recipes/tabulate_searches.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment as load_collider
from collider.inference.likelihood import expectation
from mesons.experiments.cards import load_experiment as load_meson
from mesons.inference.templates import templates_of
from nucore.model import constants as c
from nuportal.explorer.compact import rounded
from nuportal.figures.content import FigureCurve
from nuportal.figures.coupling import RULES, kaon_curves
from nuportal.figures.mixing import w_line

Array = NDArray[np.float64]

#: Squared nu4 masses (GeV^2) at which templates of W -> l nu4 are kept, up to where no such decay is left.
_M4_SQ = np.linspace(0.0, 84.0**2, 85)
_LIGHTEST_GEV = 1e-3
_W_EXPERIMENT, _KAON_EXPERIMENT = "atlas-2011", "e949"


def reach_tables() -> dict[str, Any]:
    """Reach in |U|^2 of W -> l nu, by flavour, and in Y of K+ -> mu + invisible, by mass rule (ratio 3, yL = 4 pi)."""
    return {
        "w_reach": {flavour: _curve(w_line(flavour)) for flavour in ("e", "mu")},
        "kaon_reach": [
            {"ratio": rule.ratio, "m4": rule.m4, "curves": [_curve(one) for one in kaon_curves(rule, "latest")]}
            for rule in RULES.values()
        ],
        "kaon_reach_2017": [one.id for one in kaon_curves(RULES["light"], "2017")],
    }


def _curve(curve: FigureCurve) -> dict[str, Any]:
    x, y = rounded(curve.x, 8), rounded(curve.y)
    found = {"id": curve.id, "label": curve.label, "x": x, "y": y, "metadata": dict(curve.metadata)}
    return found | {"band_with": curve.band_with} if curve.band_with else found


def w_spectrum() -> dict[str, Any]:
    """Expected events in bins of the lepton pT: the paper's selection of W+, light and nu4 at |U|^2 = 1.

    The templates of e and mu are the same; rows of ``nu4`` belong to equal steps of m4^2.
    """
    measured = measurement(load_collider(_W_EXPERIMENT), "mu", AnalysisOptions(systematics="paper"))
    light = expectation(measured, _LIGHTEST_GEV)
    rows = [expectation(measured, max(float(np.sqrt(m)), _LIGHTEST_GEV), light=light.light).nu4.values for m in _M4_SQ]
    (axis,) = measured.axes
    return {
        "experiment": _W_EXPERIMENT,
        "luminosity_invfb": measured.luminosity_invfb,
        "edges_GeV": list(axis.edges),
        "standard_model": rounded(light.standard_model),
        "light": rounded(light.light.values),
        "m4_sq_step_GeV2": float(_M4_SQ[1]),
        "nu4": [rounded(np.maximum(row, 0.0), 5) for row in rows],
        "m_W_GeV": float(c.M_W),
    }


def kaon_spectrum() -> dict[str, Any]:
    """Expected background in bins of the muon momentum of K+ -> mu+ + invisible, and what the signal wants."""
    experiment = load_meson(_KAON_EXPERIMENT)
    templates = templates_of(experiment)
    relative = experiment.resolution.relative
    assert relative is not None
    return {
        "experiment": _KAON_EXPERIMENT,
        "decays": experiment.decays,
        "edges_GeV": rounded(experiment.edges, 9),
        "background": rounded(templates.background(experiment.decays)),
        "recorded": experiment.decays * experiment.acceptance.value * experiment.channel.standard_branching_ratio,
        "relative_resolution": relative,
    }


def searches() -> dict[str, Any]:
    """All of this module by the names that the engine uses."""
    return {"w_spectrum": w_spectrum(), "kaon_spectrum": kaon_spectrum(), **reach_tables()}
