"""``nuportal flavours``: electrons and muons together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.options import (
    CardArgument,
    ChargeOption,
    ConfidenceOption,
    FloatOption,
    JsonOption,
    LimitOption,
    NuisanceOption,
    ObservableOption,
    ScaleOption,
    SelectionOption,
    SetOption,
    SystematicsOption,
    WindowOption,
    analysis_choices,
    answer,
    parameters_of,
    show,
)


def command(
    experiment: Annotated[str, typer.Argument(help="Experiment card that measures e and mu.")],
    card: CardArgument = None,
    assignments: SetOption = None,
    m4: Annotated[float | None, typer.Option("--m4", help="nu4 mass in GeV.", show_default=False)] = None,
    data_e: Annotated[
        str | None, typer.Option(help="Spectrum of electrons, as for fit; expected one by default.", show_default=False)
    ] = None,
    data_mu: Annotated[
        str | None, typer.Option(help="Spectrum of muons, as for fit; expected one by default.", show_default=False)
    ] = None,
    free_normalisation: Annotated[
        bool, typer.Option("--free-normalisation", help="One free factor on the rates of both: lepton universality.")
    ] = False,
    systematics: SystematicsOption = "full",
    selection: SelectionOption = None,
    scale_systematics: ScaleOption = 1.0,
    nuisance: NuisanceOption = None,
    window: WindowOption = None,
    charge: ChargeOption = None,
    float_mw: FloatOption = False,
    observable: ObservableOption = None,
    confidence_level: ConfidenceOption = 0.90,
    limit: LimitOption = "cls",
    plot: Annotated[Path | None, typer.Option(help="Draw the contour here (.png, .pdf).", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Joint limits on |Ue4|^2 and |Umu4|^2, common nuisances correlated between the flavours."""
    from nucore.run.provenance import provenance
    from nuportal.api import experiment_sha256, flavours

    point = parameters_of(card, assignments)
    if m4 is None and card is None and not any(text.strip().startswith("m4") for text in assignments or []):
        raise InputError("flavours needs the nu4 mass: give --m4, a parameter card or --set m4=...")
    if plot is not None:
        from nucore.plot import check_picture, flavours_figure, save

        check_picture(plot)
    result = flavours(
        experiment,
        point if m4 is None else point.replace(m4=m4),
        data_e=data_e,
        data_mu=data_mu,
        free_normalisation=free_normalisation,
        systematics=systematics,
        **analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable),
        confidence_level=confidence_level,
        limit=limit,
    )
    fields = result.to_dict()
    outputs = [] if plot is None else [str(save(flavours_figure(fields), plot))]
    if as_json:
        digest = experiment_sha256(experiment)
        answer("flavours", {**fields, "outputs": outputs}, provenance(card=experiment, card_sha256=digest))
        return
    _print(fields, outputs)


def _print(fields: dict[str, Any], outputs: list[str]) -> None:
    level = f"{fields['limit']}, {fields['confidence_level']:.0%} CL"
    rows: dict[str, Any] = {}
    for one in fields["limits"]:
        name = one["parameter"]
        if one["best_fit"] is not None:
            rows[name] = f"{one['best_fit']:.4g} +- {one['uncertainty']:.2g}"
        profiled = one["profiled"]
        rows[f"upper limit on {name} ({level})"] = one["reason"] if profiled is None else profiled["observed"]
        rows[f"upper limit on {name}, the other zero"] = one["other_zero"]["observed"]
    rows["correlation"] = fields["correlation"]
    if fields["reason"]:
        rows["no contour"] = fields["reason"]
    show(rows | ({"written": ", ".join(outputs)} if outputs else {}))
