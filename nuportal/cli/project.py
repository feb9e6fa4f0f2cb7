"""``nuportal project``: expected reach of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.observed import show_observed
from nuportal.cli.options import (
    AnalysisGroup,
    Answer,
    CorrelationOption,
    ExperimentArgument,
    FlavourOption,
    LimitGroup,
    PlotOption,
    PointGroup,
    SpectrumOption,
    grouped,
    optional,
)
from nuportal.cli.running import RunGroup, carry_out


@grouped
def command(
    experiment: ExperimentArgument,
    where: PointGroup,
    analysis: AnalysisGroup,
    limits: LimitGroup,
    run: RunGroup,
    grid: Annotated[str | None, optional(help="Masses in GeV: 1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log.")] = None,
    flavour: FlavourOption = None,
    scan_window: Annotated[str | None, optional(help="LHC: lower edges of the fit window in GeV, as 20,25,30.")] = None,
    m4: Annotated[str | None, optional(help="Mesons: m4 in GeV, or 10x for 10 m_chi (default: 400).")] = None,
    ratio: Annotated[float | None, optional(help="Mesons: m_phi/m_chi (default: 3).")] = None,
    method: Annotated[str | None, optional(help="Mesons: spectrum (default) or window.")] = None,
    scaling: Annotated[str | None, optional(help="na62-full: paper (default) or trigger.")] = None,
    observed: Annotated[bool, typer.Option("--observed", help="LHC: limits of the published data too.")] = False,
    spectrum: SpectrumOption = None,
    correlation: CorrelationOption = None,
    plot: PlotOption = None,
    out: Annotated[Path | None, optional(help="JSON file of what --json prints.")] = None,
) -> Answer:
    """Median expected upper limit and its band, on |U|^2 or Y, against the mass."""
    from nuportal import project

    if plot is not None:
        from nucore.plot.style import check_picture

        if run.shard is not None:
            raise InputError("--plot draws a whole curve, --shard computes a part: merge first")
        check_picture(plot)
    windows = None
    if scan_window is not None:
        from nucore.grids import mass_grid

        windows = mass_grid(scan_window, "--scan-window").tolist()
    given = {"scan_window": windows, "m4": m4, "ratio": ratio, "method": method, "scaling": scaling}
    given |= {"observed": observed or None, "spectrum": spectrum, "correlation": correlation}
    answer = carry_out(
        project, experiment, title=f"reach of {experiment}", run=run, show=show_result, out=out, grid=grid,
        flavour=flavour, **vars(limits), **analysis.chosen(),
        **{name: value for name, value in {**given, "yL": where.yukawa()}.items() if value is not None},
    )  # fmt: skip
    if plot is not None:
        answer.fields["outputs"].append(_draw(answer.fields, plot))
    return answer


def show_result(fields: dict[str, Any]) -> None:
    """Print a table of the points for each curve."""
    if "published_data" in fields:
        show_observed(fields)
        return
    for curve in fields.get("window_scan", [fields]):
        if "window_scan" in fields:
            typer.echo("window from {:g} to {:g} GeV".format(*curve["window_GeV"]))
        _print_table(curve["curve"])


def _draw(fields: dict[str, Any], path: Path) -> str:
    """Draw a curve, observed limits, a scan of the window, or what a floating W mass does."""
    from nucore.plot.joint import w_mass_figure, window_figure
    from nucore.plot.results import curve_figure
    from nucore.plot.style import save

    if "window_scan" in fields:
        return str(save(window_figure(fields), path))
    if "published_data" in fields:
        from nucore.plot.observed import limit_figure

        title = f"{fields['title']}: {fields['published_data']['data']}"
        return str(save(limit_figure(fields, title), path))
    if fields.get("float_mw"):
        return str(save(w_mass_figure(fields), path))
    return str(save(curve_figure([fields], ["expected"], f"{fields['experiment']}: expected reach"), path))


def _print_table(points: list[dict[str, Any]]) -> None:
    """Print the columns that hold a number anywhere, one line a point."""
    columns = [name for name in points[0] if name != "reason" and any(p[name] is not None for p in points)]
    typer.echo("  ".join(f"{name:>15}" for name in columns))
    for point in points:
        cells = ["-" if point[name] is None else f"{point[name]:.4g}" for name in columns]
        typer.echo("  ".join(f"{cell:>15}" for cell in cells) + (f"  {point['reason']}" if point.get("reason") else ""))
