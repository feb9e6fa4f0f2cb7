"""Observed limits: fits of published spectra against the nu4 mass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import Measurement
from collider.experiments.response import Experiment
from collider.inference.observed_spectra import ObservedSpectra, observed_spectra
from nucore.reports.fit_quality import fit_warnings, not_described
from nucore.reports.reach import Reach, ReachPoint
from nucore.run.chunks import Chunk
from nucore.run.threads import preparing
from nucore.stats import Likelihood, LimitChoice, Model, fit, upper_limit
from nucore.stats.test_statistics import ProfileLikelihood

#: What a point tells of the treatment of published uncertainties.
_TREATMENT = ("correlation_GeV", "across_charges")


@dataclass(frozen=True)
class ObservedScan:
    """Masses to fit one data block at; the task of a job.

    Attributes
    ----------
    experiment : Experiment
    flavour : str
    options : AnalysisOptions
    spectrum : str or None
        Name of the data block.
    correlation_GeV : float or None
        As in `observed_spectra`.
    masses : tuple of float
        GeV.
    limit : LimitChoice
    """

    experiment: Experiment
    flavour: str
    options: AnalysisOptions
    spectrum: str | None
    correlation_GeV: float | None
    masses: tuple[float, ...]
    limit: LimitChoice

    @property
    def spectra(self) -> tuple[ObservedSpectra, ...]:
        """The data with all treatments of their uncertainties; templates are kept in caches."""
        with preparing():
            return observed_spectra(self.experiment, self.flavour, self.options, self.spectrum, self.correlation_GeV)

    def __call__(self, chunk: Chunk) -> list[dict[str, Any]]:
        """Return the points of a chunk of masses as plain mappings."""
        spectra = self.spectra
        return [asdict(observed_point(spectra, self.masses[i], self.limit)) for i in range(chunk.first, chunk.stop)]

    def curve(self, pieces: Iterator[Any]) -> Reach:
        """Return the curve of all chunks."""
        points = [ReachPoint(**plain) for piece in pieces for plain in piece]
        return observed_reach(self.spectra[0], points, self.limit)


def observed_reach(spectra: ObservedSpectra, points: Sequence[ReachPoint], limit: LimitChoice) -> Reach:
    """Return the points of `observed_point` with the choices behind them.

    Keys
    ----
    published_data : dict
        Name on the card, reference and hashes of the files of the data.
    m_W_GeV : float
        W mass of the templates.
    normalisation : str
        Rate of the prediction: free, or constrained.
    prediction : str
        Where the Standard Model expectation comes from.
    warnings : list of str
        At which masses the best fit does not describe the data.
    """
    measured = spectra.measurement
    card = measured.experiment
    choices = {
        **measured.to_dict(), "luminosity_invfb": measured.luminosity_invfb, "published_data": spectra.data.origin,
        "m_W_GeV": spectra.m_W, "normalisation": spectra.prediction.normalisation,
        "prediction": spectra.prediction.origin, "warnings": list(_warnings(points)),
    }  # fmt: skip
    return Reach(
        card.name, card.title, measured.flavour, "m4_GeV", measured.parameter, limit.confidence_level,
        limit.method, tuple(points), choices,
    )  # fmt: skip


def _warnings(points: Sequence[ReachPoint]) -> Iterator[str]:
    """Say at which masses the best fit does not describe the data."""
    for point in points:
        for text in fit_warnings(point.others["p_value"], {}):
            yield f"m4 = {point.mass_GeV:g} GeV: {text}"


def that_counts(spectra: Sequence[ObservedSpectra], point: ReachPoint) -> ObservedSpectra:
    """Return the treatment of the uncertainties whose limit a point gives."""
    chosen = tuple(point.others.get(name) for name in _TREATMENT)
    return next(one for one in spectra if len(spectra) == 1 or (one.correlation_GeV, one.across_charges) == chosen)


def observed_point(spectra: Sequence[ObservedSpectra], m4: float, limit: LimitChoice) -> ReachPoint:
    """Fit published spectra at a nu4 mass; of several treatments of an uncertainty the weakest limit counts.

    Parameters
    ----------
    spectra : sequence of ObservedSpectra
        The same data, one a treatment.
    m4 : float
        GeV.
    limit : LimitChoice

    Returns
    -------
    ReachPoint
        Expected limit, band and fit are those of the treatment that counts.
    """
    reason = spectra[0].no_limit(m4)
    if reason is not None:
        return ReachPoint(m4, reason=reason, others=dict.fromkeys(_quantities(spectra)))
    found = [_point(one, m4, limit) for one in spectra]
    observed = [point.others[f"{spectra[0].measurement.parameter}_observed"] for point in found]
    largest = _largest(observed)
    others = dict(found[largest].others)
    if len(spectra) > 1:
        others |= {name: getattr(spectra[largest], name) for name in _TREATMENT}
        others |= {_treated(one): value for one, value in zip(spectra, observed, strict=True)}
    return replace(found[largest], others=others)


def weakest(spectra: Sequence[ObservedSpectra], m4: float) -> ObservedSpectra:
    """Return the treatment with the weakest limit at a nu4 mass, GeV."""
    if len(spectra) == 1:
        return spectra[0]
    observed = [_point(one, m4, LimitChoice()).others[f"{one.measurement.parameter}_observed"] for one in spectra]
    return spectra[_largest(observed)]


def _largest(limits: Sequence[float | None]) -> int:
    """Position of the weakest limit; none at all is weaker than any."""
    return int(np.argmax([math.inf if limit is None else limit for limit in limits]))


def _treated(spectra: ObservedSpectra) -> str:
    return f"{spectra.measurement.parameter}_observed_correlation_{spectra.treatment}"


def _quantities(spectra: Sequence[ObservedSpectra]) -> list[str]:
    """Names of the further quantities of a point."""
    measured = spectra[0].measurement
    names = [f"{measured.parameter}_observed", "best_fit", "best_fit_uncertainty", "local_significance", "p_value"]
    names += [f"p_value_W{data}" for data in _labels(measured)]
    return names if len(spectra) == 1 else [*names, *_TREATMENT, *map(_treated, spectra)]


def _labels(measured: Measurement) -> list[str]:
    """Names of the charge of each spectrum; none if there is one spectrum."""
    groups = measured.charge_groups
    return ["plus" if group == (1,) else "minus" for group in groups] if len(groups) > 1 else []


def _point(spectra: ObservedSpectra, m4: float, limit: LimitChoice) -> ReachPoint:
    """Fit at a mass with one treatment of the uncertainties."""
    expected = spectra.expectation(m4)
    data = expected.counts(spectra.data.spectrum.values)
    likelihood = Likelihood(expected.model(), data)
    fitted, bound = fit(likelihood), upper_limit(likelihood, limit)
    name = expected.parameter
    best = fitted.best_fit[name]
    wrong = not_described(fitted.p_value, fitted.pulls)
    above = fitted.goodness_of_fit - 2.0 * ProfileLikelihood(likelihood).conditional(0.0).value
    others: dict[str, float | None] = {
        f"{name}_observed": None if wrong else bound.observed,
        "best_fit": best,
        "best_fit_uncertainty": fitted.uncertainties[name],
        "local_significance": math.copysign(math.sqrt(max(-above, 0.0)), best),
        "p_value": fitted.p_value,
    }
    if labels := _labels(expected.measurement):
        others |= zip([f"p_value_W{label}" for label in labels], _each(likelihood, len(labels)), strict=True)
    reason = wrong or bound.expected_reason or bound.observed_reason
    return ReachPoint(m4, bound.expected, dict(bound.band), reason, others)


def _each(likelihood: Likelihood, n_spectra: int) -> list[float | None]:
    """Return the goodness of fit of each spectrum, fitted alone."""
    model, counts, found = likelihood.model, likelihood.observation.counts, []
    for part in np.array_split(np.arange(counts.size), n_spectra):
        samples = [sample.in_bins(partial(np.take, indices=part)) for sample in model.samples]
        own = Model([s for s in samples if np.any(s.values)], model.poi, model.poi_bounds)
        found.append(fit(Likelihood(own, counts[part])).p_value)
    return found
