"""Fit a card's response to published simulation: ``python -m tools.calibration.calibrate CARD --out DIR``.

Written are ``calibration.md`` (parameters and residuals), ``calibration.png``, ``card.toml`` (the fitted numbers under
their keys) and ``values.json`` (all values, from which ``--start`` goes on).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from collider.experiments.response import Experiment, load_experiment
from collider.production.w_production import M_W
from collider.templates.template import WTables
from nucore.errors import InputError
from nucore.plot.style import save
from tools.calibration.fit import Fit, Problem, fit
from tools.calibration.model import CardModel
from tools.calibration.parameters import Parameter, card_parameters, constrained_parameters, started
from tools.calibration.report import card_fragment, parameter_table, ratio_figure, residual_table
from tools.calibration.spectra import PublishedSpectrum, published_simulation

Array = NDArray[np.float64]
#: Range that is compared, and the width of the bins that are fitted, GeV; what varies between these is noise.
WINDOWS = {"lepton_pt": (30.0, 50.0), "transverse_mass": (60.0, 100.0), "missing_momentum": (30.0, 50.0)}
FITTED_WIDTHS = {"lepton_pt": 0.5, "transverse_mass": 2.0, "missing_momentum": 2.0}
#: Relative error of a bin beside its noise: what the model itself is good to.
MODEL_ERROR = 0.002

PAGE = """# Calibration of {title}

Selection `{selection}`, W mass {m_W:g} GeV. Relative error of a bin: its noise and {model_error:.1%} of the model.
chi2 = {chi2:.1f} for {n_dof} degrees of freedom, {penalty:.1f} from the constraints.

{parameters}

Published over fitted, with production and radiation where the fit pulls them:

{residuals}

With the fitted response alone, production and radiation as on the card:

{alone}
"""


@dataclass(frozen=True, eq=False)
class Calibration:
    """A fit, and the residuals in the bins that were published.

    Attributes
    ----------
    spectra : tuple of PublishedSpectrum
    fit : Fit
    before, response, after : list of float64[n_bins]
        ln(published/predicted) of each spectrum: with the first values; with the fitted response alone; and with
        production and radiation pulled as well.
    """

    spectra: tuple[PublishedSpectrum, ...]
    fit: Fit
    before: list[Array]
    response: list[Array]
    after: list[Array]


def calibrate(
    experiment: Experiment,
    selection: str,
    spectra: tuple[PublishedSpectrum, ...],
    parameters: Sequence[Parameter],
    m_W: float = M_W,
    report: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit the parameters to the shapes of the spectra.

    Parameters
    ----------
    experiment : Experiment
    selection : str
        Name on the card.
    spectra : tuple of PublishedSpectrum
    parameters : sequence of Parameter
    m_W : float
        Of the spectra, GeV.
    report : callable (str), optional
        Told of each step.
    """
    tables = WTables(experiment.sqrt_s_TeV, 1, beams=experiment.beams, m_W=m_W)
    fitted = tuple(s.merged(FITTED_WIDTHS[s.observable]) for s in spectra)
    model = CardModel(experiment, selection, fitted, tables)
    errors = [np.full(s.content.size, np.hypot(s.noise, MODEL_ERROR)) for s in fitted]
    problem = Problem(parameters, [s.content for s in fitted], errors, model.content, model.shift)
    found = fit(problem, report)
    start = {p.name: p.start for p in parameters if p.nuisance is None}
    shifts = problem.shifted(found.values)
    fine = [CubicSpline(f.centres, shift)(s.centres) for f, s, shift in zip(fitted, spectra, shifts, strict=True)]
    full = CardModel(experiment, selection, spectra, tables)
    before, response = (_residuals(spectra, full.content(v)) for v in (start, problem.values(found.values)))
    after = [one - shift for one, shift in zip(response, fine, strict=True)]
    return Calibration(spectra, found, *([one - one.mean() for one in part] for part in (before, response, after)))


def _residuals(spectra: tuple[PublishedSpectrum, ...], content: list[Array]) -> list[Array]:
    return [np.log(s.content / one) for s, one in zip(spectra, content, strict=True)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = _parser().parse_args(arguments)
    begin = time.perf_counter()
    experiment = load_experiment(options.card)
    spectra = published_simulation(experiment, WINDOWS, options.data)
    selection = experiment.analysis(options.selection)
    flavours = sorted({s.flavour for s in spectra})
    known = (*card_parameters(selection, flavours), *constrained_parameters(experiment.nuisances))
    first = json.loads(options.start.read_text()) if options.start else {}
    held = [p.name for p in known if options.response_only and p.nuisance is not None]
    parameters = started(known, first, [*options.fix, *held])
    print(f"{len(spectra)} spectra, {len(parameters)} parameters", flush=True)

    def report(line: str) -> None:
        print(f"{time.perf_counter() - begin:6.0f} s  {line}", flush=True)

    _write(options, experiment, calibrate(experiment, options.selection, spectra, parameters, options.m_W, report))
    return 0


def _write(options: argparse.Namespace, experiment: Experiment, made: Calibration) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    found = made.fit
    page = PAGE.format(
        title=experiment.name, selection=options.selection, m_W=options.m_W, model_error=MODEL_ERROR, chi2=found.chi2,
        n_dof=found.n_dof, penalty=found.penalty, parameters=parameter_table(found),
        residuals=residual_table(made.spectra, made.after), alone=residual_table(made.spectra, made.response),
    )  # fmt: skip
    (options.out / "calibration.md").write_text(page)
    (options.out / "card.toml").write_text(card_fragment(found, options.selection))
    values = {p.name: float(value) for p, value in zip(found.parameters, found.values, strict=True)}
    (options.out / "values.json").write_text(json.dumps(values, indent=1) + "\n")
    save(ratio_figure(made.spectra, made.before, made.after), options.out / "calibration.png")
    print(page)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calibrate", description="Fit a card's response to published simulation.")
    parser.add_argument("card", help="name or path of an experiment card")
    parser.add_argument(
        "--data", nargs="*", default=[], help="data blocks of the card (default: all with a prediction)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--selection", default="full", help="selection of the card (default: full)")
    parser.add_argument("--m-W", type=float, default=M_W, help=f"W mass of the spectra, GeV (default: {M_W:g})")
    parser.add_argument("--fix", nargs="*", default=[], help="parameters that keep the value of the card")
    parser.add_argument("--response-only", action="store_true", help="production and radiation stay as on the card")
    parser.add_argument("--start", type=Path, help="values.json of another run to begin with")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"error: {error}")
