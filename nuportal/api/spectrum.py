"""``nuportal.expected_spectrum``: the expected spectrum of an experiment."""

from __future__ import annotations

from typing import Any

from nucore.card_files import CardSource
from nucore.histograms import Spectrum
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.plain_numbers import with_plain_numbers
from nuportal.searches import choose, experiment_of, exposure_given


@with_plain_numbers
def expected_spectrum(
    experiment: CardSource,
    parameters: Point = None,
    *,
    flavour: str | None = None,
    luminosity: float | None = None,
    decays: float | None = None,
    **options: Any,
) -> Spectrum:
    """Compute the expected spectrum at a parameter point, background included, without fluctuations.

    Parameters
    ----------
    experiment : str, Path or Card
        Name or path of a card.
    parameters : PortalParameters or mapping, optional
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    luminosity, decays : float, optional
        fb^-1, or parent decays; that of the card by default.
    **options
        As in `nuportal.fit`: they say which selection is meant.

    Returns
    -------
    Spectrum
        Without variances.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.expected_spectrum("e949", nuportal.PortalParameters(Umu4=0.0))
    <Spectrum muon_momentum: 140 bins from 0.13 to 0.2, sum ...>
    """
    search, card = experiment_of(experiment)
    chosen = choose(search, "AnalysisOptions", card.name, options)
    exposure = exposure_given(search, card.name, luminosity, decays)
    point = point_of(parameters)[0]
    return search.expected_spectrum(card, search.flavour_of(card, flavour, None), point, exposure, chosen)
