"""What the constraints do not cover: a point that nothing excludes but that lies in a gap is undecided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.effective_neutrinos import lowest_chi_mass
from nucore.cosmology.relic_abundance import M_CHI_RANGE_GEV
from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.recast import VISIBLE_BRANCHING
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, Reason

Array = NDArray[np.float64]

VISIBLE, LIGHT, RIGHT_HANDED, ABUNDANCE = "visible-nu4", "light-nu4", "right-handed-coupling", "abundance-not-computed"
GAPS = (VISIBLE, LIGHT, RIGHT_HANDED, ABUNDANCE)


@cache
def _lightest_GeV(inputs: str) -> float:
    """Mass below which a Dirac fermion in equilibrium with the neutrinos gives more N_eff than observed."""
    bound = next(b for b in cosmological_bounds() if b.quantity == "N_eff" and inputs in b.inputs)
    return lowest_chi_mass(bound.limit, ratio=1e4) or 0.0


def gaps(p: ParameterPoints, omega: Array, inputs: str) -> Mapping[str, Comparison]:
    """Gaps by id: no margin where a point lies in one, an infinite one elsewhere.

    Parameters
    ----------
    p : ParameterPoints
    omega : array, shape (n,)
        Omega h^2, NaN where it is not known.
    inputs : "2017" or "latest"
    """
    mixed, lightest = p.U4_sq > 0.0, _lightest_GeV(inputs)
    low, high = M_CHI_RANGE_GEV
    return {
        VISIBLE: _gap(
            "visible branching ratio of nu4",
            p.visible,
            (p.visible >= VISIBLE_BRANCHING) & mixed,
            lambda k: (
                f"visible nu4 (visible branching ratio {p.visible[k]:.3g}): searches for it are outside this package"
            ),
        ),
        LIGHT: _gap(
            "m4 (GeV)",
            p.m4,
            (p.m4 < lightest) & mixed,
            lambda _: f"nu4 below {1e3 * lightest:.0f} MeV: what it does to N_eff and nucleosynthesis is not included",
        ),
        RIGHT_HANDED: _gap(
            "yR",
            p.yR,
            (p.yR != 0.0) & mixed,
            lambda _: "yR is not zero: decays to chi phi, scattering and annihilation to nu4 are known for yR = 0 only",
        ),
        ABUNDANCE: _gap(
            "m_chi (GeV)",
            p.m_chi,
            np.isnan(omega) & (p.yR == 0.0) & (p.yL != 0.0) & mixed,
            lambda _: f"the relic abundance is computed for m_chi from {low:g} to {high:g} GeV only",
        ),
    }


def _gap(observable: str, value: Array, where: NDArray[np.bool_], reason: Reason) -> Comparison:
    margin = np.where(where, np.nan, np.inf)
    return Comparison(
        (observable,), value[None], np.full((1, value.size), np.nan), margin, "not a limit", silent=reason
    )
