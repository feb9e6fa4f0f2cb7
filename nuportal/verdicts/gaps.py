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
from nuportal.constraints.constraint import BROAD, constraints

Array = NDArray[np.float64]

VISIBLE, LIGHT, RIGHT_HANDED, ABUNDANCE = "visible-nu4", "light-nu4", "right-handed-coupling", "abundance-not-computed"
BROAD_NU4 = "broad-nu4"
GAPS = (VISIBLE, LIGHT, BROAD_NU4, RIGHT_HANDED, ABUNDANCE)


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
        BROAD_NU4: _gap(
            "width of nu4 over its mass",
            p.width / p.m4,
            _missed_as_broad(p, inputs),
            lambda k: f"nu4 is broad (width {p.width[k] / p.m4[k]:.2g} m4): a search for a narrow one would exclude it",
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


def _missed_as_broad(p: ParameterPoints, inputs: str) -> NDArray[np.bool_]:
    """Whether nu4 is too broad for a search, not recast, that would exclude a narrow one."""
    missed = np.zeros(p.n, dtype=bool)
    for card in (one.card for one in constraints(inputs=inputs)):
        if card.narrow and card.peak_parent is None:
            missed |= (p.width > BROAD * p.m4) & (p.U_sq(card.flavours[0]) > card.values(p.m4))
    return missed


def _gap(observable: str, value: Array, where: NDArray[np.bool_], reason: Reason) -> Comparison:
    margin = np.where(where, np.nan, np.inf)
    return Comparison(
        (observable,), value[None], np.full((1, value.size), np.nan), margin, "not a limit", silent=reason
    )
