"""Relativistic kinematics of decays, for floats and arrays (GeV)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = Any  # float or array of floats: the result has the broadcast shape of the arguments


def kallen(a: Real, b: Real, c: Real) -> Real:
    """Kallen function lambda(a, b, c) = a^2 + b^2 + c^2 - 2ab - 2ac - 2bc.

    Parameters
    ----------
    a, b, c : float or array
        Squared masses (GeV^2) or ratios of them.

    Returns
    -------
    float or array
        Same unit squared; negative where the two-body state is closed.
    """
    return (a - b - c) ** 2 - 4.0 * b * c


def kallen_of_masses(m: Real, m1: Real, m2: Real) -> Real:
    """lambda(m^2, m1^2, m2^2) from the masses, factorised so that nothing cancels near threshold."""
    return (m - m1 - m2) * (m + m1 + m2) * (m - m1 + m2) * (m + m1 - m2)


def mass_left(m: Real, *products: Real) -> Real:
    """Mass of a state less those of its products, compensated so that nothing is lost near threshold (GeV)."""
    total, lost = m, 0.0
    for product in products:
        left = total - product
        taken = left - total
        lost = lost + ((total - (left - taken)) - (product + taken))
        total = left
    return total + lost


def two_body_momentum(m: Real, m1: Real, m2: Real) -> Real:
    """Momentum of either product of m -> m1 m2 in the rest frame of m.

    Parameters
    ----------
    m, m1, m2 : float or array
        Masses in GeV.

    Returns
    -------
    float or array
        Momentum in GeV; zero where the decay is closed.
    """
    open_ = m > m1 + m2
    return np.sqrt(np.where(open_, kallen_of_masses(m, m1, m2), 0.0)) / (2.0 * m)


def boost(p: NDArray[np.float64], beta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boost four-vectors from the rest frame of an object to the frame where it moves with `beta`.

    Parameters
    ----------
    p : array, shape (..., 4)
        (E, px, py, pz) in GeV.
    beta : array, shape (..., 3)
        Velocity of the frame, |beta| < 1.

    Returns
    -------
    array, shape (..., 4)
    """
    p, beta = np.asarray(p, float), np.asarray(beta, float)
    b2 = np.sum(beta**2, axis=-1)
    gamma = 1.0 / np.sqrt(1.0 - b2)
    bp = np.sum(beta * p[..., 1:], axis=-1)
    # gamma^2/(1 + gamma) is (gamma - 1)/beta^2 without its 0/0 at rest
    along = gamma**2 / (1.0 + gamma) * bp + gamma * p[..., 0]
    energy = gamma * (p[..., 0] + bp)
    return np.concatenate([energy[..., None], p[..., 1:] + along[..., None] * beta], axis=-1)


def transverse_mass(pt: Real, missing_pt: Real, delta_phi: Real) -> Real:
    """Transverse mass of a lepton and massless missing momentum, sqrt(2 pT MET (1 - cos dphi)) in GeV."""
    return np.sqrt(2.0 * pt * missing_pt * (1.0 - np.cos(delta_phi)))
