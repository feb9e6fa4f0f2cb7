"""All constraints at many parameter points at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesons.decays.spectral_weight import pole_and_weight
from nucore.cosmology.direct_detection import z_coupling
from nucore.cosmology.neutrino_lines import HALOS
from nucore.cosmology.relic_density import dark_matter_fraction, relic_density
from nucore.errors import InputError, unknown
from nucore.limits.catalogue import INPUTS, catalogue
from nucore.limits.cosmological import cosmological_bounds
from nucore.model.nu4_decays import nu4_widths
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison
from nuportal.constraints.constraint import constraints
from nuportal.constraints.published import early_universe, line_curve, perturbativity, recoil_curve, unitarity
from nuportal.verdicts.gaps import GAPS, gaps

Array = NDArray[np.float64]
Convention = Literal["paper", "refined"]
CONVENTIONS = ("paper", "refined")
PERTURBATIVITY, UNITARITY = "perturbativity", "unitarity"


@dataclass(frozen=True)
class VerdictOptions:
    """Which limits count.

    Attributes
    ----------
    inputs : "2017" or "latest"
    convention : "paper" or "refined"
        ``refined``: a peak search counts for the share of a broad nu4 that it sees, and Eq. 17 as derived.
    inelastic : bool
        chi is split in mass: direct detection does not apply.
    halo : str
        Density profile of the Milky Way, for neutrinos from annihilation: one of
        `nucore.cosmology.neutrino_lines.HALOS`.
    ignore : sequence of str
        Ids left out.
    """

    inputs: str = "latest"
    convention: Convention = "refined"
    inelastic: bool = False
    halo: str = "nfw"
    ignore: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, value, known in (
            ("inputs", self.inputs, INPUTS),
            ("convention", self.convention, CONVENTIONS),
            ("halo", self.halo, tuple(HALOS)),
        ):
            if value not in known:
                raise unknown(name, value, known)
        known_ids = {*catalogue(), *(b.id for b in cosmological_bounds()), PERTURBATIVITY, *GAPS}
        for name in self.ignore:
            if name == UNITARITY:
                raise InputError(f"{UNITARITY} cannot be ignored: no limit on the light neutrinos holds without it")
            if name not in known_ids:
                raise unknown("limit", name, sorted(known_ids), listed_by="nuportal check")


@dataclass(frozen=True, eq=False)
class Judgement:
    """Every constraint at n points.

    Attributes
    ----------
    points : ParameterPoints
    comparisons : dict
        By id.
    confidence_levels : dict
        By id; absent where there is none.
    share : array, shape (n,)
        Of chi in the dark matter.
    """

    points: ParameterPoints
    comparisons: dict[str, Comparison]
    confidence_levels: dict[str, float]
    share: Array

    @property
    def margins(self) -> Array:
        """Margins of all constraints, shape (number of them, n); NaN where one does not apply."""
        return np.stack([found.margin for found in self.comparisons.values()])

    @property
    def excluded(self) -> NDArray[np.bool_]:
        """Whether any constraint excludes a point, shape (n,)."""
        return np.asarray((self.margins < 1.0).any(axis=0))

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Whether a point is not excluded but lies in one of the `nuportal.verdicts.gaps`, shape (n,)."""
        inside = np.zeros(self.points.n, dtype=bool)
        for name in GAPS:
            if name in self.comparisons:
                inside |= np.isnan(self.comparisons[name].margin)
        return inside & ~self.excluded

    def why_undecided(self, k: int) -> str:
        """Reasons of the gaps that the point of a number lies in."""
        inside = [self.comparisons[name] for name in GAPS if name in self.comparisons]
        return "; ".join(gap.silent(k) for gap in inside if np.isnan(gap.margin[k]))

    @property
    def joint_delta_chi2(self) -> Array:
        """Sum of chi2 minus that of the Standard Model over all measured numbers that apply, shape (n,)."""
        total = np.zeros(self.points.n)
        for one in self.comparisons.values():
            if one.delta_chi2 is not None:
                total += np.nan_to_num(one.delta_chi2)
        return total


def judge(points: Sequence[PortalParameters], options: VerdictOptions, exact: bool = False) -> Judgement:
    """Compare parameter points with every constraint of the options; with exact or with tabulated weak widths."""
    p = ParameterPoints.of(points)
    widths = nu4_widths(p, exact)
    pole, weight = pole_and_weight(p)
    visible = np.nan_to_num(widths.visible_share)  # a stable nu4 is not seen
    taken = p.U4_sq * weight
    weight = np.where(taken > 1.0, np.nan, weight)  # nothing is left of the light neutrinos
    p = replace(p, visible=visible, width=widths.weak + widths.dark, pole=pole, weight=weight)
    omega = relic_density(p.m_chi, p.m_phi, p.m4, p.yL, p.U4_sq, p.yR)
    share = np.nan_to_num(dark_matter_fraction(omega), nan=1.0)  # all of it, where it is not known
    found: dict[str, Comparison] = {}
    levels: dict[str, float] = {}
    for name, level, compare in _sources(p, omega, share, options):
        if name not in options.ignore:
            found[name] = compare()
            if level is not None:
                levels[name] = level
    found |= {name: gap for name, gap in gaps(p, omega, options.inputs).items() if name not in options.ignore}
    found[UNITARITY] = unitarity(taken)
    return Judgement(p, found, levels, share)


def _sources(
    p: ParameterPoints, omega: Array, share: Array, options: VerdictOptions
) -> Iterator[tuple[str, float | None, Callable[[], Comparison]]]:
    """Ids, confidence levels and comparisons of all constraints."""
    a_Z = z_coupling(p.yL**2, p.U4_sq, p.m_chi, p.m_phi, p.m4)
    mixing = [
        one for quantity in ("U_sq", "branching_ratio") for one in constraints(quantity=quantity, inputs=options.inputs)
    ]
    for one in mixing:
        yield one.id, one.card.confidence_level, partial(one.evaluate, p, options.convention)
    for one in constraints(quantity="sigma_n_cm2", inputs=options.inputs):
        yield one.id, one.card.confidence_level, partial(recoil_curve, one.card, p, a_Z, share, options.inelastic)
    for one in constraints(quantity="sigma_v_cm3_per_s", inputs=options.inputs):
        yield one.id, one.card.confidence_level, partial(line_curve, one.card, p, share, options.halo)
    for bound in cosmological_bounds():
        if options.inputs in bound.inputs:
            yield bound.id, bound.confidence_level, partial(early_universe, bound, p, omega, options.convention)
    yield PERTURBATIVITY, None, partial(perturbativity, p)
