"""The observed limits of a small experiment as a folder, from the command line and in Python."""

import csv
import hashlib
import json
import math
from pathlib import Path

import pytest
import yaml

import nuportal
import nuportal.api.reproduce_result as command
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.data_blocks import WMassPrior
from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.limits.catalogue import load_curve
from nucore.run.executors import Execution
from nucore.stats import LimitChoice, upper_limit
from nuportal.cli import main
from nuportal.results import w_observed, w_observed_files
from nuportal.results.w_observed import W_OBSERVED, Plan, compute
from nuportal.results.w_observed_files import write_result
from nuportal.results.w_observed_summary import problems
from nuportal.results.w_observed_tables import CATALOGUE_TOLERANCE, catalogue_differences
from tests.collider.inference.published_spectra import write_card

RESULTS = Path(__file__).parents[3] / "docs" / "explanation" / "results" / "w-observed"
PRIOR = WMassPrior(value_GeV=80.38, uncertainty_GeV=0.03, reference="a test")


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    card = str(write_card(tmp_path_factory.mktemp("card")))
    spectra = {"mu": ("mu-narrow", "mu-pt"), "e": ("e-pt",)}
    return Plan(card, spectra, ((card, "mu", "mu-narrow"),), (30.0, 60.0), (30.0,), 30.0, PRIOR)


@pytest.fixture(scope="module")
def result(plan):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(w_observed, "CONTOUR_POINTS", 4)
        return compute(plan, AnalysisOptions(systematics="full"), LimitChoice(), Execution(workers=1))


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "result"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(w_observed_files, "PICTURE_SUFFIXES", (".png",))
        names = write_result(result, "small", out)
    assert sorted(names) == sorted(str(path) for path in out.rglob("*") if path.is_file())
    return out


def rows(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_the_spectrum_with_the_lower_expected_limit_counts(result):
    chosen = {(row.flavour, row.data) for row in result.comparisons if row.chosen}
    assert chosen == {("mu", "mu-pt"), ("e", "e-pt")}
    expected = {row.data: row.expected for row in result.comparisons}
    assert expected["mu-pt"] < expected["mu-narrow"]
    assert result.curves["mu"].reach.choices["published_data"]["data"] == "mu-pt"


def test_tables_hold_the_curves(result, folder):
    for name, curve in (("mu", result.curves["mu"]), ("e", result.curves["e"]), ("small-mu", result.others[0])):
        first, above = rows(folder / f"limits-{name}.csv")
        point = curve.reach.curve[0]
        observed = f"{curve.reach.quantity}_observed"
        assert float(first[observed]) == pytest.approx(point.others[observed], rel=1e-9)
        assert float(first["plus2"]) == pytest.approx(point.band["plus2"], rel=1e-9)
        assert above[observed] == ""
        (table,) = yaml.safe_load_all((folder / "hepdata" / f"limits-{name}.yaml").read_text())
        assert table["dependent_variables"][0]["values"][0]["value"] == pytest.approx(point.value, rel=1e-9)
    effects = rows(folder / "systematics-mu.csv")
    assert [row["name"] for row in effects] == [e.name for e in result.curves["mu"].fits[30.0].effects]
    joint = {row["mixing"]: float(row["observed"]) for row in rows(folder / "flavours.csv")}
    assert joint["Ul4_sq"] < min(joint["Ue4_sq"], joint["Umu4_sq"])


def test_the_joint_fit_has_a_w_mass_of_its_own(result):
    joint = result.separate
    assert joint.analysis["e"]["nuisances"]["m_W"] == joint.analysis["mu"]["nuisances"]["m_W"] == 0.03
    assert result.curves["e"].fits[30.0].spectra.measurement.to_dict()["nuisances"]["m_W"] == 0.02


def test_workspaces_give_the_limits(result, folder):
    content = json.loads((folder / "workspaces" / "mu-m4-30.json").read_text())
    again = upper_limit(read_pyhf_workspace(content).likelihood, LimitChoice())
    assert again.observed == pytest.approx(result.curves["mu"].fits[30.0].report.limit.observed, rel=1e-3)
    fit = json.loads((folder / "fits" / "mu-m4-30.json").read_text())
    assert fit["upper_limit"] == result.curves["mu"].fits[30.0].report.limit.observed


def test_the_manifest_has_all_files_and_inputs(folder, plan):
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert {"limit-mu.png", "summary.md", "significance.png", "workspaces/e-m4-30.json"} <= set(manifest["files"])
    inputs = {name: digest for entry in manifest["inputs"] for name, digest in entry["files_sha256"].items()}
    data = Path(plan.experiment).parent / "mu-pt+.csv"
    assert inputs[data.name] == hashlib.sha256(data.read_bytes()).hexdigest()


def test_nothing_is_left_after_an_error(result, tmp_path, monkeypatch):
    def fails(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(w_observed_files, "pictures", fails)
    with pytest.raises(OSError, match="No space"):
        write_result(result, "small", tmp_path / "result")
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="is not a folder of a result"):
        write_result(result, "small", tmp_path / "mine")


def test_from_the_command_line(result, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "compute", lambda *_: result)
    monkeypatch.setattr(w_observed_files, "pictures", lambda _: [])
    with pytest.raises(SystemExit) as ended:
        main(["reproduce-result", "w-observed", "--out", str(tmp_path / "result"), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert answer["warnings"] == []
    assert "lowest" in answer["summary"]["Umu4_sq (mu)"]
    assert all(Path(name).is_file() for name in answer["outputs"])
    manifest = json.loads((tmp_path / "result" / "manifest.json").read_text())
    assert manifest["provenance"]["request"]["function"] == "reproduce_result"
    with pytest.raises(SystemExit) as ended:
        main(["reproduce-result", "w-observed", "--out", str(tmp_path / "result")])
    assert "start with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "out", "message"),
    [("higgs", "out", "expected one of w-observed"), ("w-observed", "none/out", "there is no folder")],
)
def test_what_is_refused_costs_nothing(tmp_path, name, out, message):
    with pytest.raises(InputError, match=message):
        nuportal.reproduce_result(name, out=tmp_path / out)


@pytest.mark.parametrize(("flavour", "name"), W_OBSERVED.catalogue.items())
def test_the_catalogue_has_the_committed_limits(flavour, name):
    """The files in docs are those of the command; `reproduce-result` compares what it computes with the catalogue."""
    curve = load_curve(name)
    table = rows(RESULTS / f"limits-{flavour}.csv")
    known = {float(row["m4_GeV"]): float(row[f"U{flavour}4_sq_observed"]) for row in table}
    assert curve.points.mass_GeV == tuple(known) == W_OBSERVED.masses
    assert curve.points.value == pytest.approx(list(known.values()), rel=1e-3)
    assert curve.derived_here
    assert curve.mass_range_GeV[1] < 48.0
    assert math.isnan(float(curve.values(48.0)))


def test_other_limits_than_those_of_the_catalogue_are_told(result):
    assert problems(result) == []
    plan = Plan(**{**vars(result.plan), "catalogue": {"mu": "w-atlas-2011-mu"}})
    other = type(result)(**{**vars(result), "plan": plan})
    (difference,) = catalogue_differences(other).values()
    assert difference > CATALOGUE_TOLERANCE
    assert "differ from w-atlas-2011-mu" in problems(other)[0]
