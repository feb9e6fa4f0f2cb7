"""A card of the catalogue bound to what it predicts: evaluated at parameter points, or solved for |U_l4|^2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.broad_peak import fractions_in_window
from nucore.errors import InputError
from nucore.limits.catalogue import load_curve, select
from nucore.limits.curve import LimitCurve
from nucore.limits.recast import VISIBLE_BRANCHING
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints
from nuportal.constraints import dark_decays, flavour_violation, predictions, universality
from nuportal.constraints.comparison import Comparison
from nuportal.constraints.predictions import Prediction
from nuportal.constraints.published import mixing_curve

Array = NDArray[np.float64]

PREDICTIONS: Mapping[str, Prediction] = {
    **predictions.PREDICTIONS,
    **universality.PREDICTIONS,
    **dark_decays.PREDICTIONS,
    **flavour_violation.PREDICTIONS,
}
#: Mixings between which a limit is sought: first where a single nu4 dominates, then up to a nu4 that is all active.
_BRACKETS = ((1e-18, 0.5), (0.5, 1.0 - 1e-12))
_LARGEST_LOG = 80.0
_NOTHING_LEFT = "the chi-phi loop leaves nothing of the light neutrinos: no such |U_l4|^2 exists"
#: Width over mass of nu4 above which a search for a narrow one, of unknown window, does not apply; chosen.
BROAD = 0.05


@dataclass(frozen=True)
class Constraint:
    """A limit curve, or a measurement with its prediction.

    Attributes
    ----------
    card : LimitCurve
        Metadata, and the points of a curve or the numbers of a formula.
    """

    card: LimitCurve

    @property
    def id(self) -> str:
        """Id of the card."""
        return self.card.id

    def evaluate(self, p: ParameterPoints, convention: str = "refined") -> Comparison:
        """Compare with the measurement at parameter points; for a constraint on the mixing.

        There is no margin outside the range of the card. In the convention ``refined`` a peak search counts for the
        share of a broad nu4 that lies in its peak.
        """
        card = self.card
        if card.formula is None:
            found = mixing_curve(card, p)
        else:
            found = PREDICTIONS[card.formula.name](p, card.formula.numbers(convention))
            if np.isnan(p.weight).any():
                found = found.explained(np.isnan(p.weight), _NOTHING_LEFT)
            low, high = card.mass_range_GeV
            outside = (p.m4 < low) | (p.m4 > high)
            if outside.any():
                found = found.without(outside, lambda k: card.why_not(float(p.m4[k])))
        if card.points is None and not card.narrow:
            return found
        found = self._where_heard(found, p)
        return self._of_a_peak(found, p) if card.narrow and convention == "refined" else found

    def _where_heard(self, found: Comparison, p: ParameterPoints) -> Comparison:
        """Take a search for nu4 away where nu4 decays to what it does not look for."""
        card = self.card
        (flavour,) = card.flavours
        seen = p.seen(mass(card.peak_parent or ("tau-" if flavour == "tau" else "pi+")))
        invisible = seen < VISIBLE_BRANCHING
        heard = np.where(invisible, card.applies_to_invisible, card.applies_to_visible)

        def reason(k: int) -> str:
            kind = "invisibly" if invisible[k] else "visibly"
            return f"nu4 decays {kind} (visible share {seen[k]:.3g}); {card.reason}"

        return found.without(~heard, reason)

    def _of_a_peak(self, found: Comparison, p: ParameterPoints) -> Comparison:
        """Weaken a search for a narrow nu4 by the share of a broad one that it sees, or take it away."""
        card = self.card
        opens = (p.m4 > p.m_chi + p.m_phi) & ((p.yL != 0.0) | (p.yR != 0.0))
        unknown = (p.yR != 0.0) & opens
        found = found.without(unknown, lambda _: "the width of a nu4 that decays to chi phi is known for yR = 0 only")
        if card.peak_parent is None:
            return found.without(p.width > BROAD * p.m4, lambda k: f"nu4 is broad: width {p.width[k] / p.m4[k]:.2g} m4")
        (flavour,) = card.flavours
        share = fractions_in_window(card.peak_parent, flavour, p, card.peak_half_width_GeV)
        return found.weakened(np.nan_to_num(share) + np.where(opens, 0.0, p.pole))

    def values(self, masses_GeV: ArrayLike, flavour: str | None = None, convention: str = "paper") -> Array:
        """Limit at masses in GeV, NaN where there is none.

        Parameters
        ----------
        masses_GeV : float or array
            m4, or m_chi for a limit on dark matter.
        flavour : str, optional
            Of the mixing, all others being zero and nu4 stable; one of the card's, the first by default.
        convention : "paper" or "refined"
            Where the formula differs between the two.
        """
        masses = np.asarray(masses_GeV, dtype=np.float64)
        if self.card.formula is None:
            return self.card.values(masses)
        low, high = self.card.mass_range_GeV
        inside = (masses >= low) & (masses <= high)
        found = np.full(masses.shape, np.nan)
        chosen = flavour if flavour is not None else self.card.flavours[0]
        if inside.any():
            found[inside] = _largest_mixing(lambda p: self.evaluate(p, convention).margin, chosen, masses[inside])
        return found


def _largest_mixing(margin: Callable[[ParameterPoints], Array], flavour: str, m4: Array) -> Array:
    """|U_l4|^2 at which the margin of a single flavour falls to 1, shape of `m4`; NaN where it does not."""
    from scipy.optimize.elementwise import find_root  # slow to import

    def log_margin(log_u: Array, masses: Array) -> Array:
        found = margin(ParameterPoints.single(flavour, masses, np.exp(log_u)))
        with np.errstate(divide="ignore"):
            return np.clip(np.log(found), -_LARGEST_LOG, _LARGEST_LOG).reshape(np.shape(log_u))

    result = np.full(m4.shape, np.nan)
    for low, high in np.log(_BRACKETS):
        ends = [log_margin(np.full(m4.shape, end), m4) for end in (low, high)]
        todo = np.isnan(result) & (ends[0] > 0.0) & (ends[1] < 0.0)
        if todo.any():
            bracket = (np.full(todo.sum(), low), np.full(todo.sum(), high))
            root = find_root(log_margin, bracket, args=(m4[todo],), tolerances={"xatol": 1e-10, "xrtol": 0.0})
            result[todo] = np.exp(root.x)
    return result


@cache
def _constraint(card_id: str) -> Constraint:
    card = load_curve(card_id)
    if card.formula is not None and card.formula.name not in PREDICTIONS:
        raise InputError(
            f"unknown formula {card.formula.name!r}: {card.id}; expected one of {', '.join(sorted(PREDICTIONS))}"
        )
    return Constraint(card)


def constraints(flavour: str | None = None, **selection: Any) -> list[Constraint]:
    """Constraints of the cards that `nucore.limits.catalogue.select` selects."""
    return [_constraint(card.id) for card in select(flavour, **selection)]
