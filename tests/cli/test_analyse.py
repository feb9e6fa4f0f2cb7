"""`nuportal analyse`: from an event file to a fit, and one line for what is wrong."""

import pytest

W = ["--experiment", "atlas-2011", "--flavour", "mu"]
POINT = ["--set", "m_chi=1", "--set", "m_phi=3", "--set", "m4=30", "--set", "Umu4=0.3"]


def test_generate_analyse_fit(answer, run):
    generated = answer("generate", "w", *W, *POINT, "--events", "20000", "--out", "e.lhe")
    assert generated["outputs"] == ["e.lhe"]
    fields = answer("analyse", "e.lhe", *W, "--out", "a.root", "--seed", "3")
    assert fields["outputs"] == ["a.root"]
    assert fields["n_events"] == fields["cutflow"]["events"] == 20_000
    assert fields["n_selected"] == fields["cutflow"]["pt_window"] == sum(fields["histogram"]["values"])
    assert fields["provenance"]["seed"] == 3
    assert fields["exposure"]["luminosity_invfb"] == pytest.approx(generated["exposure"]["luminosity_invfb"], rel=1e-6)
    fitted = answer("fit", "a.root", *POINT)
    assert fitted["exposure"] == fields["exposure"]
    assert fitted["minimum"]["valid"]
    shown = run("analyse", "e.lhe", "--w-pt", "file", "--luminosity", "0.1")
    assert shown.status == 0
    assert "pt_window" in shown.out


def test_templates_of_a_sample_are_fitted(answer):
    answer("generate", "w", *W, *POINT[:-1], "Umu4=0", "--events", "8000", "--out", "e.lhe")
    plain = answer("analyse", "e.lhe", *W, "--out", "data.root")
    fields = answer("analyse", "e.lhe", *W, "--templates", "--grid", "20,30", "--out", "t.root")
    for name in ("edges", "values", "variances"):
        assert fields["histogram"][name] == pytest.approx(plain["histogram"][name], rel=1e-9)
    assert fields["cutflow"] == plain["cutflow"]
    assert fields["outputs"] == ["t.root"]
    assert fields["m4_GeV"] == [20.0, 30.0]
    table = fields["angular_coefficients"]
    assert table["used"] == "sample"
    assert table["W-"]["A4"]["value"] == [None] * len(table["w_pt_from_GeV"])  # the selection has W+ alone
    assert abs(table["W+"]["A1"]["value"][1]) < 4.0 * table["W+"]["A1"]["error"][1]  # leading order: 0
    fitted = answer("fit", "data.root", *POINT, "--prediction", "t.root")
    assert fitted["templates"] == "its own"
    assert fitted["best_fit"]["Umu4_sq"] == pytest.approx(0.0, abs=1e-4)  # the data are the prediction


