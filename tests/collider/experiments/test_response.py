"""Experiment cards: what is shipped, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import card_of, experiment_names, load_experiment, parse_card
from nucore.card_files import Card
from nucore.errors import InputError

ATLAS = card_of("atlas-2011").text


def test_the_paper_selection_of_atlas() -> None:
    card = load_experiment("atlas-2011")
    analysis = card.analysis("paper")
    assert (card.sqrt_s_TeV, card.luminosity_invfb, card.analysis().charge_signs) == (7.0, 4.1, (1,))
    lepton = analysis.lepton_response("mu")
    assert (analysis.abs_eta_edges, lepton.resolution_relative, lepton.efficiency) == ((0.0, 2.4), 0.02, (1.0,))
    assert [n.size for n in card.nuisances if n.kind == "normalisation"] == [0.02]
    np.testing.assert_allclose(analysis.edges, np.arange(30.0, 50.25, 0.5))


@pytest.mark.parametrize("name", experiment_names())
def test_cards_are_complete_and_consistent(name: str) -> None:
    card = load_experiment(name)
    assert card.name == name
    assert card.luminosity_reference
    for name, analysis in card.selections.items():
        assert analysis.reference
        for flavour in card.flavours:
            selection = card.analysis(name).lepton_selection(flavour)
            np.testing.assert_allclose(selection.edges, analysis.edges, rtol=1e-15)
            assert selection.eta_edges == analysis.eta_edges(flavour)


def test_unknown_names() -> None:
    with pytest.raises(InputError, match="expected one of atlas-2011"):
        load_experiment("atlas-1999")
    with pytest.raises(InputError, match="expected one of paper"):
        load_experiment("atlas-2011").analysis("half")
    with pytest.raises(InputError, match="expected one of e, mu"):
        load_experiment("atlas-2011").check_flavour("tau")
    assert load_experiment("atlas-2011").check_flavour("e") == "e"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sqrt_s_TeV = 7.0", "sqrt_s_TeV = -7.0", "sqrt_s_TeV"),
        ("efficiency = [1.0]", "efficiency = [1.5]", "efficiency"),
        ("bin_width_GeV = 0.5", "bin_width_GeV = 0.3", "whole number of bins"),
        ('charges = ["+"]', 'charges = ["+", "+"]', "twice"),
        ('charges = ["+"]', 'charges = ["0"]', "charges"),
        ("abs_eta_edges = [0.0, 2.4]", "abs_eta_edges = [0.0, 2.4]\nfoo = 1", "foo"),
        ("abs_eta_edges = [0.0, 2.4]", "abs_eta_edges = [2.4, 0.0]", "increase"),
        ("[[1.2, 1.82]]", "[[1.2, 1.7]]", "bins of abs_eta_edges"),
        ('kind = "m_W"', 'kind = "m_Z"', "nuisances"),
        ('kind = "m_W"', 'kind = "gamma_W"', "gamma_W is named twice"),
        ('kind = "pdf"', 'kind = "fsr"', "need a variation"),
        ('kind = "normalisation"', 'kind = "w_pt"\nvariation = "x"', "expected one of kind normalisation"),
        ("[selections.full.recoil]", "[selections.other.recoil]", "selections"),
        ("count = ", 'selection = "half"\ncount = ', "half"),
        ('reference = "arXiv:1709.07001"', 'reference = ""', "reference"),
        ('name = "atlas-2011"', "name = ", "invalid TOML"),
    ],
)
def test_bad_cards_are_refused_by_field(old: str, new: str, message: str) -> None:
    assert old in ATLAS
    with pytest.raises(InputError, match=message):
        parse_card(Card("atlas-2011", ATLAS.replace(old, new)))


#: Numbers with all terms at once.
MUON = """resolution_relative = 0.013
resolution_constant_GeV = 0.1
resolution_stochastic_sqrt_GeV = 0.02
resolution_regions = [{ abs_eta_min = 1.05, factor = 1.31 }, { abs_eta_min = 2.0, factor = 1.5 }]
scale = -0.0003
efficiency_slope = -0.018
efficiency_curvature = -0.045
"""
RECOIL = """response = 0.757
response_rise = 0.055
response_scale_GeV = 15.0
resolution_GeV = 12.0
resolution_slope = 0.08
resolution_spread = 0.34
"""


def rising(old: str = "", new: str = "") -> Card:
    """Return the card of ATLAS with all that a response can do, one line of it replaced."""
    text = re.sub(r"(?<=response\.mu\]\n).*?(?=efficiency = \[)", MUON, ATLAS, flags=re.DOTALL)
    text = re.sub(r"(?<=selections\.full\.recoil\]\n).*?(?=reference)", RECOIL, text, flags=re.DOTALL)
    assert old in text
    return Card("atlas-2011", text.replace(old, new))


def test_all_of_a_response_reaches_the_selection() -> None:
    full = parse_card(rising()).analysis("full").lepton_selection("mu")
    sigma = np.sqrt((0.013 * 40.0) ** 2 + 0.1**2 + 0.02**2 * 40.0)
    assert full.resolution.sigma(40.0) == pytest.approx(sigma)
    assert (full.scale, full.resolution_regions) == (-0.0003, ((1.05, 1.31), (2.0, 1.5)))
    assert full.response_eta_edges == (0.0, 0.8, 1.05, 1.4, 2.0, 2.4)
    assert full.response_bins == ((0, 1.0), (1, 1.0), (1, 1.31), (2, 1.31), (3, 1.5))
    x = np.array([-1.5, -1.5, 0.0, 1.0, 2.5, 2.5])
    expected = 0.705 * (1.0 - 0.018 * x - 0.045 * x**2)
    np.testing.assert_allclose(full.efficiency_at(np.array([10.0, 25.0, 40.0, 50.0, 65.0, 90.0])), expected)
    assert full.recoil is not None
    np.testing.assert_allclose(full.recoil.response_at(np.array([0.0, 15.0, 1e4])), [0.757, 0.7917666, 0.812])
    np.testing.assert_allclose(full.recoil.sigma_at(np.array([0.0, 20.0])), [12.0, 13.6])
    names = {n.name for n in measurement(parse_card(rising()), "mu", AnalysisOptions(systematics="full")).nuisances}
    assert {"recoil_spread", "efficiency_curvature"} <= names


def test_a_spread_is_no_nuisance_where_there_is_none() -> None:
    card = parse_card(rising("resolution_spread = 0.34\n", ""))
    names = {n.name for n in measurement(card, "mu", AnalysisOptions(systematics="full")).nuisances}
    assert "recoil_spread" not in names


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "efficiency_slope = -0.018",
            "efficiency_slope = 0.3",
            "efficiency_slope, efficiency_curvature: .* from 0 to 1",
        ),
        ("efficiency_curvature = -0.045", "efficiency_curvature = -0.5", "at 65 GeV; expected from 0 to 1"),
        ("abs_eta_min = 2.0", "abs_eta_min = 0.5", "abs_eta_min that increase"),
        ("abs_eta_min = 1.05", "abs_eta_min = 0.0", "abs_eta_min"),
        ("factor = 1.31", "factor = -1.0", "factor"),
        ("scale = -0.0003", "scale = 0.7", "scale"),
        ("resolution_stochastic_sqrt_GeV = 0.02", "resolution_stochastic_sqrt_GeV = -1", "resolution_stochastic"),
        ("response_rise = 0.055", "response_rise = -0.8", "response . response_rise"),
        ("response_scale_GeV = 15.0", "response_scale_GeV = 0.0", "response_scale_GeV"),
        ("resolution_spread = 0.34", "resolution_spread = 0.8", "resolution_spread"),
        ("resolution_spread = 0.34", "resolution_spred = 0.3", "resolution_spred"),
    ],
)
def test_bad_responses_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        parse_card(rising(old, new))
    assert "\n" not in str(refused.value)
