"""Results and progress as a notebook shows them."""

import builtins
import dataclasses
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import nuportal
from nucore.errors import InputError
from nucore.io.spectrum_file import SpectrumFile
from nucore.results import Result
from nucore.summaries import Table
from nuportal import notebook_progress as progress_module
from nuportal.api.experiments import ExperimentNames
from nuportal.searches import card_of

KAON = nuportal.PortalParameters()
LONGEST_REPR = 300


@dataclasses.dataclass(frozen=True)
class Hostile(Result):
    """A result of text that an unknown file has."""

    picture = "nuportal.no_such_module:draw"
    name: str = "<script>alert(1)</script>"
    warnings: tuple[str, ...] = ("<b>bad</b>",)

    def tables(self):
        return (Table(tuple((k, float(k)) for k in range(500)), ("n", "<i>x</i>"), title="<u>long</u>"),)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    sample = nuportal.generate("kaon", KAON, decays=1e10, out=folder / "kaon.root")
    return {
        "generate": sample,
        "fit": nuportal.fit(sample, KAON, allow_bad_fit=True),
        "model": nuportal.model(KAON),
        "decay": nuportal.decay("K+", "mu", KAON),
        "check": nuportal.check(KAON),
        "limits": nuportal.limits(30.0),
        "scan": nuportal.scan({"m4": "1:10:20"}),
        "project": nuportal.project("e949", grid=[0.01, 0.02]),
        "toys": nuportal.toys("e949", n=5),
        "export": nuportal.export(sample, to="uhi", out=folder / "kaon.json", allow_bad_fit=True),
        "ufo": nuportal.ufo(KAON),
        "reproduce": nuportal.reproduce(folder / "kaon.root"),
    }


def test_reprs_are_short(results):
    objects = {
        **results,
        "parameters": KAON,
        "card": card_of("e949"),
        "spectrum": results["generate"].spectrum,
        "file": SpectrumFile(results["generate"].spectrum, {"exposure": {"decays": 1e12}}),
        "lepton spectrum": results["decay"].spectrum,
        "execution": nuportal.Execution(workers=2),
    }
    assert {name: len(repr(one)) for name, one in objects.items() if len(repr(one)) > LONGEST_REPR} == {}
    assert repr(objects["spectrum"]).startswith("<Spectrum muon_momentum: 140 bins from 0.13 to 0.2, sum ")


def test_every_result_has_html_that_is_scoped(results):
    for name in ("model", "project", "decay", "toys"):  # the others are drawn in the tests of the pictures
        one = results[name]
        html = one._repr_html_()
        assert html.startswith('<div class="nuportal-result"><style>'), name
        style = html[html.index("<style>") + 7 : html.index("</style>")]
        selectors = re.findall(r"([^{}]+)\{", style)
        assert all(part.strip().startswith(".nuportal-result") for s in selectors for part in s.split(",")), name
        assert len(html) < 200_000, name
        assert ("data:image/png;base64," in html) == bool(one.picture), name
        assert "no picture:" not in html, name


def test_html_of_a_result_escapes_and_folds_and_survives_a_picture_that_fails():
    html = Hostile()._repr_html_()
    assert not re.search("<script|<b>bad|<i>x|<u>long", html)
    assert "no picture: No module named" in html
    assert html.count("<details>") == 1
    assert "the first 200 of 500 rows" in html


def test_results_convert(results, monkeypatch):
    assert len(results["project"].to_pandas()) == len(results["project"].rows())
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="pip install pandas"):
        results["project"].to_pandas()
    sample = results["generate"]
    for one in (sample, results["fit"], SpectrumFile(sample.spectrum)):
        np.testing.assert_array_equal(one.to_hist().values(), sample.spectrum.values)
    decay = results["decay"]
    assert decay.to_hist().sum().value == pytest.approx(decay.three_body_ratio, rel=1e-3)
    closed = nuportal.decay("pi+", "mu", KAON.replace(m_chi=0.1, m_phi=0.3))
    with pytest.raises(InputError, match="closed"):
        closed.to_hist()


def test_names_of_the_experiments_are_listed():
    assert repr(ExperimentNames({"a": "A <1>", "long": "B"})) == "a     A <1>\nlong  B"
    assert "A &lt;1&gt;" in ExperimentNames({"a": "A <1>"})._repr_html_()


@pytest.fixture
def kernel(monkeypatch):
    """A kernel that keeps what is displayed."""
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(data["text/html"]))

    def display(data, raw, display_id):
        shown.append(data["text/html"])
        return handle

    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setattr(builtins, "get_ipython", lambda: SimpleNamespace(kernel=object()), raising=False)
    monkeypatch.setattr(progress_module, "_SHOWN_AFTER_S", 0.0)
    monkeypatch.setattr(progress_module, "_REDRAWN_EVERY_S", 0.0)
    return shown


def test_a_notebook_shows_one_bar_and_removes_it(kernel):
    nuportal.scan({"m4": "1:10:20"})
    assert any("<span>scan</span><progress" in html for html in kernel)
    assert any("100%" in html for html in kernel)
    assert kernel[-1] == ""
    assert progress_module._bar is None


def test_no_bar_where_the_user_says_so_or_has_a_callback(kernel):
    told = []
    nuportal.scan({"m4": "1:10:20"}, progress=False)
    nuportal.scan({"m4": "1:10:20"}, progress=told.append)
    assert kernel == []
    assert told[-1] == 1.0


def test_no_bar_in_a_script(kernel, monkeypatch):
    monkeypatch.delattr(builtins, "get_ipython")
    nuportal.scan({"m4": "1:10:20"})
    monkeypatch.setattr(builtins, "get_ipython", lambda: SimpleNamespace(), raising=False)  # IPython in a terminal
    nuportal.scan({"m4": "1:10:20"})
    assert kernel == []


def test_stages_have_lines(kernel):
    with progress_module.notebook_progress("fit", None) as move:
        bar = progress_module._bar
        stage = bar.begin("templates <m4>", 4)
        bar.advance(stage, 1)
        assert "templates &lt;m4&gt;" in kernel[-1]
        assert "1 of 4" in kernel[-1]
        bar.end(stage)
        move(0.5)
        assert "templates" not in kernel[-1]
        assert "50%" in kernel[-1]
