"""Templates kept from one command to the next."""

from dataclasses import replace

import numpy as np
import pytest

from collider.backgrounds import z_background
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.templates import recoil_acceptance
from collider.templates import template as templates
from collider.templates.template import IntegrationGrid, Template, WTables, lepton_template
from nucore.caches import cache_folder
from nucore.smearing import Resolution

SELECTION = LeptonSelection((35.0, 40.0, 45.0), (0.0, 2.4), Resolution(relative=0.02))
GRID = IntegrationGrid(n_angles=8, n_across=4, n_tail=4, n_nodes=9, n_replicas=2, log_cell=0.05)
TABLES = WTables(7.0, 1)
RECOIL = Recoil(response=0.85, resolution_GeV=8.0, resolution_slope=0.05)


@pytest.fixture(autouse=True)
def nothing_in_common(monkeypatch, tmp_path):
    """A cache without the templates of other tests."""
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))


def _template(m4=30.0, tables=TABLES):
    return lepton_template.__wrapped__(tables, m4, SELECTION, GRID).replicas


def test_second_one_is_the_same_and_not_computed(monkeypatch):
    first = _template()
    monkeypatch.setattr(templates, "truth_template", None)
    assert np.array_equal(_template(), first)
    with pytest.raises(TypeError):
        _template(m4=31.0)


def test_response_and_recoil_serve_another_mass(monkeypatch):
    """As of a later command: nothing in the memory, no table of the spin, no integration."""
    selection = replace(SELECTION, recoil=RECOIL, cuts=Cuts(missing_momentum_min_GeV=25.0))

    def computed(m4):
        for cached in (templates._truth, templates._response, recoil_acceptance._modes):
            cached.cache_clear()
        return lepton_template.__wrapped__(TABLES, m4, selection, GRID).replicas

    expected = computed(40.0)
    monkeypatch.setenv("NUPORTAL_CACHE", str(cache_folder()) + "-other")
    computed(30.0)
    for module, name in (
        (templates, "response_steps"),
        (templates, "w_component"),
        (recoil_acceptance, "pass_probability"),
    ):
        monkeypatch.setattr(module, name, None)
    assert np.array_equal(computed(40.0), expected)


def test_set_of_lhapdf_is_computed_anew(monkeypatch):
    monkeypatch.setattr(templates, "fold", lambda *_: Template(np.full((1, 1), float(len(made)))))
    monkeypatch.setattr(templates, "truth_template", lambda *_: made.append(1))
    made = []
    tables = WTables(7.0, 1, pdf_set="mine/0")
    assert _template(tables=tables) != _template(tables=tables)


def test_z_background_is_kept(monkeypatch):
    monkeypatch.setattr(z_background, "fold", lambda *_: Template(np.full((1, 1), float(len(made)))))
    monkeypatch.setattr(z_background, "z_truth_template", lambda *_: made.append(1))
    made = []
    found = [z_background.z_template(TABLES, SELECTION, 2.4, seed=seed).values[0] for seed in (1, 1, 2)]
    assert found == [1.0, 1.0, 2.0]
