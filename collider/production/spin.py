"""Angular coefficients of the W, and on which side of the beams it goes, as the table that templates and events share.

The table is made at order alpha_s (`collider.production.angular_coefficients`) for one PDF set, energy and charge.  A
`SpinModel` says what of it is used: by default A2 = 0.7 A0, as measured for the Z above 15 GeV of transverse momentum
(arXiv:1606.00689, Fig. 15), where order alpha_s has A2 = A0 (Lam and Tung, Phys. Rev. D 21 (1980) 2712).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collider.production.angular_coefficients import (
    MIRROR,
    N_COEFFICIENTS,
    Moments,
    coefficients_of,
    fixed_scales,
    moments_at,
)
from collider.production.luminosity import Channel, load_table
from collider.production.partons import load_partons
from collider.production.shower_spin import shower_coefficients
from nucore.errors import InputError, unknown
from nucore.model import constants
from nucore.run.threads import local_map

Array = NDArray[np.float64]
SpinOrder = Literal["measured", "lam-tung", "lo"]
SPIN_ORDERS: tuple[SpinOrder, ...] = ("measured", "lam-tung", "lo")

MEASURED_A2_OVER_A0 = 0.7
#: Scale PT_RATIO of the nodes in s = b/(b + PT_RATIO), b = pT/m.
PT_RATIO = 0.5
#: Numbers and steps of nodes: ln m (one node at the W mass), s, rapidity.
N_MASS, MASS_STEP, N_BELOW_W = 33, 0.15, 11
N_PT, PT_STEP = 64, 1.0 / 64.0
PT_END = (N_PT - 1) * PT_STEP
N_RAPIDITY, RAPIDITY_MAX = 97, 6.0
W_MASSES = tuple((float(constants.M_W) * np.exp(MASS_STEP * (np.arange(N_MASS) - N_BELOW_W))).tolist())
RAPIDITIES = np.linspace(-RAPIDITY_MAX, RAPIDITY_MAX, N_RAPIDITY)
#: Moments for v = z.
_ALONG_Z = (1.0, 0.0, 0.0, 0.0, 1.0)
#: Factorisation scales at which the parton densities are tabulated, linear in between.
N_SCALES = 64
#: Where in pT (GeV) and rapidity a shift of A1 reaches its size.
A1_PT_GEV, A1_RAPIDITY = 10.0, 0.5


@dataclass(frozen=True)
class SpinModel:
    """What of the angular coefficients is used.

    Attributes
    ----------
    order : {"measured", "lam-tung", "lo"}
        Order alpha_s with A2 = 0.7 A0 or A2 = A0; or leading order: A4 = -2, the others 0.
    A0, A3, A4 : float
        Relative shifts of A0, A3 and 2 + A4.
    A2 : float
        Shift of A2/A0.
    A1 : float
        Shift of A1 on the axis along the W's longitudinal momentum; it sets in with pT and rapidity.
    shower : float
        Share of the way from these coefficients to those of a shower Monte Carlo (`production.shower_spin`).
    """

    order: SpinOrder = "measured"
    A0: float = 0.0
    A1: float = 0.0
    A2: float = 0.0
    A3: float = 0.0
    A4: float = 0.0
    shower: float = 0.0

    def __post_init__(self) -> None:
        if self.order not in SPIN_ORDERS:
            raise unknown("order", self.order, SPIN_ORDERS, of="the W spin")
        if self.order == "lo" and any((self.A0, self.A1, self.A2, self.A3, self.A4, self.shower)):
            raise InputError("shift of the W spin at leading order: expected order measured or lam-tung")


DEFAULT_SPIN = SpinModel()


@dataclass(frozen=True, eq=False)
class SpinTable:
    """Angular coefficients on the axis ``up`` and the share of W on either side, linear between nodes.

    Outside the nodes the values are those of the nearest one.

    Attributes
    ----------
    log_mass_low, log_mass_step : float
        ln(m/GeV) of the first node, and the step.
    pt_step : float
        Step from 0 of s = b/(b + PT_RATIO), b = pT/m.
    rapidity_max, rapidity_step : float
        Nodes from -rapidity_max; y is counted along the up-type (anti)parton.
    values : float64[n_mass, n_pt, n_y, 6]
        A0, A1, A2, A3, A4, and the probability of y among W bosons at y and -y.
    """

    log_mass_low: float
    log_mass_step: float
    pt_step: float
    rapidity_max: float
    rapidity_step: float
    values: Array

    def at_mass(self, mass: float) -> Array:
        """Return the values at a mass (GeV), float64[n_pt, n_y, 6]."""
        i, f = _node((np.log(mass) - self.log_mass_low) / self.log_mass_step, self.values.shape[0])
        return np.asarray((1.0 - f) * self.values[i] + f * self.values[i + 1])

    def __call__(self, mass: ArrayLike, pt: ArrayLike, rapidity: ArrayLike) -> Array:
        """Return the values, float64[6, ...], at masses, transverse momenta (GeV) and rapidities, broadcast."""
        mass, pt, y = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (mass, pt, rapidity)))
        b = pt / mass
        n = self.values.shape
        (i, f), (j, g), (k, h) = (
            _node((np.log(mass) - self.log_mass_low) / self.log_mass_step, n[0]),
            _node(b / (b + PT_RATIO) / self.pt_step, n[1]),
            _node((y + self.rapidity_max) / self.rapidity_step, n[2]),
        )
        out = np.zeros((*mass.shape, n[3]))
        for di, fi in ((0, 1.0 - f), (1, f)):
            for dj, fj in ((0, 1.0 - g), (1, g)):
                for dk, fk in ((0, 1.0 - h), (1, h)):
                    out += (fi * fj * fk)[..., None] * self.values[i + di, j + dj, k + dk]
        return np.moveaxis(out, -1, 0)

    def along_rapidity(self, mass: ArrayLike, pt: ArrayLike, rapidity: ArrayLike) -> Array:
        """Return A0..A4, float64[5, ...], with z on the side to which the W moves.

        Averages over the beam that the up-type (anti)parton comes from.

        Parameters
        ----------
        mass, pt, rapidity : float64[...]
            GeV; of the rapidity the sign does not matter.
        """
        y = np.abs(rapidity)
        with_up, against = self(mass, pt, y), self(mass, pt, -y)
        share = with_up[N_COEFFICIENTS]
        mirror = np.reshape(MIRROR, (-1, *[1] * share.ndim))
        return np.asarray(share * with_up[:N_COEFFICIENTS] + (1.0 - share) * mirror * against[:N_COEFFICIENTS])


def boson_pt(mass: ArrayLike, node: ArrayLike) -> Array:
    """Return the transverse momentum (GeV) at a node, or between nodes, of the tables at a mass (GeV)."""
    mass, s = np.asarray(mass, dtype=np.float64), PT_STEP * np.asarray(node, dtype=np.float64)
    return np.asarray(mass * PT_RATIO * s / (1.0 - s))


@lru_cache(maxsize=64)
def spin_table(sqrt_s_TeV: float, charge: int, pdf_set: str, beams: str, model: SpinModel) -> SpinTable:
    """Return the table of a PDF set at a collision energy; read-only.

    Parameters
    ----------
    sqrt_s_TeV : float
    charge : {+1, -1}
    pdf_set, beams
        As in `collider.production.luminosity.load_table`.
    model : SpinModel
    """
    if model.order == "lo":
        leading = leading_moments(sqrt_s_TeV, charge, pdf_set, beams, W_MASSES)
        found = np.repeat(leading[:, None], N_PT, axis=1)
    else:
        found = moment_table(sqrt_s_TeV, charge, pdf_set, beams, W_MASSES)
    moments = Moments(*np.moveaxis(found, -1, 0))
    share = moments.rate / (moments.rate + moments.rate[..., ::-1])
    values = np.moveaxis(np.concatenate([coefficients_of(moments), share[None]]), 0, -1).copy()
    if model.order != "lo":
        _adjust(values, sqrt_s_TeV, charge, beams, model)
    values.setflags(write=False)
    step = float(RAPIDITIES[1] - RAPIDITIES[0])
    return SpinTable(float(np.log(W_MASSES[0])), MASS_STEP, PT_STEP, RAPIDITY_MAX, step, values)


def a2_over_a0(order: SpinOrder) -> float:
    """Return A2/A0 as taken."""
    return MEASURED_A2_OVER_A0 if order == "measured" else 1.0


def _adjust(values: Array, sqrt_s_TeV: float, charge: int, beams: str, model: SpinModel) -> None:
    """Change values of `SpinTable` at order alpha_s with A2 = A0 to those of a model, in place."""
    values[..., 0] *= 1.0 + model.A0
    values[..., 2] *= (a2_over_a0(model.order) + model.A2) * (1.0 + model.A0)
    values[..., 3] *= 1.0 + model.A3
    values[..., 4] += model.A4 * (2.0 + values[..., 4])
    pt = boson_pt(np.array(W_MASSES)[:, None], np.arange(N_PT))
    onset = -np.expm1(-pt / A1_PT_GEV)[..., None] * np.tanh(RAPIDITIES / A1_RAPIDITY)
    values[..., 1] += model.A1 * onset
    if model.shower != 0.0:
        b = boson_pt(1.0, np.arange(N_PT))[:, None]
        shower = np.moveaxis(shower_coefficients(sqrt_s_TeV, charge, b, RAPIDITIES, beams), 0, -1)
        values[..., :N_COEFFICIENTS] += model.shower * (shower - values[..., :N_COEFFICIENTS])


@lru_cache(maxsize=32)
def moment_table(
    sqrt_s_TeV: float, channel: Channel, pdf_set: str, beams: str, masses: tuple[float, ...], stride: int = 1
) -> Array:
    """Return `Moments` of a channel at order alpha_s, float64[n_mass, n_pt, N_RAPIDITY, 5].

    Of the `N_PT` transverse momenta every ``stride``-th.  At pT = 0 they are those of leading order, beyond the
    kinematic limit those at the limit.
    """
    pdf, sqrt_s = load_partons(pdf_set), 1000.0 * sqrt_s_TeV
    nodes = range(0, N_PT, stride)
    values = np.empty((len(masses), len(nodes), N_RAPIDITY, len(Moments._fields)))
    values[:, 0] = leading_moments(sqrt_s_TeV, channel, pdf_set, beams, masses)

    def fill(i: int) -> None:
        mass = masses[i]
        for j, node in enumerate(nodes[1:], start=1):
            pt = float(boson_pt(mass, node))
            k, f = _node((np.log(min(np.hypot(mass, pt), scales[-1])) - log_scale) / scale_step, N_SCALES)
            at_scale = ((1.0 - f) * densities[part][k] + f * densities[part][k + 1] for part in (0, 1))
            found = np.array(moments_at((next(at_scale), next(at_scale)), sqrt_s, mass, pt, RAPIDITIES))
            made = np.flatnonzero(found[0] > 0.0)
            if made.size == 0:  # not produced: never looked at
                values[i, j] = _ALONG_Z
            else:
                values[i, j] = found[:, np.clip(np.arange(N_RAPIDITY), made[0], made[-1])].T

    scales = np.geomspace(masses[0], pdf.q[-1], N_SCALES)
    log_scale, scale_step = np.log(scales[0]), np.log(scales[1] / scales[0])
    densities = fixed_scales(pdf, channel, scales, beams)
    local_map(fill, range(len(masses)), "spin of W bosons")
    values.setflags(write=False)
    return values


def leading_moments(sqrt_s_TeV: float, channel: Channel, pdf_set: str, beams: str, masses: tuple[float, ...]) -> Array:
    """Return `Moments` of a channel at leading order, float64[n_mass, N_RAPIDITY, 5]; rates are luminosities."""
    table = load_table(sqrt_s_TeV, pdf_set, beams)
    inside = np.clip(masses, table.masses[0], table.masses[-1])[:, None]
    end = 0.98 * table.maximal_rapidity(inside)
    luminosity = table(channel, inside, np.clip(RAPIDITIES, -end, end))
    values = np.broadcast_to(_ALONG_Z, (*luminosity.shape, len(Moments._fields))).copy()
    values[..., 0] = np.where(luminosity + luminosity[:, ::-1] > 0.0, luminosity, 1.0)
    return values


def _node(position: Array, n: int) -> tuple[NDArray[np.int64], Array]:
    """Return the node below a position in steps, and the fraction of a step from there."""
    position = np.clip(position, 0.0, n - 1.0)
    i = np.minimum(np.asarray(position).astype(np.int64), n - 2)
    return i, position - i
