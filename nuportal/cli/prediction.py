"""Options and text of a Standard Model expectation of the user's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import typer

from nuportal.cli.options import optional


@dataclass(frozen=True)
class PredictionGroup:
    """A Standard Model expectation of the user's: fields of `nuportal.api.prediction_options.PredictionOptions`."""

    heading: ClassVar[str] = "Prediction"

    prediction: Annotated[
        str | None,
        optional(metavar="FILE[:NAME]", help="Standard Model expectation in the bins of the data, in place of ours."),
    ] = None
    background: Annotated[
        str | None, optional(metavar="FILE[:NAME]", help="Background beside the prediction, which is the signal then.")
    ] = None
    background_included: Annotated[
        bool, typer.Option("--background-included", help="The background is a part of the prediction.")
    ] = False
    signal_fraction: Annotated[
        float | None, optional(help="Share of the signal in the prediction, where there is no --background.")
    ] = None
    variation: Annotated[
        list[str] | None,
        optional(metavar="NAME=UP[,DOWN]", help="Prediction at +1 and -1 standard deviation (repeatable)."),
    ] = None
    covariance: Annotated[
        str | None, optional(metavar="FILE", help="Covariance matrix of the prediction, in its unit squared.")
    ] = None
    band: Annotated[
        str | None,
        optional(metavar="X|FILE[:NAME]", help="Relative uncertainty of the prediction, of all bins or each."),
    ] = None
    band_correlation: Annotated[
        float | None, optional(help="Correlation length of the band in GeV (default: bins are independent).")
    ] = None
    background_uncertainty: Annotated[
        float | None, optional(help="Relative uncertainty of the rate of the background (default: 0).")
    ] = None
    normalisation: Annotated[
        str | None,
        optional(
            metavar="free|constrained|fixed",
            help="Of the predicted signal: free (default; each charge), constrained (card) or fixed.",
        ),
    ] = None
    data_covariance: Annotated[
        str | None,
        optional(
            metavar="FILE|variances|poisson",
            help="Covariance matrix of data that are no counts; variances: of their file; poisson: as of counts.",
        ),
    ] = None

    def chosen(self) -> dict[str, Any]:
        """Return what the user gave, as the Python functions take it."""
        given = {k: v for k, v in vars(self).items() if not (v is None or v is False or v == [])}  # 0 is given
        with suppress(KeyError, ValueError):
            given["band"] = float(given["band"])  # a file otherwise
        return given
