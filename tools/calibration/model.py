"""What a card predicts of published spectra, as a function of the parameters that are fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from collider.experiments.cards import Selection
from collider.experiments.nuisances import Nuisance
from collider.experiments.response import Experiment
from collider.experiments.selection import LeptonSelection
from collider.templates.angular_response import IntegrationGrid
from collider.templates.systematics import Inputs, varied_inputs
from collider.templates.template import WTables, lepton_template
from nucore.experiment_cards import validate
from tools.calibration.parameters import with_values
from tools.calibration.spectra import PublishedSpectrum

Array = NDArray[np.float64]

#: A finer one changes a bin by 0.2% at most.
GRID = IntegrationGrid(n_angles=36, n_across=10, n_tail=14, n_replicas=1)


class CardModel:
    """Predictions of one selection of a card for spectra of several observables, flavours and charges.

    Parameters
    ----------
    experiment : Experiment
    name : str
        Of the selection whose response and cuts are used; observable and bins are those of the spectra.
    spectra : tuple of PublishedSpectrum
    tables : WTables
        Of any charge.
    grid : IntegrationGrid, optional
    """

    def __init__(
        self,
        experiment: Experiment,
        name: str,
        spectra: Iterable[PublishedSpectrum],
        tables: WTables,
        grid: IntegrationGrid = GRID,
    ) -> None:
        self.spectra = tuple(spectra)
        self._content = experiment.analysis(name).model_dump() | {"backgrounds": {}}
        for response in self._content[
            "response"
        ].values():  # half of it: the shape alone counts, and trends stay below 1
            response["efficiency"] = [0.5 * one for one in response["efficiency"]]
        self._where = f"{experiment.name}, selection {name}"
        self._tables, self._grid = tables, grid

    def content(self, values: Mapping[str, float]) -> list[Array]:
        """Return the relative content of the bins of each spectrum at other numbers of the response."""
        return [self._normalised(spectrum, values) for spectrum in self.spectra]

    def shift(self, values: Mapping[str, float], nuisance: Nuisance) -> list[Array]:
        """Return the change of the logarithm of the content of each spectrum for one standard deviation."""
        found = []
        for spectrum in self.spectra:
            nominal = self._normalised(spectrum, values)
            if spectrum.flavour in nuisance.flavours:
                found.append(self._normalised(spectrum, values, nuisance) / nominal - 1.0)
            else:
                found.append(np.zeros_like(nominal))
        return found

    def _normalised(
        self, spectrum: PublishedSpectrum, values: Mapping[str, float], nuisance: Nuisance | None = None
    ) -> Array:
        selection, kept = self._lepton_selection(spectrum, values)
        inputs = Inputs(replace(self._tables, charge=1 if spectrum.charge == "+" else -1), selection)
        content = self._sum(inputs, kept)
        if nuisance is not None:
            changed, factor = varied_inputs(inputs, nuisance)
            content = content + factor * (self._sum(changed, kept) - content)
        return content / content.sum()

    def _sum(self, inputs: Inputs, kept: Array) -> Array:
        """Return the content of the bins, summed over the |eta| bins that are kept."""
        template = lepton_template(inputs.tables, 0.0, inputs.selection, self._grid)
        return np.asarray(kept @ template.values.reshape(kept.size, -1))

    def _lepton_selection(
        self, spectrum: PublishedSpectrum, values: Mapping[str, float]
    ) -> tuple[LeptonSelection, Array]:
        """Return a selection with as few |eta| bins as possible, and 1 for each of them that is kept, else 0."""
        changes = {
            "observable": spectrum.observable,
            "window_GeV": (spectrum.edges[0], spectrum.edges[-1]),
            "bin_width_GeV": spectrum.edges[1] - spectrum.edges[0],
        }
        selection = validate(Selection, with_values(self._content, values) | changes, self._where)
        excluded = selection.lepton_response(spectrum.flavour).abs_eta_excluded
        runs = groupby(pairwise(selection.eta_edges(spectrum.flavour)), key=lambda pair: pair not in excluded)
        bins = [(kept, list(run)) for kept, run in runs]
        edges = (bins[0][1][0][0], *(run[-1][1] for _, run in bins))
        lepton = replace(selection.lepton_selection(spectrum.flavour), eta_edges=edges)
        return lepton, np.array([kept for kept, _ in bins], dtype=np.float64)
