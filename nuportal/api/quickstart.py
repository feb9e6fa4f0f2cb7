"""The whole chain in one go: pseudo-data, fits, reach of the LHC, E949 and NA62, with pictures and a summary."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from nucore.events import GenerateResult
from nucore.io.atomic import atomic_path, output_folder
from nucore.model.parameters import PortalParameters
from nucore.plot.fit import fit_figure
from nucore.plot.reach import limits_figure, overlay_figure
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import save
from nucore.plot.symbols import MIXING, number, observable
from nucore.reports.fit_report import FitReport
from nucore.reports.reach import Reach
from nucore.results import Result
from nucore.run.executors import Execution
from nucore.run.provenance import current_run, provenance
from nucore.summaries import Table
from nuportal.api.fit import fit
from nuportal.api.generate import generate
from nuportal.api.project import project
from nuportal.api.requests import recorded, request_of
from nuportal.api.spectrum import expected_spectrum
from nuportal.notebook_progress import Progress
from nuportal.reports.chapters import Chapter, Picture
from nuportal.reports.page import write_page
from nuportal.reports.place import check_place

#: The W point that is generated and fitted, and a second mass drawn beside it; mixing large enough to see.
_W_POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=math.sqrt(0.03))
_W_SECOND = _W_POINT.replace(m4=50.0)
_W_LUMINOSITY_INVFB = 4.1
#: The kaon point: m_chi = 20 MeV behind a nu4 far above the kaon, and a nu4 peak inside the E949 window.
_KAON_POINT = PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, yL=4 * math.pi, Umu4=math.sqrt(5e-6))
_KAON_SECOND = PortalParameters(m_chi=0.025, m_phi=0.075, m4=0.25, yL=0.1, Umu4=5e-4)
_KAON_DECAYS = 1.7e12
_M4_MEV = {"400": r"$m_4$ = 400 GeV", "10x": r"$m_4 = 10\,m_\chi$"}


@dataclass
class _Run:
    folder: Path
    seed: int
    workers: int | None
    outputs: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    chapters: list[Chapter] = field(default_factory=list)

    def picture(self, name: str, figure: Any, caption: str) -> None:
        """Write a picture, and show it in the last chapter."""
        path = save(figure, self.folder / name)
        self.outputs.append(str(path))
        told = self.chapters[-1]
        self.chapters[-1] = replace(told, pictures=(*told.pictures, Picture(path.read_bytes(), caption)))

    def chapter(self, title: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function, and tell its result in a chapter."""
        result = function(*args, **options)
        self.chapters.append(Chapter(title, result, (), request_of(function, args, options)))
        self.outputs += result.outputs
        return result

    def reach(self, experiment: str, name: str, **options: Any) -> dict[str, Any]:
        """Fields of a reach, which is written too."""
        out, how = self.folder / f"reach-{name}.json", Execution(self.workers)
        title = f"Reach of {experiment}" + (f", m4 = {options['m4']}" if "m4" in options else "")
        found: Reach = self.chapter(title, project, experiment, out=out, execution=how, **options)
        return found.to_dict()


@dataclass(frozen=True)
class QuickstartResult(Result):
    """What `quickstart` made.

    Attributes
    ----------
    outputs : tuple of str
        Files, the page of all results first.
    summary : dict
        Main results, as text.
    seconds : float
        Wall-clock time.
    """

    outputs: tuple[str, ...]
    summary: dict[str, str]
    seconds: float

    def headline(self) -> str:
        """Say how many files were written."""
        return f"{len(self.outputs)} files in {self.seconds:.0f} s"

    def tables(self) -> tuple[Table, ...]:
        """Main results, and the file to start with."""
        notes = (f"{len(self.outputs)} files; start with {self.outputs[0]}",) if self.outputs else ()
        return (Table.of(self.summary, f"done in {self.seconds:.0f} s", notes),)


@recorded
def quickstart(
    folder: str | Path = "quickstart",
    *,
    report: str | Path | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress = None,
) -> QuickstartResult:
    """Run the chain for the LHC, E949 and NA62.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    report : str or Path, optional
        Folder for ``index.html``, the page of all results; `folder` by default.
    seed : int
    workers : int, optional
        Threads; all cores by default.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.quickstart("quickstart").outputs[0]  # a minute  # doctest: +SKIP
    'quickstart/index.html'
    """
    start = time.perf_counter()
    check_place(folder if report is None and Path(folder).is_dir() else report)
    current_run().seed = seed
    run = _Run(output_folder(folder), seed, workers)
    kaons = [partial(_kaon_reach, "e949", "E949"), partial(_kaon_reach, "na62-2021", "NA62 2016-18")]
    steps: list[Callable[[_Run], None]] = [_w_spectra, _kaon_spectra, _w_reach, *kaons]
    for i, step in enumerate(steps):
        step(run)
        if progress:
            progress((i + 1) / len(steps))
    seconds = time.perf_counter() - start
    _write_summary(run, seconds)
    page = write_page(
        run.folder if report is None else report, "nuportal quickstart", run.chapters, Table.of(run.summary)
    )
    return QuickstartResult((page, *run.outputs), run.summary, seconds)


def _mixing(point: PortalParameters) -> str:
    return f"{MIXING['Umu4_sq']} = {number(point.Umu4**2, 2)}"


