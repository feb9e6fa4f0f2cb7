"""Each command: what it answers, in the words of its contract."""

import math
import subprocess
import sys

import numpy as np
import pytest
import uproot

import nuportal
from nucore.model.card import card_text
from nucore.model.parameters import PortalParameters

W_POINT = ["--set", "m_chi=1", "--set", "m_phi=3", "--set", "m4=30", "--set", "Umu4=0.3"]


def test_model(answer, run, tmp_path):
    fields = answer(
        "model", "--set", "m_chi=10", "--set", "m_phi=30", "--set", "m4=100", "--set", "Umu4=0.2", "--set", "yL=1"
    )
    assert fields["UN4_sq"] == pytest.approx(0.96)
    assert fields["lambda_mu"] == pytest.approx(0.2 * 100 / 174.1036, rel=1e-5)
    assert fields["Y"] == pytest.approx(0.2**4 / 81)
    assert fields["Y_thermal"] == pytest.approx(3.1896e-5, rel=1e-4)
    assert fields["sigma_v_cm3_per_s"] == pytest.approx(1.858e-26, rel=1e-3)  # 0.620 pb
    assert {"width_phi_GeV", "width_nu4_dark_GeV", "width_nu4_weak_GeV", "br_nu4_visible"} <= set(fields)
    card = tmp_path / "point.dat"
    card.write_text(card_text(PortalParameters(m4=77.0)))
    assert answer("model", card, "--set", "yL=2")["parameters"]["m4"] == 77.0
    shown = run("model")
    assert shown.status == 0
    assert "Y_thermal" in shown.out


def test_decay_reproduces_the_contact_limit(answer, run):
    point = ["--set", "m4=400", "--set", "yL=1", "--set", "Umu4=1e-4"]
    for m_chi, expected in ((0.02, 0.021613), (0.05, 0.0062855)):
        fields = answer("decay", "K+", "mu", *point, "--set", f"m_chi={m_chi}", "--set", f"m_phi={3 * m_chi}")
        assert fields["three_body_ratio"] / 1e-8 == pytest.approx(expected, rel=1e-3)
        assert fields["branching_ratio"] == pytest.approx(0.6356 * fields["three_body_ratio"], rel=1e-6)
        spectrum = {name: np.array(v) for name, v in fields["spectrum"].items() if v is not None}
        for x, y in (("x", "dratio_dx"), ("momentum_GeV", "dratio_dp_per_GeV")):
            assert np.trapezoid(spectrum[y], spectrum[x]) == pytest.approx(fields["three_body_ratio"], rel=1e-3)
    assert "three_body_ratio" in run("decay", "pi+", "e").out


@pytest.mark.parametrize("coupling", [0.3, 1e-2, 1e-4])
def test_decay_misses_no_narrow_peak(answer, coupling):
    fields = answer(
        "decay",
        "K+",
        "mu",
        "--set",
        "m4=0.25",
        "--set",
        "m_chi=0.025",
        "--set",
        "m_phi=0.075",
        "--set",
        f"yL={coupling}",
    )
    # at yL = 0.3 the finite width itself moves the ratio by 6e-4
    assert fields["three_body_ratio"] == pytest.approx(fields["two_body_ratio"], rel=2e-3)


def test_w_round_trip(answer, run, tmp_path):
    made = answer("generate", "w", "--luminosity", "0.1", *W_POINT, "--out", "w.root", "--seed", "4")
    assert made["outputs"] == ["w.root"]
    assert made["exposure"] == {"luminosity_invfb": 0.1}
    # Poisson fluctuation around cross section times luminosity
    expected = made["cross_section_pb"] * 100
    assert made["n_generated"] == pytest.approx(expected, abs=5 * math.sqrt(expected))
    with uproot.open(tmp_path / "w.root") as root:
        assert root["events"].num_entries == made["n_selected"]
        assert root["lepton_pt"].values().sum() == made["n_selected"]
        pt = root["events"]["reco_lepton_pt"].array(library="np")
    assert pt.min() >= 30
    assert pt.max() < 50
    fitted = answer("fit", "w.root:lepton_pt", *W_POINT, "--plot", "fit.png")
    assert fitted["minimum"]["valid"]
    assert fitted["experiment"] == "atlas-2011"
    assert abs(fitted["best_fit"]["Umu4_sq"] - 0.09) < 4 * fitted["uncertainties"]["Umu4_sq"]
    assert fitted["upper_limit"] > fitted["best_fit"]["Umu4_sq"]
    assert fitted["expected_limit"] < fitted["upper_limit"]
    assert (fitted["limit"], fitted["confidence_level"]) == ("cls", 0.9)
    assert fitted["p_value"] > 1e-4
    assert (tmp_path / "fit.png").stat().st_size > 10_000
    assert "best fit" in run("fit", "w.root:lepton_pt", *W_POINT).out


