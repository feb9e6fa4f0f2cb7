"""Parton luminosities of q qbar' -> W and q qbar -> Z/gamma* in pp and p pbar collisions.

The leading-order luminosity of a channel at boson mass m and rapidity y is

    L(m, y) = sum_ab w_ab x1 f_a(x1, Q=m) x2 f_b(x2, Q=m),    x1,2 = m/sqrt(s) exp(+-y),

with parton a along +z.  For W+ a = u, c and b = dbar, sbar, bbar with w = |V_ab|^2; for W- their antiparticles.
For Z/gamma* a is a quark of the channel (up- or down-type) and b its antiquark, w = 1.  So +z is the direction of
the up-type parton (W) or of the quark (Z/gamma*).

In pp collisions the assignment with the beams exchanged is the mirror image, y -> -y, which the frame above
makes equal.  In p pbar collisions it is another luminosity: either the proton carries a and the antiproton b, with
f_b of the antiproton that of bbar in the proton, or the reverse; L is then the mean of the two, each with a along
+z.  In both cases twice the integral of L over y is the whole cross section, and everything that depends on |eta|
alone is right; the sign of z relative to the proton beam is not kept.

At next-to-leading order (the default) L is the d sigma/(dm^2 dy) of that order, gluons included, in the same unit
(`collider.production.rapidity_nlo`); +z is then the side of the beam of parton a, or opposite to that of b.
L is dimensionless; it is stored on a grid in ln m and in z = y / ln(sqrt(s)/m), which is in [-1, 1].
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RectBivariateSpline

from collider.production.partons import DEFAULT_PDF_SET, GLUON, PartonTable, load_partons
from collider.production.rapidity_nlo import ORDERS, Convolution, Order, convolution
from nucore.errors import InputError
from nucore.run.threads import local_map

#: W charge, +1 or -1, or the type of the quark that couples to Z/gamma*.
Channel = int | Literal["up", "down"]
CHANNELS: tuple[Channel, ...] = (1, -1, "up", "down")
BEAMS = ("pp", "ppbar")

UP_TYPE = (2, 4)
DOWN_TYPE = (1, 3, 5)
_QUARK_NAMES = {1: "d", 2: "u", 3: "s", 4: "c", 5: "b"}

#: Grid of the tables: boson mass in GeV and z = y/y_max; end of the masses of Z/gamma* and W alike.
MASS_GRID_GEV = np.geomspace(10.0, 4000.0, 41)
RAPIDITY_FRACTION_GRID = np.linspace(-1.0, 1.0, 121)
#: Collision energies (TeV) between which the shipped densities reach far enough in x.
ENERGY_RANGE_TEV = (0.5, 20.0)


@dataclass(frozen=True, eq=False)
class LuminosityTable:
    """Parton luminosities of one PDF set at one collision energy.

    Attributes
    ----------
    pdf_set : str
        Name of the PDF set.
    sqrt_s_TeV : float
        Collision energy, TeV.
    beams : {"pp", "ppbar"}
    order : {"lo", "nlo"}
    masses : float64[n_m]
        Boson masses, GeV, increasing.
    rapidity_fractions : float64[n_z]
        y / ln(sqrt(s)/m), increasing from -1 to 1.
    values : float64[4, n_m, n_z]
        The luminosity (dimensionless) of each of `CHANNELS`.
    """

    pdf_set: str
    sqrt_s_TeV: float
    beams: str
    order: Order
    masses: NDArray[np.float64]
    rapidity_fractions: NDArray[np.float64]
    values: NDArray[np.float64]

    def maximal_rapidity(self, mass: ArrayLike) -> NDArray[np.float64]:
        """Return ln(sqrt(s)/m), the largest |y| of a boson of mass ``mass`` (GeV)."""
        return np.log(1000.0 * self.sqrt_s_TeV / np.asarray(mass, dtype=np.float64))

    def __call__(self, channel: Channel, mass: ArrayLike, rapidity: ArrayLike) -> NDArray[np.float64]:
        """Interpolate the luminosity (dimensionless); zero beyond the kinematic limit.

        Parameters
        ----------
        channel : {+1, -1, "up", "down"}
        mass : float or array
            GeV, within the grid.
        rapidity : float or array
            Of the boson, with parton a of the module docstring along +z; broadcast against ``mass``.
        """
        mass, rapidity = np.broadcast_arrays(np.asarray(mass, float), np.asarray(rapidity, float))
        if mass.size and not (self.masses[0] <= mass.min() and mass.max() <= self.masses[-1]):
            raise InputError(
                f"boson mass {mass.min():g} to {mass.max():g} GeV is outside the luminosity table: "
                f"expected {self.masses[0]:g} to {self.masses[-1]:g} GeV"
            )
        fraction = rapidity / self.maximal_rapidity(mass)
        values = _spline(self, channel)(np.log(mass), np.clip(fraction, -1.0, 1.0), grid=False)
        return np.where(np.abs(fraction) < 1.0, np.maximum(values, 0.0), 0.0)

    def rapidity_integral(self, channel: Channel, mass: ArrayLike) -> NDArray[np.float64]:
        """Return the integral of the luminosity over rapidity (dimensionless) at ``mass`` (GeV)."""
        mass = np.asarray(mass, dtype=np.float64)
        nodes, weights = np.polynomial.legendre.leggauss(200)
        values = _spline(self, channel)(np.log(mass)[..., None], nodes, grid=False)
        return np.asarray(np.maximum(values, 0.0) @ weights * self.maximal_rapidity(mass))


@lru_cache(maxsize=64)
def _spline(table: LuminosityTable, channel: Channel) -> RectBivariateSpline:
    if channel not in CHANNELS:
        raise InputError(f"unknown channel {channel!r}: expected one of {', '.join(str(c) for c in CHANNELS)}")
    values = table.values[CHANNELS.index(channel)]
    return RectBivariateSpline(np.log(table.masses), table.rapidity_fractions, values, kx=3, ky=3, s=0)


def charge_index(charge: int) -> int:
    """Return 0 for W+ and 1 for W-; anything else is refused."""
    if charge not in (1, -1):
        raise InputError(f"invalid W charge {charge!r}: expected +1 or -1")
    return 0 if charge == 1 else 1


@lru_cache(maxsize=1)
def ckm_magnitudes() -> Mapping[tuple[int, int], float]:
    """Return |V_ij| keyed by (up-type, down-type) PDG id, from data/ckm.toml."""
    card = tomllib.loads((files("collider.production") / "data" / "ckm.toml").read_text(encoding="utf-8"))
    names = {(i, j): _QUARK_NAMES[i] + _QUARK_NAMES[j] for i in UP_TYPE for j in DOWN_TYPE}
    return {pair: float(card["magnitude"][name]["value"]) for pair, name in names.items()}


def parton_pairs(channel: Channel) -> Mapping[tuple[int, int], float]:
    """Return the weight of each pair (a, b) of PDG ids of a channel, a moving along +z."""
    if channel == "up":
        return {(i, -i): 1.0 for i in UP_TYPE}
    if channel == "down":
        return {(j, -j): 1.0 for j in DOWN_TYPE}
    sign = 1 if charge_index(int(channel)) == 0 else -1
    return {(sign * i, -sign * j): v * v for (i, j), v in ckm_magnitudes().items()}


def beam_assignments(beams: str) -> tuple[tuple[int, int, float], ...]:
    """Return the sign of the flavours along z and against it, and the share, of each assignment of the beams.

    An antiproton carries the antipartons of the proton.
    """
    return ((1, 1, 1.0),) if beams == "pp" else ((1, -1, 0.5), (-1, 1, 0.5))


def luminosity_at(
    pdf: PartonTable,
    sqrt_s_GeV: float,
    channel: Channel,
    mass: ArrayLike,
    rapidity: ArrayLike,
    beams: str = "pp",
    order: Order = "nlo",
) -> NDArray[np.float64]:
    """Evaluate L(m, y) of the module docstring from parton densities, without a table.

    Parameters
    ----------
    pdf : PartonTable
        Or any ``xf(pdg_id, x, Q)`` that takes arrays.
    sqrt_s_GeV : float
    channel : {+1, -1, "up", "down"}
    mass, rapidity : float or array
        Of the boson, GeV; |rapidity| >= ln(sqrt(s)/m) gives zero.
    beams : {"pp", "ppbar"}
    order : {"lo", "nlo"}
        The ratio of the two is the K-factor of the rapidity.
    """
    mass, rapidity = np.broadcast_arrays(np.asarray(mass, float), np.asarray(rapidity, float))
    flavours = {sign * parton for pair in parton_pairs(channel) for parton in pair for sign in (1, -1)}
    if order == "nlo":
        flavours.add(GLUON)

    def densities(x: NDArray[np.float64]) -> dict[int, NDArray[np.float64]]:
        return {f: np.broadcast_to(pdf(f, x, mass[..., None]), x.shape) for f in flavours}

    return _luminosities(densities, sqrt_s_GeV, (channel,), mass, rapidity, beams, order)[0]


def _luminosities(
    densities: Callable[[NDArray[np.float64]], Mapping[int, NDArray[np.float64]]],
    sqrt_s_GeV: float,
    channels: tuple[Channel, ...],
    mass: NDArray[np.float64],
    rapidity: NDArray[np.float64],
    beams: str,
    order: Order,
) -> NDArray[np.float64]:
    """Return the luminosities of some channels, [n_channels, ...], from the densities x f(x, mass) at x, [..., n]."""
    x1, x2 = mass / sqrt_s_GeV * np.exp(rapidity), mass / sqrt_s_GeV * np.exp(-rapidity)
    inside = (x1 < 1.0) & (x2 < 1.0)
    x1, x2 = np.where(inside, x1, 0.5), np.where(inside, x2, 0.5)
    kernel = convolution(x1, x2, mass, order)
    along, against = (densities(np.minimum(x[..., None] / z, 1.0)) for x, z in ((x1, kernel.z1), (x2, kernel.z2)))
    totals = np.array([_contract(kernel, along, against, parton_pairs(c), beams, order) for c in channels])
    return np.where(inside, np.maximum(totals, 0.0), 0.0)


def _contract(
    kernel: Convolution,
    along: Mapping[int, NDArray[np.float64]],
    against: Mapping[int, NDArray[np.float64]],
    weights: Mapping[tuple[int, int], float],
    beams: str,
    order: Order,
) -> NDArray[np.float64]:
    """Add up the products of the densities of partons along and against z, [..., n], with the matrices of a kernel."""

    def product(first: Any, matrix: NDArray[np.float64], second: Any) -> Any:
        return np.einsum("...i,...ij,...j->...", first, matrix, second)

    total = np.zeros(kernel.z1.shape[:-1])
    for sign_a, sign_b, share in beam_assignments(beams):
        for a in sorted({a for a, _ in weights}):
            partners = sum(w * against[sign_b * b] for (i, b), w in weights.items() if i == a)
            total += share * product(along[sign_a * a], kernel.qq, partners)
        if order == "nlo":
            firsts = sum(w * along[sign_a * a] for (a, _), w in weights.items())
            seconds = sum(w * against[sign_b * b] for (_, b), w in weights.items())
            total += share * product(firsts, kernel.qg, against[GLUON])
            total += share * product(along[GLUON], kernel.gq, seconds)
    return total


def tabulate(
    pdf: PartonTable,
    sqrt_s_TeV: float,
    beams: str = "pp",
    masses: ArrayLike = MASS_GRID_GEV,
    order: Order = "nlo",
) -> LuminosityTable:
    """Tabulate the luminosities of a set of parton densities.

    Parameters
    ----------
    pdf : PartonTable
        From `production.partons.load_partons` or `production.partons.tabulate_partons`.
    sqrt_s_TeV : float
        Collision energy, TeV.
    beams : {"pp", "ppbar"}
    masses : float64[n_m]
        Boson masses, GeV, increasing, below the collision energy.
    order : {"lo", "nlo"}
    """
    masses, fractions = np.asarray(masses, dtype=np.float64), RAPIDITY_FRACTION_GRID
    sqrt_s_GeV = 1000.0 * sqrt_s_TeV

    def row(mass: float) -> NDArray[np.float64]:
        y = fractions * np.log(sqrt_s_GeV / mass)
        return _luminosities(pdf.at_scale(mass), sqrt_s_GeV, CHANNELS, np.full(y.shape, mass), y, beams, order)

    values = np.stack(local_map(row, masses, "parton luminosities"), axis=1)
    return LuminosityTable(pdf.pdf_set, float(sqrt_s_TeV), beams, order, masses, fractions, values)


def load_table(
    sqrt_s_TeV: float, pdf_set: str = DEFAULT_PDF_SET, beams: str = "pp", order: Order = "nlo"
) -> LuminosityTable:
    """Return the luminosities of a PDF set at a collision energy.

    Parameters
    ----------
    sqrt_s_TeV : float
        Within `ENERGY_RANGE_TEV`.
    pdf_set : str
        As in `collider.production.partons.load_partons`.
    beams : {"pp", "ppbar"}
    order : {"lo", "nlo"}

    Raises
    ------
    InputError
        PDF set, beams or order unknown, energy out of range.
    """
    low, high = ENERGY_RANGE_TEV
    if not low <= sqrt_s_TeV <= high:
        raise InputError(f"invalid collision energy {sqrt_s_TeV:g} TeV: expected {low:g} to {high:g} TeV")
    if beams not in BEAMS:
        raise InputError(f"unknown beams {beams!r}: expected one of {', '.join(BEAMS)}")
    if order not in ORDERS:
        raise InputError(f"unknown order {order!r}: expected one of {', '.join(ORDERS)}")
    return _tabulated(float(sqrt_s_TeV), pdf_set, beams, order)  # one table however the arguments are given


@lru_cache(maxsize=16)
def _tabulated(sqrt_s_TeV: float, pdf_set: str, beams: str, order: Order) -> LuminosityTable:
    masses = MASS_GRID_GEV[0.9 * 1000.0 * sqrt_s_TeV > MASS_GRID_GEV]
    return tabulate(load_partons(pdf_set), sqrt_s_TeV, beams, masses, order)
