"""Experiment cards of the meson searches: one TOML file each, validated, every number with its origin."""

from __future__ import annotations

from functools import cache
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
from nucore.errors import InputError
from nucore.experiment_cards import CardFolder, CardModel, read_toml, validate

Array = NDArray[np.float64]

#: Names of the processes by parent.
PROCESSES = {"K+": "kaon", "pi+": "pion", "B+": "b", "tau-": "tau"}
#: Points of the table of sigma_p that a resolution of the missing mass becomes.
_RESOLUTION_POINTS = 25


class Experiment(CardModel):
    """One meson experiment.

    Attributes
    ----------
    name, title : str
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
    window_sigma : float
        Half width of the peak-search window in units of the resolution.
    limit_z : float
        Gaussian quantile of the published limits.
    edges_GeV : tuple of float
        Edges of the momentum histogram in place of the uniform ones.
    tracking : Tracking, optional
        Of an experiment in flight, which measures the squared missing mass.
    photon_veto : PhotonVeto, optional
        Shapes the background of radiative decays; a loss independent of energy by default.
    background_systematic : BackgroundSystematic, optional
        Fitted to `window_limit`.
    """

    name: str
    title: str
    parent: str
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
    notes: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _missing_mass_resolution(cls, content: Any) -> Any:
        """Turn sigma(m4) into a table of sigma_p = sigma_m m4 E / (M p)."""
        given = content.get("resolution") if isinstance(content, dict) else None
        if not isinstance(given, dict) or not given.get("missing_mass_MeV") or given.get("momentum_GeV"):
            return content
        mass, sigma = given["missing_mass_MeV"], given.get("sigma_mass_MeV", ())
        if len(mass) != len(sigma) or len(mass) < 2 or any(np.diff(mass) <= 0.0) or any(s <= 0.0 for s in sigma):
            raise ValueError("resolution: missing_mass_MeV must increase, sigma_mass_MeV be as long and positive")
        m_parent, m_lepton = decay_channel(content["parent"], content["lepton"]).masses
        low, high = (float(edge) for edge in content["momentum_GeV"])
        p = np.linspace(low, high, _RESOLUTION_POINTS)
        energy = np.hypot(p, m_lepton)
        m4 = np.sqrt(np.maximum(invisible_mass_sq(m_parent, m_lepton, p), 0.0))
        sigma_p = np.interp(m4 * 1e3, mass, sigma) * 1e-3 * m4 * energy / (m_parent * p)
        table = {"momentum_GeV": tuple(p.tolist()), "sigma_GeV": tuple(sigma_p.tolist())}
        return {**content, "resolution": {**given, **table}}

    @model_validator(mode="after")
    def _range(self) -> Experiment:
        if not 0.0 < self.momentum_GeV[0] < self.momentum_GeV[1]:
            raise ValueError("momentum_GeV must be two increasing positive numbers")
        if self.parent not in PROCESSES:
            raise ValueError(f"parent must be one of {', '.join(PROCESSES)}")
        if (self.peak_limit is not None) != self.channel.single_neutrino:
            raise ValueError("peak_limit is needed for a meson, to calibrate the background; a tau has none")
        if self.tracking is not None and self.beam_momentum_GeV == 0.0:
            raise ValueError("tracking is for an experiment in flight: beam_momentum_GeV must be positive")
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


class ScaledExperiment(CardModel):
    """An experiment given as a scaling of another one, in one or more ways."""

    name: str
    title: str
    default: str
    scaling: dict[str, Scaling]
    notes: tuple[str, ...] = ()


_CARDS = CardFolder("mesons.experiments")
experiment_names = _CARDS.names
card_text = _CARDS.text


def parse_card(text: str, where: str) -> Experiment | ScaledExperiment:
    """Read a card from TOML text.

    Raises
    ------
    InputError
        If the text is not TOML, a field is unknown or a value is not allowed.
    """
    content = read_toml(text, where)
    if "scaling" in content:
        return validate(ScaledExperiment, content, where)
    return validate(Experiment, content, where)


def experiment_title(name: str) -> str:
    """Title of a card."""
    return parse_card(card_text(name), name).title


@cache
def load_experiment(name: str, scaling: str | None = None) -> Experiment:
    """Experiment of a card.

    Parameters
    ----------
    name : str
        One of `experiment_names`.
    scaling : str, optional
        For a card that scales another one (``na62-full``: ``paper``, the default, or ``trigger``).

    Raises
    ------
    InputError
        If the name or the scaling is not known.
    """
    card = parse_card(card_text(name), name)
    if isinstance(card, Experiment):
        if scaling is not None:
            raise InputError(f"experiment {name} has no scaling; --scaling is for na62-full")
        return card
    choice = card.default if scaling is None else scaling
    if choice not in card.scaling:
        raise InputError(f"scaling {choice!r} of {name} is not known; allowed: {', '.join(card.scaling)}")
    how = card.scaling[choice]
    base = load_experiment(how.experiment).scaled(how.exposure_factor)
    note = f"{choice} scaling: {how.exposure_factor:g} x {how.experiment}; {how.reference}"
    title = f"{card.title} ({choice} scaling)"
    return base.model_copy(update={"name": name, "title": title, "notes": (note, *card.notes)})
