"""Published data of an experiment card with our templates as ratios in their prediction, ready to be fitted.

Where the card has no prediction, ours takes its place.  Data with a covariance matrix are Gaussian, others counts of
events.  The W mass of the templates is what is known of it without the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.background_samples import background_samples
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.cards import CHARGES, Selection
from collider.experiments.data_blocks import PublishedData
from collider.experiments.measurement import PB_PER_INVFB, Measurement, checked
from collider.experiments.published_data import ObservedData, load_data
from collider.experiments.response import Experiment
from collider.inference.fits import likelihood_input
from collider.inference.likelihood import Expectation, in_prediction
from collider.inference.w_mass import kink_GeV
from collider.production.w_production import M_W
from collider.templates.systematics import Shapes, shapes
from nucore.errors import InputError, nearest
from nucore.experiment_cards import validate
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.prediction import Prediction
from nucore.reports.fit_input import FitInput

Array = NDArray[np.float64]

#: A spectrum of free normalisation gives no limit where the edge of the nu4 spectrum lies this far (GeV, of lepton pT)
#: below its window: what the window holds of nu4 then is the tail of the W transverse momentum.
EDGE_BELOW_GEV = 4.0
#: Resolution of the recoil (GeV) that stands for none where data are corrected for the detector. For cuts: with a tenth
#: of a GeV no bin of the lepton pT changes by more than 0.2%. For observables made of it: their edge is less sharp in
#: the templates than in nature then (7% in a bin of 5 GeV, against 1 GeV, which takes minutes).
_TRUE_RESOLUTION_GEV, _TRUE_OBSERVABLE_RESOLUTION_GEV = 0.5, 2.0


@dataclass(frozen=True, eq=False)
class ObservedSpectra:
    """Published spectra of one data block, ready to be fitted.

    Attributes
    ----------
    data : ObservedData
    measurement : Measurement
        In the bins of the data.
    m_W : float
        Of the templates, GeV.
    light : Shapes
        Our templates of the massless neutrino.
    prediction : Prediction
        Of the card, or ours; a free normalisation is that of the data.
    """

    data: ObservedData
    measurement: Measurement
    m_W: float
    light: Shapes
    prediction: Prediction

    @property
    def correlation_GeV(self) -> float | None:
        """Correlation length of the uncertainties that have one."""
        return None if self.data.block.treatment is None else self.data.block.treatment[0]

    @property
    def across_charges(self) -> bool | None:
        """Whether these uncertainties are correlated between the charges."""
        return None if self.data.block.treatment is None else self.data.block.treatment[1]

    @property
    def treatment(self) -> str:
        """Name of what is assumed of these uncertainties, as ``2_GeV`` or ``2_GeV_charges``."""
        return f"{self.correlation_GeV:g}_GeV" + ("_charges" if self.across_charges else "")

    def expectation(self, m4: float) -> Expectation:
        """Return the expectation at a nu4 mass, GeV."""
        prediction, at, values = self.prediction, None, self.data.spectrum.values
        if self.data.covariance is None:
            unit = prediction.effective_counts()
        else:
            prediction, unit = prediction.of_gaussian(values, self.data.covariance)
        if self.data.prediction is not None:
            at = self.data.block.prediction_m_W_GeV
        return in_prediction(
            self.measurement, m4, prediction, m_W=self.m_W, prediction_m_W=at, light=self.light, unit=unit
        )  # fmt: skip

    def no_limit(self, m4: float) -> str | None:
        """Say why the spectra give no limit at a nu4 mass; None if they do."""
        observable = self.measurement.selection.observable
        kink, low = kink_GeV(observable, m4, self.m_W), self.measurement.selection.window_GeV[0]
        margin = EDGE_BELOW_GEV * (2.0 if observable == "transverse_mass" else 1.0)
        if self.prediction.normalisation != "free" or (kink is not None and kink >= low - margin):
            return None
        return f"the edge of the nu4 spectrum lies more than {margin:g} GeV below the window: its shape says too little"

    def fit_input(self, parameters: PortalParameters) -> FitInput:
        """Return the likelihood at a parameter point with what the report of a fit needs."""
        about = {"published_data": self.data.origin, "m_W_GeV": self.m_W, "correlation_GeV": self.correlation_GeV}
        about |= {"across_charges": self.across_charges}
        return likelihood_input(
            self.expectation(parameters.m4), self.data.spectrum, parameters, self.m_W, **about
        )  # fmt: skip


def observed_spectra(
    experiment: Experiment,
    flavour: str,
    options: AnalysisOptions,
    name: str | None = None,
    correlation_GeV: float | None = None,
) -> tuple[ObservedSpectra, ...]:
    """Load the data of a card and compute what does not depend on the nu4 mass.

    Parameters
    ----------
    experiment : Experiment
    flavour : str
    options : AnalysisOptions
        Selection and observable are those of the data; window and charge take a part of them.
    name : str, optional
        Of the data block; the first of the flavour by default.
    correlation_GeV : float, optional
        Treatment of the uncertainties for which the card gives several; all by default.

    Returns
    -------
    tuple of ObservedSpectra
        One a treatment.

    Raises
    ------
    InputError
        If the card has no such data, or its files cannot be read.
    """
    if options.selection is not None or options.observable is not None:
        raise InputError("--selection and --observable do not apply to published data: expected --spectrum NAME")
    block = _block(experiment, flavour, name)
    if options.window is not None:
        block = block.model_copy(update={"window_GeV": options.window})
    data = [
        _of_charge(load_data(experiment.model_copy(update={"data": (one,)}), one.name), options.charge)
        for one in block.treatments(correlation_GeV)
    ]
    luminosity = 1.0 / PB_PER_INVFB
    if block.counts:
        luminosity = block.luminosity_invfb or experiment.luminosity(block.selection, block.flavour)
    if block.one_hemisphere:
        luminosity /= 2.0
    chosen = replace(options, selection=block.selection, window=None, charge=None, observable=None)
    selection = _selection(experiment, data[0])
    measured = checked(
        Measurement(_for_data(experiment, block), flavour, block.selection, selection, luminosity, chosen)
    )
    m_W = M_W if block.m_W is None else block.m_W.value_GeV
    light = shapes(measured, 0.0, m_W)
    found = []
    for one in data:
        prediction = one.prediction or _own_prediction(one, measured, light, m_W)
        found.append(ObservedSpectra(one, measured, m_W, light, prediction.matched(one.spectrum.values)))
    return tuple(found)


def _block(experiment: Experiment, flavour: str, name: str | None) -> PublishedData:
    blocks = [block for block in experiment.data if block.flavour == flavour]
    found = [block for block in blocks if name in (None, block.name)]
    if not found:
        named = "" if name is None else f" {name!r}"
        allowed = ", ".join(block.name for block in blocks) or "a card with a [[data]] block of this flavour"
        near = nearest(name or "", (block.name for block in blocks))
        hint = f"; did you mean {near}?" if near else ""
        told = f"{experiment.name} has no published data{named} of flavour {flavour}: expected {allowed}{hint}"
        raise InputError(told)
    return found[0]


def _for_data(experiment: Experiment, block: PublishedData) -> Experiment:
    """Return the experiment with the W mass known without the data, and no detector where they are corrected for it."""
    kept = list(experiment.nuisances)
    if block.level != "detector":
        kept = [n for n in kept if not n.of_detector]
    if block.m_W is not None:
        size = block.m_W.uncertainty_GeV
        kept = [n.model_copy(update={"size": size}) if n.kind == "m_W" else n for n in kept]
    return experiment.model_copy(update={"nuisances": tuple(kept)})


def _of_charge(data: ObservedData, charge: str | None) -> ObservedData:
    """Return the part of the data of one charge."""
    charges = data.block.charges
    if charge in (None, "both") or charges == (charge,):
        return data
    if charge not in charges:
        raise InputError(f"data {data.block.name} are of both charges together: expected no --charge")
    whole = data.spectrum
    kept = np.repeat([one == charge for one in charges], whole.axes[-1].n_bins)
    spectrum = Spectrum.on_axes(whole.name, whole.axes[-1:], whole.values[kept], whole.variances[kept], whole.label)
    return replace(
        data,
        block=data.block.model_copy(update={"data": {charge: data.block.data[charge]}}),
        spectrum=spectrum,
        covariance=None if data.covariance is None else data.covariance[np.ix_(kept, kept)],
        prediction=None if data.prediction is None else data.prediction.in_bins(kept),
    )


def _selection(experiment: Experiment, data: ObservedData) -> Selection:
    """Return the selection of the card in the bins of the data, without detector where they are corrected for it."""
    block, base = data.block, experiment.analysis(data.block.selection)
    charges = tuple(CHARGES) if block.charges == ("both",) else block.charges
    changes: dict[str, Any] = {
        "observable": block.observable,
        "edges_GeV": tuple(data.edges.tolist()),
        "charges": charges,
        "separate_charges": len(block.charges) > 1,
        "separate_abs_eta": False,
    }
    if data.prediction is not None or block.level != "detector":
        changes["backgrounds"] = {}
    if block.level != "detector":
        true = base.lepton_response(block.flavour)
        kept = {name: getattr(true, name) for name in ("abs_eta_edges", "abs_eta_excluded")}
        fsr = "none" if block.level == "born" else block.level
        reference = f"{block.level} leptons, corrected for the detector"
        changes["response"] = {block.flavour: {"resolution_relative": 0.0, "fsr": fsr, "reference": reference, **kept}}
        changes["recoil"] = _true_recoil(data) if base.cuts.on_recoil or block.observable != "lepton_pt" else None
    return validate(Selection, {**base.model_dump(), **changes}, f"{experiment.name}, data {block.name}")


def _true_recoil(data: ObservedData) -> dict[str, Any]:
    """Return the response to the recoil for data that are corrected for the detector."""
    of_recoil = data.block.observable != "lepton_pt"
    if of_recoil and data.prediction is None:
        raise InputError(
            f"data {data.block.name}: our {data.block.observable} without detector is not sharp enough for an "
            f"expectation; expected a prediction beside them"
        )
    resolution = _TRUE_OBSERVABLE_RESOLUTION_GEV if of_recoil else _TRUE_RESOLUTION_GEV
    return {"response": 1.0, "resolution_GeV": resolution, "reference": "corrected for the detector"}


def _own_prediction(data: ObservedData, measured: Measurement, light: Shapes, m_W: float) -> Prediction:
    """Return our expectation in place of a published one; of shares of the whole, with the sum of the data."""
    backgrounds = background_samples(measured, light.values, m_W)
    signal = light.values
    rest = np.zeros_like(signal) + sum(b.values for b in backgrounds)
    uncertainty = math.hypot(*(b.uncertainty * b.values.sum() for b in backgrounds)) / max(rest.sum(), 1e-300)
    groups = np.repeat(np.arange(len(measured.charge_groups)), measured.selection.n_bins)
    if data.unit == "1":
        sums = [np.bincount(groups, values) for values in (data.spectrum.values, signal + rest)]
        signal, rest = (values * (sums[0] / sums[1])[groups] for values in (signal, rest))
    return Prediction(
        signal, rest, background_uncertainty=uncertainty, normalisation=data.block.normalisation, groups=groups,
        origin="templates of this package",
    )  # fmt: skip
