"""pp -> Z/gamma* -> l+ l-: mass, rapidity and angle of the negative lepton, and cross sections.

With photon, Z and their interference, c the cosine of the angle between l- and the quark in the
rest frame of the pair (Collins-Soper frame), and Q, v = T3 - 2 Q s_W^2, a = T3 the couplings,

    d sigma / dm dy dc = (2 L / m) (pi / 6 m^2) [ even (1 + c^2) + odd c ],
    even = alpha^2 Q_q^2 Q_l^2 + 2 alpha Q_q Q_l v_q v_l Re(Z) + (v_q^2 + a_q^2)(v_l^2 + a_l^2) |Z|^2,
    odd  = 4 alpha Q_q Q_l a_q a_l Re(Z) + 8 v_q a_q v_l a_l |Z|^2,
    Z = (sqrt2 G_F mZ^2 / 4 pi) m^2 / (m^2 - mZ^2 + i m^2 GammaZ/mZ),

summed over up- and down-type quarks with their luminosities L (`production.luminosity`), of next-to-leading order in
QCD; alpha follows from G_F, mZ and
the effective mixing angle by the relation of leading order, which makes it that at the scale mZ.
The absolute rate is that of a published prediction (data/z_cross_sections.toml).

References
----------
PDG review "Electroweak model and constraints on new physics", e+ e- -> f fbar near the Z pole.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import trapezoid

from collider.production.luminosity import LuminosityTable, load_table
from collider.production.normalisation import published_cross_section
from collider.production.partons import DEFAULT_PDF_SET
from collider.production.rapidity_nlo import Order
from nucore.errors import InputError
from nucore.model import constants

Array = NDArray[np.float64]

M_Z = float(constants.M_Z)
GAMMA_Z = float(constants.GAMMA_Z)
_SIN_SQ = float(constants.SIN2_THETA_EFF)
#: Electric charge and third component of the weak isospin.
_LEPTON = (-1.0, -0.5)
_QUARKS = {"up": (2.0 / 3.0, 0.5), "down": (-1.0 / 3.0, -0.5)}


def couplings(channel: str, mass: ArrayLike) -> tuple[Array, Array]:
    """Return ``even`` and ``odd`` of the module docstring for quarks of one type (``up``, ``down``).

    Parameters
    ----------
    channel : {"up", "down"}
    mass : float or array
        Of the lepton pair, GeV.
    """
    s = np.square(np.asarray(mass, dtype=np.float64))
    alpha = math.sqrt(2.0) * float(constants.G_F) * M_Z**2 * _SIN_SQ * (1.0 - _SIN_SQ) / math.pi
    z = math.sqrt(2.0) * float(constants.G_F) * M_Z**2 / (4.0 * math.pi) * s / (s - M_Z**2 + 1j * s * GAMMA_Z / M_Z)
    (charge_l, a_l), (charge_q, a_q) = _LEPTON, _QUARKS[channel]
    v_l, v_q = a_l - 2.0 * charge_l * _SIN_SQ, a_q - 2.0 * charge_q * _SIN_SQ
    charges, z_sq = alpha * charge_q * charge_l, np.abs(z) ** 2
    even = charges**2 + 2.0 * charges * v_q * v_l * z.real + (v_q**2 + a_q**2) * (v_l**2 + a_l**2) * z_sq
    odd = 4.0 * charges * a_q * a_l * z.real + 8.0 * v_q * a_q * v_l * a_l * z_sq
    return np.asarray(even), np.asarray(odd)


def differential_cross_section(table: LuminosityTable, mass: ArrayLike, rapidity: ArrayLike) -> tuple[Array, Array]:
    """Return the coefficients of (1 + c^2) and of c in d sigma/(dm dy dc), pb/GeV.

    Parameters
    ----------
    table : LuminosityTable
    mass, rapidity : float or array
        Of the pair, GeV; the quark moves along +z, and c is that of the negative lepton to +z.  The sum over both
        assignments of the beams is this plus its mirror image.
    """
    mass = np.asarray(mass, dtype=np.float64)
    scale = 2.0 / mass * math.pi / (6.0 * mass**2) * float(constants.HBARC_SQ_GEV2_PB)
    even, odd = np.zeros(()), np.zeros(())
    for channel in ("up", "down"):
        luminosity = table(channel, mass, rapidity)
        one_even, one_odd = couplings(channel, mass)
        even, odd = even + scale * luminosity * one_even, odd + scale * luminosity * one_odd
    return even, odd


def mass_spectrum(table: LuminosityTable, low: float, high: float) -> tuple[Array, Array]:
    """Return masses (GeV) from ``low`` to ``high`` and d sigma/dm there (pb/GeV), one flavour.

    Both assignments of the beams and all angles are included.
    """
    if not table.masses[0] <= low < high <= table.masses[-1]:
        raise InputError(
            f"invalid mass of the lepton pair {low:g} to {high:g} GeV: "
            f"expected a range inside {table.masses[0]:g} to {table.masses[-1]:g} GeV"
        )
    angle = np.arctan((np.square([low, high]) - M_Z**2) / (M_Z * GAMMA_Z))
    pole = np.sqrt(M_Z**2 + M_Z * GAMMA_Z * np.tan(np.linspace(angle[0], angle[1], 2001)[1:-1]))
    mass = np.unique(np.concatenate([np.geomspace(low, high, 2001), pole]))
    nodes, weights = np.polynomial.legendre.leggauss(100)
    y_max = table.maximal_rapidity(mass)[:, None]
    even, _ = differential_cross_section(table, mass[:, None], nodes * y_max)
    return mass, 2.0 * (8.0 / 3.0) * np.asarray((even * y_max) @ weights)


def fixed_order_cross_section_pb(
    sqrt_s_TeV: float,
    low: float,
    high: float,
    pdf_set: str = DEFAULT_PDF_SET,
    beams: str = "pp",
    order: Order = "nlo",
) -> float:
    """Return the cross section (pb) of one lepton flavour with pair masses of ``low`` to ``high`` GeV."""
    mass, rate = mass_spectrum(load_table(sqrt_s_TeV, pdf_set, beams, order), low, high)
    return float(trapezoid(rate, mass))


@lru_cache(maxsize=32)
def z_k_factor(sqrt_s_TeV: float, beams: str = "pp") -> float:
    """Return published over next-to-leading-order Z/gamma* cross section, with the default PDF set.

    References
    ----------
    data/z_cross_sections.toml names the prediction of each energy.
    """
    entry = published_cross_section("z", sqrt_s_TeV, beams)
    if "nnlo_pb" not in entry:
        return z_k_factor(float(entry["k_factor_from_TeV"]))
    low, high = entry["mass_window_GeV"]
    return float(entry["nnlo_pb"]) / fixed_order_cross_section_pb(sqrt_s_TeV, low, high, beams=beams)
