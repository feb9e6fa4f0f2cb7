"""Arrays kept from one command to the next."""

import numpy as np
import pytest

from nucore.run import stored
from nucore.run.stored import stored_array


@pytest.fixture(autouse=True)
def nothing_in_common(monkeypatch, tmp_path):
    """A cache without the templates of other tests."""
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))


@pytest.fixture
def computed():
    """Counts how often it is computed."""
    calls = []

    def compute():
        calls.append(1)
        return np.array([0.1, 1.0 / 3.0]) * len(calls)

    compute.calls = calls
    return compute


def _files(cache):
    return list((cache / stored.FOLDER).rglob("*.array"))


def test_same_arguments_are_computed_once(computed):
    first = stored_array("sum", (1.0, ("a",)), computed)
    assert np.array_equal(stored_array("sum", (1.0, ("a",)), computed), first)
    assert len(computed.calls) == 1


@pytest.mark.parametrize("other", [("product", (1.0,)), ("sum", (np.nextafter(1.0, 2.0),)), ("sum", (1,))])
def test_other_arguments_are_computed_anew(computed, other):
    stored_array("sum", (1.0,), computed)
    assert stored_array(*other, computed)[0] == 0.2


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b"",
        lambda b: b[:50],
        lambda b: b"PK\x03\x04" + b[4:],
        lambda b: b[:-1] + bytes([b[-1] ^ 1]),
        lambda b: b[32:],
    ],
)
def test_damaged_file_is_computed_anew(computed, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))
    stored_array("sum", (), computed)
    (file,) = _files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert stored_array("sum", (), computed)[0] == 0.2
    assert stored_array("sum", (), computed)[0] == 0.2


def test_without_a_cache_all_is_computed(computed, monkeypatch):
    monkeypatch.setattr(stored, "cache_folder", lambda: None)
    assert [stored_array("sum", (), computed)[0] for _ in range(2)] == [0.1, 0.2]


def test_other_versions_are_removed(computed, tmp_path, monkeypatch):
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))
    old, mine = (tmp_path / stored.FOLDER / name for name in ("0123456789abcdef", "my_samples"))
    for folder in (old, mine):
        folder.mkdir(parents=True)
    stored_array("sum", (), computed)
    assert not old.exists()
    assert mine.is_dir()
    assert len(_files(tmp_path)) == 1


def test_object_that_does_not_tell_its_fields_is_refused(computed):
    with pytest.raises(AssertionError):
        stored_array("sum", (object(),), computed)