def test_a_th1_of_another_program_needs_its_exposure(answer, run, tmp_path):
    answer("generate", "w", "--luminosity", "0.1", *W_POINT, "--out", "w.root", "--histogram-only")
    with uproot.open(tmp_path / "w.root") as ours, uproot.recreate(tmp_path / "other.root") as other:
        other["pt"] = ours["lepton_pt"].to_numpy()
    with_option = answer("fit", "other.root:pt", *W_POINT, "--luminosity", "0.1")
    assert with_option["best_fit"] == answer("fit", "w.root:lepton_pt", *W_POINT)["best_fit"]
    assert run("fit", "w.root:lepton_pt", *W_POINT, "--luminosity", "0.2").err.count("contradicts") == 1


def test_kaon_round_trip(answer, tmp_path):
    point = ["--set", "m_chi=0.02", "--set", "m_phi=0.06", "--set", "m4=400", "--set", "yL=10", "--set", "Umu4=0.003"]
    made = answer("generate", "kaon", "--decays", "1.7e11", *point, "--out", "k.root", "--histogram-only")
    assert made["exposure"] == {"decays": 1.7e11}
    assert made["branching_ratio"] == pytest.approx(0.6356 * 100 * 9e-6 * 0.021613, rel=1e-3)
    fitted = answer("fit", "k.root:muon_momentum", *point)
    assert abs(fitted["best_fit"]["Umu4_sq"] - 9e-6) < 4 * fitted["uncertainties"]["Umu4_sq"]
    with uproot.open(tmp_path / "k.root") as root:
        assert "events" not in root


def test_kaon_events_conserve_momentum(answer, tmp_path):
    answer("generate", "kaon", "--experiment", "na62-2021", "--events", "5000", "--out", "k.parquet", "--all-events")
    events = nuportal.load_events(tmp_path / "k.parquet")
    assert len(events) == 5000
    total = events.lepton + events.chi + events.phi
    # stored in single precision: 75 GeV to 1e-7 relative; the beam spreads by 1%
    assert np.asarray(total.E) == pytest.approx(np.hypot(np.asarray(total.pz), 0.493677), rel=1e-6)
    assert np.asarray(total.pz).mean() == pytest.approx(75.0, rel=5 * 0.01 / math.sqrt(5000))
    assert np.asarray(total.pz).std() == pytest.approx(0.75, rel=0.05)


@pytest.mark.parametrize(
    "arguments",
    [
        ["w", *W_POINT, "--events", "300000"],
        ["kaon", "--events", "150000", "--set", "Umu4=0.5", "--set", "m4=0.25", "--all-events"],
    ],
)
def test_the_same_seed_gives_the_same_file_for_any_number_of_workers(answer, tmp_path, arguments):
    for workers in (1, 2):
        answer("generate", *arguments, "--workers", workers, "--out", f"{workers}.root")
    with uproot.open(tmp_path / "1.root") as one, uproot.open(tmp_path / "2.root") as two:
        first, second = one["events"].arrays(library="np"), two["events"].arrays(library="np")
        assert first.keys() == second.keys()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])
        for name in one.keys(filter_classname="TH1*"):
            np.testing.assert_array_equal(one[name].values(), two[name].values())


def test_another_seed_gives_other_events(answer):
    a = answer("generate", "w", "--events", "20000", "--seed", "1")
    b = answer("generate", "w", "--events", "20000", "--seed", "2")
    assert a["n_requested"] == a["n_generated"] == 20000
    assert a["histogram"]["values"] != b["histogram"]["values"]


