"""Rapidity at next-to-leading order against transverse-momentum subtraction, total cross sections and Vrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from collider.production.luminosity import luminosity_at, parton_pairs
from collider.production.partons import load_partons
from collider.production.rapidity_nlo import convolution
from nucore.model.alpha_s import alpha_s

MASS, SQRT_S = 80.4, 7000.0
ROOT_TAU = MASS / SQRT_S
COUPLING = float(alpha_s(np.array(MASS))) / math.pi
GAUSS = np.polynomial.legendre.leggauss(160)


def quark(x):
    return x**0.6 * (1.0 - x) ** 3


def antiquark(x):
    return x**-0.2 * (1.0 - x) ** 7


def gluon(x):
    return x**-0.3 * (1.0 - x) ** 5


def corrections(y: float, second=antiquark) -> tuple[float, float]:
    """Coefficients of alpha_s C_F/pi for quark and antiquark, of alpha_s T_F/2 pi for quark and gluon."""
    x1, x2 = ROOT_TAU * math.exp(y), ROOT_TAU * math.exp(-y)
    kernel = convolution(x1, x2, MASS)
    first = quark(np.minimum(x1 / kernel.z1, 1.0))
    x2 = np.minimum(x2 / kernel.z2, 1.0)
    pair = float(first @ kernel.qq @ second(x2)) - quark(x1) * float(second(x2)[0])
    return pair / (COUPLING * 4.0 / 3.0), float(first @ kernel.qg @ gluon(x2)) / (COUPLING / 4.0)


def splitting(density, x: float, plus: bool, log_over_scale: float):
    """Order alpha_s of a density below a cut on pT: -ln(m^2/cut^2) P times x f, and the finite (1-z)/2 or 2z(1-z)."""
    if not plus:
        kernel = lambda z: -log_over_scale * (z**2 + (1.0 - z) ** 2) + 2.0 * z * (1.0 - z)  # noqa: E731
        return quad(lambda z: kernel(z) * density(x / z), x, 1.0, epsabs=1e-10)[0]

    def regular(z: float) -> float:
        return ((1.0 + z**2) * density(x / z) - 2.0 * density(x)) / (1.0 - z)

    # [(1+z^2)/(1-z)]_+ without the 3/2 delta(1-z), which the soft radiation cancels
    convolved = quad(regular, x, 1.0, epsabs=1e-10)[0] + 2.0 * math.log(1.0 - x) * density(x)
    return -0.5 * log_over_scale * convolved + quad(lambda z: 0.5 * (1.0 - z) * density(x / z), x, 1.0)[0]


def subtracted(y: float, cut: float) -> tuple[float, float]:
    """The same as `corrections`: real emission above a pT, and the singular part below (arXiv:0903.2120)."""
    x1, x2 = ROOT_TAU * math.exp(y), ROOT_TAU * math.exp(-y)
    log = 2.0 * math.log(MASS / cut)
    pair = quark(x1) * antiquark(x2) * (0.5 * math.pi**2 - 4.0 - 0.5 * log**2)
    pair += splitting(quark, x1, True, log) * antiquark(x2) + quark(x1) * splitting(antiquark, x2, True, log)
    with_gluon = quark(x1) * splitting(gluon, x2, False, log)
    nodes, weights = 0.5 * (1.0 + GAUSS[0]), 0.5 * GAUSS[1]
    largest = math.sqrt(((SQRT_S**2 + MASS**2) / (2.0 * SQRT_S * math.cosh(y))) ** 2 - MASS**2)
    for node, weight in zip(nodes, weights, strict=True):
        pt = cut * (largest / cut) ** node
        mt = math.hypot(MASS, pt)
        low = -math.log((SQRT_S - mt * math.exp(-y)) / pt)
        high = math.log((SQRT_S - mt * math.exp(y)) / pt)
        recoil = low + (high - low) * nodes
        a, b = (mt * math.exp(y) + pt * np.exp(recoil)) / SQRT_S, (mt * math.exp(-y) + pt * np.exp(-recoil)) / SQRT_S
        s, t, u = a * b * SQRT_S**2, -a * SQRT_S * pt * np.exp(-recoil), -b * SQRT_S * pt * np.exp(recoil)
        common = 2.0 * pt**2 * math.log(largest / cut) * weight * (high - low) * weights * MASS**2 / s**2 * quark(a)
        # Drell-Yan with a gluon or quark in the final state: t and u of the partons along and against z to it
        pair += float(np.sum(common * antiquark(b) * 0.5 * (t**2 + u**2 + 2.0 * s * MASS**2) / (t * u)))
        with_gluon += float(np.sum(common * gluon(b) * (s**2 + u**2 + 2.0 * MASS**2 * t) / (-s * u)))
    return pair, with_gluon


@pytest.mark.parametrize("y", [0.0, 1.5, -2.5, 3.5])
def test_agrees_with_subtraction_at_small_pt(y: float) -> None:
    found = np.array(corrections(y))
    # What subtraction leaves out falls as cut^2/m^2 times a log: by 14 from one cut (GeV) to the next, to 1e-5.
    far, near, last = (np.array(subtracted(y, cut)) - found for cut in (0.8, 0.2, 0.05))
    assert np.all((far / near > 8.0) & (far / near < 20.0))
    assert np.all(np.abs(last) < 1e-4 * np.abs(found) + 2e-7)


def test_integral_over_rapidity_is_the_total_cross_section() -> None:
    """Coefficient functions of R. Hamberg, W. L. van Neerven and T. Matsuura, Nucl. Phys. B 359 (1991) 343."""
    y_max = -math.log(ROOT_TAU)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    found = np.array([corrections(y) for y in y_max * nodes]).T @ (y_max * weights)

    def product(z: float, second) -> float:
        """Luminosity at tau/z."""
        root = ROOT_TAU / math.sqrt(z)
        y = -math.log(root) * GAUSS[0]
        return float(np.sum(GAUSS[1] * quark(root * np.exp(y)) * second(root * np.exp(-y)))) * -math.log(root)

    def regular(z: float) -> float:
        at, at_one = product(z, antiquark), product(1.0, antiquark)
        plus = 4.0 * ((0.5 + 0.5 * z**2) * at - at_one) * math.log(1.0 - z) / (1.0 - z)
        return plus - (1.0 + z**2) / (1.0 - z) * math.log(z) * at

    tau = ROOT_TAU**2
    pair = quad(regular, tau, 1.0, epsabs=1e-9, limit=200)[0]
    pair += product(1.0, antiquark) * (2.0 * math.log(1.0 - tau) ** 2 + math.pi**2 / 3.0 - 4.0)

    def of_gluon(z: float) -> float:
        split = z**2 + (1.0 - z) ** 2
        return (split * math.log((1.0 - z) ** 2 / z) + 0.5 + 3.0 * z - 3.5 * z**2) * product(z, gluon)

    assert found[0] == pytest.approx(pair, rel=3e-5)
    assert found[1] == pytest.approx(quad(of_gluon, tau, 1.0, limit=200)[0], rel=3e-5)


def test_gluons_stand_for_the_parton_of_their_side() -> None:
    def up_and_gluons(pdg_id: int, x, q):
        return {2: quark, 21: gluon}.get(pdg_id, np.zeros_like)(x)

    def down_and_gluons(pdg_id: int, x, q):
        return {-1: quark, 21: gluon}.get(pdg_id, np.zeros_like)(x)

    weight = sum(w for (a, _), w in parton_pairs(1).items() if a == 2)
    expected = COUPLING / 4.0 * corrections(0.7)[1]
    assert luminosity_at(up_and_gluons, SQRT_S, 1, MASS, 0.7) == pytest.approx(weight * expected)
    assert luminosity_at(up_and_gluons, SQRT_S, 1, MASS, 0.7, "ppbar") == pytest.approx(0.5 * weight * expected)
    assert luminosity_at(up_and_gluons, SQRT_S, -1, MASS, 0.7) == 0.0
    weight = sum(w for (_, b), w in parton_pairs(1).items() if b == -1)
    assert luminosity_at(down_and_gluons, SQRT_S, 1, MASS, -0.7) == pytest.approx(weight * expected)


@pytest.mark.parametrize(
    ("charge", "rapidity", "expected"),
    [
        (1, 0.0, 1.16677),
        (1, 2.0, 1.17633),
        (1, 3.0, 1.16495),
        (-1, 0.0, 1.15689),
        (-1, 2.0, 1.16169),
        (-1, 3.0, 1.15812),
    ],
)
def test_agrees_with_vrap(charge: int, rapidity: float, expected: float) -> None:
    # NLO over LO of Vrap (hep-ph/0312266), both sides added, with NNPDF3.1 but the same for s, c, b and their
    # antiquarks, three-loop running of alpha_s and other CKM elements; integration error 1e-4.
    pdf, sides = load_partons(), np.array([rapidity, -rapidity])
    nlo, lo = (luminosity_at(pdf, SQRT_S, charge, MASS, sides, order=order).sum() for order in ("nlo", "lo"))
    assert nlo / lo == pytest.approx(expected, abs=6e-4)
