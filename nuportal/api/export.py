"""``nuportal.export``: the likelihood or the spectra of a data set for other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from nucore.card_files import CardSource
from nucore.export.formats import ExportResult, check_format, write_export
from nucore.io.plottable import Data
from nucore.search import ExposureOption
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice
from nuportal.api.fit_inputs import data_source, fit_input
from nuportal.api.parameter_point import Point
from nuportal.api.requests import recorded


@recorded
def export(
    data: Data | Mapping[str, Any] | None = None,
    parameters: Point = None,
    *,
    spectrum: str | None = None,
    correlation: float | None = None,
    to: str,
    out: str | Path,
    experiment: CardSource | None = None,
    flavour: str | None = None,
    luminosity: ExposureOption = None,
    decays: ExposureOption = None,
    allow_bad_fit: bool = False,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    progress: Literal[False] | None = None,
    **options: Any,
) -> ExportResult:
    """Write the likelihood of a data set, or its spectra, for another tool.

    Parameters
    ----------
    data, parameters, spectrum, correlation, experiment, flavour, luminosity, decays, allow_bad_fit, limit, **options
        As in `nuportal.fit`.
    confidence_level : float
        Of the limit that is exported, between 0.5 and 1.
    progress : False, optional
        No bar in a notebook.
    to : str
        ``pyhf`` (JSON workspace), ``hs3`` (JSON), ``hepdata`` (a folder), ``uhi`` (JSON histograms) or ``root`` (TH1).
    out : str or Path
        Written under exactly this name.

    Raises
    ------
    InputError
        For arguments that are not allowed, or a likelihood that the format cannot hold.
    nucore.errors.BadFitError
        As in `nuportal.fit`.

    Examples
    --------
    >>> import nuportal
    >>> data = nuportal.generate("kaon", decays=1e10)
    >>> nuportal.export(data, to="uhi", out="kaon.json").outputs
    ('kaon.json',)
    """
    check_format(to)
    source = data_source(data, spectrum, correlation)
    found = fit_input(source, parameters, experiment, flavour, luminosity, decays, options)
    report = found.report(LimitChoice(confidence_level, limit))
    if not allow_bad_fit:
        report.require_good()
    return write_export(report, to, out)