def _w_spectra(run: _Run) -> None:
    """Lepton-pT spectra of the Standard Model and two nu4 masses, with pseudo-data, and the fit of these."""
    data: GenerateResult = run.chapter(
        "W pseudo-data", generate, "w", _W_POINT, luminosity=_W_LUMINOSITY_INVFB, histogram_only=True,
        out=run.folder / "w.root", seed=run.seed, execution=Execution(run.workers),
    )  # fmt: skip
    lines = [
        SpectrumLine(expected_spectrum("atlas-2011", p), f"$m_4$ = {p.m4:g} GeV, {_mixing(p)}", mark=_edge(p))
        for p in (_W_POINT, _W_SECOND)
    ]
    light = SpectrumLine(expected_spectrum("atlas-2011", _W_POINT.replace(Umu4=0.0)), "Standard Model")
    points = SpectrumLine(data.spectrum, "pseudo-data, $m_4$ = 30 GeV")
    figure = spectrum_figure(
        light, lines, observable(data.spectrum), r"$pp\to W^+\to\mu^+\nu$, 7 TeV",
        [rf"{_W_LUMINOSITY_INVFB:g} fb$^{{-1}}$", "paper selection"], points, ratio_range=(0.95, 1.05),
    )  # fmt: skip
    run.picture("lepton-pt.png", figure, "Lepton pT of the Standard Model and two masses of nu4, with pseudo-data.")
    report: FitReport = run.chapter("Fit of the W pseudo-data", fit, run.folder / "w.root", _W_POINT)
    run.picture("lepton-pt-fit.png", fit_figure(report), "The same data with the best fit.")
    run.summary["fit of W pseudo-data"] = _fit_line(report, _W_POINT)


def _edge(p: PortalParameters) -> float:
    """Lepton pT of the edge for a W at rest (arXiv:1709.07001, Eq. 13)."""
    return 0.5 * p.m_W * (1.0 - (p.m4 / p.m_W) ** 2)


def _fit_line(report: FitReport, truth: PortalParameters) -> str:
    value, sigma = report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]
    true = truth.U_sq(report.source.flavour or "mu")
    return f"{report.parameter} = {value:.4g} +- {sigma:.2g} (generated with {true:.4g})"


def _kaon_spectra(run: _Run) -> None:
    """Muon-momentum spectra of background, three-body signal and nu4 peak, with pseudo-data, and the fit."""
    data: GenerateResult = run.chapter(
        "Kaon pseudo-data", generate, "kaon", _KAON_POINT, decays=_KAON_DECAYS, histogram_only=True,
        out=run.folder / "kaon.root", seed=run.seed, execution=Execution(run.workers),
    )  # fmt: skip
    named = {
        rf"$K\to\mu\chi\phi$, $m_\chi$ = 20 MeV, {_mixing(_KAON_POINT)}": _KAON_POINT,
        rf"$\nu_4$ of 250 MeV, {_mixing(_KAON_SECOND)}": _KAON_SECOND,
    }
    lines = [SpectrumLine(expected_spectrum("e949", point), label) for label, point in named.items()]
    background = SpectrumLine(expected_spectrum("e949", _KAON_POINT.replace(Umu4=0.0)), "background")
    points = SpectrumLine(data.spectrum, r"pseudo-data, $m_\chi$ = 20 MeV")
    title, exposure = r"E949: $K^+\to\mu^+$ + invisible", f"{number(_KAON_DECAYS)} decays"
    figure = spectrum_figure(background, lines, observable(data.spectrum), title, [exposure], points)
    run.picture("muon-momentum.png", figure, "Muon momentum of background and two signals, with pseudo-data.")
    report: FitReport = run.chapter("Fit of the kaon pseudo-data", fit, run.folder / "kaon.root", _KAON_POINT)
    run.picture("muon-momentum-fit.png", fit_figure(report), "The same data with the best fit.")
    run.summary["fit of E949 pseudo-data"] = _fit_line(report, _KAON_POINT)


def _w_reach(run: _Run) -> None:
    curve = run.reach("atlas-2011", "atlas-2011", flavour="mu")
    run.picture(
        "reach-atlas-2011.png", limits_figure(curve), "Expected upper limit on |U_mu4|^2 against m4, with its band."
    )
    reached = [p for p in curve["curve"] if p["Umu4_sq"] is not None]
    best = min(reached, key=lambda p: p["Umu4_sq"])
    run.summary["ATLAS 2011 reach"] = f"|U_mu4|^2 = {best['Umu4_sq']:.2e} at m4 = {best['m4_GeV']:g} GeV (best)"


def _kaon_reach(experiment: str, name: str, run: _Run) -> None:
    title = rf"{name}: expected reach of $K\to\mu\chi\phi$"
    curves = {m4: run.reach(experiment, f"{experiment}-m4-{m4}", m4=m4) for m4 in _M4_MEV}
    figure = overlay_figure(list(curves.values()), list(_M4_MEV.values()), title)
    run.picture(f"reach-{experiment}.png", figure, "Expected upper limit on Y for both choices of m4, with bands.")
    closest = min(curves["400"]["curve"], key=lambda p: abs(p["m_chi_GeV"] - 0.02))
    run.summary[f"{experiment} reach"] = (
        f"Y = {closest['Y']:.2e} at m_chi = {1e3 * closest['m_chi_GeV']:.3g} MeV, m4 = 400 GeV "
        f"(thermal target {closest['Y_thermal']:.2e})"
    )


def _write_summary(run: _Run, seconds: float) -> None:
    lines = ["# nuportal quickstart", "", f"Seed {run.seed}, {seconds:.0f} s.", ""]
    lines += [f"- {name}: {value}" for name, value in run.summary.items()]
    lines += ["", "## Files", "", *[f"- {Path(name).name}" for name in run.outputs]]
    lines += ["", "```json", json.dumps(provenance(), indent=1), "```", ""]
    path = run.folder / "summary.md"
    with atomic_path(path) as temporary:
        temporary.write_text("\n".join(lines), encoding="utf-8")
    run.outputs.append(str(path))
