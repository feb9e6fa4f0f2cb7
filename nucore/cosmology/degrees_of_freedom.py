"""Effective relativistic degrees of freedom of the Standard Model plasma against temperature.

References
----------
Fits of K. Saikawa and S. Shirai, JCAP 05 (2018) 035, arXiv:1803.01038, appendix C: Table 1 above 120 MeV and
Eqs. C.3, C.4 below. The coefficients stand in data/degrees_of_freedom.toml.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]

#: Range of temperatures (GeV) and of the spline through the fits.
TEMPERATURE_RANGE_GEV = (1e-6, 1e5)
_N_NODES = 2001


@cache
def _fit() -> dict[str, Any]:
    text = (files("nucore.cosmology") / "data" / "degrees_of_freedom.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _shape(x: Array, fit: dict[str, Any]) -> Array:
    return np.asarray(np.exp(-fit["decay"] * x) * np.polynomial.polynomial.polyval(x, fit["coefficients"]))


def _below(temperature: Array, density: str) -> Array:
    """Sum of Eq. C.3 (``energy``) or C.4 (``entropy``)."""
    fit = _fit()["low"]
    terms, masses = fit[density], fit["masses_GeV"]
    x_e = masses[0] / temperature
    neutrinos = 1.0 + 1.75 * _shape(x_e, fit["fermion"]["entropy"])
    total = terms["photons"] + terms["neutrinos"] * neutrinos ** terms["neutrino_power"]
    for kind, mass, weight in zip(fit["statistics"], masses, terms["weights"], strict=True):
        total = total + weight * _shape(mass / temperature, fit[kind][density])
    return np.asarray(total)


def _above(temperature: Array, density: str) -> Array:
    """Ratios of polynomials in ln(T/GeV) of Table 1."""
    table, t = _fit()["high"], np.log(temperature)
    a, b, c, d = (np.polynomial.polynomial.polyval(t, table[name]) for name in ("a", "b", "c", "d"))
    energy = a / b
    return np.asarray(energy if density == "energy" else energy / (1.0 + c / d))


@cache
def _spline(density: str) -> CubicSpline:
    nodes = np.geomspace(*TEMPERATURE_RANGE_GEV, _N_NODES)
    cold = nodes < _fit()["boundary_GeV"]
    values = np.where(
        cold, _below(np.minimum(nodes, 1.0), density), _above(np.maximum(nodes, _fit()["boundary_GeV"]), density)
    )
    return CubicSpline(np.log(nodes), np.log(values))


def _evaluate(density: str, temperature: ArrayLike, order: int = 0) -> Array:
    t = np.clip(np.asarray(temperature, dtype=np.float64), *TEMPERATURE_RANGE_GEV)
    return np.asarray(_spline(density)(np.log(t), order))


def g_energy(temperature: ArrayLike) -> Array:
    """Degrees of freedom of the energy density, rho = (pi^2/30) g T^4, at temperatures in GeV."""
    return np.asarray(np.exp(_evaluate("energy", temperature)))


def g_entropy(temperature: ArrayLike) -> Array:
    """Degrees of freedom of the entropy density, s = (2 pi^2/45) g T^3, at temperatures in GeV."""
    return np.asarray(np.exp(_evaluate("entropy", temperature)))


def entropy_slope(temperature: ArrayLike) -> Array:
    """Logarithmic derivative d ln g_s / d ln T at temperatures in GeV."""
    return _evaluate("entropy", temperature, 1)
