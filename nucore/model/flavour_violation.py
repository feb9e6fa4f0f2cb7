"""Charged-lepton flavour violation by one heavy Dirac nu4: l -> l' gamma, l -> 3 leptons, muon conversion in nuclei.

The light neutrinos are massless, nu4 mixes with the three flavours and one sterile state, and the sum over the four
mass eigenstates is done exactly in the mixings. Every process in `PROCESSES` has one signature: m4 in GeV, the real
amplitudes Ue4, Umu4, Utau4, and m_W in GeV, floats or arrays of one shape; it returns a branching ratio of that shape.

The loops are at zero momentum transfer, right up to (m_l/m_W)^2 for m4 above the mass of the decaying lepton. For a
lighter nu4 only the logarithms ln(m4^2/m_W^2) of the Z penguin and the boxes change: they stop growing at the mass of
the lepton, so the formulas become upper estimates of rates that fall as m4^4 and are below all limits (conversion in
gold at m4 = 0.1 GeV: 1e-12 |U_e4 U_mu4|^2). At large masses the terms of higher order in |U_l4|^2 matter where
|U_l4|^2 m4^2/m_W^2 exceeds about 0.1.

Not included: two loops, which lower mu -> e gamma by 12 to 17% (A. Czarnecki, E. Jankowski, hep-ph/0106237);
alpha at zero momentum is used in them, and alpha_w = sqrt2 G_F m_W^2/pi in the rest (alpha(0)/sin^2 would lower it by
13.5% in rate).

References
----------
R. Alonso, M. Dhen, M. B. Gavela, T. Hambye, arXiv:1209.2679; A. Ilakovac, A. Pilaftsis, hep-ph/9403398.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import unknown
from nucore.model import constants as c
from nucore.model import loop_functions as loops

Real = Any  # float or array of floats
Array = NDArray[np.float64]
_W = float(c.M_W)
_SIN2 = float(c.SIN2_THETA_EFF)
_ALPHA = float(c.ALPHA_EM)


@dataclass(frozen=True)
class Nucleus:
    """Overlap of the bound muon and the electron with a nucleus.

    Attributes
    ----------
    V_p, V_n, D : float
        Integrals of the proton, neutron and electric-field density, in m_mu^(5/2).
    capture_per_s : float
        Rate of muon capture.
    verified : bool
        False if the numbers were not compared with a second source.
    """

    V_p: float
    V_n: float
    D: float
    capture_per_s: float
    verified: bool = True


#: Overlap integrals of R. Kitano, M. Koike, Y. Okada, hep-ph/0203110, capture rates of T. Suzuki et al., Phys. Rev. C
#: 35 (1987) 2212; Al, Ti and Au compared with the inputs of the code flavio, all with a solution of the Dirac equation
#: in the tests. The charge radius of muonic gold, 5.44 fm in place of 5.33 fm, would lower the rate in gold by 24%.
NUCLEI: Mapping[str, Nucleus] = {
    "Al": Nucleus(0.0161, 0.0173, 0.0362, 7.054e5),
    "Ti": Nucleus(0.0396, 0.0468, 0.0864, 2.590e6),
    "Au": Nucleus(0.0974, 0.146, 0.189, 1.307e7),
    "Pb": Nucleus(0.0834, 0.128, 0.161, 1.345e7, verified=False),
}


@dataclass(frozen=True)
class FormFactors:
    """Amplitudes of l -> l' per U_l'4 U_l4, in the convention of arXiv:1209.2679; all of shape (n,).

    Attributes
    ----------
    F, G : array
        Photon penguin: of q^2 gamma_mu, and of the dipole.
    Z : array
        Z penguin.
    box : array
        Box with a massless fermion in the other line, less that of massless neutrinos: b(x) - 1.
    box_pair : array
        Box with nu4 in both lines, less that of massless neutrinos: X(x, x) - 1.
    """

    F: Array
    G: Array
    Z: Array
    box: Array
    box_pair: Array


def form_factors(m4: Real, mixing_sq: Real, m_W: Real = _W) -> FormFactors:
    """Amplitudes with one nu4 after the sum over the light neutrinos.

    Parameters
    ----------
    m4, m_W : float or array
        GeV.
    mixing_sq : float or array
        C = |U_e4|^2 + |U_mu4|^2 + |U_tau4|^2, the coupling of the Z to nu4 nu4bar.
    """
    x = (np.asarray(m4, dtype=np.float64) / m_W) ** 2
    z = loops.Z_SINGLE(x) + 2.0 * (1.0 - mixing_sq) * loops.Z_LIGHT_HEAVY(x) + mixing_sq * loops.Z_HEAVY_HEAVY(x)
    return FormFactors(
        F=loops.PHOTON_VECTOR(x),
        G=loops.PHOTON_DIPOLE(x),
        Z=z,
        box=loops.BOX_LIGHT_HEAVY(x),
        box_pair=loops.BOX_HEAVY_HEAVY(x),
    )


def _weak_coupling(m_W: Real) -> Real:
    """alpha_w = g^2/(4 pi) = sqrt2 G_F m_W^2/pi."""
    return math.sqrt(2.0) * float(c.G_F) * m_W**2 / math.pi


def _squared(*mixings: Real) -> Real:
    return sum(U**2 for U in mixings)


def _radiative(m4: Real, Ul4: Real, Uparent4: Real, m_W: Real) -> Array:
    """BR(l -> l' gamma)/BR(l -> l' nu nubar) = (3 alpha/2 pi) |U_l'4 U_l4|^2 G_gamma^2."""
    dipole = loops.PHOTON_DIPOLE((np.asarray(m4, dtype=np.float64) / m_W) ** 2)
    return 1.5 * _ALPHA / math.pi * (Ul4 * Uparent4 * dipole) ** 2


