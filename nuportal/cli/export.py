"""``nuportal export``: the likelihood or the spectra of a data set for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.analysis_options import AnalysisGroup
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import (
    AllowBadFitOption,
    CorrelationOption,
    DataArgument,
    DataDecaysOption,
    DataLuminosityOption,
    ExperimentOption,
    FlavourOption,
    LimitGroup,
    PointGroup,
    SpectrumOption,
)
from nuportal.cli.prediction import PredictionGroup

EXAMPLES: tuple[str, ...] = (
    "nuportal export w.root:lepton_pt --to pyhf --out workspace.json",
    "nuportal export w.root:lepton_pt --to hepdata --out hepdata",
    "nuportal export w.root:lepton_pt --to uhi --out histograms.json",
)


@grouped
def command(
    data: DataArgument = None,
    *,
    where: PointGroup,
    analysis: AnalysisGroup,
    prediction: PredictionGroup,
    limits: LimitGroup,
    to: Annotated[str, typer.Option("--to", metavar="pyhf|hs3|hepdata|uhi|root", help="Format; hepdata is a folder.")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="File or folder.")],
    spectrum: SpectrumOption = None,
    correlation: CorrelationOption = None,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    luminosity: DataLuminosityOption = None,
    decays: DataDecaysOption = None,
    allow_bad_fit: AllowBadFitOption = False,
) -> Answer:
    """Write the likelihood that `fit` would use as a pyhf workspace or HS3, its tables for HEPData, its histograms."""
    from nuportal import export

    return Answer(export(
        data, where.over_data(), spectrum=spectrum, correlation=correlation, to=to, out=out,
        experiment=experiment, flavour=flavour, luminosity=luminosity,
        decays=decays, allow_bad_fit=allow_bad_fit, **vars(limits), **analysis.chosen(), **prediction.chosen(),
    ))  # fmt: skip
