"""The examples in the documentation of public names run, and say what they say."""

import doctest
import inspect

import matplotlib as mpl
import pytest

import nuportal
from nucore.histograms import Spectrum
from nucore.results import Result
from nucore.summaries import Table

PUBLIC = {name: getattr(nuportal, name) for name in nuportal.__all__ if name != "InputError"}
OBJECTS = {**PUBLIC, "Result": Result, "Spectrum": Spectrum, "Table": Table}
#: Take longer than a test may, or need a file; the reason stands beside each.
SKIPPED = {"analyse", "doctor", "explore", "flavours", "quickstart", "reproduce_result"}


def example(name):
    text = inspect.getdoc(OBJECTS[name]) or ""
    return doctest.DocTestParser().get_doctest(text, {}, name, None, None)


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(mpl.rcParams, "backend", "agg")
    found = example(name)
    assert found.examples, f"{name} has no example"
    skipped = [one for one in found.examples if one.options.get(doctest.SKIP)]
    assert bool(skipped) == (name in SKIPPED)
    told = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    result = runner.run(found, out=told.append)
    assert result.failed == 0, "".join(told)
