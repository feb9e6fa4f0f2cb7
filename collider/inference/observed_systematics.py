"""What each systematic uncertainty costs an observed limit: fits with it left out, or treated in another way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from collider.inference.likelihood import W_MASS, Expectation
from collider.inference.observed_spectra import ObservedSpectra
from collider.templates.systematics import Shapes
from nucore.prediction import Prediction
from nucore.results import Result
from nucore.stats import FitResult, Likelihood, LimitChoice, UpperLimit, fit, upper_limit

#: Factor on the prior of the W mass that leaves it to the data: they know it to a tenth of a GeV.
_FREE = 50.0


@dataclass(frozen=True)
class Treatment:
    """A change of what is uncertain.

    Attributes
    ----------
    name, label : str
    nuisances : tuple of str
        Beginnings of the names of the nuisances of our templates that are scaled by ``factor``.
    factor : float
    known_background, known_normalisation, no_band : bool
        Of the prediction: without the uncertainty of the background, of the normalisation, without its errors.
    """

    name: str
    label: str
    nuisances: tuple[str, ...] = ()
    factor: float = 0.0
    known_background: bool = False
    known_normalisation: bool = False
    no_band: bool = False

    def changes(self, expected: Expectation) -> bool:
        """Whether anything changes."""
        of_prediction = self.known_background or self.known_normalisation or self.no_band
        return of_prediction or any(name.startswith(self.nuisances) for name in expected.light.shifts)

    def apply(self, expected: Expectation) -> Expectation:
        """Return the templates with this change; their data must be counts of events."""
        assert expected.prediction is not None
        prediction = self._prediction(expected.prediction)
        light, nu4 = self._shapes(expected.light), self._shapes(expected.nu4)
        return replace(expected, light=light, nu4=nu4, prediction=prediction, unit=prediction.effective_counts())

    def _shapes(self, shapes: Shapes) -> Shapes:
        """Return templates with shifts that are scaled, or left out."""
        factors = {name: self.factor if name.startswith(self.nuisances) else 1.0 for name in shapes.shifts}
        shifts = {name: factors[name] * shift for name, shift in shapes.shifts.items() if factors[name] > 0.0}
        return replace(shapes, shifts=shifts)

    def _prediction(self, prediction: Prediction) -> Prediction:
        if self.known_background:
            prediction = replace(prediction, background_uncertainty=0.0)
        if self.known_normalisation:
            prediction = replace(prediction, normalisation="fixed")
        return replace(prediction, errors=()) if self.no_band else prediction


TREATMENTS = (
    Treatment("m_W-fixed", "W mass known", (W_MASS,)),
    Treatment("m_W-free", "W mass free", (W_MASS,), _FREE),
    Treatment("w-width", "without W width", ("gamma_W",)),
    Treatment("lepton-response", "without lepton scale, resolution", ("lepton_scale", "lepton_resolution")),
    Treatment("lepton-efficiency", "without lepton efficiency", ("efficiency_",)),
    Treatment("recoil", "without recoil", ("recoil_",)),
    Treatment("w-pt", "without W transverse momentum", ("w_pt_",)),
    Treatment("spin", "without angular coefficients", ("spin_", "parton_shower_spin")),
    Treatment("pdf", "without PDFs", ("pdf_",)),
    Treatment("fsr", "without final-state radiation", ("fsr",)),
    Treatment("background", "without backgrounds", known_background=True),
    Treatment("normalisation", "rate known", known_normalisation=True),
    Treatment("band", "without band of the prediction", no_band=True),
    Treatment("templates", "without all of our templates", ("",)),
)


@dataclass(frozen=True)
class SystematicEffect(Result):
    """Limit with one change of the systematic uncertainties.

    Attributes
    ----------
    name, label : str
    expected, observed : float or None
        Upper limits; None where nothing is excluded.
    expected_ratio, observed_ratio : float or None
        Over those with all uncertainties.
    best_fit, uncertainty : float
    p_value : float or None
    """

    name: str
    label: str
    expected: float | None
    observed: float | None
    expected_ratio: float | None
    observed_ratio: float | None
    best_fit: float
    uncertainty: float
    p_value: float | None


def systematic_effects(
    spectra: Sequence[ObservedSpectra], chosen: ObservedSpectra, m4: float, limit: LimitChoice
) -> tuple[SystematicEffect, ...]:
    """Fit at a nu4 mass with each of `TREATMENTS`, and each correlation of the published uncertainties.

    Parameters
    ----------
    spectra : sequence of ObservedSpectra
        The same counts of events with a prediction, one a correlation length.
    chosen : ObservedSpectra
        One of them, that the others are compared with.
    m4 : float
        GeV.
    limit : LimitChoice

    Returns
    -------
    tuple of SystematicEffect
        That of the chosen one first.
    """
    expected = chosen.expectation(m4)
    known = ("all", "all uncertainties", expected)
    varied = [(t.name, t.label, t.apply(expected)) for t in TREATMENTS if t.changes(expected)]
    lengths = [(f"band-{_length(one)}", f"band {_label(one)}", one.expectation(m4)) for one in spectra if spectra[1:]]
    data, found = chosen.data.spectrum.values, []
    for name, label, one in (known, *varied, *lengths):
        likelihood = Likelihood(one.model(), one.counts(data))
        found.append((name, label, fit(likelihood), upper_limit(likelihood, limit)))
    return tuple(_effect(name, label, fitted, bound, found[0][3]) for name, label, fitted, bound in found)


def _length(spectra: ObservedSpectra) -> str:
    return spectra.treatment.replace("_", "-")


def _label(spectra: ObservedSpectra) -> str:
    length = spectra.correlation_GeV
    charges = ", charges together" if spectra.across_charges else ""
    return f"correlated over {length:g} GeV{charges}" if length else "uncorrelated"


def _effect(name: str, label: str, fitted: FitResult, bound: UpperLimit, reference: UpperLimit) -> SystematicEffect:
    parameter = bound.parameter
    return SystematicEffect(
        name,
        label,
        bound.expected,
        bound.observed,
        _ratio(bound.expected, reference.expected),
        _ratio(bound.observed, reference.observed),
        fitted.best_fit[parameter],
        fitted.uncertainties[parameter],
        fitted.p_value,
    )


def _ratio(value: float | None, reference: float | None) -> float | None:
    return None if value is None or not reference else value / reference
