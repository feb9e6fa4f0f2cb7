"""``nuportal fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from nucore.model.parameters import MIXINGS
from nuportal.cli.options import (
    AllowBadFitOption,
    AnalysisGroup,
    Answer,
    CorrelationOption,
    DataArgument,
    DataDecaysOption,
    DataLuminosityOption,
    ExperimentOption,
    FlavourOption,
    LimitGroup,
    PlotOption,
    PointGroup,
    SchedulerOption,
    SeedOption,
    SpectrumOption,
    WorkersOption,
    grouped,
    optional,
    show,
)
from nuportal.cli.prediction import PredictionGroup, show_prediction
from nuportal.cli.progress import progress_bar


@grouped
def command(
    data: DataArgument = None,
    *,
    where: PointGroup,
    analysis: AnalysisGroup,
    prediction: PredictionGroup,
    limits: LimitGroup,
    spectrum: SpectrumOption = None,
    correlation: CorrelationOption = None,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    luminosity: DataLuminosityOption = None,
    decays: DataDecaysOption = None,
    allow_bad_fit: AllowBadFitOption = False,
    plot: PlotOption = None,
    report: Annotated[
        Path | None, optional(help="Folder for pulls, impacts, correlations, spectra and likelihood scan.")
    ] = None,
    minos: Annotated[bool, typer.Option("--minos", help="Give asymmetric uncertainties too.")] = False,
    toys: Annotated[int | None, optional(help="Add limit and p-value from this many toys per value.")] = None,
    feldman_cousins: Annotated[
        bool, typer.Option("--feldman-cousins", help="Add the Feldman-Cousins interval; needs --toys.")
    ] = False,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> Answer:
    """Fit a spectrum with the Standard Model and a nu4 at the masses of a point, and limit its mixing."""
    from nucore.run.executors import Execution
    from nuportal import fit

    if plot is not None:
        from nucore.plot.results import fit_figure
        from nucore.plot.style import check_picture, save

        check_picture(plot)
    with progress_bar("toys") if toys else nullcontext() as progress:
        result = fit(
            data, where.over_data(), spectrum=spectrum, correlation=correlation,
            experiment=experiment, flavour=flavour, luminosity=luminosity, decays=decays,
            allow_bad_fit=allow_bad_fit,
            **vars(limits), minos=minos, toys=toys, feldman_cousins=feldman_cousins, seed=seed, report=report,
            execution=Execution(workers=workers, scheduler=scheduler), progress=progress,
            **analysis.chosen(), **prediction.chosen(),
        )  # fmt: skip
    fields = result.to_dict() | {"outputs": list(result.outputs)}
    if plot is not None:
        fields["outputs"].append(str(save(fit_figure(result), plot)))
    return Answer(fields, _show)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _measured(value: float | None, uncertainty: float | None) -> str:
    """Value and uncertainty; a dash for what is not known."""
    return f"{_number(value, '.5g')} +- {_number(uncertainty, '.2g')}"


def _parameter_table(fields: dict[str, Any]) -> None:
    """Print the parameters, the largest impact on the first one first."""
    pulls, constraints, moved = fields["pulls"], fields["constraints"], fields["impacts"]
    order = [name for name in (fields["parameter"], *moved) if name is not None]
    names = [*order, *(name for name in fields["best_fit"] if name not in order)]
    width = max((len(name) for name in names), default=0)
    typer.echo(f"  {'':<{width}}  {'best fit':>22}  {'pull':>7}  {'after/before':>12}  {'impact -1, +1 sigma':>22}")
    for name in names:
        value = _measured(fields["best_fit"][name], fields["uncertainties"][name])
        pull = f"{pulls[name]:.2f}" if name in pulls else ""
        after = _number(constraints[name], ".2f") if name in constraints else ""
        shifts = [moved[name][side] for side in ("minus", "plus")] if name in moved else []
        impact = ", ".join("-" if shift is None else f"{shift:+.2e}" for shift in shifts)
        typer.echo(f"  {name:<{width}}  {value:>22}  {pull:>7}  {after:>12}  {impact:>22}".rstrip())


def _show(fields: dict[str, Any]) -> None:
    _show_assumed(fields)
    show_prediction(fields)
    _parameter_table(fields)
    level = f"{fields['limit']}, {fields['confidence_level']:.0%} CL"
    limited = f"upper limit on {fields['parameter']} ({level})" if fields["parameter"] else "upper limit"
    shown = {
        limited: fields["upper_limit"] or fields["upper_limit_reason"],
        "expected": fields["expected_limit"] or fields["expected_limit_reason"],
        "p-value of the fit": _number(fields["p_value"], ".6g"),
        "p-value without signal": _number(fields["p_value_background"], ".6g"),
        "significance of a signal": _number(fields["discovery_significance"], ".6g"),
    }
    toys, interval = fields.get("toy_limit"), fields.get("interval")
    if isinstance(toys, dict):
        value = "none in the scanned range"
        if toys["observed"] is not None:
            value = f"{toys['observed']:.6g} +- {toys['uncertainty']:.2g}"
        shown[f"upper limit from {toys['n_toys']} toys a value"] = value
    shown |= _charge_rows(fields)
    joint = fields.get("joint_fit")
    if joint:
        unit = joint["quantity"]
        shown[unit] = f"{joint['value']:.6g} +- {joint['uncertainty']:.2g} (correlation {joint['correlation']:.2f})"
        alone = f"{joint['value_without_signal']:.6g} +- {joint['uncertainty_without_signal']:.2g}"
        shown[f"{unit} without signal"] = alone
    if isinstance(interval, dict):
        shown["Feldman-Cousins interval"] = f"{interval['lower']:.6g} to {interval['upper']:.6g}"
    show(shown, outputs=fields["outputs"], warnings=fields["warnings"])


def _show_assumed(fields: Mapping[str, Any]) -> None:
    """Print what a fit assumes: data, point, exposure and where they come from, and how the data were read."""
    if fields["experiment"] is None:
        fixed = ", ".join(f"{name} = {value:g}" for name, value in fields["fixed_parameters"].items())
        show({"measurement": fields["measurement"], "fixed": fixed or "none"})
        return
    ((exposure, value),), point = fields["exposure"].items(), fields["point"]
    selection = f", selection {fields['selection']}" if "selection" in fields else ""
    mixings = ", ".join(f"{name} = {point[name]:g}" for name in MIXINGS if point[name])
    masses = f"m4 = {point['m4']:g}, m_chi = {point['m_chi']:g}, m_phi = {point['m_phi']:g} GeV, yL = {point['yL']:.4g}"
    unit = " fb^-1" if exposure.endswith("_invfb") else ""
    show(
        {
            "data": f"{fields['data']} ({fields['experiment']}, {fields['flavour']}{selection})",
            "point": f"{masses}, {mixings or 'no mixing'} ({fields['point_origin']})",
            exposure.removesuffix("_invfb"): f"{value:g}{unit} ({fields['exposure_origin']})",
        }
    )
    for note in fields["notes"]:
        typer.echo(f"  note: {note}")
    best, name = fields["best_fit"][fields["parameter"]], fields["parameter"]
    if best is not None and not 0.0 <= best <= 1.0:
        typer.echo(
            f"  note: {name} = {best:.4g} is outside 0 to 1, unphysical, by {fields['unphysical_by_sigma']:.1f} "
            f"standard deviations"
        )


def _charge_rows(fields: dict[str, Any]) -> dict[str, str]:
    """Mixing of each charge, where there are two."""
    found = fields["per_charge"]
    if found is None:
        return {}
    rows = {
        f"{fields['parameter']} of W{charge}": _measured(found[charge]["value"], found[charge]["uncertainty"])
        for charge in "+-"
    }
    pull, correlation = _number(found["difference_pull"], ".2f"), _number(found["correlation"], ".2f")
    return {**rows, "W+ minus W-": f"{pull} standard deviations (correlation {correlation})"}
