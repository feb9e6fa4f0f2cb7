"""``nuportal flavours``: electrons and muons together."""

from __future__ import annotations

from typing import Annotated

import typer

from nucore.errors import InputError
from nuportal.cli.analysis_options import AnalysisGroup
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import (
    AllowBadFitOption,
    DataLuminosityOption,
    ExperimentArgument,
    LimitGroup,
    PointGroup,
    optional,
)

EXAMPLES: tuple[str, ...] = (
    "nuportal flavours atlas-2011 --m4 30 --selection paper --systematics paper",
    "nuportal flavours atlas-2011 --m4 30 --free-normalisation",
    "nuportal flavours atlas-2011 --m4 20 --plot flavours.png",
)


@grouped(plot=True)
def command(
    experiment: ExperimentArgument,
    where: PointGroup,
    analysis: AnalysisGroup,
    limits: LimitGroup,
    m4: Annotated[float | None, optional("--m4", help="nu4 mass in GeV.")] = None,
    data_e: Annotated[
        str | None, optional(metavar="FILE[:NAME]", help="Electron spectrum, as for fit (default: expected).")
    ] = None,
    data_mu: Annotated[
        str | None, optional(metavar="FILE[:NAME]", help="Muon spectrum, as for fit (default: expected).")
    ] = None,
    luminosity: DataLuminosityOption = None,
    allow_bad_fit: AllowBadFitOption = False,
    free_normalisation: Annotated[
        bool, typer.Option("--free-normalisation", help="One free factor on both rates: lepton universality.")
    ] = False,
) -> Answer:
    """Joint limits on |Ue4|^2 and |Umu4|^2, common nuisances correlated between the flavours."""
    from nuportal import flavours

    named = any(text.strip().startswith("m4") for text in where.assignments or [])
    if m4 is None and where.card is None and not named:
        raise InputError("flavours needs the nu4 mass: expected --m4, a parameter card or --set m4=...")
    result = flavours(
        experiment, where.point(), m4=m4, data_e=data_e, data_mu=data_mu, luminosity=luminosity,
        allow_bad_fit=allow_bad_fit, free_normalisation=free_normalisation, **vars(limits), **analysis.chosen(),
    )  # fmt: skip
    return Answer(result, {"outputs": []})
