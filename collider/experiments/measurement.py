"""Which measurement of an experiment is meant: selection, window, charges, systematics; and the axes of its data."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.experiments.analysis_options import ALL_NUISANCES, AnalysisOptions
from collider.experiments.cards import CHARGES, Selection
from collider.experiments.nuisances import Nuisance
from collider.experiments.response import Experiment
from collider.experiments.selection import LeptonSelection
from nucore.errors import InputError, unknown
from nucore.experiment_cards import validate
from nucore.histograms import Axis, Spectrum

Array = NDArray[np.float64]

PB_PER_INVFB = 1000.0

#: Name of the nuisance of the multijet slope.
MULTIJET_SHAPE = "multijet_shape"
#: Labels of the axes of plots.
OBSERVABLE_LABELS = {
    "lepton_pt": "lepton pT [GeV]",
    "transverse_mass": "transverse mass [GeV]",
    "missing_momentum": "missing momentum [GeV]",
}


def charge_axis() -> Axis:
    """Return the axis of two charges, the negative one first."""
    return Axis("charge", (-2.0, 0.0, 2.0), "lepton charge")


@dataclass(frozen=True, eq=False)
class Measurement:
    """One lepton flavour in one selection of an experiment, with what a user changed.

    Attributes
    ----------
    experiment : Experiment
    flavour : str
    name : str
        Of the selection on the card.
    selection : Selection
    luminosity_invfb : float
    options : AnalysisOptions
    """

    experiment: Experiment
    flavour: str
    name: str
    selection: Selection
    luminosity_invfb: float
    options: AnalysisOptions = field(default_factory=AnalysisOptions)

    @property
    def parameter(self) -> str:
        """Name of the mixing |U_l4|^2 that is measured."""
        return f"U{self.flavour}4_sq"

    def to_dict(self) -> dict[str, Any]:
        """Choices behind the measurement, for the record of a result.

        Keys
        ----
        selection : str
            Name of the selection on the card.
        systematics : "paper" or "full"
            The normalisation alone, or the nuisances of the card.
        observable : str
            What is histogrammed: ``lepton_pt``, ``transverse_mass`` or ``missing_momentum``.
        window_GeV : (float, float)
            Range of the observable that is fitted.
        charges : list of str
            Charges of the lepton, ``+`` and ``-``.
        backgrounds : bool
            Whether anything but W -> l nu is expected.
        nuisances : dict
            Size of each systematic uncertainty by its name.
        float_mw : bool
            Whether the W mass floats in the fit.
        spin : str
            Angular coefficients of the W: ``measured``, ``lam-tung`` or ``lo``.
        """
        return {
            "selection": self.name,
            "systematics": self.options.systematics,
            "observable": self.selection.observable,
            "window_GeV": list(self.selection.window_GeV),
            "charges": list(self.selection.charges),
            "backgrounds": self.has_backgrounds,
            "nuisances": {n.name: n.size for n in self.nuisances},
            "float_mw": self.options.float_mw,
            "spin": self.options.spin_model.order,
        }

    @cached_property
    def lepton_selection(self) -> LeptonSelection:
        """The selection as templates and event generator take it."""
        return self.selection.lepton_selection(self.flavour)

    @property
    def has_backgrounds(self) -> bool:
        """Whether anything but W -> l nu is expected."""
        return bool(background_nuisances(self.selection))

    @cached_property
    def charge_groups(self) -> tuple[tuple[int, ...], ...]:
        """W charges whose spectra are added, one group a spectrum, negative charge first."""
        signs = self.selection.charge_signs
        return tuple((sign,) for sign in sorted(signs)) if self.selection.separate_charges else (signs,)

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Axes of the data: charge and |eta| where they have several bins, then the observable."""
        axes = []
        if len(self.charge_groups) > 1:
            axes.append(charge_axis())
        eta_edges = self.lepton_selection.eta_edges
        if len(eta_edges) > 2 and self.selection.separate_abs_eta:
            axes.append(Axis("abs_eta", eta_edges, "lepton |eta|"))
        observable = self.selection.observable
        return (*axes, Axis(observable, self.lepton_selection.edges, OBSERVABLE_LABELS[observable]))

    @cached_property
    def _eta_kept(self) -> NDArray[np.bool_]:
        """The |eta| bins that are not excluded."""
        pairs = itertools.pairwise(self.lepton_selection.eta_edges)
        excluded = self.selection.lepton_response(self.flavour).abs_eta_excluded
        return np.array([pair not in excluded for pair in pairs])

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Bins of the flattened data that are fitted: those outside the excluded |eta| bins."""
        rows = self._eta_kept if self.selection.separate_abs_eta else np.array([True])
        return np.tile(np.repeat(rows, self.selection.n_bins), len(self.charge_groups))

    def data_bins(self, values: Array) -> Array:
        """Return the contents of the data's bins from those of all charge groups and |eta| bins, flattened or not.

        Parameters
        ----------
        values : float64[..., n_groups * n_eta * n_bins]
            Template or events, the excluded |eta| bins with them; they stay unless the |eta| bins are added.
        """
        if self.selection.separate_abs_eta:
            return values
        n_bins = self.selection.n_bins
        apart = values.reshape(*values.shape[:-1], len(self.charge_groups), -1, n_bins)
        return np.asarray(apart[..., self._eta_kept, :].sum(axis=-2).reshape(*values.shape[:-1], -1))

    def fitted_bins(self, values: Array) -> Array:
        """Return the contents of the fitted bins; arguments as of `data_bins`."""
        return np.asarray(self.data_bins(values)[..., self.kept])

    def spectrum(self, values: Array, variances: Array) -> Spectrum:
        """Spectrum of the measurement from contents of the bins of the data, excluded ones with them."""
        observable = self.selection.observable
        return Spectrum.on_axes(observable, self.axes, values, variances, OBSERVABLE_LABELS[observable])

    def fitted(self, spectrum: Spectrum) -> Spectrum:
        """Return the part of measured data that is fitted, after checking its binning.

        Raises
        ------
        InputError
            If the binning is not that of the measurement.
        """
        spectrum.require_axes(self.axes, f"selection {self.name} of {self.experiment.name}")
        if self.kept.all():
            return self.spectrum(spectrum.values, spectrum.variances)
        n_rows = np.count_nonzero(self.kept) // self.selection.n_bins
        rows = Axis("channel", tuple(range(n_rows + 1)), "charge and |eta| bin")
        values, variances = spectrum.values[self.kept], spectrum.variances[self.kept]
        return Spectrum.on_axes(spectrum.name, (rows, self.axes[-1]), values, variances, spectrum.label)

    @cached_property
    def nuisances(self) -> tuple[Nuisance, ...]:
        """Nuisances of the card that apply, with the sizes the options give them; none of size 0."""
        chosen = [n for n in self.experiment.nuisances_of(self.flavour) if self._applies(n)]
        sized = [(n, n.size * self.options.factor(n.name, n.optional)) for n in chosen]
        return tuple(n.model_copy(update={"size": size}) for n, size in sized if size > 0.0)

    @property
    def normalisation_uncertainty(self) -> float:
        """Relative uncertainty of the Standard Model rate; 0 where there is none."""
        return sum(n.size for n in self.nuisances if n.kind == "normalisation")

    @property
    def applicable_nuisances(self) -> frozenset[str]:
        """Names of the nuisances of this measurement, whatever their size."""
        named = {n.name for n in self.experiment.nuisances_of(self.flavour) if self._applies(n)}
        backgrounds = background_nuisances(self.selection) if self.options.systematics != "paper" else ()
        return frozenset(named | set(backgrounds))

    def _applies(self, nuisance: Nuisance) -> bool:
        if self.options.systematics == "paper":
            return nuisance.kind == "normalisation"
        selection = self.lepton_selection
        if nuisance.of_spin:
            return self.options.spin_model.order != "lo"
        recoil = selection.recoil if selection.cuts.on_recoil or selection.observable != "lepton_pt" else None
        if nuisance.kind == "fsr":
            return selection.fsr is not None
        if nuisance.kind in ("recoil_response", "recoil_resolution"):
            return recoil is not None
        if nuisance.kind == "recoil_spread":
            return recoil is not None and recoil.resolution_spread > 0.0
        return not (nuisance.kind == "m_W" and self.options.float_mw)


def measurement(
    experiment: Experiment, flavour: str, options: AnalysisOptions | None = None, luminosity_invfb: float | None = None
) -> Measurement:
    """Return the measurement that a user means.

    Parameters
    ----------
    experiment : Experiment
    flavour : str
        ``e`` or ``mu``.
    options : AnalysisOptions, optional
    luminosity_invfb : float, optional
        In place of the card's.

    Raises
    ------
    InputError
        If the experiment does not measure the flavour, or for a choice that is not allowed.
    """
    options = AnalysisOptions() if options is None else options
    experiment.check_flavour(flavour)
    name = _selection_name(experiment, options)
    luminosity = experiment.luminosity(name, flavour) if luminosity_invfb is None else luminosity_invfb
    if not 0.0 < luminosity < np.inf:
        raise InputError(f"invalid luminosity {luminosity:g} fb^-1: expected a positive number")
    return checked(Measurement(experiment, flavour, name, _changed(experiment, name, options), luminosity, options))


def checked(measured: Measurement) -> Measurement:
    """Return a measurement after checking that the nuisances its options name apply to it.

    Raises
    ------
    InputError
        If one is unknown or does not apply.
    """
    experiment, options = measured.experiment, measured.options
    known = {nuisance.name for nuisance in experiment.nuisances} | set(background_nuisances(measured.selection))
    allowed = (ALL_NUISANCES, *sorted(known))
    applicable = measured.applicable_nuisances
    for given in options.nuisance or {}:
        if given not in allowed:
            raise unknown("nuisance", given, allowed, of=experiment.name)
        if given != ALL_NUISANCES and given not in applicable:
            raise InputError(
                f"nuisance {given} does not apply to selection {measured.name} with systematics {options.systematics}: "
                f"expected one of {', '.join(sorted(applicable))}"
            )
    return measured


def background_nuisances(selection: Selection) -> tuple[str, ...]:
    """Names of the nuisances of a selection's backgrounds."""
    given = selection.backgrounds
    names = [f"background_{name}" for name in ("tau", "z", "multijet") if getattr(given, name) is not None]
    if given.multijet is not None and given.multijet.slope_uncertainty_per_GeV > 0.0:
        names.append(MULTIJET_SHAPE)
    return tuple(names)


def _selection_name(experiment: Experiment, options: AnalysisOptions) -> str:
    if options.selection is not None:
        return options.selection
    name = experiment.default_selection(options.systematics)
    if options.observable in (None, experiment.analysis(name).observable):
        return name
    named = [n for n, selection in experiment.selections.items() if selection.observable == options.observable]
    return named[0] if named else name


def _changed(experiment: Experiment, name: str, options: AnalysisOptions) -> Selection:
    selection = experiment.analysis(name)
    changes: dict[str, Any] = {}
    if options.charge is not None:
        changes["charges"] = tuple(CHARGES) if options.charge == "both" else (options.charge,)
    if options.observable not in (None, selection.observable):
        changes["observable"] = options.observable
        if options.window is None:
            raise InputError(
                f"observable {options.observable} needs a window: selection {name} of {experiment.name} has none for it"
            )
    if not options.backgrounds:
        changes["backgrounds"] = {}
    if options.window is not None:
        changes |= selection.window(*options.window)
    if not changes:
        return selection
    return validate(Selection, {**selection.model_dump(), **changes}, f"{experiment.name}, selection {name}")
