"""Experiment cards as files: paths, inheritance, what is recorded, errors, JSON Schema."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import collider.experiments.response
import collider.search
import mesons.experiments.cards
import nuportal
from nucore.card_files import MAX_CARD_BYTES, MAX_CHAIN, Card, inherited, is_path
from nucore.errors import InputError
from nucore.experiment_cards import MAX_DEPTH, CardModel, read_toml, validate
from nuportal.api.experiments import card_schema, experiments
from nuportal.searches import card_of, experiment_of

ALL = tuple(experiments())


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "path"),
    [("e949", False), ("mine.toml", True), ("./mine", True), ("a/b.toml", True), (Path("e949"), True)],
)
def test_what_is_a_path(source: str | Path, path: bool) -> None:
    assert is_path(source) == path


def test_a_card_that_extends_a_shipped_one(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.toml", 'extends = "atlas-2011"\nselections.full.recoil.resolution_GeV = 9.0\n')
    card = card_of(str(path))
    base = collider.experiments.response.load_experiment("atlas-2011")
    mine = collider.experiments.response.load_experiment(card)
    assert (card.name, mine.name, "extends" in card.content) == ("mine", "mine", False)
    assert mine.selections["full"].recoil.resolution_GeV == 9.0
    # what inherits `full` changes with it, and nothing else does
    assert mine.selections["transverse-mass"].recoil.resolution_GeV == 9.0
    assert mine.selections["full"].recoil.response == base.selections["full"].recoil.response
    assert mine.selections["paper"] == base.selections["paper"]
    assert mine.nuisances == base.nuisances


def test_what_is_recorded_is_enough_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, "base.toml", 'extends = "e949"\nbin_width_GeV = 1e-3\n')
    path = write(tmp_path, "mine.toml", 'extends = "./base.toml"\nname = "mine"\ntitle = "mine"\n')
    experiment = mesons.experiments.cards.load_experiment(path)
    origin = card_of(path).origin
    assert origin == experiment.origin
    assert origin["card"] == "mine"
    path.unlink()
    again = Card(origin["card"], origin["card_text"])
    assert again.sha256 == origin["card_sha256"]
    assert card_of(again) is again
    assert mesons.experiments.cards.load_experiment(again) == experiment
    assert experiment.bin_width_GeV == 1e-3
    assert pickle.loads(pickle.dumps(experiment)).origin == origin


def test_the_text_of_a_shipped_card_is_not_recorded() -> None:
    assert card_of("e949").origin["card_text"] is None
    assert mesons.experiments.cards.load_experiment("e949").origin == card_of("e949").origin
    assert mesons.experiments.cards.load_experiment("na62-full", "trigger").origin == card_of("na62-full").origin


def test_a_complete_card_is_recorded_as_it_is_written(tmp_path: Path) -> None:
    text = "# a comment\n" + card_of("lhcb-2016").text.replace('name = "lhcb-2016"', 'name = "mine"')
    assert card_of(write(tmp_path, "other.toml", text)).text == text


@pytest.mark.parametrize("name", ALL)
def test_printed_cards_are_a_start(name: str, tmp_path: Path) -> None:
    text = experiments(name)
    with pytest.raises(InputError, match="shipped experiment; expected a name of your own"):
        card_of(write(tmp_path, "same.toml", text + "\n[x]\n"))
    path = write(tmp_path, "mine.toml", text.replace(f'name = "{name}"', 'name = "mine"', 1))
    mine, shipped = (experiment_of(source)[1] for source in (path, name))
    assert mine.model_dump(exclude={"name"}) == shipped.model_dump(exclude={"name"})
    assert experiment_of(path)[0] is experiment_of(name)[0]


def test_a_base_is_found_from_the_folder_of_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cards").mkdir()
    write(tmp_path / "cards", "base.toml", 'extends = "d0"\nluminosity_invfb = 5\n')
    write(tmp_path, "mine.toml", 'extends = "cards/base.toml"\n')
    monkeypatch.chdir(tmp_path / "cards")
    assert collider.experiments.response.load_experiment("../mine.toml").luminosity_invfb == 5.0


def test_owner(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.toml", 'extends = "e949"\n')
    assert experiment_of(path)[0] is mesons.search
    assert experiment_of("d0")[0] is collider.search
    with pytest.raises(InputError, match="expected one of atlas-2011, .*e949.*mine.toml"):
        experiment_of("atlas-1999")
    with pytest.raises(InputError, match="card of no search; expected .*sqrt_s_TeV.*parent"):
        experiment_of(write(tmp_path, "none.toml", "x = 1"))


def test_a_recorded_card_is_checked() -> None:
    text = card_of("e949").text.replace("window_sigma = 2.0", "window_sigma = 3.0")
    with pytest.raises(InputError, match="'e949' is a shipped experiment"):
        mesons.experiments.cards.load_experiment(Card("e949", text))
    with pytest.raises(InputError, match="name: got 'e949'; expected 'mine'"):
        mesons.experiments.cards.load_experiment(Card("mine", text))
    with pytest.raises(InputError, match="extends: unknown key"):  # no path in a file is followed
        mesons.experiments.cards.load_experiment(Card("mine", 'name = "mine"\nextends = "/etc/passwd"\n'))


def test_inheritance_merges_tables_and_replaces_the_rest() -> None:
    tables = {
        "a": {"extends": "b", "x": {"y": 1}, "list": [1]},
        "b": {"extends": "c", "x": {"y": 2, "z": 2}},
        "c": {"x": {"w": {"v": 3}}, "list": [1, 2], "s": "t"},
    }
    assert inherited("a", tables.__getitem__, "card") == {
        "x": {"w": {"v": 3}, "y": 1, "z": 2},
        "list": [1],
        "s": "t",
    }
    assert tables["a"]["extends"] == "b"
    with pytest.raises(InputError, match=r"card: extends: circular: a -> b -> a; expected"):
        inherited("a", {"a": {"extends": "b"}, "b": {"extends": "a"}}.__getitem__, "card")
    with pytest.raises(InputError, match=f"too long; expected at most {MAX_CHAIN}"):
        inherited("0", lambda n: {"extends": str(int(n) + 1)}, "card")


def attack(folder: Path, kind: str) -> Path:
    path = folder / "bad.toml"
    if kind == "huge":
        path.write_bytes(b"#" * (MAX_CARD_BYTES + 1))
    elif kind == "deep":
        path.write_text("x = " + "[" * 5000 + "]" * 5000)
    elif kind == "deep keys":
        path.write_text(".".join("a" * 5000) + " = 1")
    elif kind == "not UTF-8":
        path.write_bytes(b'name = "\xff"')
    elif kind == "not TOML":
        path.write_text("{}")
    elif kind == "many digits":
        path.write_text("sqrt_s_TeV = " + "9" * 5000)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop of links":
        path.symlink_to(folder / "loop.toml")
        (folder / "loop.toml").symlink_to(path)
    elif kind == "pipe":
        import os

        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "base with a null character":
        path.write_text('extends = "./\\u0000.toml"')
    elif kind == "base with a long name":
        path.write_text(f'extends = "./{"x" * 5000}.toml"')
    elif kind == "extends a folder":
        path.write_text('extends = "./"')
    elif kind == "extends itself by a link":
        path.write_text('extends = "./link.toml"')
        (folder / "link.toml").symlink_to(path)
    return path


@pytest.mark.parametrize(
    "kind",
    [
        "missing", "huge", "deep", "deep keys", "not UTF-8", "not TOML", "many digits", "folder", "loop of links",
        "pipe", "device", "base with a null character", "base with a long name", "extends a folder",
        "extends itself by a link",
    ],
)  # fmt: skip
def test_attacks(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"bad\.toml") as caught:
        card_of(attack(tmp_path, kind))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 6000


class Inner(CardModel):
    """An inner table.

    Attributes
    ----------
    size_GeV : float
        Its size.
    """

    size_GeV: float


class Outer(CardModel):
    """A table.

    Attributes
    ----------
    inner, others : dict
        Tables by name.
    """

    inner: dict[str, Inner]
    pair: tuple[float, float] = (1.0, 2.0)
    one: Inner | None = None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inner.one.size = 1", "c: inner.one.size: unknown key; expected size_GeV (and 1 more)"),
        ("one.size_gev = 1\ninner.a.size_GeV = 1", "c: one.size_gev: unknown key; expected size_GeV (and 1 more)"),
        ("", "c: inner: missing; expected a table"),
        ("inner.inner = {}", "c: inner.inner.size_GeV: missing; expected a number"),
        ("inner.x.size_GeV = true", "c: inner.x.size_GeV: got True; expected a number"),
        ("inner.x.size_GeV = nan", "c: inner.x.size_GeV: got nan; expected a finite number"),
        ("inner = {}\npair = [1]", "c: pair.1: missing; expected a number"),
        ("inner = {}\npair = 3", "c: pair: got 3; expected a list"),
        ("inner = {}\none = 3", "c: one: got 3; expected a table"),
    ],
)
def test_messages(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(Outer, read_toml(text, "c"), "c")
    assert str(caught.value) == message


def test_depth_of_tables() -> None:
    assert read_toml(".".join("a" * (MAX_DEPTH - 1)) + " = 1", "c")
    with pytest.raises(InputError, match="nested too deep"):
        read_toml(".".join("a" * (MAX_DEPTH + 1)) + " = 1", "c")


def test_json_schema_describes_every_card() -> None:
    schema = card_schema()
    assert len(schema["anyOf"]) == 3
    of_collider = card_schema("d0")
    assert "sqrt_s_TeV" in of_collider["properties"]
    assert of_collider["properties"]["extends"]["type"] == "string"
    assert of_collider["properties"]["luminosity_invfb"]["description"].startswith("Integrated luminosity, fb^-1.")
    assert "extends" in of_collider["$defs"]["Selection"]["properties"]
    assert "required" not in str(of_collider.keys())
    jsonschema = pytest.importorskip("jsonschema")
    for name in ALL:
        jsonschema.validate(card_of(name).content, schema)
        jsonschema.validate({"extends": name, "name": "mine"}, card_schema(name))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"extends": "d0", "luminosity": 3}, of_collider)


def test_another_number_needs_a_reference_of_its_own(tmp_path):
    card = 'extends = "e949"\nname = "mine"\n[n_parent]\nvalue = 1e12\n'
    with pytest.raises(InputError, match="n_parent.reference: missing"):
        experiment_of(write(tmp_path, "mine.toml", card))
    own = card + 'reference = "a thesis"\nverified = false\n'
    assert experiment_of(write(tmp_path, "own.toml", own))[1].n_parent.reference == "a thesis"


def test_a_scaled_card_of_a_user_has_its_own_ways(tmp_path):
    text = 'name = "mine"\ntitle = "Mine"\ndefault = "two"\n'
    for name, factor in (("two", 2), ("five", 5)):
        text += f'[scaling.{name}]\nexperiment = "e949"\nexposure_factor = {factor}\nreference = "a plan"\n'
    path = write(tmp_path, "mine.toml", text)
    two, five = (nuportal.project(path, grid=[0.02], **o).points()[0]["br"] for o in ({}, {"scaling": "five"}))
    assert two / five == pytest.approx((5 / 2) ** 0.5, rel=0.01)  # statistics alone
    with pytest.raises(InputError, match="'three' of mine: expected one of two, five"):
        nuportal.project(path, grid=[0.02], scaling="three")
