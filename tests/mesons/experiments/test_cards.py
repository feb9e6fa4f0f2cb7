"""Experiment cards: complete, validated, and what the publications say."""

from __future__ import annotations

import numpy as np
import pytest

from mesons.experiments.calibration import published_branching_limits
from mesons.experiments.card_fields import Resolution
from mesons.experiments.cards import (
    Experiment,
    ScaledExperiment,
    card_of,
    experiment_names,
    load_experiment,
    parse_card,
)
from nucore.card_files import Card
from nucore.errors import InputError
from nucore.limits.catalogue import load_curve


def test_names() -> None:
    assert {"e949", "na62-2021", "na62-full", "pienu-2017-e", "belle-ii-b-mu"} <= set(experiment_names())
    assert all(card_of(name).content["title"] for name in experiment_names())
    with pytest.raises(InputError, match="expected one of .*e949, .*na62-2021, na62-full"):
        load_experiment("na64")


CARDS = [name for name in experiment_names() if isinstance(parse_card(card_of(name)), Experiment)]


@pytest.mark.parametrize("name", CARDS)
def test_cards(name: str) -> None:
    card = load_experiment(name)
    assert card.name == name
    assert card.edges[0] == card.momentum_GeV[0]
    assert card.edges[-1] == card.momentum_GeV[1]
    np.testing.assert_allclose(np.diff(card.edges), card.bin_width_GeV, rtol=0.02)
    # every number with a source says whether it was checked
    for source in (card.n_parent, card.acceptance, card.resolution):
        assert source.reference
        assert isinstance(source.verified, bool)
    assert card.decays == card.n_parent.value
    if card.parent == "tau-":
        assert card.peak_limit is None
        return
    assert card.peak_limit.reference
    # the momentum range is that of the points calibrated with
    momentum, limit = published_branching_limits(card)
    assert card.momentum_GeV[0] <= momentum[0] + 1e-3
    # the range of na62-2021 is the published 26 to 190 MeV, one step of its table short of the lowest mass
    assert momentum[-1] <= card.momentum_GeV[1] + 1e-3
    assert np.all(limit > 0)


def test_published_ranges() -> None:
    """What the abstracts of arXiv:1411.3963 and 2101.12304 say of their tables."""
    e949, na62 = load_experiment("e949").peak_limit, load_experiment("na62-2021").peak_limit
    assert e949.m4_MeV[0] >= 175
    assert e949.m4_MeV[-1] <= 300
    assert min(e949.U_sq) >= 1e-9
    assert max(e949.U_sq) <= 1e-7
    assert (na62.m4_MeV[0], na62.m4_MeV[-1]) == (200.0, 384.0)
    assert 3e-9 < np.median(na62.U_sq) < 3e-8


def test_resolution() -> None:
    assert load_experiment("e949").resolution.sigma([0.205])[0] == pytest.approx(2.3e-3, rel=0.03)
    na62 = load_experiment("na62-2021")
    # the missing-mass resolution the table stands for: sigma_m = sigma_p M p/(m4 E)
    p = np.linspace(0.04, 0.185, 12)
    energy = np.hypot(p, 0.1056583755)
    m4 = np.sqrt(0.493677**2 + 0.1056583755**2 - 2 * 0.493677 * energy)
    sigma_m = na62.resolution.sigma(p) * 0.493677 * p / (m4 * energy)
    given = na62.resolution.missing_mass_MeV, na62.resolution.sigma_mass_MeV
    np.testing.assert_allclose(sigma_m, np.interp(m4 * 1e3, *given) * 1e-3, rtol=0.02)
    assert np.interp(195.0, *given) == pytest.approx(12.0)
    with pytest.raises(ValueError, match="either"):
        Resolution(reference="", verified=True)
    with pytest.raises(ValueError, match="increase"):
        Resolution(reference="", verified=True, momentum_GeV=(0.2, 0.1), sigma_GeV=(1e-3, 1e-3))


def test_scaled_card() -> None:
    paper, trigger = load_experiment("na62-full"), load_experiment("na62-full", "trigger")
    assert paper.name == "na62-full"
    assert paper.decays == pytest.approx(10 * load_experiment("e949").decays)
    assert trigger.decays == pytest.approx(1e13 / 400, rel=2e-3)
    assert trigger.beam_momentum_GeV == 75.0
    assert "paper scaling: 10 x e949" in paper.notes[0]
    assert paper.window_limit is None
    with pytest.raises(InputError, match="expected one of paper, trigger"):
        load_experiment("na62-full", "better")
    with pytest.raises(InputError, match="no scaling"):
        load_experiment("e949", "paper")
    assert isinstance(parse_card(card_of("na62-full")), ScaledExperiment)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("window_sigma = 2.0", "window_sigma = -1.0", "window_sigma"),
        ('lepton = "mu"', 'lepton = "muon"', "lepton"),
        ("window_sigma = 2.0", "window_sigma = 2.0\nwidth = 3", "width"),
        ("momentum_GeV = [0.130, 0.200]", "momentum_GeV = [0.2, 0.1]", "increasing"),
        ('curve = "e949-2015-mu"', 'curve = "e949-2015-mu"\nm4_MeV = [200, 250]', "equal length"),
        ('curve = "e949-2015-mu"', 'curve = "e949-2015"', "unknown limit"),
        ('curve = "e949-2015-mu"', 'curve = "z-invisible-lep"', "no table"),
        ('name = "e949"', "name = ", "TOML"),
    ],
)
def test_wrong_cards_are_refused_in_one_line(old: str, new: str, text: str) -> None:
    changed = card_of("e949").text.replace(old, new, 1)
    assert changed != card_of("e949").text
    with pytest.raises(InputError, match=text) as caught:
        parse_card(Card("e949", changed))
    assert "\n" not in str(caught.value)


def test_a_published_curve_or_a_table_on_the_card() -> None:
    curve, table = load_curve("e949-2015-mu"), load_experiment("e949").peak_limit
    assert np.array(table.m4_MeV) * 1e-3 == pytest.approx(curve.points.mass_GeV, rel=1e-15)
    assert table.U_sq == curve.points.value
    assert (table.flavour, table.confidence_level, table.reference) == ("mu", 0.90, curve.reference)
    own = 'flavour = "mu"\nconfidence_level = 0.95\nreference = "mine"\nobtained_from = "a figure"\n'
    own += "m4_MeV = [180, 250, 300]\nU_sq = [1e-7, 1e-8, 1e-8]"
    card = parse_card(Card("e949", card_of("e949").text.replace('curve = "e949-2015-mu"', own)))
    assert card.peak_limit.m4_MeV == (180, 250, 300)
    assert Experiment(**card.model_dump()).model_dump() == card.model_dump()


def test_published_table_must_increase() -> None:
    card = load_experiment("e949")
    data = card.model_dump()
    data["peak_limit"]["m4_MeV"] = tuple(reversed(data["peak_limit"]["m4_MeV"]))
    with pytest.raises(ValueError, match="increase"):
        Experiment(**data)
