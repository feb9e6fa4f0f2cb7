"""Templates kept from one command to the next."""

import numpy as np
import pytest

from collider.backgrounds import z_background
from collider.experiments.selection import LeptonSelection
from collider.templates import template as templates
from collider.templates.template import IntegrationGrid, Template, WTables, lepton_template
from nucore.smearing import Resolution

SELECTION = LeptonSelection((35.0, 40.0, 45.0), (0.0, 2.4), Resolution(relative=0.02))
GRID = IntegrationGrid(n_angles=8, n_across=4, n_tail=4, n_nodes=9, n_replicas=2, log_cell=0.05)
TABLES = WTables(7.0, 1)


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
