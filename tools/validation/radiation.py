"""Final-state radiation of W -> l nu: Pythia 8's shower beside ours, and the size of what ours neglects.

``python -m tools.validation.radiation --out DIR`` writes ``radiation.png`` and ``radiation.txt``; it needs the extra
``pdf`` and takes ten minutes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from collider.decay.radiation import FinalStateRadiation, leading_logarithm
from collider.production.w_production import GAMMA_W, M_W
from nucore.model import constants
from nucore.plot.style import COLOURS, RC, new_figure, save
from tools.validation.pythia_radiation import CONE, shower_fractions

Array = NDArray[np.float64]
#: Probability to lose less than a fraction, or cumulative of the lepton pT.
Cumulative = Callable[[Array], Array]
#: Shares z of bare and dressed leptons by lepton and running of the coupling.
Samples = dict[tuple[str, bool], tuple[Array, Array]]

N_EVENTS = 500_000
#: Fractions of the momentum whose loss is tabulated.
LOSSES = (0.01, 0.05, 0.1, 0.3)
PT_EDGES = np.linspace(30.0, 50.0, 21)
SHOWN_GEV = (30, 32, 34, 36, 38, 39, 40, 41, 42, 44)
CASES = (
    FinalStateRadiation("mu"),
    FinalStateRadiation("e"),
    FinalStateRadiation("mu", "dressed", CONE),
    FinalStateRadiation("e", "dressed", CONE),
)
_PER_PHOTON = 0.5 * float(constants.ALPHA_EM) / math.pi
#: Lost fractions over which spectra are summed, and the value taken in each interval.
_LOST = np.concatenate([[0.0], np.geomspace(1e-7, 1.0, 400)])
_VALUE = np.concatenate([[0.0], np.sqrt(_LOST[1:-1] * _LOST[2:])])


def spin_changes(z: ArrayLike) -> tuple[Array, Array]:
    """Return the densities in z of leptons with W spin 0 and +1 along their direction, for -1 without photons.

    From the matrix element at order alpha, ``collider.decay.radiation``, for 0 < z < 1.
    """
    z = np.asarray(z, dtype=np.float64)
    log = np.log1p(-z)
    zero = 2.0 * (1.0 - z) / z**2 * (z + (1.0 - z) * log)
    return _PER_PHOTON * zero, -_PER_PHOTON * (1.0 - z) ** 3 / z**2 * (log + z)


def _masses(m_w: float, n: int) -> Array:
    """Return ``n`` W masses, equally probable, of the Breit-Wigner."""
    limits = np.arctan((np.array([60.0, 120.0]) ** 2 - m_w**2) / (m_w * GAMMA_W))
    middle = limits[0] + (limits[1] - limits[0]) * (np.arange(n) + 0.5) / n
    return np.asarray(np.sqrt(m_w**2 + m_w * GAMMA_W * np.tan(middle)))


def pt_at_rest(m_w: float = M_W, longitudinal: bool = False) -> Cumulative:
    """Return the cumulative lepton pT of W at rest with spin +-1 along the beam, averaged over the Breit-Wigner.

    ``longitudinal``: of leptons along whose direction the W has spin 0, as only photons make them.
    """
    masses = _masses(m_w, 2000)
    pt = np.geomspace(15.0, 120.0, 4000)
    cosine = np.sqrt(1.0 - np.clip(2.0 * pt[:, None] / masses, 0.0, 1.0) ** 2)
    above = 1.5 * (cosine - cosine**3 / 3.0) if longitudinal else 0.75 * (cosine + cosine**3 / 3.0)
    cumulative = 1.0 - above.mean(axis=1)
    return lambda x: np.interp(np.log(x), np.log(pt), cumulative)


def lepton_pt(below: Cumulative, born: Cumulative, edges: Array = PT_EDGES) -> Array:
    """Fold the spectrum without photons with the probability ``below`` to lose less; return the content of bins."""
    probability = np.diff(below(_LOST))
    return np.asarray(probability @ np.diff(born(edges / (1.0 - _VALUE[:, None])), axis=1))


def direction_change(edges: Array = PT_EDGES) -> Array:
    """Return what leptons with another direction than assumed add to the bins of `lepton_pt`, for W at rest.

    Spin +1 along the lepton has the distribution in |cos| of spin -1: spin 0 alone counts.
    """
    nodes, weights = np.polynomial.legendre.leggauss(80)
    z, weights = 0.5 * (1.0 + nodes), 0.5 * weights
    scaled = edges / np.maximum(z, 1e-3)[:, None]
    difference = pt_at_rest(longitudinal=True)(scaled) - pt_at_rest()(scaled)
    return np.asarray((weights * spin_changes(z)[0]) @ np.diff(difference, axis=1))


def laboratory_cone(edges: Array = PT_EDGES) -> tuple[Array, Array]:
    """Return bins of dressed leptons of W at rest with the cone in (eta, phi) and, as assumed, as an angle.

    A distance R in (eta, phi) is the angle R 2 pT/m.
    """
    sines = np.linspace(0.35, 1.0, 131)
    cosines = np.sqrt(1.0 - sines**2)
    probability = -np.diff(0.75 * (cosines + cosines**3 / 3.0))
    results = [np.zeros(edges.size - 1), np.zeros(edges.size - 1)]
    for sine, share in zip(0.5 * (sines[1:] + sines[:-1]), probability, strict=True):
        for result, cone in zip(results, (round(CONE * sine, 4), CONE), strict=True):
            fsr = FinalStateRadiation("e", "dressed", cone)
            lost = np.clip(1.0 - edges / (0.5 * sine * _masses(M_W, 100)[:, None]), 0.0, 1.0)
            more = np.where(lost > 0.0, 1.0 - fsr.radiated_below(lost), 1.0)
            result += share * np.diff(more, axis=1).mean(axis=0)
    return results[0], results[1]


def mass_shift(below: Cumulative, resolution: float = 4.0) -> float:
    """Return the shift (MeV) of m_W fitted to the transverse mass of W at rest if the fit knows of no photons.

    The transverse mass, twice the lepton pT, has a Gaussian resolution (GeV) and is fitted from 65 to 100 GeV.
    """
    fine = np.arange(30.0, 150.0, 0.05)
    centre = 0.5 * (fine[1:] + fine[:-1])
    window = np.arange(65.0, 100.5, 1.0)
    response = np.diff(ndtr((window[:, None] - centre) / resolution), axis=0)

    def shape(content: Array) -> Array:
        bins = response @ content
        return np.asarray(bins / bins.sum())

    step = 0.05
    nominal = shape(np.diff(pt_at_rest()(0.5 * fine)))
    slope = (shape(np.diff(pt_at_rest(M_W + step)(0.5 * fine))) - nominal) / step
    radiated = shape(lepton_pt(below, pt_at_rest(), 0.5 * fine)) - nominal
    return float(1000.0 * (radiated @ (slope / nominal)) / (slope @ (slope / nominal)))


def one_photon(fsr: FinalStateRadiation) -> Cumulative:
    """Return the probability to lose less than x with at most one photon, from a strength of 1e-5."""
    weak = replace(fsr, strength=1e-5 * fsr.strength)
    return lambda x: np.where(x > 0.0, 1.0 - 1e5 * (1.0 - weak.radiated_below(x)), 0.0)


def logarithm_alone(fsr: FinalStateRadiation) -> Cumulative:
    """Return the probability to lose less than x in the leading logarithm."""
    total = leading_logarithm(np.array(1.0), 0.5 * fsr.beta)
    return lambda x: leading_logarithm(x, 0.5 * fsr.beta) / total


def without_mass_term(fsr: FinalStateRadiation) -> Cumulative:
    """Return the probability to lose less than x if -2 (m_l/m)^2/y^2 is left out of the matrix element."""
    extra = 2.0 * fsr.strength * _PER_PHOTON * float(fsr.mode == "bare")
    return lambda x: fsr.radiated_below(x) + np.where(x > 0.0, extra * (np.log(np.maximum(x, 1e-9)) + 1.0 - x), 0.0)


def sampled(z: Array) -> Cumulative:
    """Return the share of a sample that lost less than x."""
    lost = np.sort(1.0 - z)
    return lambda x: np.where(x > 0.0, np.searchsorted(lost, x) / lost.size, 0.0)


def models(fsr: FinalStateRadiation, samples: Samples) -> dict[str, Cumulative]:
    """Return the probabilities to lose less than x to compare, ours first."""
    column = int(fsr.mode == "dressed")
    return {
        "here": fsr.radiated_below,
        "leading logarithm": logarithm_alone(fsr),
        "no mass term": without_mass_term(fsr),
        "Pythia, alpha(0)": sampled(samples[fsr.lepton, False][column]),
        "Pythia, running coupling": sampled(samples[fsr.lepton, True][column]),
    }


def _table(head: str, columns: Sequence[str], rows: dict[str, Sequence[str]]) -> list[str]:
    lines = [f"| {head} | " + " | ".join(columns) + " |", "|" + " --- |" * (1 + len(columns))]
    return [*lines, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()), ""]


def _losses(below: Cumulative) -> list[str]:
    mean = np.diff(below(_LOST)) @ _VALUE
    return [f"{100.0 * value:.3f}" for value in (mean, *(1.0 - below(np.array(LOSSES))))]


def _shape_change(changed: Array, nominal: Array) -> list[str]:
    ratio = changed / nominal * (nominal.sum() / changed.sum()) - 1.0
    return [f"{100.0 * ratio[int(low - PT_EDGES[0])]:+.2f}" for low in SHOWN_GEV]


def report(samples: Samples) -> str:
    """Tabulate losses, changes of the lepton pT spectrum and shifts of the W mass."""
    losses: dict[str, Sequence[str]] = {}
    changes: dict[str, Sequence[str]] = {}
    shifts: dict[str, Sequence[str]] = {}
    born = pt_at_rest()
    for fsr in CASES:
        name = f"{fsr.lepton} {fsr.mode}"
        compared = models(fsr, samples)
        losses |= {f"{name}, {model}": _losses(below) for model, below in compared.items()}
        ours = lepton_pt(fsr.radiated_below, born)
        pairs = {"radiation": (ours, np.diff(born(PT_EDGES))), "direction": (ours + direction_change(), ours)}
        pairs |= {model: (lepton_pt(below, born), ours) for model, below in list(compared.items())[1:]}
        pairs["coupling + 1%"] = (lepton_pt(replace(fsr, strength=1.01).radiated_below, born), ours)
        if fsr.mode == "dressed":
            pairs["cone in (eta, phi)"] = laboratory_cone()
        changes |= {f"{name}: {what}": _shape_change(*pair) for what, pair in pairs.items()}
        kinds = (fsr.radiated_below, one_photon(fsr), logarithm_alone(fsr))
        shifts[name] = [f"{mass_shift(below):.1f}" for below in kinds]
    lines = _table("loss / %", ("mean", *(f"> {loss:g}" for loss in LOSSES)), losses)
    lines += _table("change of 1 GeV bins / %, from GeV", [f"{low:g}" for low in SHOWN_GEV], changes)
    lines += _table("m_W shift, transverse mass / MeV", ("here", "one photon", "leading logarithm"), shifts)
    return "\n".join(lines)


def draw(samples: Samples) -> Figure:
    """Draw the density of the lost fraction of Pythia, with alpha(0), and of the leading logarithm, over ours."""
    edges = np.geomspace(1e-3, 0.9, 21)
    centre = np.sqrt(edges[1:] * edges[:-1])
    with mpl.rc_context(RC):
        figure, (axis,) = new_figure()
        for fsr, colour in zip((CASES[0], CASES[1], CASES[3]), COLOURS, strict=False):
            ours, name = (
                np.diff(fsr.radiated_below(edges)),
                f"{fsr.mode} {'muon' if fsr.lepton == 'mu' else 'electron'}",
            )
            z = samples[fsr.lepton, False][int(fsr.mode == "dressed")]
            counts = np.histogram(1.0 - z, edges)[0]
            points, errors = counts / z.size / ours, np.sqrt(counts) / z.size / ours
            axis.errorbar(centre, points, errors, fmt="o", ms=3.5, lw=0.9, color=colour, label=f"Pythia 8, {name}")
            axis.plot(centre, np.diff(logarithm_alone(fsr)(edges)) / ours, color=colour, lw=1.3)
            if fsr.mode == "bare":
                axis.plot(centre, np.diff(without_mass_term(fsr)(edges)) / ours, color=colour, lw=1.0, ls="--")
        axis.axhline(1.0, color="0.6", lw=0.8)
        axis.plot([], [], color="black", lw=1.3, label="leading logarithm")
        axis.plot([], [], color="black", lw=1.0, ls="--", label="no mass term at order $\\alpha$")
        axis.set(xscale="log", xlabel="fraction of the momentum lost", ylabel="density over ours", ylim=(0.85, 1.35))
        axis.legend(ncols=2)
    return figure


def main() -> None:
    """Simulate, tabulate and draw."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("w-validation"), help="folder of the results")
    parser.add_argument("--events", type=int, default=N_EVENTS, help="Pythia decays of each kind")
    args = parser.parse_args()
    leptons: tuple[Literal["e", "mu"], ...] = ("mu", "e")
    samples: Samples = {
        (lepton, running): shower_fractions(lepton, args.events, 7, running)
        for lepton in leptons
        for running in (False, True)
    }
    args.out.mkdir(parents=True, exist_ok=True)
    table = args.out / "radiation.txt"
    table.write_text(report(samples), encoding="utf-8")
    print(save(draw(samples), args.out / "radiation.png"), table, sep="\n")


if __name__ == "__main__":
    main()
