"""``nuportal.flavours``: two lepton flavours fitted together."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from nucore.card_files import CardSource
from nucore.contents import check_counts
from nucore.errors import BadFitError
from nucore.io.plottable import Data, read_data
from nucore.reports.fit_quality import not_described
from nucore.search import ExposureOption
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import recorded
from nuportal.searches import choose, experiment_of, exposure_given


@recorded
def flavours(
    experiment: CardSource,
    parameters: Point = None,
    *,
    m4: float | None = None,
    data_e: Data | None = None,
    data_mu: Data | None = None,
    luminosity: ExposureOption = None,
    allow_bad_fit: bool = False,
    free_normalisation: bool = False,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    progress: Literal[False] | None = None,
    **options: Any,
) -> Any:
    """Joint limits on |U_e4|^2 and |U_mu4|^2 from the electrons and muons of an experiment.

    Parameters
    ----------
    experiment : str, Path or Card
        Name or path of a collider card that measures both.
    parameters : PortalParameters or mapping, optional
        Masses.
    m4 : float, optional
        GeV, in place of that of the point.
    data_e, data_mu : optional
        As in `nuportal.fit`; what is expected without nu4 where left out.
    luminosity : float or "card", optional
        Of data whose file does not record it, fb^-1.
    allow_bad_fit : bool
        Give the result of a fit that does not describe its data.
    free_normalisation : bool
        One free factor on the W rates of both flavours: lepton universality.
    confidence_level, limit, **options
        As in `nuportal.fit`; ``systematics`` is ``full`` by default.
    progress : False, optional
        No bar in a notebook.

    Returns
    -------
    collider.inference.flavours.FlavoursReport

    Raises
    ------
    InputError
        For data or arguments that are not allowed.
    nucore.errors.BadFitError
        If the best fit does not describe the data.

    Examples
    --------
    >>> import nuportal
    >>> point = nuportal.PortalParameters(m4=30.0, Umu4=0.1)
    >>> found = nuportal.flavours("atlas-2011", point)  # a quarter of a minute the first time  # doctest: +SKIP
    >>> [one.parameter for one in found.result.limits]  # doctest: +SKIP
    ['Ue4_sq', 'Umu4_sq']
    """
    search, card = experiment_of(experiment, having="fit_flavours")
    chosen = choose(search, "AnalysisOptions", card.name, {"systematics": "full", **options})
    point = point_of(parameters)[0]
    if m4 is not None:
        point = point.replace(m4=m4)
    sources = {"e": data_e, "mu": data_mu}
    data = {f: None if s is None else read_data(s) for f, s in sources.items()}
    names = {
        f: s and (str(sources[f]) if isinstance(sources[f], str | Path) else s.spectrum.name) for f, s in data.items()
    }
    for file in data.values():
        if file is not None:
            check_counts(file)
    rebinned = {f: s and search.rebinned(card, f, point, s, chosen)[0] for f, s in data.items()}
    exposure = exposure_given(search, card.name, luminosity, None)
    joint: Any = search
    report = joint.fit_flavours(
        card, point, rebinned, exposure, chosen, LimitChoice(confidence_level, limit),
        free_normalisation=free_normalisation, names=names,
    )  # fmt: skip
    reason = not_described(report.result.p_value, report.result.pulls)
    if reason is not None and not allow_bad_fit:
        raise BadFitError(f"{reason}; so there is no limit; --allow-bad-fit gives the result all the same")
    return report
