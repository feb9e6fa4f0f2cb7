"""`nuportal ufo`: where the model lies, and its card."""

import warnings
from pathlib import Path

import pytest

import nuportal
import nuportal.api.ufo as ufo
from nucore.errors import InputError
from nucore.model.card import card_text, load_card, parse_card
from nucore.model.parameters import PortalParameters


def test_path_is_that_of_a_model(run, answer):
    outcome = run("ufo", "--path")
    assert outcome.status == 0
    folder = Path(outcome.out.rstrip("\n"))
    assert folder.name == "NeutrinoPortal"
    assert {"__init__.py", "particles.py", "vertices.py", "restrict_default.dat"} <= {p.name for p in folder.iterdir()}
    assert answer("ufo", "--path")["path"] == str(folder)


def test_card_is_complete_and_is_the_point(run, answer, tmp_path):
    point = PortalParameters(m_chi=2.0, m_phi=7.0, m4=45.0, yL=0.5, yR=0.25, Ue4=0.1, Umu4=0.0, Utau4=-0.2)
    card = tmp_path / "point.dat"
    card.write_text(card_text(point))
    outcome = run("ufo", "--card", card)
    assert outcome.status == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the widths are ours
        assert parse_card(outcome.out) == point
    template = (ufo.ufo_path() / "restrict_default.dat").read_text()

    def entries(text):
        found, block = [], ""
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if words and words[0] in ("BLOCK", "DECAY"):
                block = " ".join(words[:2])
                found.append(block)
            elif words:
                found.append((block, *words[:-1]))
        return found

    assert entries(outcome.out) == entries(template)
    assert "DECAY 24 Auto" in outcome.out
    assert run("ufo", "--card", card, "--set", "m4=50", "--out", "ufo.dat").out == ""
    assert load_card(tmp_path / "ufo.dat") == point.replace(m4=50.0)
    fields = answer("ufo", "--set", "m4=50", "--set", "m_chi=1", "--set", "m_phi=3", "--out", "again.dat")
    assert fields["outputs"] == ["again.dat"]
    assert fields["card"] == (tmp_path / "again.dat").read_text()


@pytest.mark.parametrize("arguments", [[], ["--path", "--set", "m4=1"], ["--card", "absent.dat"], ["--set", "m4=-1"]])
def test_refusals(run, arguments):
    outcome = run("ufo", *arguments)
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1


def test_an_installed_model_is_found_by_the_files_of_the_distribution(tmp_path, monkeypatch):
    folder = tmp_path / "share" / "nuportal" / "UFO" / "NeutrinoPortal"
    folder.mkdir(parents=True)
    (folder / "particles.py").write_text("")

    class File:
        name = "particles.py"

        def locate(self):
            return folder / "particles.py"

    monkeypatch.setattr(nuportal, "__file__", str(tmp_path / "lib" / "nuportal" / "__init__.py"))
    monkeypatch.setattr(ufo.importlib.metadata, "files", lambda _: [File()])
    assert ufo.ufo_path() == folder
    monkeypatch.setattr(ufo.importlib.metadata, "files", lambda _: None)
    with pytest.raises(InputError, match="UFO model is not here"):
        ufo.ufo_path()


def _not_installed(_):
    raise ufo.importlib.metadata.PackageNotFoundError


def test_a_package_that_runs_without_being_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(ufo.importlib.metadata, "files", _not_installed)
    tree = Path(__file__).parents[2]
    monkeypatch.setattr(nuportal, "__file__", str(tree / "nuportal" / "__init__.py"))
    assert ufo.ufo_path() == tree / "models" / "UFO" / "NeutrinoPortal"
    monkeypatch.setattr(nuportal, "__file__", str(tmp_path / "nuportal" / "__init__.py"))
    with pytest.raises(InputError):
        ufo.ufo_path()
