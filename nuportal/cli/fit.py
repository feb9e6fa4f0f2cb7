"""``nuportal fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import (
    CardArgument,
    ConfidenceOption,
    DecaysOption,
    ExperimentOption,
    FlavourOption,
    JsonOption,
    LimitOption,
    LuminosityOption,
    SeedOption,
    SetOption,
    SystematicsOption,
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
    as_json: JsonOption = False,
) -> None:
    """Fit a spectrum with the Standard Model and a nu4 at the card's masses, and limit its mixing."""
    from nuportal.api import experiment_sha256, fit
    from nuportal.provenance import provenance

    point = parameters_of(card, assignments)
    if plot is not None:
        from nuportal.plot import check_picture, fit_figure, save

        check_picture(plot)
    with progress_bar("toys") if toys else nullcontext() as progress:
        result = fit(
            data,
            point,
            experiment=experiment,
            flavour=flavour,
            systematics=systematics,
            luminosity_invfb=luminosity,
            decays=decays,
            confidence_level=confidence_level,
            limit=limit,
            minos=minos,
            toys=toys,
            feldman_cousins=feldman_cousins,
            seed=seed,
            report_folder=report,
            progress=progress,
        )
    outputs = list(result.outputs)
    if plot is not None:
        outputs.append(str(save(fit_figure(result), plot)))
    if as_json:
        name = result.experiment
        fields = {**result.to_dict(), "point": point.to_dict() if name else None, "outputs": outputs}
        used = seed if toys else None
        answer("fit", fields, provenance(seed=used, card=name, card_sha256=experiment_sha256(name) if name else None))
        return
    _print(result.to_dict(), outputs)


def _print(fields: dict[str, object], outputs: list[str]) -> None:
    best, sigma = fields["best_fit"], fields["uncertainties"]
    assert isinstance(best, dict)
    assert isinstance(sigma, dict)
    show({name: f"{value:.5g} +- {sigma[name]:.2g}" for name, value in best.items()}, "best fit")
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
    if isinstance(interval, dict):
        shown["Feldman-Cousins interval"] = f"{interval['lower']:.6g} to {interval['upper']:.6g}"
    show(shown | ({"written": ", ".join(outputs)} if outputs else {}))
