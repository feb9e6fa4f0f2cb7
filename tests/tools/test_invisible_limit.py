"""Predicted limits on M -> l nu nu nubar, and the systematic fitted to the published ones."""

from __future__ import annotations

import pytest

from mesons.experiments.cards import load_experiment
from nucore.errors import InputError
from tools.validation.invisible_limit import fit_background_systematic, predicted_invisible_limit, within_window

SYSTEMATIC = ("e949", "na62-2021")


@pytest.mark.parametrize("name", SYSTEMATIC)
def test_systematic_reproduces_the_published_limit(name: str) -> None:
    card = load_experiment(name)
    systematic = card.background_systematic
    assert systematic is not None
    assert card.window_limit is not None
    predicted = predicted_invisible_limit(card, systematic=systematic)
    assert predicted == pytest.approx(card.window_limit.branching_ratio, rel=0.01)  # four digits on the card
    fitted = fit_background_systematic(card, systematic.correlation_length)
    assert fitted == pytest.approx(systematic.relative, rel=1e-3)


def test_prediction_within_the_published_window() -> None:
    """From the window of the publication alone the prediction for E949 is nearer to it than from the whole range."""
    card = load_experiment("e949")
    inside = within_window(card)
    assert inside.edges[[0, -1]] == pytest.approx([0.130, 0.175])
    whole, window = predicted_invisible_limit(card), predicted_invisible_limit(inside)
    assert whole is not None
    assert window is not None
    assert whole < window < 2.4e-6
    assert 2.4e-6 / window < 3.0
    with pytest.raises(InputError, match="no published limit"):
        within_window(load_experiment("kek-1982-mu"))
    with pytest.raises(InputError, match="no published limit"):
        fit_background_systematic(load_experiment("kek-1982-mu"), 0.3)
    with pytest.raises(InputError, match="stronger"):
        fit_background_systematic(load_experiment("pienu-2019-mu"), 0.3)


@pytest.mark.parametrize(("name", "published"), [("e949", 2.4e-6), ("na62-2021", 1.0e-6)])
def test_prediction_for_three_neutrinos(name: str, published: float) -> None:
    """Nothing tuned; the published limits carry systematic uncertainties that the prediction lacks."""
    predicted = predicted_invisible_limit(load_experiment(name))
    assert predicted is not None
    assert 1.0 < published / predicted < 10.0
