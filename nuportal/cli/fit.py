"""``nuportal fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from nuportal.cli.options import (
    AnalysisGroup,
    Answer,
    CorrelationOption,
    DataArgument,
    DecaysOption,
    ExperimentOption,
    FlavourOption,
    LimitGroup,
    LuminosityOption,
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
    luminosity: LuminosityOption = None,
    decays: DecaysOption = None,
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
            data, where.point(), spectrum=spectrum, correlation=correlation,
            experiment=experiment, flavour=flavour, luminosity=luminosity, decays=decays,
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
    return f"{_number(value, '.5g')} +- {_number(uncertainty, '.2g')}"


def _parameter_table(fields: dict[str, Any]) -> None:
    """Print the parameters, the largest impact on the first one first."""
    pulls, constraints, moved = fields["pulls"], fields["constraints"], fields["impacts"]
    order = [fields["parameter"], *moved]
    names = [*order, *(name for name in fields["best_fit"] if name not in order)]
    width = max(len(name) for name in names)
    typer.echo(f"  {'':<{width}}  {'best fit':>22}  {'pull':>7}  {'after/before':>12}  {'impact -1, +1 sigma':>22}")
    for name in names:
        value = _measured(fields["best_fit"][name], fields["uncertainties"][name])
        pull = f"{pulls[name]:.2f}" if name in pulls else ""
        after = _number(constraints[name], ".2f") if name in constraints else ""
        shifts = [moved[name][side] for side in ("minus", "plus")] if name in moved else []
        impact = ", ".join("-" if shift is None else f"{shift:+.2e}" for shift in shifts)
        typer.echo(f"  {name:<{width}}  {value:>22}  {pull:>7}  {after:>12}  {impact:>22}".rstrip())


def _show(fields: dict[str, Any]) -> None:
    show_prediction(fields)
    _parameter_table(fields)
    level = f"{fields['limit']}, {fields['confidence_level']:.0%} CL"
    shown = {
        f"upper limit on {fields['parameter']} ({level})": fields["upper_limit"] or fields["upper_limit_reason"],
        "expected": fields["expected_limit"] or fields["expected_limit_reason"],
        "p-value of the fit": fields["p_value"],
        "p-value without signal": fields["p_value_background"],
        "significance of a signal": fields["discovery_significance"],
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
