"""Exact mixing of nu4 with the three active neutrinos (arXiv:1709.07001, Eqs. 3-6).

The three massless states are chosen so that, with s^2 = sum_l |U_l4|^2, c = sqrt(1 - s^2), u_l = U_l4/s,
``nu_l = sum_j V_lj nu_j + U_l4 nu4`` with ``V_lj = delta_lj - (1 - c) u_l u_j`` and
``N_L = c nu4 - sum_j U_j4 nu_j``: an orthogonal 4x4 matrix, so unitarity is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def mixing_matrix(u: Sequence[float]) -> NDArray[np.float64]:
    """Orthogonal 4x4 matrix from (nu_1, nu_2, nu_3, nu4) to (nu_e, nu_mu, nu_tau, N_L).

    Parameters
    ----------
    u : sequence of 3 floats
        Real amplitudes (U_e4, U_mu4, U_tau4), sum of squares below 1.

    Returns
    -------
    array, shape (4, 4)
        Rows: flavour e, mu, tau and N; columns: mass states 1, 2, 3 (massless) and 4.
    """
    amplitudes = np.asarray(u, float)
    s_sq = float(amplitudes @ amplitudes)
    cos = np.sqrt(1.0 - s_sq)
    # (1 - c)/s^2 = 1/(1 + c) stays finite at s = 0
    light = np.eye(3) - np.outer(amplitudes, amplitudes) / (1.0 + cos)
    matrix = np.empty((4, 4))
    matrix[:3, :3] = light
    matrix[:3, 3] = amplitudes
    matrix[3, :3] = -amplitudes
    matrix[3, 3] = cos
    return matrix


def z_couplings(u: Sequence[float]) -> NDArray[np.float64]:
    """Neutral-current couplings C_ij of Z nubar_i nu_j in the mass basis, relative to one SM neutrino.

    Parameters
    ----------
    u : sequence of 3 floats
        Real amplitudes (U_e4, U_mu4, U_tau4).

    Returns
    -------
    array, shape (4, 4)
        delta_ij - U_i4 U_j4 for the light states, c U_i4 with nu4, s^2 for nu4 nu4bar.
    """
    flavour_rows = mixing_matrix(u)[:3]
    return flavour_rows.T @ flavour_rows


def lambda_yukawa(u: float, m4: float, vev: float) -> float:
    """Yukawa coupling lambda_l = U_l4 m4 / v behind a mixing amplitude (Eq. 4; v = 174 GeV)."""
    return u * m4 / vev
