"""Validation of W production: Pythia 8, measured cross sections, measured lepton |eta| and charge asymmetry.

``python -m collider.validation --out DIR`` makes every comparison, and writes pictures, ``results.md`` (tables) and
``results.json``.
"""

from __future__ import annotations

import argparse
import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_distribution

from collider.generator import generate_events, generate_histogram
from collider.neutral_current import z_cross_section_pb
from collider.partons import DEFAULT_PDF_SET, pdf_sets
from collider.production import GAMMA_W, M_W, w_component
from collider.pythia_w import MASS_WINDOW_GEV, simulate_w
from collider.selection import EventCuts, LeptonSelection, RecoilResponse
from nuportal.plot import save
from nuportal.plot.validation import comparison_figure, pull_figure
from nuportal.smearing import Efficiency, Resolution

Array = NDArray[np.float64]

#: Pythia events of a comparison, ours per event of Pythia, and the seed of both.
N_PYTHIA, OURS_PER_PYTHIA, SEED = 200_000, 10, 20170904
PYTHIA_ENERGIES = ((7.0, "pp"), (13.0, "pp"), (1.96, "ppbar"))
#: Events for the comparison with ATLAS.
N_ATLAS = 300_000_000
#: Pythia's name of the default PDF set, used for its hard process.
_HARD_PDF = ("PDF:useHard = on", "PDF:pHardSet = 20")
_RESONANCE = (f"24:m0 = {M_W}", f"24:mWidth = {GAMMA_W}", "24:doForceWidth = on")
_LEADING_ORDER = ("PartonLevel:ISR = off", "BeamRemnants:primordialKT = off")
_BINS = {
    "w_pt": np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 40, 50, 65, 80, 100, 150], float),
    "w_rapidity": np.linspace(0.0, 4.0, 21),
    "lepton_pt": np.linspace(20.0, 60.0, 41),
    "lepton_eta": np.linspace(0.0, 4.0, 21),
}
#: Without a W transverse momentum the lepton pT ends at half of the largest mass.
_BINS_AT_REST = {
    "w_rapidity": _BINS["w_rapidity"],
    "lepton_pt": np.linspace(20.0, 45.0, 26),
    "lepton_eta": _BINS["lepton_eta"],
}
_LABELS = {
    "w_pt": "$p_T$ of the W (GeV)",
    "w_rapidity": "$|y|$ of the W",
    "lepton_pt": "$p_T$ of the lepton (GeV)",
    "lepton_eta": r"$|\eta|$ of the lepton",
}

#: All leptons as they are.
_EVERYTHING = LeptonSelection((1.0, 1000.0), (0.0, math.inf), Resolution(), Efficiency())


