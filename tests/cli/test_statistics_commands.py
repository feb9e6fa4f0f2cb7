"""Commands of the likelihood: export, toys, fit of workspaces, reports."""

import json

import numpy as np
import pytest

POINT = ("--set", "m_chi=1", "--set", "m_phi=3", "--set", "m4=30", "--set", "Umu4=0.1")
KAON = ("--set", "yL=12", "--set", "m4=400", "--set", "m_chi=0.02", "--set", "m_phi=0.06")


@pytest.fixture
def w_data(tmp_path):
    """Write the expected W spectrum at a visible mixing, rounded, as CSV."""
    import nuportal
    from nuportal import PortalParameters

    point = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.1)
    spectrum = nuportal.expected_spectrum("atlas-2011", point, luminosity=0.05)
    rows = zip(spectrum.edges[:-1], spectrum.edges[1:], np.round(spectrum.values), strict=True)
    lines = ["# name = lepton_pt", "# luminosity_invfb = 0.05", *(f"{a},{b},{v}" for a, b, v in rows)]
    (tmp_path / "w.csv").write_text("\n".join(lines) + "\n")
    return "w.csv"


def test_a_workspace_gives_the_same_fit_as_the_data(answer, tmp_path, w_data):
    direct = answer("fit", w_data, "--experiment", "atlas-2011", *POINT)
    exported = answer("export", w_data, "--experiment", "atlas-2011", *POINT, "--to", "pyhf", "--out", "w_pyhf")
    assert exported["outputs"] == ["w_pyhf"]
    again = answer("fit", "w_pyhf")
    assert again["experiment"] is None
    assert again["provenance"]["card"] is None
    assert again["best_fit"] == pytest.approx(direct["best_fit"], abs=1e-6)
    assert again["uncertainties"] == pytest.approx(direct["uncertainties"], rel=1e-5)
    for name in ("upper_limit", "expected_limit", "p_value", "discovery_significance"):
        assert again[name] == pytest.approx(direct[name], rel=1e-4)
    # a mixing of 0.01 was put in; the data are its expectation
    assert direct["best_fit"]["Umu4_sq"] == pytest.approx(0.01, rel=0.02)
    shift = direct["impacts"]["normalisation"]
    assert shift["plus"] == pytest.approx(-shift["minus"], rel=0.05)
    assert 0.0 < shift["plus"] < direct["uncertainties"]["Umu4_sq"]


def test_a_workspace_takes_no_experiment(run, answer, w_data):
    answer("export", w_data, *POINT, "--to", "pyhf", "--out", "w.json")
    outcome = run("fit", "w.json", "--experiment", "e949")
    assert outcome.status == 2
    assert "holds its own model" in outcome.err


def test_a_broken_workspace_is_one_line(run, tmp_path):
    (tmp_path / "bad.json").write_text('{"channels": [], "measurements": [], "observations": []}')
    outcome = run("fit", "bad.json")
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1
    assert "no measurement" in outcome.err


@pytest.mark.parametrize("to", ["hs3", "hepdata", "uhi", "root"])
def test_export(answer, tmp_path, w_data, to):
    fields = answer("export", w_data, *POINT, "--to", to, "--out", f"x_{to}")
    assert fields["outputs"][0] == f"x_{to}"
    assert (tmp_path / f"x_{to}").exists()


def test_export_of_an_unknown_format(run, w_data):
    outcome = run("export", w_data, *POINT, "--to", "xml", "--out", "x")
    assert outcome.status == 2
    assert outcome.err == "nuportal: unknown format 'xml': expected one of pyhf, hs3, hepdata, uhi, root\n"


def test_export_prints_what_it_wrote(run, w_data):
    assert "pyhf" in run("export", w_data, *POINT, "--to", "pyhf", "--out", "x.json").out


