"""``nuportal project``: expected reach of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.analysis_options import AnalysisGroup
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import (
    CorrelationOption,
    ExperimentArgument,
    FlavourOption,
    LimitGroup,
    PointGroup,
    ReportOption,
    SpectrumOption,
    optional,
)
from nuportal.cli.running import RunGroup, carry_out

EXAMPLES: tuple[str, ...] = (
    "nuportal project atlas-2011 --grid 10:50:5",
    "nuportal project atlas-2011 --observed --grid 20,30 --plot observed.png",
    "nuportal project na62-2021 --grid 0.01,0.02 --ratio 2 --m4 10x",
)


@grouped(plot=True)
def command(
    experiment: ExperimentArgument,
    where: PointGroup,
    analysis: AnalysisGroup,
    limits: LimitGroup,
    run: RunGroup,
    grid: Annotated[
        str | None, optional(metavar="MASSES", help="In GeV: 1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log.")
    ] = None,
    flavour: FlavourOption = None,
    scan_window: Annotated[
        str | None, optional(metavar="X,X,...", help="LHC: lower edges of the fit window in GeV, as 20,25,30.")
    ] = None,
    m4: Annotated[
        str | None, optional(metavar="M4", help="Mesons: m4 in GeV, or 10x for 10 m_chi (default: 400).")
    ] = None,
    ratio: Annotated[float | None, optional(help="Mesons: m_phi/m_chi (default: 3).")] = None,
    method: Annotated[
        str | None, optional(metavar="spectrum|window", help="Mesons: fit the spectrum (default) or recast a window.")
    ] = None,
    scaling: Annotated[
        str | None, optional(metavar="paper|trigger", help="Mesons: how na62-full scales (default: paper).")
    ] = None,
    observed: Annotated[bool, typer.Option("--observed", help="LHC: limits of the published data too.")] = False,
    spectrum: SpectrumOption = None,
    correlation: CorrelationOption = None,
    out: Annotated[Path | None, optional(help="JSON file of what --json prints.")] = None,
    report: ReportOption = None,
) -> Answer:
    """Median expected upper limit and its band, on |U|^2 or Y, against the mass."""
    from nuportal import project

    windows = None
    if scan_window is not None:
        from nucore.grids import mass_grid

        windows = mass_grid(scan_window, "--scan-window").tolist()
    given = {"scan_window": windows, "m4": m4, "ratio": ratio, "method": method, "scaling": scaling}
    given |= {"observed": observed or None, "spectrum": spectrum, "correlation": correlation}
    return carry_out(
        project, experiment, title=f"reach of {experiment}", run=run, out=out, report=report, grid=grid,
        flavour=flavour, **vars(limits), **analysis.chosen(),
        **{name: value for name, value in {**given, "yL": where.yukawa()}.items() if value is not None},
    )  # fmt: skip
