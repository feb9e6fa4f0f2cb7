"""Order-alpha_s amplitudes of W and Z/gamma* production with decay, from Dirac spinors and gluon polarisations.

Nothing of `collider` is used: what its formulas of the angular coefficients are compared with.
Four-vectors are (E, px, py, pz) in the last axis; any leading axes.  Chiral representation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

METRIC = np.array([1.0, -1.0, -1.0, -1.0])
_SIGMA = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
_ZERO = np.zeros((2, 2))
GAMMA = np.array(
    [np.block([[_ZERO, s], [bar, _ZERO]]) for s, bar in zip(_SIGMA, [_SIGMA[0], *-_SIGMA[1:]], strict=True)]
)
CHIRAL = np.array([np.diag([1.0, 1.0, 0.0, 0.0]), np.diag([0.0, 0.0, 1.0, 1.0])])  # left, right

LEFT_HANDED = np.array([[1.0, 0.0], [0.0, 0.0]])


class Fermion(NamedTuple):
    """External fermion."""

    momentum: Real
    anti: bool = False
    mass: float = 0.0

    @property
    def flow(self) -> Real:
        """Momentum along the arrow of the fermion line."""
        return -self.momentum if self.anti else self.momentum


def dot(p: Real, q: Real) -> Real:
    return np.asarray(np.sum(p * q * METRIC, axis=-1))


def slash(p: Real) -> Complex:
    return np.einsum("...m,mab->...ab", p * METRIC, GAMMA)


def spinors(fermion: Fermion) -> Complex:
    """Return u (of antiparticles v) of both helicities, [2, ..., 4]."""
    p = np.sqrt(np.sum(fermion.momentum[..., 1:] ** 2, axis=-1))
    large = np.sqrt(fermion.momentum[..., 0] + p)
    small = fermion.mass / large
    n = fermion.momentum[..., 1:] / p[..., None]
    across = np.sqrt(np.maximum(2.0 * (1.0 + np.abs(n[..., 2])), 1e-300))
    plus = np.where(
        n[..., 2] > 0.0,
        [(1.0 + n[..., 2]) / across, (n[..., 0] + 1j * n[..., 1]) / across],
        [(n[..., 0] - 1j * n[..., 1]) / across, (1.0 - n[..., 2]) / across],
    )
    minus = np.stack([-plus[1].conj(), plus[0].conj()])
    if fermion.anti:  # the spin of v is opposite
        pairs = [(large * minus, -small * minus), (small * plus, -large * plus)]
    else:
        pairs = [(small * plus, large * plus), (large * minus, small * minus)]
    return np.stack([np.moveaxis(np.concatenate(pair), 0, -1) for pair in pairs])


def adjoint(psi: Complex) -> Complex:
    return psi.conj() @ GAMMA[0]


def polarisations(k: Real) -> Real:
    """Return two transverse linear polarisations, [2, ..., 4]."""
    n = k[..., 1:] / k[..., :1]
    other = np.where(np.abs(n[..., :1]) < 0.7, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    first = np.cross(n, other)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    return np.stack([np.concatenate([np.zeros_like(k[..., :1]), e], axis=-1) for e in (first, np.cross(n, first))])


def quark_current(start: Fermion, end: Fermion, gluon: Real, eps: Real, chirality: int) -> Complex:
    """Return the current of a quark line with a gluon, [2 helicities of start, 2 of end, ..., mu].

    Parameters
    ----------
    start, end : Fermion
        Where the arrow of the line starts (incoming quark, outgoing antiquark) and ends.
    gluon, eps : float64[..., 4]
        Momentum (incoming; minus that of an outgoing one) and polarisation.
    chirality : {0, 1}
        Left or right, of the coupling to the boson.
    """

    def propagate(q: Real, psi: Complex) -> Complex:
        return np.einsum("...ab,i...b->i...a", slash(q), psi) / dot(q, q)[..., None]

    vertex, emission = GAMMA @ CHIRAL[chirality], slash(eps)
    psi, bar = spinors(start), adjoint(spinors(end))
    before = propagate(start.flow + gluon, np.einsum("...ab,i...b->i...a", emission, psi))
    # (bar emission propagator)^T from the right
    after = np.einsum("f...a,...ab->f...b", bar, emission)
    q = end.flow - gluon
    after = np.einsum("f...a,...ab->f...b", after, slash(q)) / dot(q, q)[..., None]
    return np.einsum("f...a,mab,i...b->if...m", bar, vertex, before, optimize=True) + np.einsum(
        "f...a,mab,i...b->if...m", after, vertex, psi, optimize=True
    )


def lepton_current(start: Fermion, end: Fermion, chirality: int) -> Complex:
    """Return the current of a lepton line, [2, 2, ..., mu]."""
    vertex = GAMMA @ CHIRAL[chirality]
    return np.einsum("f...a,mab,i...b->if...m", adjoint(spinors(end)), vertex, spinors(start), optimize=True)


def squared_amplitude(
    quarks: tuple[Fermion, Fermion], gluon: Real, leptons: tuple[Fermion, Fermion], couplings: NDArray = LEFT_HANDED
) -> Real:
    """Return sum |M|^2 over all helicities (no colour, no g_s), with (start, end) of both fermion lines.

    ``couplings[a, b]`` multiplies the amplitude of quarks of chirality a and leptons of chirality b; for one boson it
    is the product of two couplings and the propagator.
    """
    total = 0.0
    allowed = [(a, b) for a in (0, 1) for b in (0, 1) if couplings[a, b] != 0.0]
    lines = {b: lepton_current(*leptons, b) * METRIC for b in {b for _, b in allowed}}
    for eps in polarisations(np.abs(gluon[..., :1]) / gluon[..., :1] * gluon):
        currents = {a: quark_current(*quarks, gluon, eps, a) for a in {a for a, _ in allowed}}
        amplitude = sum(
            couplings[a, b] * np.einsum("if...m,jg...m->ifjg...", currents[a], lines[b]) for a, b in allowed
        )
        total = total + np.sum(np.abs(amplitude) ** 2, axis=(0, 1, 2, 3))
    return np.asarray(total)


def boost(p: Real, frame: Real) -> Real:
    """Return the lab momentum of ``p``, given in the rest frame of ``frame``."""
    mass = np.sqrt(dot(frame, frame))[..., None]
    along = np.sum(p[..., 1:] * frame[..., 1:], axis=-1, keepdims=True)
    energy = (frame[..., :1] * p[..., :1] + along) / mass
    return np.concatenate([energy, p[..., 1:] + frame[..., 1:] * (p[..., :1] + energy) / (frame[..., :1] + mass)], -1)


def collins_soper_axes(boson: Real) -> Real:
    """Return the axes x (along pT), y, z (between the beams) in the rest frame of the boson, [3, ..., 3]."""
    reverse = boson * np.array([1.0, -1.0, -1.0, -1.0])
    beams = [boost(np.broadcast_to([1.0, 0.0, 0.0, s], boson.shape), reverse)[..., 1:] for s in (1.0, -1.0)]
    one, two = (b / np.linalg.norm(b, axis=-1, keepdims=True) for b in beams)
    x, z = -(one + two), one - two
    x, z = (a / np.linalg.norm(a, axis=-1, keepdims=True) for a in (x, z))
    return np.stack([x, np.cross(z, x), z])


def decay_grid() -> tuple[Real, Real, Real]:
    """Return (c, phi, weights) of a quadrature that is exact for products of two harmonics of order 2."""
    c, w = np.polynomial.legendre.leggauss(3)
    phi = np.arange(6) * 2.0 * np.pi / 6.0
    grid = np.meshgrid(c, phi, indexing="ij")
    return grid[0].ravel(), grid[1].ravel(), np.repeat(w, 6) * 2.0 * np.pi / 6.0


def leptons_of(boson: Real, mass_4: float = 0.0) -> tuple[Real, Real]:
    """Return lab momenta of the charged lepton and its partner on the grid, [n_grid, ..., 4]."""
    c, phi, _ = decay_grid()
    s = np.sqrt(1.0 - c**2)
    axes = collins_soper_axes(boson)
    direction = np.einsum("kg,k...i->g...i", [s * np.cos(phi), s * np.sin(phi), c], axes)
    m = np.sqrt(dot(boson, boson))
    momentum = np.broadcast_to(((m**2 - mass_4**2) / (2.0 * m))[..., None], (*direction.shape[:-1], 1))
    partner = np.sqrt(momentum**2 + mass_4**2)
    frame = np.broadcast_to(boson, (*direction.shape[:-1], 4))
    return (
        boost(np.concatenate([momentum, momentum * direction], -1), frame),
        boost(np.concatenate([partner, -momentum * direction], -1), frame),
    )


def moments(density: Real) -> Real:
    """Return the moments of a density on the grid, [6, ...]: rate and rate times A0, A1, A2, A3, A4."""
    c, phi, w = decay_grid()
    s = np.sqrt(1.0 - c**2)
    harmonics = [
        np.ones_like(c), 4.0 - 10.0 * c**2, 5.0 * 2.0 * s * c * np.cos(phi), 10.0 * s**2 * np.cos(2.0 * phi),
        4.0 * s * np.cos(phi), 4.0 * c,
    ]  # fmt: skip
    return np.einsum("kg,g,g...->k...", harmonics, w, density)


def production(pt: float, y: float, mass: float, recoil_y: Real) -> tuple[Real, Real, Real, Real]:
    """Return lab momenta (parton along +z, parton along -z, recoiling parton, boson), [n, 4]."""
    zero = np.zeros_like(recoil_y)
    mt = np.hypot(mass, pt)
    boson = np.stack([mt * np.cosh(y) + zero, pt + zero, zero, mt * np.sinh(y) + zero], -1)
    recoil = pt * np.stack([np.cosh(recoil_y), zero - 1.0, zero, np.sinh(recoil_y)], -1)
    total = boson + recoil
    plus, minus = 0.5 * (total[..., 0] + total[..., 3]), 0.5 * (total[..., 0] - total[..., 3])
    return np.stack([plus, zero, zero, plus], -1), np.stack([minus, zero, zero, -minus], -1), recoil, boson


def channel_squared(
    process: str, channel: str, kinematics: Sequence[Real], leptons: tuple[Real, Real], *,
    couplings: NDArray = LEFT_HANDED, mass_4: float = 0.0,
) -> Real:  # fmt: skip
    """Return sum |M|^2 with the beam of the up-type (anti)parton, or for a Z of the quark, along +z.

    Parameters
    ----------
    process : {"W+", "W-", "Z"}
        u dbar -> l+ nu, d ubar -> l- nubar, q qbar -> l- l+.
    channel : {"both", "up", "down"}
        Incoming quarks of `process` (up means the quark for a Z); a gluon is in place of the other one.
    kinematics : four arrays
        Of `production`.
    leptons : (float64[..., 4], float64[..., 4])
        Charged lepton (l- for a Z) and its partner, of mass ``mass_4``.
    """
    along, against, recoil, _ = kinematics
    p_up, p_down, gluon = {
        "both": (along, against, -recoil), "up": (along, recoil, against), "down": (recoil, against, along)
    }[channel]  # fmt: skip
    up = Fermion(p_up, anti=(process == "W-") != (channel == "down"))
    down = Fermion(p_down, anti=(process != "W-") != (channel == "up"))
    # the arrow starts at an incoming quark, which is the down-type one for a W-
    quarks = (down, up) if process == "W-" else (up, down)
    if process == "W+":
        lepton_line = Fermion(leptons[0], anti=True), Fermion(leptons[1], mass=mass_4)
    else:
        lepton_line = Fermion(leptons[1], anti=True, mass=mass_4), Fermion(leptons[0])
    return squared_amplitude(quarks, gluon, lepton_line, couplings)


def recoil_coefficients(
    xf: Callable[[int, Real, Real], Real], sqrt_s_GeV: float, process: str, pairs: Mapping[tuple[int, int], float],
    mass: float, pt: float, y: float, *, beams: str = "pp", couplings: NDArray = LEFT_HANDED, n_nodes: int = 40,
) -> tuple[float, Real]:  # fmt: skip
    """Return rate (up to a factor that depends on the mass and pT) and A0..A4 of a boson, from amplitudes alone.

    Parameters
    ----------
    xf : callable
        x f(PDG id, x, Q) of the proton, gluon 21.
    process, couplings
        As in `channel_squared`.
    pairs : mapping
        Weights of pairs (a, b) of incoming quark and antiquark, a that of the axis (up-type, or the quark for a Z).
    beams : {"pp", "ppbar"}
        For p pbar the mean of both directions of the proton.
    """
    mt = np.hypot(mass, pt)
    low = -np.log((sqrt_s_GeV - mt * np.exp(-y)) / pt)
    high = np.log((sqrt_s_GeV - mt * np.exp(y)) / pt)
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    recoil_y, weights = 0.5 * (low + high + (high - low) * nodes), 0.5 * (high - low) * weights
    kinematics = production(pt, y, mass, recoil_y)
    leptons = leptons_of(kinematics[3])
    along, against = (2.0 * beam[:, 0] / sqrt_s_GeV for beam in kinematics[:2])
    found = {
        channel: moments(channel_squared(process, channel, kinematics, leptons, couplings=couplings))
        for channel in ("both", "up", "down")
    }
    total = np.zeros(6)
    assignments = [(1, 1)] if beams == "pp" else [(1, -1), (-1, 1)]
    for sides in assignments:

        def f(flavour: int, x: Real, side: int) -> Real:
            return xf(flavour if flavour == 21 else side * flavour, x, np.full_like(x, mt))

        for (a, b), weight in pairs.items():
            luminosity = {
                "both": 4.0 / 9.0 * f(a, along, sides[0]) * f(b, against, sides[1]),
                "up": 1.0 / 6.0 * f(a, along, sides[0]) * f(21, against, sides[1]),
                "down": 1.0 / 6.0 * f(21, along, sides[0]) * f(b, against, sides[1]),
            }
            for channel, moment in found.items():
                total += weight * moment @ (weights * luminosity[channel] / (along * against) ** 2)
    return float(total[0]) / len(assignments), total[1:] / total[0]