def test_report(answer, tmp_path, w_data):
    fields = answer("fit", w_data, *POINT, "--report", "report", "--minos", "--confidence-level", "0.95")
    names = ("pulls", "impacts", "correlation", "spectrum", "likelihood-scan")
    wanted = {f"report/{n}{s}" for n in names for s in (".png", ".pdf")} | {"report/report.json", "report/index.html"}
    assert set(fields["outputs"]) == wanted
    assert all((tmp_path / name).stat().st_size > 2000 for name in wanted)
    low, high = fields["intervals"]["Umu4_sq"]
    sigma = fields["uncertainties"]["Umu4_sq"]
    assert (-low, high) == pytest.approx((sigma, sigma), rel=0.02)
    numbers = json.loads((tmp_path / "report" / "report.json").read_text())
    origin = numbers["provenance"]
    assert (origin["request"]["function"], origin["card"]) == ("fit", fields["experiment"])
    assert origin["request"] == fields["provenance"]["request"]
    scan = numbers["likelihood_scan"]
    ends = np.interp([0, 60], np.arange(61), scan["profile"])
    # three standard deviations of a nearly parabolic likelihood
    assert ends == pytest.approx([9.0, 9.0], rel=0.05)
    assert min(scan["fixed"]) >= -1e-9
    assert numbers["correlation"][0][0] == pytest.approx(1.0)
    spectrum = numbers["spectrum"]
    assert len(spectrum["edges"]) == len(spectrum["data"]) + 1 == 41
    assert min(spectrum["after_fit_uncertainty"]) > 0.0


def test_toys(answer, run, tmp_path):
    arguments = ("--experiment", "atlas-2011", "--flavour", "mu", *POINT, "--n", "60")
    fields = answer("toys", *arguments, "--out", "toys.json")
    assert fields["n"] == 60
    assert fields["n_failed"] == 0
    assert fields["truth"] == pytest.approx(0.01)
    assert abs(fields["pull_mean"]) < 4.0 / np.sqrt(60)
    assert abs(fields["pull_width"] - 1.0) < 4.0 / np.sqrt(120)
    # 90% with binomial 3.9%
    assert fields["coverage"] > 0.75
    assert fields["outputs"] == ["toys.json"]
    more = answer("toys", *arguments[:-1], "80", "--out", "toys.json", "--resume", "--workers", "1")
    assert more["n"] == 80
    assert "mean of the pulls" in run("toys", *arguments[:-1], "3", "--limit", "delta-chi2").out


def test_toys_of_kaons(answer):
    fields = answer("toys", "--experiment", "e949", *KAON, "--set", "Umu4=0.001", "--n", "3", "--decays", "1e10")
    assert fields["exposure"] == {"decays": 1e10}
    assert fields["truth"] == pytest.approx(1e-6)


def test_limits_from_toys(answer, run, w_data):
    fields = answer("fit", w_data, *POINT, "--toys", "60", "--feldman-cousins")
    assert fields["provenance"]["seed"] == 1
    # 60 toys a value: some per cents
    assert fields["toy_limit"]["observed"] == pytest.approx(fields["upper_limit"], rel=0.4)
    assert 0.0 <= fields["interval"]["lower"] <= fields["interval"]["best_fit"] <= fields["interval"]["upper"]
    assert 0.0 <= fields["toy_p_value"]["p_value"] <= 1.0
    for wrong, message in (
        (("--feldman-cousins",), "needs --toys"),
        (("--toys", "60", "--limit", "delta-chi2"), "expected cls or clsb"),
    ):
        outcome = run("fit", w_data, *POINT, *wrong)
        assert outcome.status == 2
        assert message in outcome.err


def test_a_workspace_without_a_limit_is_printed(run, tmp_path):
    """What does not exist is a dash, and its reason stands in place of the limit."""
    samples = [
        {"name": "s", "data": [3.0, 2.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
        {"name": "b", "data": [10.0, 0.0], "modifiers": []},
    ]
    config = {"poi": "mu", "parameters": []}
    workspace = {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": [10, 0]}],
        "measurements": [{"name": "m", "config": config}],
        "version": "1.0.0",
    }
    (tmp_path / "w.json").write_text(json.dumps(workspace))
    shown = run("fit", "w.json")
    assert shown.status == 0, shown.err
    assert "0 +- -" in shown.out
    assert "0.6032" in shown.out
    config["poi"] = ""
    (tmp_path / "w.json").write_text(json.dumps(workspace))
    plain = run("fit", "w.json")
    assert plain.status == 0, plain.err
    assert "upper limit               measurement 'm' has no parameter of interest" in plain.out
    assert "significance of a signal  -" in plain.out