def mu_to_e_gamma(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(mu -> e gamma), at most (3 alpha/8 pi) |U_e4 U_mu4|^2 for m4 -> infinity."""
    return _radiative(m4, Ue4, Umu4, m_W)


def tau_to_e_gamma(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau -> e gamma)."""
    return float(c.BR_TAU_ENUNU) * _radiative(m4, Ue4, Utau4, m_W)


def tau_to_mu_gamma(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau -> mu gamma), by custom from BR(tau -> mu nu nubar): the mass of the muon makes it 2% too small."""
    return float(c.BR_TAU_MUNUNU) * _radiative(m4, Umu4, Utau4, m_W)


def _three_leptons(f: FormFactors, box: Array, identical: bool, log: float, m_W: Real) -> Array:
    """Rate of l -> l' l1 l1bar over that of l -> e nu nubar (massless), per |U_l'4 U_l4|^2.

    Parameters
    ----------
    f : FormFactors
    box : array
        Coefficient of the box in the operator (l'bar gamma P_L l)(l1bar gamma P_L l1).
    identical : bool
        Whether l1 is l'.
    log : float
        ln(m_l^2/m_l1^2).

    References
    ----------
    Y. Kuno, Y. Okada, hep-ph/9909265, Eq. 48 (2 |g_L|^2 + |g_R|^2 + 8 Re[eA (2 g_L + g_R)] + 32 |eA|^2 (log - 11/4))
    for l1 = l'; for l1 other than l' the exchange is absent: hep-ph/9403398.
    """
    right = -2.0 * _SIN2 * (f.Z - f.F)
    left = f.Z + box + right
    dipole = _SIN2 * f.G
    weight, constant = (2.0, 11.0 / 4.0) if identical else (1.0, 3.0)
    rate = weight * left**2 + right**2 + 8.0 * dipole * (weight * left + right) + 32.0 * dipole**2 * (log - constant)
    return (_weak_coupling(m_W) / (8.0 * math.pi)) ** 2 * rate


def _same_pair(m4: Real, Ul4: Real, Uparent4: Real, mixing_sq: Real, log: float, m_W: Real) -> Array:
    """Relative rate of l -> l' l' l'bar; the box is half of B_eee."""
    f = form_factors(m4, mixing_sq, m_W)
    box = (1.0 - 2.0 * Ul4**2) * f.box + Ul4**2 * f.box_pair
    return (Ul4 * Uparent4) ** 2 * _three_leptons(f, box, True, log, m_W)


def _other_pair(m4: Real, Ul4: Real, Uparent4: Real, Upair4: Real, log: float, m_W: Real) -> Array:
    """Relative rate of l -> l' l1 l1bar with l, l', l1 all three flavours; two boxes, with l' and l1 exchanged."""
    f = form_factors(m4, _squared(Ul4, Uparent4, Upair4), m_W)
    box = (1.0 - 4.0 * Upair4**2) * f.box + 2.0 * Upair4**2 * f.box_pair
    return (Ul4 * Uparent4) ** 2 * _three_leptons(f, box, False, log, m_W)


def _log(heavy: float, light: float) -> float:
    return 2.0 * math.log(heavy / light)


def mu_to_3e(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(mu -> e e e)."""
    return _same_pair(m4, Ue4, Umu4, _squared(Ue4, Umu4, Utau4), _log(c.M_MU, c.M_E), m_W)


def tau_to_3e(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau -> e e e)."""
    rate = _same_pair(m4, Ue4, Utau4, _squared(Ue4, Umu4, Utau4), _log(c.M_TAU, c.M_E), m_W)
    return float(c.BR_TAU_ENUNU) * rate


def tau_to_3mu(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau -> mu mu mu), the mass of the muons kept in the logarithm only."""
    rate = _same_pair(m4, Umu4, Utau4, _squared(Ue4, Umu4, Utau4), _log(c.M_TAU, c.M_MU), m_W)
    return float(c.BR_TAU_ENUNU) * rate


def tau_to_mu_ee(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau- -> mu- e+ e-)."""
    return float(c.BR_TAU_ENUNU) * _other_pair(m4, Umu4, Utau4, Ue4, _log(c.M_TAU, c.M_E), m_W)


def tau_to_e_mumu(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W) -> Array:
    """BR(tau- -> e- mu+ mu-), the mass of the muons kept in the logarithm only."""
    return float(c.BR_TAU_ENUNU) * _other_pair(m4, Ue4, Utau4, Umu4, _log(c.M_TAU, c.M_MU), m_W)


def quark_couplings(f: FormFactors) -> tuple[Array, Array]:
    """Vector couplings F_u and F_d of the conversion: Z and photon penguins, boxes with massless quarks.

    F_q = -(T3/2) Z + Q s^2 (Z - F) + B_q/4 with B_u = -4 (b - 1) and B_d = b - 1.
    """
    photon = _SIN2 * (f.Z - f.F)
    up = -0.25 * f.Z + 2.0 / 3.0 * photon - f.box
    down = 0.25 * f.Z - 1.0 / 3.0 * photon + 0.25 * f.box
    return up, down


def mu_e_conversion(m4: Real, Ue4: Real, Umu4: Real, Utau4: Real, m_W: Real = _W, *, nucleus: str = "Au") -> Array:
    """Rate of coherent mu N -> e N over that of muon capture.

    It has a zero in m4 (2.4 to 6.4 TeV), where the Z penguin and the boxes cancel the rest.

    Parameters
    ----------
    m4, Ue4, Umu4, Utau4, m_W
        As in the module.
    nucleus : "Al", "Ti", "Au" or "Pb"

    Raises
    ------
    InputError
        For another nucleus.

    References
    ----------
    arXiv:1209.2679; overlap integrals and operators of hep-ph/0203110, Eq. 14.
    """
    if nucleus not in NUCLEI:
        raise unknown("nucleus", nucleus, NUCLEI)
    n = NUCLEI[nucleus]
    f = form_factors(m4, _squared(Ue4, Umu4, Utau4), m_W)
    up, down = quark_couplings(f)
    dipole = n.D * f.G * _SIN2 / (2.0 * math.sqrt(4.0 * math.pi * _ALPHA))
    amplitude = 4.0 * n.V_p * (2.0 * up + down) + 4.0 * n.V_n * (up + 2.0 * down) - dipole
    captured = n.capture_per_s * float(c.HBAR_GEV_S)
    rate = 2.0 * (float(c.G_F) * _weak_coupling(m_W) / (4.0 * math.pi)) ** 2 * float(c.M_MU) ** 5
    return rate / captured * (Ue4 * Umu4 * amplitude) ** 2


#: Branching ratios by name of the process, all of one signature.
PROCESSES: Mapping[str, Callable[..., Array]] = {
    "mu-e-gamma": mu_to_e_gamma,
    "tau-e-gamma": tau_to_e_gamma,
    "tau-mu-gamma": tau_to_mu_gamma,
    "mu-3e": mu_to_3e,
    "tau-3e": tau_to_3e,
    "tau-3mu": tau_to_3mu,
    "tau-mu-ee": tau_to_mu_ee,
    "tau-e-mumu": tau_to_e_mumu,
} | {f"mu-e-conversion-{name.lower()}": partial(mu_e_conversion, nucleus=name) for name in NUCLEI}