def test_project_lhc(answer, run, tmp_path):
    fields = answer("project", "atlas-2011", "--systematics", "paper", "--flavour", "mu", "--grid", "0.5,20,32,100")
    tiny, low, best, heavy = fields["curve"]
    assert tiny["Umu4_sq"] is None
    assert 1e-3 < best["Umu4_sq"] < 2e-3
    assert best["minus2"] < best["minus1"] < best["Umu4_sq"] < best["plus1"] < best["plus2"]
    assert heavy["Umu4_sq"] == pytest.approx(1.645 * 0.02, rel=2e-3)  # the statistical error adds 1e-3
    assert all(p["uncertainty"] < 0.02 for p in (low, best, heavy))
    shown = run("project", "atlas-2011", "--flavour", "e", "--grid", "30:40:2", "--plot", "reach.png")
    assert "upper limit on |U_e4|^2" in shown.out
    assert (tmp_path / "reach.png").stat().st_size > 10_000


def test_project_kaon(answer, run, tmp_path):
    fields = answer("project", "e949", "--m4", "400", "--grid", "0.001,0.02,0.074,0.0749,0.09")
    curve = fields["curve"]
    assert [p["Y"] is None for p in curve] == [False, False, False, True, True]
    assert curve[1]["Y"] == pytest.approx((curve[1]["yL_sq_Umu4_sq"] / 9) ** 2)
    assert curve[1]["Y_thermal"] == pytest.approx(3.1896e-7 * 0.02**2, rel=1e-4)
    assert fields["yL"] == pytest.approx(4 * math.pi)
    with_card = answer("project", "e949", "--m4", "10x", "--set", "yL=1", "--grid", "0.06")
    assert with_card["yL"] == 1.0
    shown = run("project", "na62-2021", "--m4", "400", "--grid", "0.02,0.05", "--plot", "na62.png")
    assert shown.status == 0
    assert (tmp_path / "na62.png").stat().st_size > 10_000


def test_experiments(answer, run):
    names = answer("experiments")["experiments"]
    assert {"atlas-2011", "e949", "na62-2021"} <= set(names)
    card = answer("experiments", "e949")
    assert "arXiv:1411.3963" in card["card"]
    assert run("experiments", "e949").out == card["card"]
    assert "atlas-2011" in run("experiments").out


def test_quickstart(answer, tmp_path):
    result = answer("quickstart", "out")
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"summary.md", "lepton-pt.png", "muon-momentum.png", "reach-atlas-2011.png", "reach-e949.png",
            "reach-na62-2021.png"} <= names  # fmt: skip
    assert len(result["outputs"]) == len(names)
    assert result["outputs"][0] == "out/index.html"
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 7
    assert page.count("<h2>Reach of ") == 5
    assert "ATLAS 2011 reach" in page
    assert "ATLAS 2011 reach" in (tmp_path / "out" / "summary.md").read_text()


def test_version_and_help(run):
    assert run("--version").out.strip() == nuportal.__version__
    assert "generate" in run("--help").out


def test_import_is_light():
    code = "import nuportal, sys; print([m for m in ('numpy', 'numba', 'matplotlib', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_help_loads_no_physics():
    code = (
        "import sys\nfrom nuportal.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numba', 'scipy', 'matplotlib', 'uproot') if m in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["model", "check", "limits"])
def test_short_answers_load_nothing_heavy(command):
    heavy = (
        "awkward", "collider", "distributed", "hist", "IPython", "matplotlib", "numba", "pandas", "pyarrow", "pyhf",
        "rich", "scipy.signal", "scipy.stats", "uproot", "vector",
    )  # fmt: skip
    code = (
        f"import sys\nfrom nuportal.cli import main\ntry: main([{command!r}])\nexcept SystemExit: pass\n"
        f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stderr.strip() == "[]"


def test_doctor_exits_1_when_something_is_wrong(run, monkeypatch):
    from nuportal.api import self_test

    for name in self_test.CHECKS:
        monkeypatch.setitem(self_test.CHECKS, name, (lambda: (1.0, 1.0), 0.0))
    assert "nothing to do" in run("doctor").out
    monkeypatch.setitem(self_test.CHECKS, name, (lambda: (2.0, 1.0), 0.0))
    done = run("doctor", "--json")
    assert done.status == 1
    assert done.json["schema"] == "nuportal/doctor/1"
    assert done.json["healthy"] is False
