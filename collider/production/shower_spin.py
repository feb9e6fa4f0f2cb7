"""Angular coefficients and rapidity of a shower Monte Carlo, for the optional nuisance that covers data made with one.

Pythia 8 lets the W decay in the frame of the partons of its leading-order hard process and has initial-state radiation
push W and lepton around afterwards.  The coefficients that come out differ from those at order alpha_s, and from
measured ones of the Z; the recoil makes the W more central.  They describe simulations, not nature.  They are read from
data/spin, see the README there.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RectBivariateSpline

from collider.production.luminosity import charge_index
from nucore.errors import InputError

Array = NDArray[np.float64]

#: The tables have uniform steps in s = b/(b + PT_RATIO), b = pT/m, from 0 to S_MAX, and in y up to RAPIDITY_MAX.
PT_RATIO = 0.25
S_MAX = 0.9
RAPIDITY_MAX = 5.0
#: A0..A4 of a W without transverse momentum.
AT_REST = (0.0, 0.0, 0.0, 0.0, -2.0)


def shower_coefficients(
    sqrt_s_TeV: float, charge: int, pt_over_mass: ArrayLike, rapidity: ArrayLike, beams: str = "pp"
) -> Array:
    """Return A0..A4 of Pythia 8 with the ATLAS AZ tune on the axis ``up``.

    Parameters
    ----------
    sqrt_s_TeV : float
        The nearest energy that has been simulated is taken.
    charge : {+1, -1}
    pt_over_mass, rapidity : float64[...]
        Transverse momentum of the W over its mass, and rapidity counted along the axis; broadcast.  Beyond the table
        its end holds.
    beams : {"pp", "ppbar"}

    Returns
    -------
    float64[5, ...]

    Raises
    ------
    InputError
        Unknown beams or charge.
    """
    splines = _splines(_nearest(sqrt_s_TeV, beams), charge_index(charge))
    b, y = np.broadcast_arrays(np.asarray(pt_over_mass, np.float64), np.asarray(rapidity, np.float64))
    s, y = np.minimum(b / (b + PT_RATIO), S_MAX), np.clip(y, -RAPIDITY_MAX, RAPIDITY_MAX)
    return np.stack([spline.ev(s, y) for spline in splines])


def shower_rapidity_factor(sqrt_s_TeV: float, charge: int, fraction: ArrayLike, beams: str = "pp") -> Array:
    """Return what the shower of Pythia 8 multiplies the distribution of the W rapidity with.

    Parameters
    ----------
    sqrt_s_TeV, charge, beams
        As in `shower_coefficients`.
    fraction : float64[...]
        Rapidity over ln(sqrt(s)/m), -1 to 1; the sign does not matter.

    Returns
    -------
    float64[...]
        Its mean over the distribution without shower is 1 at the energy that has been simulated.
    """
    table = _tables()[f"{_nearest(sqrt_s_TeV, beams)} rapidity"][charge_index(charge)].astype(np.float64)
    return np.asarray(np.interp(np.abs(fraction), np.linspace(0.0, 1.0, table.size), table))


def _nearest(sqrt_s_TeV: float, beams: str) -> str:
    """Return the name of the table of the energy nearest in its logarithm."""
    names = [name for name in _tables() if name.startswith(f"{beams}-") and not name.endswith(" rapidity")]
    if not names:
        raise InputError(f"unknown beams {beams!r}: expected pp or ppbar")
    return min(names, key=lambda name: abs(np.log(float(name.partition("-")[2]) / sqrt_s_TeV)))


@lru_cache(maxsize=16)
def _splines(name: str, charge: int) -> tuple[RectBivariateSpline, ...]:
    table = _tables()[name][charge].astype(np.float64)
    s = np.linspace(0.0, S_MAX, table.shape[0])
    y = np.linspace(-RAPIDITY_MAX, RAPIDITY_MAX, table.shape[1])
    return tuple(RectBivariateSpline(s, y, table[:, :, k]) for k in range(table.shape[2]))


@lru_cache(maxsize=1)
def _tables() -> dict[str, NDArray[np.float32]]:
    path = str(files("collider.production") / "data" / "spin" / "pythia-az-spin.npz")
    with np.load(path, allow_pickle=False) as content:
        return {name: content[name] for name in content.files if name != "metadata"}
