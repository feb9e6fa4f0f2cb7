"""The whole chain in one go: pseudo-data, fits, reach of the LHC, E949 and NA62, with pictures and a summary."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nucore.io.atomic import atomic_path, output_folder
from nucore.model.parameters import PortalParameters
from nucore.plot.results import curve_figure, fit_figure
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import save
from nucore.reports.fit_report import FitReport
from nucore.results import Result
from nucore.run.executors import Execution
from nucore.run.provenance import current_run, provenance
from nuportal.api.fit import fit
from nuportal.api.generate import generate
from nuportal.api.project import project
from nuportal.api.requests import recorded
from nuportal.api.spectrum import expected_spectrum
from nuportal.notebook_progress import Progress

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

    def picture(self, name: str, figure: Any) -> None:
        self.outputs.append(str(save(figure, self.folder / name)))

    def reach(self, experiment: str, name: str, **options: Any) -> dict[str, Any]:
        """Fields of a reach, which is written too."""
        how = Execution(self.workers)
        found = project(experiment, out=self.folder / f"reach-{name}.json", execution=how, **options)
        self.outputs += found.outputs
        return found.to_dict()


@dataclass(frozen=True)
class QuickstartResult(Result):
    """What `quickstart` made.

    Attributes
    ----------
    outputs : tuple of str
        Files.
    summary : dict
        Main results, as text.
    seconds : float
        Wall-clock time.
    """

    outputs: tuple[str, ...]
    summary: dict[str, str]
    seconds: float


@recorded
def quickstart(
    folder: str | Path = "quickstart", *, seed: int = 1, workers: int | None = None, progress: Progress = None
) -> QuickstartResult:
    """Run the chain for the LHC, E949 and NA62.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    seed : int
    workers : int, optional
        Threads; all cores by default.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.
    """
    start = time.perf_counter()
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
    return QuickstartResult(tuple(run.outputs), run.summary, seconds)


def _mixing(point: PortalParameters) -> str:
    return rf"$|U_{{\mu4}}|^2$ = {point.Umu4**2:.2g}"


def _w_spectra(run: _Run) -> None:
    """Lepton-pT spectra of the Standard Model and two nu4 masses, with pseudo-data, and the fit of these."""
    data = generate(
        "w", _W_POINT, luminosity=_W_LUMINOSITY_INVFB, histogram_only=True,
        out=run.folder / "w.root", seed=run.seed, execution=Execution(run.workers),
    )  # fmt: skip
    run.outputs += data.outputs
    lines = [
        SpectrumLine(expected_spectrum("atlas-2011", p), f"$m_4$ = {p.m4:g} GeV, {_mixing(p)}", mark=_edge(p))
        for p in (_W_POINT, _W_SECOND)
    ]
    light = SpectrumLine(expected_spectrum("atlas-2011", _W_POINT.replace(Umu4=0.0)), "Standard Model")
    title = r"$pp\to W^+\to\mu^+\nu$, 7 TeV, 4.1 fb$^{-1}$"
    points = SpectrumLine(data.spectrum, "pseudo-data, $m_4$ = 30 GeV")
    run.picture(
        "lepton-pt.png", spectrum_figure(light, lines, r"lepton $p_T$", title, points, ratio_range=(0.95, 1.05))
    )
    report = fit(run.folder / "w.root", _W_POINT)
    run.picture("lepton-pt-fit.png", fit_figure(report))
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
    data = generate(
        "kaon", _KAON_POINT, decays=_KAON_DECAYS, histogram_only=True, out=run.folder / "kaon.root",
        seed=run.seed, execution=Execution(run.workers),
    )  # fmt: skip
    run.outputs += data.outputs
    named = {
        rf"$K\to\mu\chi\phi$, $m_\chi$ = 20 MeV, {_mixing(_KAON_POINT)}": _KAON_POINT,
        rf"$\nu_4$ of 250 MeV, {_mixing(_KAON_SECOND)}": _KAON_SECOND,
    }
    lines = [SpectrumLine(expected_spectrum("e949", point), label) for label, point in named.items()]
    background = SpectrumLine(expected_spectrum("e949", _KAON_POINT.replace(Umu4=0.0)), "background")
    points = SpectrumLine(data.spectrum, r"pseudo-data, $m_\chi$ = 20 MeV")
    title = r"E949: $K^+\to\mu^+$ + invisible, 1.7e12 decays"
    figure = spectrum_figure(background, lines, "muon momentum", title, points, scale=1e3, unit="MeV")
    run.picture("muon-momentum.png", figure)
    report = fit(run.folder / "kaon.root", _KAON_POINT)
    run.picture("muon-momentum-fit.png", fit_figure(report, scale=1e3, unit="MeV"))
    run.summary["fit of E949 pseudo-data"] = _fit_line(report, _KAON_POINT)


def _w_reach(run: _Run) -> None:
    curve = run.reach("atlas-2011", "atlas-2011", flavour="mu")
    figure = curve_figure([curve], ["expected, 90% CL"], "ATLAS 2011: reach in W decays (paper's procedure)")
    run.picture("reach-atlas-2011.png", figure)
    reached = [p for p in curve["curve"] if p["Umu4_sq"] is not None]
    best = min(reached, key=lambda p: p["Umu4_sq"])
    run.summary["ATLAS 2011 reach"] = f"|U_mu4|^2 = {best['Umu4_sq']:.2e} at m4 = {best['m4_GeV']:g} GeV (best)"


def _kaon_reach(experiment: str, name: str, run: _Run) -> None:
    title = rf"{name}: reach of $K\to\mu\chi\phi$, $m_\phi = 3m_\chi$, $y_L = 4\pi$"
    curves = {m4: run.reach(experiment, f"{experiment}-m4-{m4}", m4=m4) for m4 in _M4_MEV}
    run.picture(f"reach-{experiment}.png", curve_figure(list(curves.values()), list(_M4_MEV.values()), title))
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
