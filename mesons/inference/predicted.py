"""Signal of a meson or tau decay in a Standard Model expectation from elsewhere.

With S the predicted signal, B the predicted background, L our Standard Model expectation of the same bins and h our
nu4 template per unit of |U|^2, the expectation is

    tau -> l nu nu:    S [1 + |U|^2 (h/L - 1)] + B          nu4 takes the place of a light neutrino
    M -> l nu:         (S + B) [1 + |U|^2 h/L]              nothing but the new decay is added

A ratio to L takes efficiencies, acceptance and exposure from the prediction. For a meson this assumes that the new
decay shares them with what the Standard Model leaves in these bins: they, and not the number of parent decays, set
the size of the signal, so that an error of L is one of |U|^2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mesons.experiments.cards import Experiment
from mesons.inference.options import AnalysisOptions
from nucore.errors import InputError
from nucore.prediction import Prediction
from nucore.stats import Model, NormFactor, Sample
from nucore.stats.modifiers import Modifier

Array = NDArray[np.float64]


class OwnTemplates(Protocol):
    """What `mesons.inference.meson_templates` and `mesons.inference.tau_templates` know of an experiment."""

    @property
    def experiment(self) -> Experiment: ...  # noqa: D102
    @property
    def options(self) -> AnalysisOptions: ...  # noqa: D102

    def background(self, decays: float) -> Array:
        """Standard Model expectation, shape (n_bins,)."""

    def shape_uncertainties(self, background: Array) -> list[Modifier]:
        """Uncertainties of the shape of a Standard Model expectation."""


def predicted_model(templates: OwnTemplates, prediction: Prediction, signal: Array, decays: float, poi: str) -> Model:
    """Return the model of the signal in a prediction.

    Parameters
    ----------
    templates : MesonTemplates or TauTemplates
    prediction : Prediction
        In the bins of the experiment.
    signal : float64[n]
        Our change of the counts per unit of the parameter of interest.
    decays : float
        Parent decays in our templates.
    poi : str
        Name of the parameter of interest.

    Raises
    ------
    InputError
        For templates of nu4 in the prediction, a floating shape, or a bin that ours leaves empty.
    """
    experiment = templates.experiment
    if prediction.nu4:
        raise InputError(f"prediction {prediction.origin} has templates of W -> l nu4: {experiment.name} has no W")
    if templates.options.background_degree is not None:
        raise InputError("a background degree is of our own background: expected --variation or --band of a prediction")
    adds = experiment.channel.single_neutrino
    scaled = replace(prediction, signal=prediction.total) if adds else prediction
    ratio = scaled.ratio(templates.background(decays))
    samples = prediction.samples(
        [
            Sample("light", prediction.signal, templates.shape_uncertainties(prediction.signal)),
            Sample("signal", ratio * signal, [NormFactor(poi)]),
        ],
        experiment.background.normalisation_uncertainty,
    )
    return Model(samples, poi=poi, poi_bounds=(0.0, np.inf if adds else 1.0))