@dataclass(frozen=True, eq=False)
class Comparison:
    """A binned reference and our prediction of it.

    Attributes
    ----------
    name, title, x_label, y_label : str
        ``name`` is that of the picture.
    edges : float64[n + 1]
    reference, reference_error : float64[n]
    ours, ours_error : float64[n]
        Errors are standard deviations; ours is that of the integration or of the finite sample.
    normalised : bool
        Whether both are normalised to the same sum, which takes one degree of freedom.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    edges: Array
    reference: Array
    reference_error: Array
    ours: Array
    ours_error: Array
    normalised: bool

    @property
    def pulls(self) -> Array:
        """(ours - reference) over the standard deviation of the difference, [n]."""
        return (self.ours - self.reference) / np.hypot(self.reference_error, self.ours_error)

    @property
    def chi2(self) -> float:
        """Sum of squared pulls, correlations between bins neglected."""
        return float(np.sum(self.pulls**2))

    @property
    def n_dof(self) -> int:
        """Degrees of freedom."""
        return self.reference.size - int(self.normalised)

    @property
    def largest_deviation(self) -> float:
        """Largest |ours/reference - 1|."""
        return float(np.abs(self.ours / self.reference - 1.0).max())


@dataclass(frozen=True)
class RatePull:
    """A measured cross section (pb) or ratio and our prediction of it."""

    sqrt_s_TeV: float
    experiment: str
    quantity: str
    measured: float
    uncertainty: float
    predicted: float
    reference: str
    verified: bool

    @property
    def pull(self) -> float:
        """(predicted - measured) over the measured uncertainty; that of the prediction, about 3%, is left out."""
        return (self.predicted - self.measured) / self.uncertainty


def rate_pulls() -> list[RatePull]:
    """Compare the measured cross sections of data/validation/cross_sections.toml with the predictions."""
    return [
        RatePull(
            sqrt_s_TeV=entry["sqrt_s_TeV"],
            experiment=entry["experiment"],
            quantity=entry["quantity"],
            measured=entry["value"],
            uncertainty=math.hypot(*entry["uncertainties"]),
            predicted=_predicted_rate(entry),
            reference=entry["reference"],
            verified=entry["verified"],
        )
        for entry in _card("cross_sections")["measurement"]
    ]


def _predicted_rate(entry: dict[str, Any]) -> float:
    energy, beams = entry["sqrt_s_TeV"], entry["beams"]
    if entry["quantity"] == "Z":
        low, high = entry["mass_window_GeV"]
        return z_cross_section_pb(energy, low, high, beams=beams)
    plus, minus = (w_component(energy, charge, 0.0, beams=beams).cross_section_pb for charge in (1, -1))
    return {"W+": plus, "W-": minus, "W": plus + minus, "W+/W-": plus / minus}[entry["quantity"]]


def lepton_eta_comparisons(
    pdf_set: str = DEFAULT_PDF_SET, n_events: int = N_ATLAS, seed: int = SEED
) -> list[Comparison]:
    """Compare with the W+ and W- cross sections and their asymmetry in |eta| of the lepton, ATLAS at 7 TeV.

    The luminosity uncertainty, common to all bins, is left out of the errors of the cross sections, which are
    normalised to the same sum as ours.

    Parameters
    ----------
    pdf_set : str
    n_events, seed : int
        Of the generated sample.
    """
    card = _card("atlas-7tev-lepton-eta")
    edges = np.array(card["abs_eta_edges"])
    components = [w_component(card["sqrt_s_TeV"], charge, 0.0, pdf_set) for charge in (1, -1)]
    rates = [component.cross_section_pb for component in components]
    selection = replace(
        _EVERYTHING,
        edges=(card["lepton_pt_min_GeV"], 1000.0),
        eta_edges=tuple(edges),
        cuts=EventCuts(
            missing_momentum_min=card["neutrino_pt_min_GeV"], transverse_mass_min=card["transverse_mass_min_GeV"]
        ),
        recoil=RecoilResponse(1.0, 1e-3),  # the missing momentum is that of the neutrino, to 1 MeV
    )
    counts = generate_histogram(components, rates, selection, n_events, seed).component_counts.astype(float)
    comparisons = []
    for index, sign in enumerate(("plus", "minus")):
        measured, error = np.array(card[f"{sign}_pb"]), np.array(card[f"{sign}_uncertainty_pb"])
        error = np.sqrt(error**2 - (card["luminosity_uncertainty"] * measured) ** 2)
        density = 0.5 * counts[index] * sum(rates) / n_events / np.diff(edges)
        scale = np.sum(measured * np.diff(edges)) / np.sum(density * np.diff(edges))
        title = f"W{'+' if index == 0 else '-'}, ATLAS 7 TeV (ours times {scale:.3f})"
        labels = (f"atlas-{sign}", title, _LABELS["lepton_eta"], r"$d\sigma/d\eta$ (pb)")
        ours, ours_error = scale * density, scale * density / np.sqrt(counts[index])
        comparisons.append(Comparison(*labels, edges, measured, error, ours, ours_error, normalised=True))
    total = counts.sum(axis=0)
    ours = (counts[0] - counts[1]) / total
    labels = ("atlas-asymmetry", "Charge asymmetry, ATLAS 7 TeV", _LABELS["lepton_eta"], "$(W^+ - W^-)/(W^+ + W^-)$")
    measured, error = np.array(card["asymmetry"]), np.array(card["uncertainty"])
    ours_error = np.sqrt((1.0 - ours**2) / total)
    comparisons.append(Comparison(*labels, edges, measured, error, ours, ours_error, normalised=False))
    family = pdf_set.partition("_")[0]
    return [replace(c, name=f"{c.name}-{family}", title=f"{c.title}; {family}") for c in comparisons]


def pythia_comparisons(
    sqrt_s_TeV: float, beams: str = "pp", shower: bool = True, n_events: int = N_PYTHIA, seed: int = SEED
) -> list[Comparison]:
    """Compare the shapes of W and lepton distributions with Pythia 8 at truth level, charge by charge.

    Pythia has the AZ tune, our default PDF set in the hard process, our W mass and width, and no radiation of
    photons.  The lepton pT is that of leptons with |eta| < 2.5, the lepton |eta| that of leptons with pT > 25 GeV.

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
        ratio, fine = np.ones(mine["w_rapidity"].size), np.linspace(0.0, 6.0, 61)
        if shower:
            heights = [np.histogram(np.abs(a["w_rapidity"]), fine)[0] for a in (one, mine)]
            cell = np.minimum(np.digitize(np.abs(mine["w_rapidity"]), fine) - 1, fine.size - 2)
            ratio = (heights[0] / np.maximum(heights[1], 1))[cell]
        for name, edges in (_BINS if shower else _BINS_AT_REST).items():
            weights = np.ones_like(ratio) if name == "w_rapidity" else ratio
            reference, reference_error = _fractions(one, name, edges, np.ones(one["w_pt"].size))
            ours, ours_error = _fractions(mine, name, edges, weights)
            order = f"Pythia 8, {'AZ tune' if shower else 'leading order'}"
            title = (
                f"W{'+' if charge > 0 else '-'} at {sqrt_s_TeV:g} TeV{' (p pbar)' if beams == 'ppbar' else ''}, {order}"
            )
            kind = "shower" if shower else "lo"
            labels = (f"pythia-{kind}-{sqrt_s_TeV:g}-{sign}-{name.replace('_', '-')}", title, _LABELS[name])
            errors = (reference, reference_error, ours, ours_error)
            comparisons.append(Comparison(*labels, "fraction per bin", edges, *errors, normalised=True))
    return comparisons


