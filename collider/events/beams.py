"""Whether events were made for the beams of an experiment."""

from __future__ import annotations

from collider.experiments.response import Experiment, experiment_names, load_experiment
from nucore.errors import InputError
from nucore.io.event_files import Beams, EventSource
from nucore.io.lhe import PROTON

#: Beam energies of a file and of a card agree within this, relative.
_ENERGY_TOLERANCE = 1e-3


def check_beams(source: EventSource, experiment: Experiment) -> None:
    """Refuse events of other beams than the experiment's.

    Raises
    ------
    InputError
        If the file names its beams, or our own file its experiment, and the beams are not those of the card.
    """
    beams = source.beams
    if beams is None and source.metadata.get("experiment") in experiment_names():
        beams = _beams(load_experiment(str(source.metadata["experiment"])))
    if beams is None:
        return
    wanted = _beams(experiment)
    expected = wanted.energies_GeV[0]
    energies_differ = any(abs(e - expected) > _ENERGY_TOLERANCE * expected for e in beams.energies_GeV)
    if sorted(beams.ids) != sorted(wanted.ids) or energies_differ:
        found = " and ".join(f"{i} of {e:g} GeV" for i, e in zip(beams.ids, beams.energies_GeV, strict=True))
        needed = "two protons ({})" if experiment.beams == "pp" else "protons ({0}) and antiprotons (-{0})"
        raise InputError(
            f"events {source.path}: beams {found}; {experiment.name} needs {needed.format(PROTON)} of {expected:g} GeV"
        )


def _beams(experiment: Experiment) -> Beams:
    """Beams of a card, the proton along +z."""
    return Beams((PROTON, PROTON if experiment.beams == "pp" else -PROTON), (500.0 * experiment.sqrt_s_TeV,) * 2)
