"""Which experiments there are, and what their cards say."""

from __future__ import annotations

import collider.experiments.response
import mesons.experiments.cards
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.model.particles import check_flavour
from nucore.run.provenance import text_digest

#: Processes of `generate` and the experiment each takes by default.
PROCESSES = {
    "w": "atlas-2011",
    "kaon": "e949",
    "pion": "pienu-2017-e",
    "b": "belle-ii-b-mu",
    "tau": "belle-ii-tau-mu",
}


def experiments() -> dict[str, str]:
    """Names of all experiment cards and what they are."""
    colliders = {
        name: collider.experiments.response.load_experiment(name).title
        for name in collider.experiments.response.experiment_names()
    }
    return colliders | {
        name: mesons.experiments.cards.experiment_title(name) for name in mesons.experiments.cards.experiment_names()
    }


def is_collider(experiment: str) -> bool:
    """Say which half an experiment belongs to; refuse a name that is in neither."""
    lhc, meson = collider.experiments.response.experiment_names(), mesons.experiments.cards.experiment_names()
    if experiment not in (*lhc, *meson):
        raise InputError(f"experiment {experiment!r} is not known; allowed: {', '.join((*lhc, *meson))}")
    return experiment in lhc


def experiment_text(experiment: str) -> str:
    """Text of an experiment card."""
    return (collider.experiments.response if is_collider(experiment) else mesons.experiments.cards).card_text(
        experiment
    )


def experiment_sha256(experiment: str) -> str:
    """SHA-256 of an experiment card, as recorded in results."""
    return text_digest(experiment_text(experiment))


def flavour_of(point: PortalParameters) -> str:
    """The one flavour that mixes, else mu."""
    mixing = [flavour for flavour in ("e", "mu", "tau") if point.U(flavour) != 0]
    return mixing[0] if len(mixing) == 1 else "mu"


def check_lepton(card: mesons.experiments.cards.Experiment, flavour: str | None) -> None:
    """Refuse a flavour that a meson experiment does not measure."""
    if flavour is not None and check_flavour(flavour) != card.flavour:
        raise InputError(f"flavour {flavour!r} is not allowed: experiment {card.name} measures {card.flavour}")
