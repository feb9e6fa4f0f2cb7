r"""Rapidity distribution of q qbar' -> W and q qbar -> Z/gamma* at next-to-leading order of QCD.

With parton a along +z, b along -z, x_1,2 = m/sqrt(s) exp(+-y) and scales mu_F = mu_R = m, order alpha_s turns the
product x1 f_a(x1) x2 f_b(x2) of leading order into convolutions of x f at x1/z1 and x2/z2, x_1,2 < z_1,2 < 1,

    D_qq = delta(1-z1) delta(1-z2) + (alpha_s C_F/pi) { (pi^2/2 - 4) delta(1-z1) delta(1-z2)
           + [R_qq]_++ + delta(1-z1) E_qq(z2) + delta(1-z2) E_qq(z1) },
    D_qg = (alpha_s T_F/2 pi) { [R_qg]_+ + delta(1-z1) E_qg(z2) },

of parton pairs a b, and of a and the gluon from the other side (b and the gluon: z1 and z2 exchanged), with z = z1 z2,
P = z^2 + (1-z)^2 and

    R_qq = (1+z) { (1+z^2)/[(1-z1^2)(1-z2^2)] - 2 z/(z1+z2)^2 },
    E_qq = (1+z^2)/2 { [ln(1-z)/(1-z)]_+ + ln(2/(1+z))/(1-z) } + (1-z)/2,
    R_qg = 2 z (1+z)/(z1+z2)^2 { P (z1+z2)/[z2 (1-z1^2)] + 2 z + z2 (1-z1^2)/(z1+z2) },
    E_qg = P ln(2(1-z)/(1+z)) + 2 z (1-z).

[R]_++ stands for (1-z1)(1-z2) R times 1/(1-z1)_+ 1/(1-z2)_+, [R]_+ for (1-z1) R times 1/(1-z1)_+, of which the plus
distributions act on the densities too.  The boson is a W or Z/gamma* alike: massless quarks.

Gauss-Legendre nodes in z1 and in z2, together with the end point 1, make each term a matrix between the densities at
x1/z1 and those at x2/z2.

References
----------
J. Kubar et al., Nucl. Phys. B 175 (1980) 251; P. J. Sutton et al., Phys. Rev. D 45 (1992) 2349 (in these variables);
C. Anastasiou et al., hep-ph/0312266 (NNLO).
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.model.alpha_s import alpha_s

Array = NDArray[np.float64]
Order = Literal["lo", "nlo"]
ORDERS: tuple[Order, ...] = ("lo", "nlo")

#: Nodes of the integrals over z1 and z2.
N_NODES = 20
_C_F, _T_F = 4.0 / 3.0, 0.5


class Convolution(NamedTuple):
    """Nodes z1, z2 of the convolutions and their matrices; node 0 is z = 1.

    Attributes
    ----------
    z1, z2 : float64[..., n]
    qq : float64[..., n, n]
        Leading order and correction for parton pairs.
    qg, gq : float64[..., n, n]
        For the gluon in place of the parton along -z, and of that along +z.
    """

    z1: Array
    z2: Array
    qq: Array
    qg: Array
    gq: Array


class _Nodes(NamedTuple):
    """Nodes from x to 1, [..., n]; weights of the integral of h(z), h(z)/(1-z)_+ and h(z) [ln(1-z)/(1-z)]_+."""

    z: Array
    plain: Array
    plus: Array
    log_plus: Array


def convolution(x1: ArrayLike, x2: ArrayLike, mass: ArrayLike, order: Order = "nlo") -> Convolution:
    """Return the matrices of the module docstring.

    Parameters
    ----------
    x1, x2 : float64[...]
        m/sqrt(s) exp(+-y), between 0 and 1.
    mass : float64[...]
        Of the boson, GeV.
    order : {"lo", "nlo"}
        At leading order there is one node.
    """
    x1, x2, mass = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x1, x2, mass)))
    if order == "lo":
        one, matrix = np.ones((*x1.shape, 1)), np.ones((*x1.shape, 1, 1))
        return Convolution(one, one, matrix, 0.0 * matrix, 0.0 * matrix)
    first, second = _nodes(x1), _nodes(x2)
    coupling = alpha_s(mass)[..., None, None] / math.pi
    qq = coupling * _C_F * _quark_quark(first, second)
    qq[..., 0, 0] += 1.0
    gluon = 0.5 * coupling * _T_F
    qg, gq = _quark_gluon(first, second), np.swapaxes(_quark_gluon(second, first), -1, -2)
    return Convolution(first.z, second.z, qq, gluon * qg, gluon * gq)


def _nodes(x: Array) -> _Nodes:
    """Return nodes of z = x^(t^3), dense near z = 1, with Gauss-Legendre steps of t."""
    t, weights = np.polynomial.legendre.leggauss(N_NODES)
    t, weights = 0.5 * (1.0 + t), 0.5 * weights
    log_x = np.log(x)[..., None]
    ln_z = log_x * t**3
    z, one_minus_z, log_end = np.exp(ln_z), -np.expm1(ln_z), np.log1p(-x)
    plain = -3.0 * t**2 * weights * log_x * z
    plus = plain / one_minus_z
    log_plus = plus * np.log(one_minus_z)

    def with_end(end: Array, rest: Array) -> Array:
        return np.concatenate([end[..., None], rest], axis=-1)

    return _Nodes(
        with_end(np.ones_like(x), z),
        with_end(np.zeros_like(x), plain),
        with_end(log_end - plus.sum(axis=-1), plus),
        with_end(0.5 * log_end**2 - log_plus.sum(axis=-1), log_plus),
    )


def _quark_quark(first: _Nodes, second: _Nodes) -> Array:
    z1, z2 = first.z[..., :, None], second.z[..., None, :]
    z = z1 * z2
    smooth = (1.0 + z) * ((1.0 + z**2) / ((1.0 + z1) * (1.0 + z2)) - 2.0 * z * (1.0 - z1) * (1.0 - z2) / (z1 + z2) ** 2)
    matrix = smooth * first.plus[..., :, None] * second.plus[..., None, :]
    matrix[..., 0, :] += _quark_edge(second)
    matrix[..., :, 0] += _quark_edge(first)
    matrix[..., 0, 0] += 0.5 * math.pi**2 - 4.0
    return np.asarray(matrix)


def _quark_edge(nodes: _Nodes) -> Array:
    z = nodes.z
    inside = z < 1.0
    ratio = np.where(inside, np.log(2.0 / (1.0 + z)) / np.where(inside, 1.0 - z, 1.0), 0.5)
    return np.asarray(0.5 * (1.0 + z**2) * (nodes.log_plus + ratio * nodes.plain) + 0.5 * (1.0 - z) * nodes.plain)


def _quark_gluon(quark: _Nodes, gluon: _Nodes) -> Array:
    z1, z2 = quark.z[..., :, None], gluon.z[..., None, :]
    z = z1 * z2
    both, split = z1 + z2, z**2 + (1.0 - z) ** 2
    smooth = 2.0 * z * (1.0 + z) / both**2
    smooth *= split * both / (z2 * (1.0 + z1)) + (1.0 - z1) * (2.0 * z + z2 * (1.0 - z1**2) / both)
    matrix = smooth * quark.plus[..., :, None] * gluon.plain[..., None, :]
    z = gluon.z
    log = np.log(np.where(z < 1.0, 2.0 * (1.0 - z) / (1.0 + z), 1.0))
    matrix[..., 0, :] += ((z**2 + (1.0 - z) ** 2) * log + 2.0 * z * (1.0 - z)) * gluon.plain
    return np.asarray(matrix)
