"""``nuportal export``: the likelihood or the spectra of a data set for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    data: Annotated[str, typer.Argument(metavar="DATA", help="As for fit.")],
    to: Annotated[str, typer.Option(help="pyhf, hs3, hepdata (a folder), uhi or root.")],
    out: Annotated[Path, typer.Option(help="Name of the output.")],
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
    as_json: JsonOption = False,
) -> None:
    """Write the likelihood that `fit` would use as a pyhf workspace or HS3, its tables for HEPData, its histograms."""
    from nucore.run.provenance import provenance
    from nuportal.api import experiment_sha256, export

    choices = analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable)
    result = export(
        data,
        parameters_of(card, assignments),
        to=to,
        out=out,
        experiment=experiment,
        flavour=flavour,
        systematics=systematics,
        **choices,
        luminosity_invfb=luminosity,
        decays=decays,
        confidence_level=confidence_level,
        limit=limit,
    )
    if as_json:
        card_hash = None if result.experiment is None else experiment_sha256(result.experiment)
        answer("export", result.to_dict(), provenance(card=result.experiment, card_sha256=card_hash))
        return
    show({"format": result.format, "written": ", ".join(result.outputs)})
