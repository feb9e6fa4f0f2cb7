"""Validation of W production: Pythia 8, measured cross sections, measured lepton |eta| and charge asymmetry.

``python -m tools.validation.validation --out DIR`` makes all comparisons and writes pictures, ``results.txt`` (tables
in Markdown) and ``results.json``.
"""

from __future__ import annotations

import argparse
import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_distribution

from collider.events.generator import generate_histogram
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.production.neutral_current import fixed_order_cross_section_pb, z_k_factor
from collider.production.partons import DEFAULT_PDF_SET, pdf_sets
from collider.production.w_production import w_component
from nucore.plot.style import save
from nucore.smearing import Efficiency, Resolution
from tools.validation.comparison import Comparison, RatePull
from tools.validation.plots import comparison_figure, pull_figure
from tools.validation.pythia_comparison import N_PYTHIA, pythia_comparisons
from tools.validation.spin_comparison import coefficient_curves, coefficients_figure

Array = NDArray[np.float64]

PYTHIA_ENERGIES = ((7.0, "pp"), (13.0, "pp"), (1.96, "ppbar"))
#: Events for the comparison with ATLAS.
N_ATLAS = 100_000_000
_ETA_LABEL = r"$|\eta|$ of the lepton"


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
        return fixed_order_cross_section_pb(energy, low, high, beams=beams) * z_k_factor(energy, beams)
    plus, minus = (w_component(energy, charge, 0.0, beams=beams).cross_section_pb for charge in (1, -1))
    return {"W+": plus, "W-": minus, "W": plus + minus, "W+/W-": plus / minus}[entry["quantity"]]


def lepton_eta_comparisons(pdf_set: str = DEFAULT_PDF_SET, n_events: int = N_ATLAS, seed: int = 1) -> list[Comparison]:
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
    selection = LeptonSelection(
        edges=(card["lepton_pt_min_GeV"], 1000.0),
        eta_edges=tuple(edges),
        resolution=Resolution(),
        efficiency=Efficiency(),
        cuts=Cuts(
            missing_momentum_min_GeV=card["neutrino_pt_min_GeV"],
            transverse_mass_min_GeV=card["transverse_mass_min_GeV"],
        ),
        recoil=Recoil(response=1.0, resolution_GeV=1e-3),  # the missing momentum is that of the neutrino, to 1 MeV
    )
    counts = generate_histogram(components, rates, selection, n_events, seed).component_counts.astype(float)
    comparisons = []
    for index, sign in enumerate(("plus", "minus")):
        measured, error = np.array(card[f"{sign}_pb"]), np.array(card[f"{sign}_uncertainty_pb"])
        error = np.sqrt(error**2 - (card["luminosity_uncertainty"] * measured) ** 2)
        density = 0.5 * counts[index] * sum(rates) / n_events / np.diff(edges)
        scale = np.sum(measured * np.diff(edges)) / np.sum(density * np.diff(edges))
        title = f"W{'+' if index == 0 else '-'}, ATLAS 7 TeV (ours times {scale:.3f})"
        labels = (f"atlas-{sign}", title, _ETA_LABEL, r"$d\sigma/d\eta$ (pb)")
        ours, ours_error = scale * density, scale * density / np.sqrt(counts[index])
        comparisons.append(Comparison(*labels, edges, measured, error, ours, ours_error, normalised=True))
    total = counts.sum(axis=0)
    ours = (counts[0] - counts[1]) / total
    labels = ("atlas-asymmetry", "Charge asymmetry, ATLAS 7 TeV", _ETA_LABEL, "$(W^+ - W^-)/(W^+ + W^-)$")
    measured, error = np.array(card["asymmetry"]), np.array(card["uncertainty"])
    ours_error = np.sqrt((1.0 - ours**2) / total)
    comparisons.append(Comparison(*labels, edges, measured, error, ours, ours_error, normalised=False))
    family = pdf_set.partition("_")[0]
    return [replace(c, name=f"{c.name}-{family}", title=f"{c.title}; {family}") for c in comparisons]


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
    curves = [coefficient_curves(PYTHIA_ENERGIES[0][0], charge) for charge in (1, -1)]
    paths.append(save(coefficients_figure(curves), out / "angular-coefficients.png"))
    for c in comparisons:
        figure = comparison_figure(
            c.edges, c.reference, c.reference_error, c.ours, c.ours_error, c.x_label, c.y_label, c.title
        )
        paths.append(save(figure, out / f"{c.name}.png"))
    paths += [out / "results.txt", out / "results.json"]
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
    text = (Path(__file__).parent / "data" / f"{name}.toml").read_text(encoding="utf-8")
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
