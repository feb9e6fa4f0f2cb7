"""HS3, HEPData, UHI and ROOT exports: read back by the tools they are for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nucore.errors import InputError
from nucore.export.formats import FORMATS, write_export
from nucore.export.hepdata import hepdata_submission
from nucore.export.hs3 import hs3_document
from nucore.histograms import Spectrum
from nucore.io.readers import read_spectrum
from nucore.reports.fit_input import FitInput
from nucore.reports.fit_report import FitReport
from nucore.stats import (
    HistoSys,
    Likelihood,
    LimitChoice,
    LinearNorm,
    LogLinearShape,
    Model,
    NormFactor,
    NormSys,
    Sample,
    StatError,
    fit,
)


def _content(exponential: bool = False, edges: Any = None, stat: bool = True) -> FitReport:
    x = np.linspace(0.12, 0.2, 8)
    background = 900.0 * np.exp(-4.0 * x)
    modifiers: list[Any] = [NormSys("n", 0.95, 1.08), HistoSys("h", background * 0.99, background * (1 + 0.1 * x))]
    if exponential:
        modifiers = [LogLinearShape.log_polynomial("c", x, 1, 0.16)]
    else:
        modifiers += [LinearNorm("l", 0.02), *([StatError("mc", np.full(8, 0.01))] if stat else [])]
    signal = 30.0 * np.sin(20.0 * x)
    model = Model([Sample("background", background, modifiers), Sample("a signal", signal, [NormFactor("u")])], "u")
    counts = np.random.default_rng(4).poisson(background + signal)
    likelihood = Likelihood(model, counts)
    bins = np.linspace(0.1, 0.18, 9) if edges is None else np.asarray(edges)
    data = Spectrum.from_counts("muon_momentum", bins, counts, "muon momentum [GeV]")
    analysis = {"point": {"m4": 0.4}}
    return FitInput(likelihood, data, "e949", "mu", {"decays": 1e10}, analysis=analysis).report(LimitChoice())


@pytest.mark.parametrize("to", FORMATS)
def test_each_format_leaves_exactly_the_name_asked_for(to: str, tmp_path: Path) -> None:
    content = _content()
    for _ in range(2):  # a second export replaces the first
        result = write_export(content, to, tmp_path / "x_out")
        assert [p.name for p in tmp_path.iterdir()] == ["x_out"]
    assert result.format == to
    assert result.outputs[0] == str(tmp_path / "x_out")
    assert all(Path(p).exists() for p in result.outputs)


def test_unknown_formats_and_places_are_refused(tmp_path: Path) -> None:
    content = _content()
    with pytest.raises(InputError, match="pyhf, hs3, hepdata, uhi, root"):
        write_export(content, "xml", tmp_path / "x")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("dear")
    with pytest.raises(InputError, match="not a HEPData submission"):
        write_export(content, "hepdata", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "dear"
    with pytest.raises(InputError, match="cannot be written"):
        write_export(content, "hepdata", tmp_path / "nowhere" / "x")


@pytest.mark.parametrize(("to", "suffix"), [("uhi", ".json"), ("root", ".root")])
def test_histograms_are_read_back(to: str, suffix: str, tmp_path: Path) -> None:
    content, file = _content(), tmp_path / f"x{suffix}"
    write_export(content, to, file)
    data = read_spectrum(f"{file}:muon_momentum")
    np.testing.assert_array_equal(data.spectrum.values, content.source.spectrum.values)
    np.testing.assert_allclose(data.spectrum.edges, content.source.spectrum.edges)
    assert data.exposure == {"decays": 1e10}
    best = read_spectrum(f"{file}:muon_momentum_best_fit").spectrum
    np.testing.assert_allclose(best.values, content.expected)
    parts = [read_spectrum(f"{file}:muon_momentum_sample_{n}").spectrum.values for n in ("background", "a_signal")]
    without = read_spectrum(f"{file}:muon_momentum_background").spectrum.values
    np.testing.assert_allclose(without, parts[0])
    np.testing.assert_allclose(parts[1], content.source.likelihood.model.samples[1].values)


def test_hepdata_is_valid_and_read_back(tmp_path: Path) -> None:
    content = _content()
    write_export(content, "hepdata", tmp_path / "x")
    data = read_spectrum(f"{tmp_path}/x/spectrum.yaml:muon_momentum").spectrum
    np.testing.assert_array_equal(data.values, content.source.spectrum.values)
    np.testing.assert_allclose(data.variances, content.source.spectrum.variances)
    limit = yaml.safe_load((tmp_path / "x" / "limit.yaml").read_text())
    columns = {d["header"]["name"]: d["values"][0] for d in limit["dependent_variables"]}
    bound = content.limit
    assert columns["observed upper limit on u"]["value"] == pytest.approx(bound.observed)
    expected = columns["expected upper limit on u"]
    assert expected["errors"][1]["asymerror"]["plus"] == pytest.approx(bound.band["plus2"] - bound.expected)  # type: ignore[operator]
    assert "&" not in (tmp_path / "x" / "limit.yaml").read_text()  # no YAML aliases
    pytest.importorskip("hepdata_validator")
    check = (
        "import sys; from hepdata_validator.full_submission_validator import FullSubmissionValidator as V; "
        "v = V(); ok = v.validate(directory=sys.argv[1]); v.print_errors('submission.yaml'); sys.exit(not ok)"
    )
    # in a process of its own: the validator leaves files open, which is an error here
    command = [sys.executable, "-W", "ignore", "-c", check, str(tmp_path / "x")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_hepdata_writes_a_dash_where_there_is_no_limit() -> None:
    import dataclasses

    content = _content()
    nothing = dataclasses.replace(content.limit, observed=None, expected=None)
    documents = hepdata_submission(dataclasses.replace(content, limit=nothing))
    values = [d["values"][0]["value"] for d in documents["limit.yaml"][0]["dependent_variables"]]
    assert values[:2] == ["-", "-"]


def test_hs3_document() -> None:
    content = _content()
    document = json.loads(json.dumps(hs3_document(content.source.likelihood, content.source.spectrum)))
    (distribution,) = document["distributions"]
    assert distribution["axes"] == [{"name": "muon_momentum", "min": 0.1, "max": 0.18, "nbins": 8}]
    kinds = [m["type"] for m in distribution["samples"][0]["modifiers"]]
    assert sorted(kinds) == ["histosys", "histosys", "normsys", "staterror"]
    assert distribution["samples"][0]["data"]["errors"] == pytest.approx(
        0.01 * content.source.likelihood.model.expected({"u": 0})
    )
    assert document["analyses"][0]["parameters_of_interest"] == ["u"]
    named = {p["name"] for p in document["parameter_points"][0]["parameters"]}
    assert {"u", "n", "h", "l", *(f"mc_bin{i}" for i in range(8))} == named
    uneven = hs3_document(content.source.likelihood, _content(edges=[0, 1, 2, 4, 5, 6, 7, 8, 9]).source.spectrum)
    assert uneven["distributions"][0]["axes"][0]["edges"][3] == 4.0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exponential", [False, True])
def test_hs3_likelihood_equals_pyhs3(exponential: bool) -> None:
    pyhs3 = pytest.importorskip("pyhs3")
    content = _content(exponential, stat=False)  # pyhs3 0.4 cannot evaluate its own staterror
    likelihood = content.source.likelihood
    document = hs3_document(likelihood, content.source.spectrum)
    workspace = pyhs3.Workspace(**json.loads(json.dumps(document)))
    theirs, name = workspace.model(workspace.analyses[0]), document["distributions"][0]["name"]
    best, rng, offsets = fit(likelihood), np.random.default_rng(1), []
    for _ in range(4):
        point = {n: best.best_fit[n] + 0.5 * best.uncertainties[n] * rng.normal() for n in likelihood.model.names}
        point["u"] = abs(point["u"])  # the domain of the document is physical
        given = {n: np.asarray(float(v)) for n, v in point.items()}
        given[f"{name}_observed"] = likelihood.observation.counts
        value = -float(np.asarray(theirs.logpdf(name, **given)).sum())
        offsets.append(value - likelihood.value(likelihood.model.vector(point)))
    # rounding of sums of some thousands
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-8)
