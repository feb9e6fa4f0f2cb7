"""The likelihood of a spectrum with what the report of its fit needs."""

from __future__ import annotations

from typing import Any

from collider.inference.likelihood import W_MASS, Expectation
from collider.inference.w_mass import kink_GeV
from collider.templates.systematics import M_W_STEP_GEV
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.reports.fit_input import FitInput
from nucore.reports.joint_fit import FreeQuantity
from nucore.stats import Likelihood


def likelihood_input(
    templates: Expectation, data: Spectrum, parameters: PortalParameters, m_W: float, **about: Any
) -> FitInput:
    """Return the likelihood of data at a parameter point.

    Parameters
    ----------
    templates : Expectation
    data : Spectrum
        In the fitted bins.
    parameters : PortalParameters
    m_W : float
        Of the templates, GeV.
    **about
        Other choices behind the likelihood, for the record.
    """
    measured, counts = templates.measurement, templates.counts(data.values)
    apart = len(measured.charge_groups) > 1
    prediction = templates.prediction
    if prediction is not None:
        about |= {"prediction": prediction.origin, "normalisation": prediction.normalisation}
    return FitInput(
        Likelihood(templates.model(), counts),
        data,
        measured.experiment.name,
        measured.flavour,
        {"luminosity_invfb": measured.luminosity_invfb},
        free=FreeQuantity(W_MASS, "m_W_GeV", m_W, M_W_STEP_GEV) if measured.options.float_mw else None,
        analysis={**measured.to_dict(), "point": parameters.to_dict(), **about},
        mark=kink_GeV(measured.selection.observable, parameters.m4, m_W),
        by_charge=Likelihood(templates.charge_model(), counts) if apart else None,
        unit=templates.unit,
    )