BAD = [
    (["absent.lhe"], "does not exist"),
    (["empty.lhe"], "is empty"),
    (["broken.lhe"], "holds no events, it begins with 'nothing of use'"),
    (["broken.lhe", "--experiment", "e949"], "analyse does not apply to e949: expected one of atlas-2011"),
    (["broken.lhe", "--experiment", "cern"], "unknown experiment"),
    (["broken.lhe", "--flavour", "tau"], "not measured by atlas-2011"),
    (["broken.lhe", "--w-pt", "maybe"], "expected one of auto, table, file"),
    (["broken.lhe", "--out", "a.lhe"], "cannot hold a histogram alone"),
    (["broken.lhe", "--k-factor", "-1"], "k factor -1"),
    (["broken.lhe", "--templates"], "expected --grid"),
    (["broken.lhe", "--grid", "20"], "expected --templates too"),
    (["broken.lhe", "--templates", "--grid", "20", "--out", "a.csv"], "expected .root or .json"),
    (["broken.lhe", "--templates", "--grid", "20", "--angular-coefficients", "x"], "expected one of sample, nominal"),
    (["broken.root"], "holds no events"),
    (["broken.hepmc"], "holds no events"),
    (["e.stdhep"], "expected Les Houches events, HepMC text"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_bad_input_is_one_line_and_leaves_nothing(run, tmp_path, arguments, message):
    if "hepmc" in arguments[0]:
        pytest.importorskip("pyhepmc")
    for name in ("broken.lhe", "broken.root", "broken.hepmc", "e.stdhep"):
        (tmp_path / name).write_text("nothing of use\n")
    (tmp_path / "empty.lhe").write_text("")
    before = sorted(p.name for p in tmp_path.iterdir())
    out = [] if "--out" in arguments else ["--out", "a.root"]
    outcome = run("analyse", *arguments, *out)
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith("nuportal: ")
    assert outcome.err.count("\n") == 1
    assert message in outcome.err
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_rate_unlike_that_of_the_templates_is_noted(answer, run):
    point = ["--set", "m4=30", "--set", "Umu4=0.3"]
    answer("generate", "w", *point, "--events", "4000", "--out", "e.lhe")
    # 1 - |U|^2 + |U|^2 (1-r)^2 (1+r/2) with r = (30/80.36)^2, 9% of which is lost to 1.9%
    as_it_is = run("analyse", "e.lhe", "--experiment", "atlas-2011", "--json")
    assert as_it_is.err == ""
    assert as_it_is.json["rate_ratio"] == pytest.approx(1 - 0.09 * (1 - 0.7923), abs=2e-3)
    leading_order = run("analyse", "e.lhe", "--experiment", "atlas-2011", "--k-factor", "0.7", "--json")
    assert "give --k-factor 1.02" in leading_order.err
    assert leading_order.json["rate_ratio"] == pytest.approx(0.7 * as_it_is.json["rate_ratio"])


def test_selection_of_the_card(answer, run):
    made = answer("generate", "w", "--selection", "full", "--events", "20000", "--out", "full.root")
    assert list(made["cutflow"])[-1] == "pt_window"
    assert "missing_momentum" in made["cutflow"]
    again = answer("analyse", "full.root", "--selection", "full")
    assert (again["selection"], again["histogram"]["values"]) == ("full", made["histogram"]["values"])
    outcome = run("generate", "w", "--selection", "none", "--events", "10")
    assert outcome.status == 2
    assert "expected one of paper, full" in outcome.err
    outcome = run("generate", "kaon", "--selection", "full", "--events", "10")
    assert outcome.status == 2
    assert "option --selection does not apply to e949" in outcome.err


def test_events_of_the_other_charge_alone(run, tmp_path):
    """They stand for no rate of the charge that is measured, so that no factor would mend it."""
    from tests.fuzz.readers import _lhe

    (tmp_path / "w.lhe").write_text(_lhe().replace("\n-13 ", "\n13 "))
    assert run("analyse", "w.lhe", "--out", "w.csv").status == 0


def test_a_fit_asks_for_the_luminosity_that_a_file_does_not_give(run, tmp_path):
    from tests.nucore.io.test_event_kinds import HEPMC2

    (tmp_path / "w.hepmc2").write_text(HEPMC2.replace("\nC 5.0e3 1.0", ""))
    outcome = run("analyse", "w.hepmc2", "--out", "w.json", "--json")
    assert outcome.status == 0
    assert outcome.json["exposure"] is None
    (warning,) = outcome.json["warnings"]
    assert "give --luminosity in fb^-1" in warning
    assert outcome.err == f"warning: {warning}\n"
    fitted = run("fit", "w.json", *POINT)
    assert (fitted.status, fitted.out) == (2, "")
    assert "--luminosity" in fitted.err


def test_a_sample_of_z_bosons_is_refused_with_the_reason(run, tmp_path):
    from tests.fuzz.readers import _lhe

    (tmp_path / "z.lhe").write_text(_lhe().replace("\n14 1", "\n13 1"))
    outcome = run("analyse", "z.lhe", "--out", "z.csv")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert "not W -> mu nu" in outcome.err
    assert "lepton charges sum to 0" in outcome.err
    assert not (tmp_path / "z.csv").exists()
