"""Validation of observed limits from published W spectra: injection, a tuned prediction, coverage, robustness.

``python -m tools.validation.observed --out docs/explanation/results/w-observed`` writes ``validation.txt`` (tables in
Markdown) and a picture; ``--pythia`` names files of ``tools/recipes/simulate_w_spin.py`` for pseudo-data and prediction
of Pythia 8. It takes minutes on an idle machine, most of them for templates and toys.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.response import Experiment, load_experiment
from nucore.plot.style import save
from tools.validation.observed_bands import band
from tools.validation.observed_coverage import Coverage, Truth, coverage
from tools.validation.observed_fits import Analysis, Outcome, analysis, weakest
from tools.validation.observed_studies import (
    INJECTED,
    INJECTED_GEV,
    STUDIED_GEV,
    fit_range,
    pythia_events,
    recoveries,
    variants,
)
from tools.validation.observed_tables import (
    TREATMENT,
    Table,
    band_table,
    coverage_table,
    hidden_table,
    pythia_tables,
    recovery_table,
    variant_table,
)
from tools.validation.observed_tuning import MassDependence, mass_dependence
from tools.validation.plots import recovery_figure

EXPERIMENT, FLAVOUR, BLOCK = "atlas-2011", "mu", "mu-pt"
#: Further masses for fits of Standard Model events, GeV.
FURTHER_GEV = (10.0, 15.0, 35.0, 45.0)
#: Muon resolution of arXiv:1709.07001.
SHARP_MUONS = {"resolution_relative": 0.02, "resolution_quadratic_per_GeV": 0.0, "resolution_regions": ()}


def sharp_muons(experiment: Experiment) -> Experiment:
    """Return the experiment with the muon resolution of arXiv:1709.07001 in the selections of its data."""
    selections = dict(experiment.selections)
    for name in {block.selection for block in experiment.data}:
        muons = experiment.analysis(name).lepton_response("mu").model_copy(update=SHARP_MUONS)
        response = {**(selections[name].response or {}), "mu": muons}
        selections[name] = selections[name].model_copy(update={"response": response})
    return experiment.model_copy(update={"selections": selections})


def other_analyses() -> dict[str, Analysis]:
    """Return other data and other templates than the published limit uses."""
    card, full = load_experiment(EXPERIMENT), AnalysisOptions(systematics="full")
    leading = AnalysisOptions(systematics="full", spin="lo")
    return {
        "electrons": analysis(card, "e", "e-pt", STUDIED_GEV, full),
        "transverse mass": analysis(card, FLAVOUR, "mu-mt", STUDIED_GEV, full),
        "leading-order spin": analysis(card, FLAVOUR, BLOCK, STUDIED_GEV, leading),
        "2% muon resolution": analysis(sharp_muons(card), FLAVOUR, BLOCK, STUDIED_GEV, full),
    }


def coverages(found: Analysis, mass: MassDependence, n_toys: int) -> list[Coverage]:
    """Throw toys at zero and at the observed limit, and of the tuned prediction at injected |U|^2."""
    studies = []
    for m4 in STUDIED_GEV:
        limit = weakest(m4, found.ours[m4], found.predictions, found.data).observed
        studies += [coverage(found, Truth(m4, value, TREATMENT), n_toys) for value in (0.0, limit or 0.0)]
        others = [k for k in range(len(found.spectra)) if k != TREATMENT] if m4 == STUDIED_GEV[1] else []
        studies += [coverage(found, Truth(m4, limit or 0.0, k), n_toys) for k in others]
    for m4, value, length in ((30.0, 0.02, 1.0), (30.0, 0.04, 1.0), (20.0, 0.04, 2.0)):
        errors, name = (band(found, length, True),), f"{length:g}, W+ and W- equal"
        studies.append(coverage(found, Truth(m4, value, TREATMENT, errors=errors, name=name), n_toys))
    kept = fit_range(found)
    studies += [coverage(found, Truth(m4, INJECTED, TREATMENT, mass, kept), n_toys) for m4 in INJECTED_GEV]
    return studies


def main() -> None:
    """Run the validation."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("w-observed"), help="folder of the results")
    parser.add_argument("--pythia", type=Path, nargs="+", default=(), help="files of simulate_w_spin.py, 7 TeV")
    parser.add_argument("--toys", type=int, default=200, help="pseudo-experiments of each truth")
    args = parser.parse_args()
    masses = sorted({*INJECTED_GEV, *STUDIED_GEV, *(FURTHER_GEV if args.pythia else ())})
    found = analysis(load_experiment(EXPERIMENT), FLAVOUR, BLOCK, masses)
    mass = mass_dependence(found.spectra[0].measurement, found.m_W)
    others = other_analyses()
    transverse = others["transverse mass"]
    rows = recoveries(found, mass, (transverse, mass_dependence(transverse.spectra[0].measurement, transverse.m_W)))
    results: dict[str, Sequence[Outcome]] = {**variants(found)}
    for name, other in others.items():
        results[name] = [weakest(m4, other.ours[m4], other.predictions, other.data) for m4 in STUDIED_GEV]
    treatments = [one.treatment.replace("_", " ") for one in found.spectra]
    tables: list[Table] = pythia_tables(found, pythia_events(args.pythia, found)) if args.pythia else []
    tables += [recovery_table(rows), hidden_table(found)]
    tables += [coverage_table(coverages(found, mass, args.toys), treatments), band_table(found, STUDIED_GEV)]
    tables.append(variant_table(results, treatments))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "validation.txt").write_text("\n".join(map(str, tables)), encoding="utf-8")
    save(recovery_figure(rows), args.out / "recovery.png")
    print(*tables, sep="\n")


if __name__ == "__main__":
    main()
