"""How much of a neutrino nu4 and chi phi take from the light states: the sum rule of the neutrino propagator.

The field nu_l is canonically normalised, so that the shares of the light neutrinos, of an on-shell nu4 and of chi phi
through a virtual or broad one add up to 1: a decay that all of them leave unchanged has the rate of the Standard Model.
With |U_l4|^2 the mixing on the mass shell of nu4, the light neutrinos miss |U_l4|^2 times

    weight = pole + int dQ^2 rho(Q^2)/|U_l4|^2,

rho the density of `mesons.decays.three_body_decay.ThreeBodyDecay.spectral_density`; ``pole`` is the residue of nu4
where it cannot decay to chi phi, and part of the integral where it can. This is the one-loop correction of the W l nu
and Z nu nu couplings at low energies. To first order `nucore.model.loop_corrections.mixing_loop_shift` is weight - 1
where nu4 decays to chi phi and weight - pole where it cannot (arXiv:2511.08102 has the same self-energy).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.decays.dark_ratios import density_integral
from mesons.decays.quadrature import Offsets
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.model.loop_corrections import pole_residue
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]

#: Largest Q over the largest mass: the density falls as Q^-6.
_LARGEST_RATIO = 100.0


class _Unweighted(ThreeBodyDecay):
    """A decay whose rate does not depend on the mass of the neutrino."""

    def recoil_ratio(self, points: Offsets) -> Array:
        return np.ones_like(points.above_min)


def pole_and_weight(points: ParameterPoints) -> tuple[Array, Array]:
    """Residue of nu4 and total weight per |U_l4|^2 of n points, each of shape (n,); 1 for yR != 0 (not known).

    The weight is at least 1, that of tree level: around the threshold the sum falls below (0.7 at yL = 8), but depends
    there on the real part of the loop that is left out.
    """
    is_open = (points.yL != 0.0) & (points.yR == 0.0) & (points.U4_sq > 0.0)
    pole, weight = np.ones(points.n), np.ones(points.n)
    if is_open.any():
        p = points.take(is_open)
        column = [x[:, None] for x in (p.m_chi, p.m_phi, p.m4, p.yL, np.ones(p.n), p.U4_sq)]
        largest = _LARGEST_RATIO * np.maximum(p.m4, p.m_chi + p.m_phi)
        continuum = density_integral(_Unweighted(largest[:, None], 0.0, *column))
        pole[is_open] = pole_residue(p.m_chi, p.m_phi, p.m4, p.yL)
        total = continuum + np.where(p.m4 > p.m_chi + p.m_phi, 0.0, pole[is_open])
        weight[is_open] = np.maximum(total, 1.0)
    return pole, weight