def _our_events(
    sqrt_s_TeV: float, charge: int, beams: str, shower: bool, n_events: int, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Return our events inside Pythia's window of the W mass."""
    component = w_component(sqrt_s_TeV, charge, 0.0, beams=beams)
    if not shower:
        component = replace(component, pt_rows=np.zeros_like(component.pt_rows))
    chunks = []
    for events in generate_events([component], [1.0], _EVERYTHING, n_events, seed):
        mass = events.arrays["w_mass"]
        window = (mass > MASS_WINDOW_GEV[0]) & (mass < MASS_WINDOW_GEV[1])
        names = ("w_pt", "w_rapidity", "lepton_pt", "lepton_eta")
        chunks.append({name: events.arrays[name][window].astype(np.float32) for name in names})
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _fractions(arrays: dict[str, Any], name: str, edges: Array, weights: Array) -> tuple[Array, Array]:
    """Return the fraction in each bin of a distribution and its standard deviation."""
    inside = np.ones(weights.size, bool)
    if name == "lepton_pt":
        inside = np.abs(arrays["lepton_eta"]) < 2.5
    elif name == "lepton_eta":
        inside = arrays["lepton_pt"] > 25.0
    values, weights = np.abs(arrays[name][inside]), weights[inside]
    sums = np.histogram(values, edges, weights=weights)[0]
    squares = np.histogram(values, edges, weights=weights**2)[0]
    return sums / sums.sum(), np.sqrt(squares) / sums.sum()


def validate(
    out: Path,
    energies: Sequence[tuple[float, str]] = PYTHIA_ENERGIES,
    n_pythia: int = N_PYTHIA,
    n_atlas: int = N_ATLAS,
) -> list[Path]:
    """Make all comparisons and write pictures, tables and numbers into a folder; return the files.

    Parameters
    ----------
    out : Path
    energies : sequence of (float, str)
        Energies (TeV) and beams compared with Pythia.
    n_pythia : int
        Pythia events at each of them; 0 to leave Pythia out.
    n_atlas : int
        Ours, for the comparison with ATLAS.
    """
    out.mkdir(parents=True, exist_ok=True)
    rates = rate_pulls()
    comparisons = [c for pdf_set in pdf_sets() for c in lepton_eta_comparisons(pdf_set, n_atlas)]
    for sqrt_s_TeV, beams in energies if n_pythia else ():
        for shower in (False, True):
            comparisons += pythia_comparisons(sqrt_s_TeV, beams, shower, n_pythia)
    labels = [f"{r.experiment} {r.sqrt_s_TeV:g} TeV, {r.quantity}" for r in rates]
    paths = [save(pull_figure(labels, [r.pull for r in rates]), out / "cross-sections.png")]
    for c in comparisons:
        figure = comparison_figure(
            c.edges, c.reference, c.reference_error, c.ours, c.ours_error, c.x_label, c.y_label, c.title
        )
        paths.append(save(figure, out / f"{c.name}.png"))
    paths += [out / "results.md", out / "results.json"]
    paths[-2].write_text(_tables(rates, comparisons), encoding="utf-8")
    numbers = {"rates": [asdict(r) | {"pull": r.pull} for r in rates], "shapes": [_numbers(c) for c in comparisons]}
    paths[-1].write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    return paths


def _numbers(c: Comparison) -> dict[str, Any]:
    arrays = {name: np.round(a, 8).tolist() for name, a in asdict(c).items() if isinstance(a, np.ndarray)}
    return {"name": c.name, "chi2": c.chi2, "n_dof": c.n_dof, **arrays, "pulls": np.round(c.pulls, 3).tolist()}


def _tables(rates: Sequence[RatePull], comparisons: Sequence[Comparison]) -> str:
    lines = ["| sqrt(s) / TeV | experiment | quantity | measured | predicted | pull | reference |", "|" + " --- |" * 7]
    for r in rates:
        value, error, ours = (
            f"{x:.{3 if '/' in r.quantity else 0}f}" for x in (r.measured, r.uncertainty, r.predicted)
        )
        source = r.reference if r.verified else f"{r.reference} (digits recalled)"
        where = f"{r.sqrt_s_TeV:g} | {r.experiment} | {r.quantity}"
        lines.append(f"| {where} | {value} ± {error} | {ours} | {r.pull:+.1f} | {source} |")
    lines += ["", "| comparison | distribution | chi2 / dof | p | largest deviation |", "|" + " --- |" * 5]
    for c in comparisons:
        p = float(chi2_distribution.sf(c.chi2, c.n_dof))
        axis = c.x_label.replace("|", r"\vert ")
        shape = f"{c.chi2:.1f} / {c.n_dof} | {p:.2g} | {100.0 * c.largest_deviation:.1f}%"
        lines.append(f"| {c.title} | {axis} | {shape} |")
    return "\n".join([*lines, ""])


def _card(name: str) -> dict[str, Any]:
    text = (files("collider") / "data" / "validation" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def main() -> None:
    """Run the validation."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("w-validation"), help="folder of the results")
    parser.add_argument("--pythia-events", type=int, default=N_PYTHIA, help="at each energy; 0 leaves Pythia out")
    args = parser.parse_args()
    for path in validate(args.out, n_pythia=args.pythia_events):
        print(path)


if __name__ == "__main__":
    main()
