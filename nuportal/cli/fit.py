"""``nuportal fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from contextlib import nullcontext
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
    ReportOption,
    SchedulerOption,
    SeedOption,
    SpectrumOption,
    WorkersOption,
    optional,
)
from nuportal.cli.prediction import PredictionGroup
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal fit w.root:lepton_pt",
    "nuportal fit w.root:lepton_pt --float-mw --plot fit.png",
    "nuportal fit --experiment atlas-2011 --spectrum mu-pt --set m4=30",
)


@grouped(plot=True)
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
    report: ReportOption = None,
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

    with progress_bar("toys") if toys else nullcontext() as progress:
        result = fit(
            data, where.over_data(), spectrum=spectrum, correlation=correlation,
            experiment=experiment, flavour=flavour, luminosity=luminosity, decays=decays,
            allow_bad_fit=allow_bad_fit,
            **vars(limits), minos=minos, toys=toys, feldman_cousins=feldman_cousins, seed=seed, report=report,
            execution=Execution(workers=workers, scheduler=scheduler), progress=progress,
            **analysis.chosen(), **prediction.chosen(),
        )  # fmt: skip
    return Answer(result, {"outputs": list(result.outputs)})
