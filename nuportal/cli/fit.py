"""``nuportal fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from nuportal.cli.options import (
    CardArgument,
    ChargeOption,
    ConfidenceOption,
    DecaysOption,
    ExperimentOption,
    FlavourOption,
    FloatOption,
    JsonOption,
    LimitOption,
    LuminosityOption,
    NuisanceOption,
    ObservableOption,
    ScaleOption,
    SchedulerOption,
    SeedOption,
    SelectionOption,
    SetOption,
    SystematicsOption,
    WindowOption,
    WorkersOption,
    analysis_choices,
    answer,
    parameters_of,
    progress_bar,
    show,
)


def command(
    data: Annotated[str, typer.Argument(metavar="DATA", help="FILE.root:NAME, FILE.json (UHI or pyhf), .csv or .yaml")],
    card: CardArgument = None,
    assignments: SetOption = None,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    systematics: SystematicsOption = "paper",
    selection: SelectionOption = None,
    scale_systematics: ScaleOption = 1.0,
    nuisance: NuisanceOption = None,
    window: WindowOption = None,
    charge: ChargeOption = None,
    float_mw: FloatOption = False,
    observable: ObservableOption = None,
    luminosity: LuminosityOption = None,
    decays: DecaysOption = None,
    confidence_level: ConfidenceOption = 0.90,
    limit: LimitOption = "cls",
    plot: Annotated[Path | None, typer.Option(help="Draw data and fit here (.png, .pdf).", show_default=False)] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for pulls, impacts, correlations, spectra and likelihood scan.", show_default=False),
    ] = None,
    minos: Annotated[bool, typer.Option("--minos", help="Give asymmetric uncertainties too.")] = False,
    toys: Annotated[
        int | None, typer.Option(help="Add limit and p-value from so many toys per value.", show_default=False)
    ] = None,
    feldman_cousins: Annotated[
        bool, typer.Option("--feldman-cousins", help="Add the Feldman-Cousins interval, with --toys.")
    ] = False,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a spectrum with the Standard Model and a nu4 at the card's masses, and limit its mixing."""
    from nucore.run.executors import Execution
    from nucore.run.provenance import provenance
    from nuportal.answers import fields_of
    from nuportal.api import experiment_sha256, fit

    point = parameters_of(card, assignments)
    choices = analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable)
    if plot is not None:
        from nucore.plot import check_picture, fit_figure, save

        check_picture(plot)
    with progress_bar("toys") if toys else nullcontext() as progress:
        result = fit(
            data,
            point,
            experiment=experiment,
            flavour=flavour,
            systematics=systematics,
            **choices,
            luminosity_invfb=luminosity,
            decays=decays,
            confidence_level=confidence_level,
            limit=limit,
            minos=minos,
            toys=toys,
            feldman_cousins=feldman_cousins,
            seed=seed,
            report_folder=report,
            execution=Execution(workers=workers, scheduler=scheduler),
            progress=progress,
        )
    outputs = list(result.outputs)
    if plot is not None:
        outputs.append(str(save(fit_figure(result), plot)))
    if as_json:
        name = result.experiment
        fields = {**fields_of("fit", result, {"parameters": point}), "outputs": outputs}
        used = seed if toys else None
        answer("fit", fields, provenance(seed=used, card=name, card_sha256=experiment_sha256(name) if name else None))
        return
    _print(result.to_dict(), outputs)


def _parameter_table(fields: dict[str, Any]) -> None:
    """Print the parameters, the largest impact on the first one first."""
    pulls, constraints, moved = fields["pulls"], fields["constraints"], fields["impacts"]
    order = [fields["parameter"], *moved]
    names = [*order, *(name for name in fields["best_fit"] if name not in order)]
    width = max(len(name) for name in names)
    typer.echo(f"  {'':<{width}}  {'best fit':>22}  {'pull':>7}  {'after/before':>12}  {'impact -1, +1 sigma':>22}")
    for name in names:
        value = f"{fields['best_fit'][name]:.5g} +- {fields['uncertainties'][name]:.2g}"
        pull = f"{pulls[name]:.2f}" if name in pulls else ""
        after = f"{constraints[name]:.2f}" if name in constraints else ""
        shifts = [moved[name][side] for side in ("minus", "plus")] if name in moved else []
        impact = ", ".join("-" if shift is None else f"{shift:+.2e}" for shift in shifts)
        typer.echo(f"  {name:<{width}}  {value:>22}  {pull:>7}  {after:>12}  {impact:>22}".rstrip())


def _print(fields: dict[str, Any], outputs: list[str]) -> None:
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
    joint = fields.get("joint_fit")
    if joint:
        unit = joint["quantity"]
        shown[unit] = f"{joint['value']:.6g} +- {joint['uncertainty']:.2g} (correlation {joint['correlation']:.2f})"
        alone = f"{joint['value_without_signal']:.6g} +- {joint['uncertainty_without_signal']:.2g}"
        shown[f"{unit} without signal"] = alone
    if isinstance(interval, dict):
        shown["Feldman-Cousins interval"] = f"{interval['lower']:.6g} to {interval['upper']:.6g}"
    show(shown | ({"written": ", ".join(outputs)} if outputs else {}))
