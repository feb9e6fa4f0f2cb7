"""Shapes of W and lepton distributions against Pythia 8; needs the extra ``pdf``."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.events.generator import generate_events
from collider.experiments.selection import LeptonSelection
from collider.production.w_production import GAMMA_W, M_W, w_component
from nucore.smearing import Efficiency, Resolution
from tools.validation.comparison import Comparison
from tools.validation.pythia_w import MASS_WINDOW_GEV, simulate_w, transverse_mass
from tools.validation.reweighting import decay_weights

Array = NDArray[np.float64]

#: Events of Pythia, and ours for each of them.
N_PYTHIA, OURS_PER_PYTHIA = 200_000, 10
MIN_EVENTS = 20
_ALL_LEPTONS = LeptonSelection((1.0, 1000.0), (0.0, math.inf), Resolution(), Efficiency())
#: Pythia's name of the default PDF set, used for its hard process.
_HARD_PDF = ("PDF:useHard = on", "PDF:pHardSet = 20")
_RESONANCE = (f"24:m0 = {M_W}", f"24:mWidth = {GAMMA_W}", "24:doForceWidth = on")
_LEADING_ORDER = ("PartonLevel:ISR = off", "BeamRemnants:primordialKT = off")
_BINS = {
    "w_pt": np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 40, 50, 65, 80, 100, 150], float),
    "w_rapidity": np.linspace(0.0, 4.0, 21),
    "lepton_pt": np.linspace(20.0, 60.0, 41),
    "lepton_eta": np.linspace(0.0, 4.0, 21),
    "transverse_mass": np.linspace(50.0, 100.0, 26),
}
#: Without a W transverse momentum the lepton pT ends at half of the largest mass.
_BINS_AT_REST = {
    "w_rapidity": _BINS["w_rapidity"],
    "lepton_pt": np.linspace(20.0, 45.0, 26),
    "lepton_eta": _BINS["lepton_eta"],
    "transverse_mass": np.linspace(50.0, 90.0, 21),
}
#: Distributions that depend on the decay angles.
_OF_DECAY = ("lepton_pt", "lepton_eta", "transverse_mass")
_LABELS = {
    "w_pt": "$p_T$ of the W (GeV)",
    "w_rapidity": "$|y|$ of the W",
    "lepton_pt": "$p_T$ of the lepton (GeV)",
    "lepton_eta": r"$|\eta|$ of the lepton",
    "transverse_mass": "transverse mass (GeV)",
}


def pythia_comparisons(
    sqrt_s_TeV: float, beams: str = "pp", shower: bool = True, n_events: int = N_PYTHIA, seed: int = 1
) -> list[Comparison]:
    """Compare the shapes of W and lepton distributions with Pythia 8 at truth level, charge by charge.

    Pythia has the AZ tune, our default PDF set in the hard process, our W mass and width, and no radiation of
    photons.  Lepton pT and transverse mass are those of leptons with |eta| < 2.5, the lepton |eta| that of leptons with
    pT > 25 GeV.  In the latter three Pythia has our angular coefficients, by weights.

    Parameters
    ----------
    sqrt_s_TeV : float
    beams : {"pp", "ppbar"}
    shower : bool
        False leaves out initial-state radiation and primordial kT: leading order on both sides.  With them,
        distributions other than that of the rapidity have our events weighted to Pythia's rapidity.
    n_events : int
        Of Pythia.
    seed : int
    """
    theirs = simulate_w(
        sqrt_s_TeV, n_events, seed, beams, settings=(*_HARD_PDF, *_RESONANCE, *(() if shower else _LEADING_ORDER))
    )
    comparisons = []
    for charge, sign in ((1, "plus"), (-1, "minus")):
        one = {name: values[theirs["charge"] == charge].astype(float) for name, values in theirs.items()}
        mine = _our_events(sqrt_s_TeV, charge, beams, shower, OURS_PER_PYTHIA * n_events, seed)
        angles = decay_weights(one, w_component(sqrt_s_TeV, charge, 0.0, beams=beams), sqrt_s_TeV, beams)
        ratio, fine = np.ones(mine["w_rapidity"].size), np.linspace(0.0, 6.0, 61)
        if shower:
            heights = [np.histogram(np.abs(a["w_rapidity"]), fine)[0] for a in (one, mine)]
            cell = np.minimum(np.digitize(np.abs(mine["w_rapidity"]), fine) - 1, fine.size - 2)
            ratio = (heights[0] / np.maximum(heights[1], 1))[cell]
        for name, edges in (_BINS if shower else _BINS_AT_REST).items():
            weights = np.ones_like(ratio) if name == "w_rapidity" else ratio
            of_decay = shower and name in _OF_DECAY
            theirs_in_bins = _sums(one, name, edges, angles if of_decay else np.ones_like(angles))
            # Gaussian errors need some events of Pythia: a tail with fewer is left out.
            kept = edges[: 2 + int(np.flatnonzero(theirs_in_bins[0] >= MIN_EVENTS)[-1])]
            reference, reference_error = _density(*theirs_in_bins, kept)
            ours, ours_error = _density(*_sums(mine, name, edges, weights), kept)
            kind, order = ("shower", "AZ tune") if shower else ("lo", "leading order")
            process = f"W{'+' if charge > 0 else '-'} at {sqrt_s_TeV:g} TeV{' (p pbar)' if beams == 'ppbar' else ''}"
            labels = (
                f"pythia-{kind}-{sqrt_s_TeV:g}-{sign}-{name.replace('_', '-')}",
                f"{process}, Pythia 8, {order}{', our spin' if of_decay else ''}",
                _LABELS[name],
                "normalised distribution",
            )
            errors = (reference, reference_error, ours, ours_error)
            comparisons.append(Comparison(*labels, kept, *errors, normalised=True))
    return comparisons


def _our_events(
    sqrt_s_TeV: float, charge: int, beams: str, shower: bool, n_events: int, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Return our events inside Pythia's window of the W mass."""
    component = w_component(sqrt_s_TeV, charge, 0.0, beams=beams, order="nlo" if shower else "lo")
    if not shower:
        component = replace(component, pt_rows=np.zeros_like(component.pt_rows))
    chunks = []
    for events in generate_events([component], [1.0], _ALL_LEPTONS, n_events, seed):
        mass = events.arrays["w_mass"]
        window = (mass > MASS_WINDOW_GEV[0]) & (mass < MASS_WINDOW_GEV[1])
        arrays = {name: values[window] for name, values in events.arrays.items()}
        lepton = arrays["lepton_pt"] * np.array([np.cos(arrays["lepton_phi"]), np.sin(arrays["lepton_phi"])])
        neutrino = np.array([arrays["neutrino_px"], arrays["neutrino_py"]])
        arrays["transverse_mass"] = transverse_mass(lepton, neutrino)
        chunks.append({name: arrays[name].astype(np.float32) for name in _BINS})
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _sums(arrays: dict[str, Any], name: str, edges: Array, weights: Array) -> tuple[Array, Array]:
    """Return the sum of the weights and of their squares in each bin of a distribution."""
    inside = np.ones(weights.size, bool)
    if name in ("lepton_pt", "transverse_mass"):
        inside = np.abs(arrays["lepton_eta"]) < 2.5
    elif name == "lepton_eta":
        inside = arrays["lepton_pt"] > 25.0
    values, weights = np.abs(arrays[name][inside]), weights[inside]
    return np.histogram(values, edges, weights=weights)[0], np.histogram(values, edges, weights=weights**2)[0]


def _density(sums: Array, squares: Array, edges: Array) -> tuple[Array, Array]:
    """Return the normalised distribution in the bins that ``edges`` has, and its standard deviation."""
    n_bins = edges.size - 1
    scale = 1.0 / (sums[:n_bins].sum() * np.diff(edges))
    return scale * sums[:n_bins], scale * np.sqrt(squares[:n_bins])
