"""Limits at a mass, and verdicts on parameter points."""

import json
import math

import pytest

import nuportal
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nuportal import check, limits
from nuportal.cli import main
from nuportal.verdicts.verdict import VerdictOptions, verdicts


def test_limits_are_sorted_and_dated():
    found = limits(0.25, "mu", observed_by=2016).limits
    assert found[0].id == "e949-2015-mu"
    assert all(limit.year <= 2016 for limit in found)
    values = [limit.value for limit in found if limit.value is not None]
    assert values == sorted(values)


def test_a_revision_of_the_catalogue(capsys):
    assert limits().revision is None
    revision = limits(check=True).revision
    assert revision is not None
    with pytest.raises(SystemExit) as stop:
        main(["limits", "--check"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "tau-leptonic-2018 by tau-leptonic-2026 from 0.01 to 10000 GeV; inputs: 2017" in text
    assert "pi-universality-2026-e ratio_sm = 0.000123524: " in text
    with pytest.raises(SystemExit):
        main(["limits", "--check", "--json"])
    fields = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in fields["revision"]["superseded"]] == [entry.id for entry in revision.superseded]
    assert len(fields["revision"]["unverified"]) == len(revision.unverified)


def test_margins_are_limits_over_predictions():
    p = PortalParameters(m_chi=2.0, m_phi=6.0, m4=20.0, yL=2.0, Umu4=0.02)
    verdict = check(p)
    strongest = {limit.id: limit.value for limit in limits(20.0, "mu", inputs="latest").limits}
    assert verdict.margins["electroweak-2026"] == pytest.approx(strongest["electroweak-2026"] / 4e-4)
    assert verdict.margins["omega-2018"] == pytest.approx(0.1224 / nuportal.model(p).relic_abundance_omega_h2, rel=1e-6)
    assert verdict.allowed == (not verdict.excluded_by)
    assert all(verdict.margins[name] < 1 for name in verdict.excluded_by)
    assert "outside" in verdict.not_applicable["na62-2021-mu"]
    assert "no mixing" in verdict.not_applicable["na62-2020-e"]


def test_a_point_is_excluded_by_direct_detection_unless_chi_is_split():
    p = PortalParameters(m_chi=35.0, m_phi=105.0, m4=400.0, yL=12.0, Umu4=0.05)
    assert "lz-2024" in check(p).excluded_by
    split = check(p, inelastic=True)
    assert "lz-2024" not in split.margins
    assert "split" in split.not_applicable["lz-2024"]


def test_limits_of_an_earlier_year():
    p = PortalParameters(m_chi=0.05, m_phi=0.15, m4=0.35, yL=1.0, Umu4=1e-4)
    old, new = check(p, inputs="2017"), check(p)
    assert "na62-2017-mu" in old.margins
    assert "na62-2021-mu" in new.margins
    assert "na62-2021-mu" not in old.margins


def test_a_broad_nu4_weakens_a_peak_search():
    p = PortalParameters(m_chi=0.025, m_phi=0.075, m4=0.25, yL=4 * math.pi, Umu4=1e-3)
    refined, paper = check(p), check(p, convention="paper")
    ratio = refined.margins["e949-2015-mu"] / paper.margins["e949-2015-mu"]
    assert ratio == pytest.approx(1 / 0.012, rel=0.03)  # 1.2% of the signal is in the peak


def test_a_visible_nu4_is_beyond_invisible_limits():
    # below 2 m_chi nu4 decays weakly alone
    p = PortalParameters(m_chi=20.0, m_phi=60.0, m4=30.0, yL=1.0, Umu4=0.1)
    verdict = check(p)
    assert "visibly" in verdict.not_applicable["z-invisible-2020"]
    assert "electroweak-2026" in verdict.margins


def test_options_are_checked():
    for bad in ({"inputs": "2018"}, {"convention": "own"}, {"ignore": ("nonsense",)}):
        with pytest.raises(InputError, match="expected one of"):
            VerdictOptions(**bad)
    p = PortalParameters(m_chi=0.001, m_phi=0.003, Umu4=1e-5, m4=0.01)
    assert "n-eff-2026" in check(p).excluded_by
    assert "n-eff-2026" not in check(p, ignore=("n-eff-2026",)).margins


def test_verdicts_of_many_points_are_those_of_one_each():
    points = [PortalParameters(m4=m, m_chi=m / 10, m_phi=0.3 * m, Ue4=0.01, Umu4=0.02) for m in (0.02, 0.3, 50.0)]
    assert verdicts(points, VerdictOptions()) == [check(p) for p in points]


def _run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    return stop.value.code, capsys.readouterr()


def test_commands(capsys, tmp_path):
    code, shown = _run(capsys, "limits", "--flavour", "e", "--m4", "0.25", "--json")
    assert code == 0
    first = json.loads(shown.out)["limits"][0]
    assert {"id", "value", "confidence_level", "reference", "applies_to_invisible"} <= set(first)
    code, shown = _run(capsys, "limits", "--m4", "0.25")
    assert code == 0
    assert "outside the range" in shown.out
    code, shown = _run(capsys, "check", "--json", "--ignore", "n-eff-2026")
    assert {"allowed", "excluded_by", "margins"} <= set(json.loads(shown.out))
    code, shown = _run(capsys, "check")
    assert shown.out.startswith("excluded by kek-1982-mu")
    out = tmp_path / "scan.parquet"
    code, shown = _run(capsys, "scan", "--grid", "m4=0.1:10:3:log", "--grid", "Umu4=1e-3,1e-2", "--out", str(out))
    assert code == 0
    assert out.exists()
    for bad in (
        ["--grid", "m4=1:2"],
        ["--grid", "m4=a"],
        ["--grid", "m4=-1:2:3:log"],
        ["--grid", "m4=1", "--grid", "m4=2"],
    ):
        code, shown = _run(capsys, "scan", *bad)
        assert code == 2
        assert shown.err.count("\n") == 1


def test_weak_annihilation_stays_excluded():
    p = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, yL=0.01, Umu4=0.003)
    # a lower bound where annihilation is too weak for the table
    assert nuportal.model(p).relic_abundance_omega_h2 > 1e4
    assert "omega-2018" in check(p).excluded_by
    assert "omega-2018" not in check(p.replace(Umu4=0.0)).margins


def test_convention_of_the_z_width():
    p = PortalParameters(m_chi=20.0, m_phi=60.0, m4=300.0, yL=12.0, Umu4=0.02)
    assert "z-invisible-lep" in check(p, inputs="2017", convention="paper").margins
    assert "z-invisible-lep" not in check(p, inputs="2017", convention="refined").margins


def test_no_limit_before_the_first_is_said():
    with pytest.raises(InputError, match="later year"):
        limits(5.0, "mu", observed_by=1900)
