"""Limits on |U_l4|^2 from published W masses: a nu4 shifts the mass that each experiment fits in W -> l nu.

The masses are y_i = M + a_i(m4) |U_l4|^2 with a free M and the shifts a_i of `collider.inference.mass_shift`, 0 for the
other flavour.  |U_l4|^2 is their Gaussian estimator, its limit that of `nucore.stats.upper_limits` for a Gaussian.
The published correlations are not complete, so the fit is done with several, with one M for all and with one for
each experiment: the weakest limit is the result.  Beside it stands the one without numbers that could not be checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.cards import Flavour
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import load_experiment
from collider.inference.mass_shift import MassFit, mass_fit
from collider.inference.w_mass_data import CORRELATIONS, MassCategory, MassTable, mass_table
from collider.production.w_production import MAX_M4_GEV
from nucore.errors import InputError
from nucore.model.parameters import check_mass
from nucore.results import Result
from nucore.stats import LimitChoice
from nucore.stats.upper_limits import asimov_threshold

Array = NDArray[np.float64]

#: nu4 masses, GeV, and by which part the shifts are smaller with resolutions of lepton and recoil better by 20%
#: (docs/explanation/physics/w-mass.md): limits are those with the smaller shifts.
_SHIFT_ERROR = ((0.0, 10.0, 20.0, 30.0, 35.0, 40.0), (0.0, 0.02, 0.05, 0.13, 0.23, 0.35))
#: Largest nu4 mass, GeV, for which a limit is given: above, few leptons of W -> l nu4 reach the fitted ranges.
MAX_MASS_GEV = 40.0
#: Largest |U_l4|^2 that is given as a limit; the linear response is good to 1% up to it.
MAX_U_SQ = 0.1
#: Which masses are taken to be the same: all but those of experiments that never are, or only inside an experiment.
COMPARISONS = ("between experiments", "inside experiments")
_VERIFIED = "verified numbers"


@dataclass(frozen=True)
class MixingFit:
    """Gaussian estimate of |U_l4|^2.

    Attributes
    ----------
    best_fit, uncertainty : float
    chi2 : float
        At the best fit, which may be negative.
    n_dof : int
    """

    best_fit: float
    uncertainty: float
    chi2: float
    n_dof: int

    def limit(self, choice: LimitChoice, observed: bool = True) -> float:
        """Return the upper limit, or the median that is expected without nu4."""
        pull = self.best_fit / self.uncertainty if observed else 0.0
        return self.uncertainty * asimov_threshold(choice.method, choice.confidence_level, pull)


@dataclass(frozen=True)
class CategoryShift:
    """A published mass, and what a nu4 does to it.

    Attributes
    ----------
    name : str
    m_W_MeV, statistical_MeV, systematic_MeV : float
        As published.
    expected_statistical_MeV : float or None
        Uncertainty of the fit to our templates; None where nu4 shifts nothing.
    shifts_MeV : tuple of float
        Per unit of |U_l4|^2, for each mass.
    verified : bool
    reference : str
    """

    name: str
    m_W_MeV: float
    statistical_MeV: float
    systematic_MeV: float
    expected_statistical_MeV: float | None
    shifts_MeV: tuple[float, ...]
    verified: bool
    reference: str


@dataclass(frozen=True)
class WMassPoint:
    """Limit at one mass.

    Attributes
    ----------
    m4_GeV : float
    limit, expected_limit : float or None
        On |U_l4|^2, observed and the median without nu4, of the treatment whose limit is the weakest; None where it
        is above `MAX_U_SQ` or the mass above `MAX_MASS_GEV`.
    verified_limit : float or None
        The weakest one without the numbers that could not be checked.
    best_fit, uncertainty, pull, p_value : float or None
        Of that treatment; the pull is best fit over uncertainty, the p-value that of chi2 at the best fit.
    treatment : str or None
        Its name: what is compared, and the correlations.
    limits : dict
        Observed limit by treatment.
    """

    m4_GeV: float
    limit: float | None = None
    expected_limit: float | None = None
    verified_limit: float | None = None
    best_fit: float | None = None
    uncertainty: float | None = None
    pull: float | None = None
    p_value: float | None = None
    treatment: str | None = None
    limits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class WMassLimits(Result):
    """Limits on |U_l4|^2 of one flavour from published W masses.

    Attributes
    ----------
    flavour, parameter : str
    confidence_level : float
    method : str
    points : tuple of WMassPoint
    categories : tuple of CategoryShift
    warnings : tuple of str
    """

    flavour: str
    parameter: str
    confidence_level: float
    method: str
    points: tuple[WMassPoint, ...]
    categories: tuple[CategoryShift, ...]
    warnings: tuple[str, ...]


def w_mass_limits(
    flavour: Flavour,
    grid: Iterable[float],
    confidence_level: float = 0.90,
    method: str = "cls",
    table: MassTable | None = None,
) -> WMassLimits:
    """Compute limits from published W masses; the other flavour mixes with no nu4.

    Parameters
    ----------
    flavour : "e" or "mu"
    grid : iterable of float
        nu4 masses, GeV.
    confidence_level : float
    method : "cls", "clsb" or "delta-chi2"
    table : MassTable, optional
        Other measurements than those of the package.

    Raises
    ------
    InputError
        For an unknown flavour, a mass or a confidence level out of range.
    """
    if flavour not in ("e", "mu"):
        raise InputError(f"unknown flavour {flavour!r}: expected one of e, mu")
    choice = LimitChoice(confidence_level, method)  # type: ignore[arg-type]
    masses = tuple(float(m4) for m4 in grid)
    for m4 in masses:
        check_mass("m4", m4, MAX_M4_GEV)
    table = mass_table() if table is None else table
    categories = tuple(_category_shift(table, category, flavour, masses) for category in table.categories)
    shifts = np.array([category.shifts_MeV for category in categories]).reshape(len(categories), len(masses))
    points = tuple(w_mass_point(table, m4, shifts[:, k], choice) for k, m4 in enumerate(masses))
    unverified = ", ".join(category.name for category in table.categories if not category.verified)
    warnings = (f"recalled, not checked ({unverified}): see verified_limit without them",) if unverified else ()
    return WMassLimits(flavour, f"U{flavour}4_sq", confidence_level, choice.method, points, categories, warnings)


def w_mass_point(table: MassTable, m4: float, shifts_MeV: Array, choice: LimitChoice) -> WMassPoint:
    """Return the limit at one mass from the shifts of all categories per unit of |U_l4|^2, shape (n,)."""
    if m4 > MAX_MASS_GEV:
        return WMassPoint(m4)
    smaller = shifts_MeV * (1.0 - np.interp(m4, *_SHIFT_ERROR))
    fits = treatments(table, smaller)
    limits = {name: found.limit(choice) for name, found in fits.items()}
    weakest, checked = (_weakest(limits, verified) for verified in (False, True))
    verified_limit = None if checked is None else limits[checked]
    if weakest is None:
        return WMassPoint(m4, verified_limit=verified_limit, limits=limits)
    found = fits[weakest]
    return WMassPoint(
        m4, limits[weakest], found.limit(choice, observed=False), verified_limit, found.best_fit, found.uncertainty,
        found.best_fit / found.uncertainty, float(chdtrc(found.n_dof, found.chi2)), weakest, limits,
    )  # fmt: skip


def _weakest(limits: Mapping[str, float], verified: bool) -> str | None:
    """Return the treatment with the weakest limit; None if that is too weak to be given, or there is none."""
    chosen = [name for name in limits if name.startswith(_VERIFIED) == verified]
    weakest = max(chosen, key=lambda name: limits[name], default=None)
    return None if weakest is None or limits[weakest] > MAX_U_SQ else weakest


def treatments(table: MassTable, shifts_MeV: Array) -> dict[str, MixingFit]:
    """Return the fits with all correlations and comparisons that tell |U_l4|^2."""
    fits = {}
    for comparison, correlations in product((*COMPARISONS, _VERIFIED), CORRELATIONS):
        kept = [i for i, c in enumerate(table.categories) if c.verified or comparison != _VERIFIED]
        categories = [table.categories[i] for i in kept]
        apart = comparison == "inside experiments"
        labels = [c.experiment if apart or table.experiments[c.experiment].own_mass else "" for c in categories]
        masses = np.array([c.m_W_MeV for c in categories])
        found = mixing_fit(masses, table.covariance(categories, correlations), labels, shifts_MeV[kept])
        if found is not None:
            fits[f"{comparison}, {correlations}"] = found
    return fits


def mixing_fit(masses_MeV: Array, covariance_MeV2: Array, labels: Sequence[str], shifts_MeV: Array) -> MixingFit | None:
    """Fit |U_l4|^2 and one W mass for each label by generalised least squares.

    Parameters
    ----------
    masses_MeV : float64[n]
    covariance_MeV2 : float64[n, n]
    labels : sequence of str
        Categories with the same label have the same W mass.
    shifts_MeV : float64[n]
        Per unit of |U_l4|^2.

    Returns
    -------
    MixingFit or None
        None where a change of the W masses does what |U_l4|^2 does.
    """
    members = np.array([[label == one for one in sorted(set(labels))] for label in labels], dtype=float)
    rest = shifts_MeV - members @ np.linalg.lstsq(members, shifts_MeV, rcond=None)[0]
    if not np.linalg.norm(rest) > 1e-9 * np.linalg.norm(shifts_MeV):
        return None
    scale = np.abs(shifts_MeV).max()  # the parameters are all of the order of MeV
    design = np.column_stack([members, shifts_MeV / scale])
    weight = np.linalg.inv(covariance_MeV2)
    errors = np.linalg.inv(design.T @ weight @ design)
    reference = masses_MeV.mean()
    found = errors @ (design.T @ (weight @ (masses_MeV - reference)))
    residual = masses_MeV - reference - design @ found
    chi2, n_dof = float(residual @ weight @ residual), masses_MeV.size - found.size
    return MixingFit(float(found[-1] / scale), float(errors[-1, -1] ** 0.5 / scale), chi2, n_dof)


def category_measurement(table: MassTable, category: MassCategory) -> Measurement:
    """Return the measurement on an experiment card that a category is.

    In p pbar the spectra of both charges are the same, and one charge is enough.
    """
    card = table.experiments[category.experiment].card
    assert card is not None  # there is nothing to shift
    assert category.flavour is not None
    experiment = load_experiment(card)
    options = AnalysisOptions(
        systematics="full",
        observable=category.observable,
        window=category.window_GeV,
        charge="+" if experiment.beams == "ppbar" else "both",
        nuisance={"all": 0.0},
        backgrounds=False,
    )
    return measurement(experiment, category.flavour, options)


def _category_shift(table: MassTable, category: MassCategory, flavour: str, masses: Sequence[float]) -> CategoryShift:
    statistical, shifts = None, tuple(0.0 for _ in masses)
    if category.flavour == flavour and table.experiments[category.experiment].card is not None:
        found = mass_fit(category_measurement(table, category), background_per_GeV=category.free_background_per_GeV)
        statistical = _both_charges(found)
        shifts = tuple(found.shift_MeV(m4) for m4 in masses)
    return CategoryShift(
        category.name, category.m_W_MeV, category.statistical_MeV, category.systematic_MeV, statistical, shifts,
        category.verified, category.reference,
    )  # fmt: skip


def _both_charges(found: MassFit) -> float:
    """Return the uncertainty with all charges of the experiment, half of which a p pbar measurement leaves out."""
    halved = found.measurement.experiment.beams == "ppbar"
    return found.uncertainty_MeV / (2.0**0.5 if halved else 1.0)
