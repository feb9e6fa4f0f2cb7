"""``nuportal project``: expected reach of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.options import (
    CardArgument,
    ChargeOption,
    ChunkOption,
    ConfidenceOption,
    FlavourOption,
    FloatOption,
    JsonOption,
    LimitOption,
    MemoryOption,
    NuisanceOption,
    ObservableOption,
    ResumeOption,
    ScaleOption,
    SchedulerOption,
    SelectionOption,
    SetOption,
    ShardOption,
    SystematicsOption,
    WindowOption,
    WorkersOption,
    analysis_choices,
    answer,
    chosen_yukawa,
)
from nuportal.cli.running import carry_out, execution_of

if TYPE_CHECKING:
    from collider.inference.reach_curve import ReachCurve, WindowScan
    from mesons.inference.reach_curve import MesonReach


def command(
    experiment: Annotated[str, typer.Argument(help="Experiment card; see `nuportal experiments`.")],
    card: CardArgument = None,
    assignments: SetOption = None,
    grid: Annotated[
        str | None, typer.Option(help="Masses in GeV: 1,2,3 or LOW:HIGH:N[:log].", show_default=False)
    ] = None,
    flavour: FlavourOption = None,
    systematics: SystematicsOption = "paper",
    selection: SelectionOption = None,
    scale_systematics: ScaleOption = 1.0,
    nuisance: NuisanceOption = None,
    window: WindowOption = None,
    charge: ChargeOption = None,
    float_mw: FloatOption = False,
    observable: ObservableOption = None,
    scan_window: Annotated[
        str | None, typer.Option(help="LHC: several lower edges of the window in GeV: 20,25,30.", show_default=False)
    ] = None,
    m4: Annotated[str | None, typer.Option(help="Mesons: GeV, or 10x for ten times m_chi. [400]")] = None,
    ratio: Annotated[float | None, typer.Option(help="Mesons: m_phi/m_chi. [3]")] = None,
    two_body: Annotated[bool, typer.Option("--two-body", help="Mesons: scan m4 for |U|^2.")] = False,
    method: Annotated[str | None, typer.Option(help="Mesons: spectrum or window. [spectrum]")] = None,
    scaling: Annotated[str | None, typer.Option(help="na62-full: paper or trigger. [paper]")] = None,
    background_model: Annotated[str | None, typer.Option(help="Mesons: floating, known or a process. [floating]")] = None,
    background_degree: Annotated[int | None, typer.Option(help="Mesons: degree of ln B in ln p.")] = None,
    background_systematic: Annotated[str | None, typer.Option(help="Mesons: none or published. [none]")] = None,
    confidence_level: ConfidenceOption = 0.90,
    limit: LimitOption = "cls",
    plot: Annotated[Path | None, typer.Option(help="Draw the curve here (.png, .pdf).", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file of what --json prints.", show_default=False)] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    chunk: ChunkOption = None,
    resume: ResumeOption = False,
    max_memory: MemoryOption = None,
    shard: ShardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Median expected upper limit and its band, on |U|^2 or Y, against the mass."""
    from nucore.grids import mass_grid
    from nucore.run.provenance import provenance
    from nuportal.api import experiment_sha256, project

    meson_options: dict[str, Any] = {
        "m4": m4,
        "ratio": ratio,
        "two_body": two_body or None,
        "method": method,
        "scaling": scaling,
        "background_model": background_model,
        "background_degree": background_degree,
        "background_systematic": background_systematic,
        "yL": chosen_yukawa(card, assignments),
    }
    choices = analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable)
    if plot is not None:
        from nucore.plot import check_picture

        if shard is not None:
            raise InputError("--plot draws a whole curve, --shard computes a part: merge, and draw then")
        check_picture(plot)
    reach = carry_out(
        project,
        experiment,
        title=f"reach of {experiment}",
        shard=shard,
        as_json=as_json,
        out=out,
        grid=None if grid is None else mass_grid(grid, "--grid").tolist(),
        flavour=flavour,
        systematics=systematics,
        confidence_level=confidence_level,
        limit=limit,
        scan_window=None if scan_window is None else mass_grid(scan_window, "--scan-window").tolist(),
        execution=execution_of(workers, scheduler, chunk, resume, max_memory),
        **choices,
        **{name: value for name, value in meson_options.items() if value is not None},
    )
    if reach is None:
        return
    fields = reach.to_dict()
    if plot is not None:
        fields["outputs"].append(_draw(fields, experiment, plot))
    if as_json:
        answer("project", fields, provenance(card=experiment, card_sha256=experiment_sha256(experiment)))
        return
    show_result(reach)


def show_result(reach: ReachCurve | WindowScan | MesonReach) -> None:
    """Print a table of the points for each curve."""
    fields = reach.to_dict()
    for curve in fields.get("window_scan", [fields]):
        if "window_scan" in fields:
            typer.echo("window from {:g} to {:g} GeV".format(*curve["window_GeV"]))
        _print_table(curve["curve"])


def _draw(fields: dict[str, Any], experiment: str, path: Path) -> str:
    """Draw a curve, a scan of the window, or what a floating W mass does."""
    from nucore.plot import curve_figure, save, w_mass_figure, window_figure

    if "window_scan" in fields:
        return str(save(window_figure(fields), path))
    if fields.get("float_mw"):
        return str(save(w_mass_figure(fields), path))
    return str(save(curve_figure([fields], ["expected"], f"{experiment}: expected reach"), path))


def _print_table(points: list[dict[str, Any]]) -> None:
    """Print the columns that hold a number anywhere, one line a point."""
    columns = [name for name in points[0] if name != "reason" and any(p[name] is not None for p in points)]
    typer.echo("  ".join(f"{name:>15}" for name in columns))
    for point in points:
        cells = ["-" if point[name] is None else f"{point[name]:.4g}" for name in columns]
        typer.echo("  ".join(f"{cell:>15}" for cell in cells) + (f"  {point['reason']}" if point.get("reason") else ""))
