"""Experiment cards of the meson searches: one TOML file each, validated, every number with its origin."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mesons.decays.channel import Channel
from mesons.decays.channels import decay_channel
from mesons.decays.two_body import invisible_mass_sq
from mesons.experiments.card_fields import (
    Background,
    BackgroundSystematic,
    PhotonVeto,
    PublishedPeakLimit,
    Resolution,
    Scaling,
    Sourced,
    Tracking,
    WindowLimit,
)
from nucore.card_files import Card, CardFolder, CardSource, ExperimentModel, experiment_of
from nucore.errors import InputError, unknown

Array = NDArray[np.float64]

#: Names of the processes by parent.
PROCESSES = {"K+": "kaon", "pi+": "pion", "B+": "b", "tau-": "tau"}
#: Points of the table of sigma_p that a resolution of the missing mass becomes.
_RESOLUTION_POINTS = 25
#: Bins of the momentum.
MAX_BINS = 10_000


class Experiment(ExperimentModel):
    """One meson experiment.

    Attributes
    ----------
    parent, lepton : str
        Decay searched for.
    beam_momentum_GeV : float
        Of the parent along z; 0 for decays at rest.
    n_parent : Sourced
        Decays of the parent behind the published limits.
    exposure_factor : float
        Exposure of this experiment over that of the published limits: 1 unless scaled.
    acceptance : Sourced
        Events counted per decay, constant in momentum. Published limits fix the background only relative to
        the square of (decays times acceptance), so its size is free; it may exceed 1.
    momentum_GeV : (float, float)
        Range of the reconstructed lepton momentum, in the rest frame of the parent.
    bin_width_GeV : float
        Of the histogram of the momentum.
    window_sigma : float
        Half width of the peak-search window in units of the resolution.
    limit_z : float
        Gaussian quantile of the published limits.
    resolution : Resolution
        Of the lepton momentum.
    background : Background
        Its form; its size follows from `peak_limit`.
    peak_limit : PublishedPeakLimit, optional
        Calibrates the background of a meson search; a tau has none.
    window_limit : WindowLimit, optional
        Published limit from one momentum window.
    edges_GeV : tuple of float
        Edges of the momentum histogram in place of the uniform ones.
    tracking : Tracking, optional
        Of an experiment in flight, which measures the squared missing mass.
    photon_veto : PhotonVeto, optional
        Shapes the background of radiative decays; a loss independent of energy by default.
    background_systematic : BackgroundSystematic, optional
        Fitted to `window_limit`.
    """

    parent: Literal["K+", "pi+", "B+", "tau-"]
    lepton: Literal["e", "mu", "tau"]
    beam_momentum_GeV: float = Field(ge=0.0)
    n_parent: Sourced
    exposure_factor: float = Field(default=1.0, gt=0.0)
    acceptance: Sourced
    momentum_GeV: tuple[float, float]
    bin_width_GeV: float = Field(gt=0.0)
    window_sigma: float = Field(gt=0.0)
    limit_z: float = Field(gt=0.0)
    resolution: Resolution
    background: Background
    peak_limit: PublishedPeakLimit | None = None
    window_limit: WindowLimit | None = None
    tracking: Tracking | None = None
    photon_veto: PhotonVeto | None = None
    background_systematic: BackgroundSystematic | None = None
    edges_GeV: tuple[float, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _missing_mass_resolution(cls, content: Any) -> Any:
        """Turn sigma(m4) into a table of sigma_p = sigma_m m4 E / (M p)."""
        given = content.get("resolution") if isinstance(content, dict) else None
        if not isinstance(given, dict) or not given.get("missing_mass_MeV") or given.get("momentum_GeV"):
            return content
        if content.get("parent") not in PROCESSES or content.get("lepton") not in ("e", "mu", "tau"):
            return content  # which the fields refuse
        try:
            return cls._with_momentum_resolution(content, given)
        except (KeyError, TypeError):  # likewise
            return content

    @staticmethod
    def _with_momentum_resolution(content: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        mass, sigma = given["missing_mass_MeV"], given.get("sigma_mass_MeV", ())
        if len(mass) != len(sigma) or len(mass) < 2 or any(np.diff(mass) <= 0.0) or any(s <= 0.0 for s in sigma):
            raise ValueError("resolution: expected missing_mass_MeV to increase, sigma_mass_MeV as long and positive")
        m_parent, m_lepton = decay_channel(content["parent"], content["lepton"]).masses
        low, high = (float(edge) for edge in content["momentum_GeV"])
        if low <= 0.0:
            raise ValueError("momentum_GeV: expected two increasing positive numbers")
        p = np.linspace(low, high, _RESOLUTION_POINTS)
        energy = np.hypot(p, m_lepton)
        m4 = np.sqrt(np.maximum(invisible_mass_sq(m_parent, m_lepton, p), 0.0))
        sigma_p = np.interp(m4 * 1e3, mass, sigma) * 1e-3 * m4 * energy / (m_parent * p)
        table = {"momentum_GeV": tuple(p.tolist()), "sigma_GeV": tuple(sigma_p.tolist())}
        return {**content, "resolution": {**given, **table}}

    @model_validator(mode="after")
    def _range(self) -> Experiment:
        if not 0.0 < self.momentum_GeV[0] < self.momentum_GeV[1]:
            raise ValueError("momentum_GeV: expected two increasing positive numbers")
        if not 0.5 <= (self.momentum_GeV[1] - self.momentum_GeV[0]) / self.bin_width_GeV <= MAX_BINS:
            raise ValueError(f"bin_width_GeV: got {self.bin_width_GeV:g}; expected 1 to {MAX_BINS} bins in the range")
        if self.edges_GeV and (len(self.edges_GeV) < 2 or any(np.diff(self.edges_GeV) <= 0.0)):
            raise ValueError("edges_GeV: expected increasing edges")
        if (self.peak_limit is not None) != self.channel.single_neutrino:
            raise ValueError("peak_limit: expected for a meson, to calibrate the background, and not for a tau")
        if self.tracking is not None and self.beam_momentum_GeV == 0.0:
            raise ValueError("tracking: of an experiment at rest; expected a positive beam_momentum_GeV with it")
        return self

    @property
    def edges(self) -> Array:
        """Edges of the momentum histogram in GeV, shape (n_bins + 1,)."""
        if self.edges_GeV:
            return np.array(self.edges_GeV)
        low, high = self.momentum_GeV
        return np.linspace(low, high, round((high - low) / self.bin_width_GeV) + 1)

    @property
    def histogram(self) -> str:
        """Name of the histogram of the lepton momentum."""
        return {"e": "electron_momentum", "mu": "muon_momentum", "tau": "tau_momentum"}[self.lepton]

    @property
    def channel(self) -> Channel:
        """Decay searched for, with its rates and spectra."""
        return decay_channel(self.parent, self.lepton)

    @property
    def masses(self) -> tuple[float, float]:
        """Masses of the parent and of the lepton in GeV."""
        return self.channel.masses

    @property
    def flavour(self) -> str:
        """Flavour of the mixing it measures."""
        return self.channel.flavour

    @property
    def process(self) -> str:
        """Name of its process in `generate`."""
        return PROCESSES[self.parent]

    @property
    def decays(self) -> float:
        """Decays of the parent exposed."""
        return self.n_parent.value * self.exposure_factor

    def scaled(self, factor: float) -> Experiment:
        """Return the same experiment with `factor` times the decays and, in proportion, the background.

        A limit published from the window of the original exposure does not carry over.
        """
        removed = {"window_limit": None, "background_systematic": None}
        return self.model_copy(update={"exposure_factor": self.exposure_factor * factor, **removed})


class ScaledExperiment(ExperimentModel):
    """An experiment given as a scaling of another one, in one or more ways.

    Attributes
    ----------
    default : str
        The way that is taken where ``--scaling`` names none.
    scaling : dict
        The ways by name.
    """

    default: str
    scaling: dict[str, Scaling]

    @model_validator(mode="after")
    def _known(self) -> ScaledExperiment:
        if self.default not in self.scaling:
            raise ValueError(f"default: got {self.default!r}; expected one of {', '.join(self.scaling)}")
        unknown = [how.experiment for how in self.scaling.values() if how.experiment not in experiment_names()]
        if unknown:
            raise ValueError(f"scaling: got experiment {unknown[0]!r}; expected the name of a shipped one")
        return self


CARDS = CardFolder("mesons.experiments", frozenset({"parent", "lepton", "momentum_GeV", "peak_limit", "scaling"}))
experiment_names = CARDS.names
card_of = CARDS.card


def load_experiment(source: CardSource, scaling: str | None = None) -> Experiment:
    """Experiment of a card.

    Parameters
    ----------
    source : str, Path or Card
        One of `experiment_names`, the path of a card, or a card that was read.
    scaling : str, optional
        For a card that scales another one (``na62-full``: ``paper``, the default, or ``trigger``).

    Raises
    ------
    InputError
        If there is no such card or scaling, a key is unknown or a value is not allowed.
    """
    card = parse_card(card_of(source))
    if isinstance(card, Experiment):
        if scaling is not None:
            raise InputError(f"experiment {card.name} has no scaling; --scaling is for na62-full")
        return card
    choice = card.default if scaling is None else scaling
    if choice not in card.scaling:
        raise unknown("scaling", choice, card.scaling, of=card.name)
    how = card.scaling[choice]
    base = load_experiment(how.experiment).scaled(how.exposure_factor)
    note = f"{choice} scaling: {how.exposure_factor:g} x {how.experiment}; {how.reference}"
    title = f"{card.title} ({choice} scaling)"
    scaled = base.model_copy(update={"name": card.name, "title": title, "notes": (note, *card.notes)})
    scaled._card = card._card
    return scaled


@lru_cache(maxsize=64)
def parse_card(card: Card) -> Experiment | ScaledExperiment:
    """Check a card."""
    if "scaling" in card.content:
        return experiment_of(ScaledExperiment, card, card.content)
    return experiment_of(Experiment, card, card.content)
