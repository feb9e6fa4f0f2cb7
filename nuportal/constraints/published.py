"""Published curves and bounds on dark matter at parameter points: mixing, scattering, annihilation, early Universe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.annihilation import annihilation_sigma_v
from nucore.cosmology.direct_detection import nucleon_cross_section
from nucore.cosmology.kinetic_decoupling import Convention
from nucore.cosmology.naturalness import PERTURBATIVE, largest_coupling
from nucore.cosmology.neutrino_lines import EQUAL_FLAVOURS, electron_antineutrino_share
from nucore.limits.cosmological import CosmologicalBound
from nucore.limits.curve import LimitCurve
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, upper_limit

Array = NDArray[np.float64]

#: What the bounds of `nucore.limits.cosmological` limit.
OBSERVABLES = {
    "N_eff": "N_eff, chi and phi in equilibrium with the neutrinos",
    "omega_h2": "Omega h^2 of a chi that was in equilibrium with the neutrinos",
    "M_cut_Msun": "mass of the smallest haloes (solar masses)",
}


def mixing_curve(curve: LimitCurve, p: ParameterPoints) -> Comparison:
    """Compare |U_l4|^2 with a published curve against m4."""
    (flavour,) = curve.flavours
    mixing = p.U_sq(flavour)

    def silent(k: int) -> str:
        return f"no mixing with {flavour}" if mixing[k] == 0.0 else curve.why_not(float(p.m4[k]))

    limit = np.where(mixing > 0.0, curve.values(p.m4), np.nan)
    return upper_limit(f"|U_{flavour}4|^2", mixing, limit, silent)


def recoil_curve(curve: LimitCurve, p: ParameterPoints, a_Z: Array, fraction: Array, inelastic: bool) -> Comparison:
    """Compare the cross section per nucleon times the share of chi in the dark matter with a published curve.

    Parameters
    ----------
    curve : LimitCurve
    p : ParameterPoints
    a_Z : array, shape (n,)
        Coupling of chi to the Z, `nucore.cosmology.direct_detection.z_coupling`.
    fraction : array, shape (n,)
        Share of chi in the dark matter.
    inelastic : bool
        chi is split in mass.
    """
    predicted = fraction * nucleon_cross_section(a_Z, p.m_chi, curve.nucleus)
    limit = np.where((p.yR != 0.0) | inelastic, np.nan, curve.values(p.m_chi))

    def silent(k: int) -> str:
        if inelastic:
            return "chi is split in mass"
        return "the loop is known for yR = 0 only" if p.yR[k] != 0.0 else curve.why_not(float(p.m_chi[k]))

    return upper_limit("share of chi times cross section per nucleon (cm^2)", predicted, limit, silent)


def perturbativity(p: ParameterPoints) -> Comparison:
    """Compare the largest of |yL|, |yR| and the Yukawa couplings |U_l4| m4/v with 4 pi."""
    return upper_limit("largest coupling", largest_coupling(p), PERTURBATIVE)


def unitarity(taken: Array) -> Comparison:
    """Compare the share of the neutrinos that nu4 and chi phi take, |U_4|^2 with the chi-phi loop, with all of it.

    Parameters
    ----------
    taken : array, shape (n,)
        Summed over flavours; beyond 1 no such |U_l4|^2 exists for a nu4 on its mass shell.
    """
    return upper_limit("sum |U_l4|^2 with the chi-phi loop", taken, 1.0)


def line_curve(curve: LimitCurve, p: ParameterPoints, fraction: Array, halo: str) -> Comparison:
    """Compare sigma v of chi chibar -> nu nubar today with a limit on lines of neutrinos, a Dirac chi.

    Both are for the share of electron antineutrinos after oscillations that the mixings give and for a halo; the
    signal goes with the square of the share of chi in the dark matter.
    """
    predicted = fraction**2 * annihilation_sigma_v(p.m_chi, p.m_phi, p.yL**2 * p.U4_sq)
    assert curve.line is not None
    share = electron_antineutrino_share(p.Ue4, p.Umu4, p.Utau4)
    # without mixing there is no signal, whatever the flavour
    limit = curve.values(p.m_chi) * curve.line.factor(np.where(p.U4_sq > 0.0, share, EQUAL_FLAVOURS), halo)
    return upper_limit(
        f"share of chi squared times sigma v of chi chibar -> nu nubar (cm^3/s), halo {halo}",
        predicted,
        limit,
        lambda k: curve.why_not(float(p.m_chi[k])),
    )


def early_universe(bound: CosmologicalBound, p: ParameterPoints, omega: Array, convention: Convention) -> Comparison:
    """Compare N_eff, the smallest haloes or Omega h^2 with a bound."""
    return upper_limit(
        OBSERVABLES[bound.quantity],
        bound.predicted(p, omega, convention),
        bound.limit,
        lambda k: (
            f"{bound.quantity} is not known at this point"
            if p.yL[k] ** 2 * p.U4_sq[k] > 0.0
            else "chi does not couple to the neutrinos: its abundance is not set by them"
        ),
    )
