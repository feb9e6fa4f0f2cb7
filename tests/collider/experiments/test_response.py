"""Experiment cards: what is shipped, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

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
