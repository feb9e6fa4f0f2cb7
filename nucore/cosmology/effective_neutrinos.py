"""Number of neutrino species N_eff with chi and phi in equilibrium with the neutrinos, and the bound on m_chi.

After the neutrinos have decoupled from the electrons at T_D, the entropy of chi (and phi) goes to the neutrinos alone:

    N_eff = N_SM [1 + sum_i g_i S_i(m_i/T_D) / (6 * 7/8)]^(4/3),

S the entropy of one massive degree of freedom over that of a massless boson.  arXiv:1709.07001 quotes m_chi > 10 MeV.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Degrees of freedom: Dirac chi, complex phi, three neutrinos (entropy units).
_CHI, _PHI, _NEUTRINOS = 4.0, 2.0, 6.0 * 7.0 / 8.0


@cache
def _nodes() -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights for the root of the kinetic energy over T, up to 64 T."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    return 4.0 * (nodes + 1.0), 4.0 * weights


def entropy_ratio(x: Real, statistics: str) -> Array:
    """Entropy of one degree of freedom of mass x T over that of a massless boson.

    Parameters
    ----------
    x : float or array
        m/T, >= 0.
    statistics : "fermion" or "boson"

    Returns
    -------
    array, shape of x
        1 (boson) or 7/8 (fermion) at x = 0, falling to 0.
    """
    sign = {"fermion": 1.0, "boson": -1.0}[statistics]
    # momentum^2 = t (t + 2x) with t the kinetic energy over T; t = k^2 removes the square root at threshold
    k, weights = _nodes()
    x = np.asarray(x, dtype=np.float64)[..., None]
    t = k * k
    energy, momentum = t + x, np.sqrt(t * (t + 2.0 * x))
    boltzmann = np.exp(-energy)
    density = momentum * (energy**2 + momentum**2 / 3.0) * boltzmann / (1.0 + sign * boltzmann)
    return np.asarray(np.sum(weights * 2.0 * k * density, axis=-1) * 45.0 / (4.0 * np.pi**4))


def effective_neutrino_number(m_chi: Real, m_phi: Real = None) -> Array:
    """N_eff with a Dirac chi and a complex phi in equilibrium with the neutrinos.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    m_phi : float or array, optional
        GeV; 3 m_chi by default.
    """
    temperature = float(c.T_NEUTRINO_DECOUPLING)
    extra = _CHI * entropy_ratio(m_chi / temperature, "fermion")
    extra += _PHI * entropy_ratio((3.0 * m_chi if m_phi is None else m_phi) / temperature, "boson")
    return np.asarray(float(c.N_EFF_SM_2017) * (1.0 + extra / _NEUTRINOS) ** (4.0 / 3.0))


def lowest_chi_mass(n_eff_limit: float, ratio: float = 3.0) -> float | None:
    """Smallest m_chi (GeV) whose N_eff does not exceed a limit; None if even a very heavy chi exceeds it.

    Parameters
    ----------
    n_eff_limit : float
    ratio : float
        m_phi/m_chi.
    """

    def excess(mass: float) -> float:
        return float(effective_neutrino_number(mass, ratio * mass)) - n_eff_limit

    low, high = 1e-5, 1.0
    if excess(high) >= 0.0:
        return None
    return low if excess(low) <= 0.0 else float(brentq(excess, low, high, xtol=1e-9))
