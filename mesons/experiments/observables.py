"""Histograms of other observables than the lepton momentum: squared missing mass, and energy in a tau's frame.

Both are functions of the lepton momentum in the rest frame of the parent, so that their bins are momentum bins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.experiments.cards import Experiment
from mesons.experiments.tracking import MISSING_MASS_SQ, missing_mass_sq_edges, momentum_of_missing_mass_sq
from nucore.histograms import Axis, Spectrum

Array = NDArray[np.float64]

#: Name of the histogram of the lepton energy in the pseudo-rest frame of a tau.
LEPTON_ENERGY = "lepton_energy"


def _main_axis(experiment: Experiment) -> tuple[str, Array, str]:
    """Name, edges (GeV) and label of the main observable."""
    if experiment.channel.single_neutrino:
        label = f"{experiment.lepton} momentum in the {experiment.parent} rest frame [GeV]"
        return experiment.histogram, experiment.edges, label
    label = f"{experiment.lepton} energy in the pseudo-rest frame of the tau [GeV]"
    return LEPTON_ENERGY, np.hypot(experiment.edges, experiment.masses[1]), label


def main_spectrum(experiment: Experiment, values: Array, variances: Array) -> Spectrum:
    """Histogram of the main observable of an experiment from counts in its momentum bins."""
    name, edges, label = _main_axis(experiment)
    return Spectrum(name, edges, values, variances, label)


def data_axis(experiment: Experiment, spectrum: Spectrum) -> Axis:
    """Return the axis of data of the observable that the name of a histogram tells, in the bins of the card."""
    if spectrum.name == MISSING_MASS_SQ and experiment.tracking is not None:
        return Axis(MISSING_MASS_SQ, tuple(missing_mass_sq_edges(experiment).tolist()), spectrum.label)
    name, edges, label = _main_axis(experiment)
    return Axis(name, tuple(edges.tolist()), label)


def momentum_order(experiment: Experiment, spectrum: Spectrum) -> NDArray[np.intp]:
    """Numbers of the bins of a histogram in the order of increasing lepton momentum, shape (n_bins,)."""
    bins = np.arange(spectrum.n_bins)
    return bins[::-1] if spectrum.name == MISSING_MASS_SQ and experiment.tracking is not None else bins


def in_momentum(experiment: Experiment, spectrum: Spectrum) -> tuple[Experiment, Spectrum]:
    """Express a histogram of any observable of an experiment in bins of the lepton momentum.

    Parameters
    ----------
    experiment : Experiment
    spectrum : Spectrum
        Of the momentum, of ``missing_mass_sq``, or of ``lepton_energy``.

    Returns
    -------
    experiment, spectrum
        The experiment with the binning of the histogram.

    Raises
    ------
    InputError
        If the binning is not that of the card.
    """
    where = f"experiment {experiment.name}"
    if spectrum.name == MISSING_MASS_SQ and experiment.tracking is not None:
        spectrum.require_edges(missing_mass_sq_edges(experiment), where)
        edges = momentum_of_missing_mass_sq(experiment, spectrum.edges)[::-1]
        rebinned = experiment.model_copy(update={"edges_GeV": tuple(edges.tolist())})
        flipped = Spectrum(experiment.histogram, edges, spectrum.values[::-1], spectrum.variances[::-1])
        return rebinned, flipped
    if not experiment.channel.single_neutrino:
        spectrum.require_edges(_main_axis(experiment)[1], where)
        return experiment, Spectrum(experiment.histogram, experiment.edges, spectrum.values, spectrum.variances)
    return experiment, spectrum
