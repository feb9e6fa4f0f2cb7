"""``nuportal flavours``: electrons and muons together."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.options import (
    AllowBadFitOption,
    AnalysisGroup,
    Answer,
    DataLuminosityOption,
    ExperimentArgument,
    LimitGroup,
    PlotOption,
    PointGroup,
    grouped,
    optional,
    show,
)


@grouped
def command(
    experiment: ExperimentArgument,
    where: PointGroup,
    analysis: AnalysisGroup,
    limits: LimitGroup,
    m4: Annotated[float | None, optional("--m4", help="nu4 mass in GeV.")] = None,
    data_e: Annotated[str | None, optional(help="Electron spectrum, as for fit (default: expected).")] = None,
    data_mu: Annotated[str | None, optional(help="Muon spectrum, as for fit (default: expected).")] = None,
    luminosity: DataLuminosityOption = None,
    allow_bad_fit: AllowBadFitOption = False,
    free_normalisation: Annotated[
        bool, typer.Option("--free-normalisation", help="One free factor on both rates: lepton universality.")
    ] = False,
    plot: PlotOption = None,
) -> Answer:
    """Joint limits on |Ue4|^2 and |Umu4|^2, common nuisances correlated between the flavours."""
    from nuportal import flavours

    named = any(text.strip().startswith("m4") for text in where.assignments or [])
    if m4 is None and where.card is None and not named:
        raise InputError("flavours needs the nu4 mass: expected --m4, a parameter card or --set m4=...")
    if plot is not None:
        from nucore.plot.joint import flavours_figure
        from nucore.plot.style import check_picture, save

        check_picture(plot)
    result = flavours(
        experiment, where.point(), m4=m4, data_e=data_e, data_mu=data_mu, luminosity=luminosity,
        allow_bad_fit=allow_bad_fit, free_normalisation=free_normalisation, **vars(limits), **analysis.chosen(),
    )  # fmt: skip
    fields = result.to_dict()
    fields["outputs"] = [] if plot is None else [str(save(flavours_figure(fields), plot))]
    return Answer(fields, _show)


def _show(fields: dict[str, Any]) -> None:
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
    show(rows, outputs=fields["outputs"], warnings=fields["warnings"])
