"""Transverse momentum of the W: its distribution by charge and rapidity, and variations of the model.

The distributions are those of a simulation (data/w_pt), kept as smooth densities in t = ln(1 + pt/PT_SCALE_GEV),

    p_k(t) ~ t exp(sum_b c_kb B_b(t)),

for rows k at |y| = k PT_RAPIDITY_STEP; between two rows the density is their mixture with linear weights.
A variation adds a smooth function to ln p, the same for all rows and both charges.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import BSpline

from collider.production.luminosity import charge_index
from collider.production.quantiles import quantile_nodes
from nucore.errors import InputError

PT_SCALE_GEV = 5.0
#: End of the splines; there is no W beyond.
PT_MAX_GEV = 1000.0
PT_RAPIDITY_STEP = 0.5
#: Nodes of a row of the quantile table.
N_PT_NODES = 1025

NOMINAL = "nominal"


def pt_splines(t: NDArray[np.float64], n_splines: int) -> NDArray[np.float64]:
    """Return cubic B-splines with equidistant knots, [n, n_splines], at t = ln(1 + pt/PT_SCALE_GEV)."""
    t_max = float(np.log1p(PT_MAX_GEV / PT_SCALE_GEV))
    knots = np.concatenate([np.zeros(3), np.linspace(0.0, t_max, n_splines - 2), np.full(3, t_max)])
    return np.asarray(BSpline.design_matrix(np.clip(t, 0.0, t_max), knots, 3).toarray())


def pt_models(sqrt_s_TeV: float, beams: str = "pp") -> tuple[str, ...]:
    """Return the names of the models of the W transverse momentum: ``nominal`` first, then its variations.

    Each variation is a one-sided shift; data/w_pt/README.md says of what and by how much.

    Raises
    ------
    InputError
        No table for this energy and these beams.
    """
    _table_name(sqrt_s_TeV, beams)
    names = {name.partition(" ")[2] for name in _tables() if name.startswith(f"{beams}-") and " " in name}
    return (NOMINAL, *sorted(names))


@lru_cache(maxsize=64)
def pt_rows(sqrt_s_TeV: float, charge: int, w_pt: str = NOMINAL, beams: str = "pp") -> NDArray[np.float64]:
    """Return quantiles of the W transverse momentum at |y| = 0, PT_RAPIDITY_STEP, 2 PT_RAPIDITY_STEP, ...

    Parameters
    ----------
    sqrt_s_TeV : float
    charge : {+1, -1}
    w_pt : str
        One of `pt_models`.
    beams : {"pp", "ppbar"}

    Returns
    -------
    float64[n_rows, N_PT_NODES]
        GeV, at uniform steps of the cumulative probability, 0 to 1; linear in between.  The last cell keeps its
        mean.  Read-only.

    Raises
    ------
    InputError
        Unknown energy, beams, charge or model.
    """
    coefficients = _tables()[_table_name(sqrt_s_TeV, beams)][charge_index(charge)].astype(np.float64)
    t = np.linspace(0.0, np.log1p(PT_MAX_GEV / PT_SCALE_GEV), 8001)
    logarithm = coefficients @ pt_splines(t, coefficients.shape[1]).T
    if w_pt != NOMINAL:
        shift = _variation(sqrt_s_TeV, w_pt, beams)
        logarithm = logarithm + shift @ pt_splines(t, shift.size).T
    pt = PT_SCALE_GEV * np.expm1(t)
    density = t * np.exp(logarithm - logarithm.max(axis=1, keepdims=True)) / (pt + PT_SCALE_GEV)
    rows = np.array([quantile_nodes(pt, row, N_PT_NODES) for row in density])
    rows[:, 0] = 0.0
    rows.setflags(write=False)
    return rows


def row_shares(rapidity: ArrayLike, n_rows: int) -> NDArray[np.float64]:
    """Return the weight of each row of `pt_rows` at |rapidity|, [n_rows, n]; they add up to 1."""
    position = np.minimum(np.abs(rapidity) / PT_RAPIDITY_STEP, n_rows - 1.0)
    return np.asarray(np.maximum(1.0 - np.abs(position - np.arange(n_rows)[:, None]), 0.0))


def _variation(sqrt_s_TeV: float, w_pt: str, beams: str) -> NDArray[np.float64]:
    """Return the spline coefficients of a variation, from the nearest energy that has been simulated."""
    known = pt_models(sqrt_s_TeV, beams)
    if w_pt not in known:
        raise InputError(f"unknown model {w_pt!r} of the W pT: expected one of {', '.join(known)}")
    names = [name for name in _tables() if name.startswith(f"{beams}-") and name.endswith(f" {w_pt}")]
    nearest = min(names, key=lambda name: abs(np.log(_energy(name) / sqrt_s_TeV)))
    return _tables()[nearest].astype(np.float64)


def _table_name(sqrt_s_TeV: float, beams: str) -> str:
    nominal = [name for name in _tables() if " " not in name and name != "metadata"]
    for name in nominal:
        if name.startswith(f"{beams}-") and np.isclose(_energy(name), sqrt_s_TeV, rtol=1e-9):
            return name
    known = ", ".join(f"{name.partition('-')[0]} {_energy(name):g}" for name in sorted(nominal, key=_energy))
    raise InputError(f"no W pT table for {beams} at {sqrt_s_TeV:g} TeV: expected one of {known}")


def _energy(name: str) -> float:
    """Return the collision energy (TeV) of a table named ``BEAMS-ENERGY`` or ``BEAMS-ENERGY MODEL``."""
    return float(name.partition("-")[2].partition(" ")[0])


@lru_cache(maxsize=1)
def _tables() -> dict[str, NDArray[np.float32]]:
    path = str(files("collider.production") / "data" / "w_pt" / "atlas-az-rows.npz")
    with np.load(path, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}
