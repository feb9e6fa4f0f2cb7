"""Limits at a mass, and verdicts on parameter points."""

import json
import math

import numpy as np
import pytest

import nuportal
from nucore.cosmology.neutrino_lines import j_factor
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nuportal import check, limits, scan
from nuportal.cli import main
from nuportal.verdicts.judgement import VerdictOptions, judge


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
    text = " ".join(capsys.readouterr().out.split())
    assert "tau-leptonic-2018 tau-leptonic-2026 1e-30 to" in text
    assert "pi-universality-2026 ratio_sm 0.000123524 " in text
    # tables of lines of neutrinos and bounds from cosmology, beside the inputs of formulas
    assert " sk-iv-2021-line table - " in text
    assert " omega-2018 omega_h2 0.1224 " in text
    assert "n-eff-2026" not in text  # read in its reference
    entries = {(entry.id, entry.input): entry for entry in revision.unverified}
    assert entries["sk-iv-2021-line", "table"].value is None
    assert "latest" in entries["sk-iv-2021-line", "table"].inputs
    assert entries["omega-2018", "omega_h2"].value == 0.1224
    assert entries["n-eff-2015", "N_eff"].inputs == ("2017",)
    with pytest.raises(SystemExit):
        main(["limits", "--check", "--json"])
    fields = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in fields["revision"]["superseded"]] == [entry.id for entry in revision.superseded]
    assert len(fields["revision"]["unverified"]) == len(revision.unverified)


FINDING = {
    *("id", "observable", "prediction", "limit", "margin", "sense"),
    *("confidence_level", "delta_chi2", "applies", "reason"),
}


def test_the_default_point_is_allowed():
    p = PortalParameters()
    assert (p.m_chi, p.m_phi, p.m4, p.yL) == (0.02, 0.06, 10.0, 1.35)
    assert (p.Ue4, p.Umu4, p.Utau4) == (0.0, 0.01, 0.0)
    assert check().parameters == p
    assert check().allowed is True
    assert min(check().margins.values()) > 1.02


def test_a_mixing_that_is_named_is_the_only_one():
    assert check(PortalParameters(Ue4=0.01)).parameters.Umu4 == 0.0
    assert check(PortalParameters(m4=400.0)).parameters.Umu4 == 0.01


@pytest.mark.parametrize("ignore", [(), ("na62-2021-mu-3nu", "omega-2018")])
def test_fields_of_every_constraint(ignore):
    p = PortalParameters(Umu4=0.02, Utau4=0.01)
    found = json.loads(json.dumps(check(p, halo="gnfw", ignore=ignore).to_dict()))
    assert all(set(one) == FINDING for one in found["constraints"])
    ids = [one["id"] for one in found["constraints"]]
    assert sorted([*found["margins"], *found["not_applicable"]]) == sorted(ids)
    assert not set(ids) & set(ignore)
    assert found["halo"] == "gnfw"
    for one in found["constraints"]:
        margin, bound = one["margin"], one["sense"] == "limit over prediction"
        assert one["applies"] == (one["reason"] is None)
        assert one["applies"] == (one["id"] in found["margins"])
        if not one["applies"]:
            assert margin is None
            assert one["delta_chi2"] is None
            assert one["reason"] == found["not_applicable"][one["id"]]
            continue
        assert margin == found["margins"][one["id"]]
        if margin is not None and bound:
            assert one["limit"] / one["prediction"] == pytest.approx(margin)
        if margin is not None and one["id"] not in ("perturbativity", "unitarity", "visible-nu4"):
            assert 0.5 < one["confidence_level"] < 1.0
    finite = [one["margin"] for one in found["constraints"] if one["margin"] is not None]
    assert finite == sorted(finite)
    assert found["excluded_by"] == [one["id"] for one in found["constraints"] if (one["margin"] or 2.0) < 1.0]
    chi2 = [one["delta_chi2"] for one in found["constraints"] if one["delta_chi2"] is not None]
    assert len(chi2) > 7
    assert found["joint_delta_chi2"] == pytest.approx(sum(chi2))


def test_limits_are_on_the_side_of_the_prediction():
    # for measured numbers the limit is the Standard Model plus margin times the deviation
    found = {one.id: one for one in check(PortalParameters(yL=1e-3, Umu4=0.02, Utau4=0.01)).constraints}
    pion, row = found["pi-universality-2026"], found["ckm-first-row-2026"]
    assert pion.prediction == pytest.approx(1.0 / (1.0 - 4e-4), rel=1e-6)
    # at the default yL the light neutrinos miss more
    (strong,) = (one for one in check(PortalParameters(Umu4=0.02, Utau4=0.01)).constraints if one.id == pion.id)
    assert strong.prediction == pytest.approx(1.0 / (1.0 - 4e-4 * (1.0 + check().mixing_loop_shift)), rel=1e-6)
    assert pion.limit - 1.0 == pytest.approx(pion.margin * (pion.prediction - 1.0))
    assert row.limit == pytest.approx([row.margin * value for value in row.prediction])
    assert len(row.observable) == len(row.prediction) == 2


def test_share_of_dark_matter_and_loop_of_a_point():
    p = PortalParameters(Umu4=0.02)
    found = check(p)
    omega = nuportal.model(p).relic_abundance_omega_h2
    assert found.dark_matter_share == pytest.approx(omega / 0.12, rel=1e-3)
    assert found.dark_matter_share < 0.5
    # large logarithm of m4 over the masses in the loop: d ln|U|^2/d ln m4^2 = -yL^2/(32 pi^2)
    shift = [check(p.replace(m4=m4)).mixing_loop_shift for m4 in (100.0, 200.0)]
    assert abs(shift[1] - shift[0]) == pytest.approx(1.35**2 / (32 * math.pi**2) * math.log(4.0), rel=0.02)
    assert found.warnings == ()
    strong = check(p.replace(yL=12.0, m4=400.0))
    assert abs(strong.mixing_loop_shift) > 0.3
    assert any("theory uncertainty" in warning for warning in strong.warnings)
    assert check(p.replace(yR=0.1)).mixing_loop_shift is None


POINTS_ONCE_ALLOWED = [
    # K -> mu chi phi
    ({"Umu4": 0.015, "m4": 400.0, "m_chi": 0.017, "m_phi": 0.051, "yL": 12.0}, False, "e949-2016-mu-3nu"),
    # mu -> e gamma; u_e + u_mu beyond the electroweak limit that each passes
    ({"Ue4": 0.035, "Umu4": 0.0195, "m4": 400.0}, False, "meg-ii-2025"),
    # rates without a nu4, however it decays
    ({"Utau4": 0.09, "m4": 100.0, "m_chi": 60.0, "m_phi": 65.0, "yL": 8.0}, True, "tau-leptonic-2026"),
]


@pytest.mark.parametrize(("values", "inelastic", "name"), POINTS_ONCE_ALLOWED)
def test_points_once_taken_for_allowed(values, inelastic, name):
    found = check(PortalParameters(**values), inelastic=inelastic)
    assert found.allowed is False
    assert found.excluded_by[0] == name


def test_sizes_at_the_points_once_taken_for_allowed():
    kaon, flavours, tau = (
        check(PortalParameters(**values), inelastic=split) for values, split, _ in POINTS_ONCE_ALLOWED
    )
    one = {found.id: found for found in kaon.constraints}["na62-2021-mu-3nu"]
    assert one.limit == 1.0e-6
    assert one.prediction > 50 * one.limit
    gamma = {found.id: found for found in flavours.constraints}["meg-ii-2025"]
    assert (gamma.prediction, gamma.limit) == (pytest.approx(2.5e-10, rel=0.02), 1.5e-13)
    assert "electroweak-2026" in flavours.excluded_by
    for alone in ({"Ue4": 0.035}, {"Umu4": 0.0195}):
        assert check(PortalParameters(m4=400.0, **alone)).margins["electroweak-2026"] > 1.0
    assert tau.margins["tau-leptonic-2026"] == pytest.approx(1 / 4.4, rel=0.05)


def test_equal_mixings_are_not_excluded_by_the_pion():
    found = check(PortalParameters(Ue4=0.05, Umu4=0.05, m4=400.0))
    assert found.margins["pi-universality-2026"] > 1e6
    assert "electroweak-2026" in found.excluded_by


def test_margins_are_limits_over_predictions():
    p = PortalParameters(m_chi=2.0, m_phi=6.0, m4=20.0, yL=0.1, Umu4=0.02)
    verdict = check(p)
    strongest = {limit.id: limit.value for limit in limits(20.0, "mu", inputs="latest").limits}
    assert verdict.margins["electroweak-2026"] == pytest.approx(
        strongest["electroweak-2026"] / 4e-4,
        rel=2e-4,  # the light neutrinos miss 1e-4 more by the chi-phi loop
    )
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


def test_a_visible_nu4_is_undecided_where_nothing_excludes_it():
    # below 2 m_chi nu4 decays weakly alone
    p = PortalParameters(m_chi=20.0, m_phi=60.0, m4=30.0, yL=1.0, Umu4=0.001)
    found = check(p, ignore=("omega-2018",))
    assert found.allowed is None
    assert found.excluded_by == ()
    assert "visible nu4" in found.not_applicable["visible-nu4"]
    assert any(warning.startswith("undecided") for warning in found.warnings)
    assert found.to_dict()["allowed"] is None
    # rates hold all the same, and a search for a visible nu4
    assert "electroweak-2026" in found.margins
    seen = check(p.replace(Umu4=0.1), ignore=("omega-2018",))
    assert seen.allowed is False
    assert seen.excluded_by[0] == "delphi-1997-visible"
    assert not any(warning.startswith("undecided") for warning in seen.warnings)
    assert check(p.replace(m_chi=1.0, m_phi=3.0), ignore=("omega-2018",)).allowed is True


def test_undecided_points_are_counted():
    grid = {"m4": [30.0, 300.0], "Umu4": [0.0, 0.001, 0.1]}
    point = PortalParameters(m_chi=20.0, m_phi=60.0, m4=30.0, yL=1.0)
    found = scan(grid, point, ignore=("omega-2018",))
    assert found.columns["allowed"] == [True, None, False, True, True, False]
    assert (found.n_points, found.n_allowed, found.n_undecided, found.n_invalid) == (6, 3, 1, 0)


def test_options_are_checked():
    for bad in ({"inputs": "2018"}, {"convention": "own"}, {"ignore": ("nonsense",)}):
        with pytest.raises(InputError, match="expected one of"):
            VerdictOptions(**bad)
    p = PortalParameters(m_chi=0.001, m_phi=0.003, Umu4=1e-5, m4=0.01)
    assert "n-eff-2026" in check(p).excluded_by
    assert "n-eff-2026" not in check(p, ignore=("n-eff-2026",)).margins


def test_verdicts_of_many_points_are_those_of_one_each():
    points = [PortalParameters(m4=m, m_chi=m / 10, m_phi=0.3 * m, Ue4=0.01, Umu4=0.02) for m in (0.02, 0.3, 50.0)]
    together = judge(points, VerdictOptions(), exact=True)
    alone = [check(p) for p in points]
    assert together.excluded.tolist() == [not one.allowed for one in alone]
    assert together.joint_delta_chi2 == pytest.approx([one.joint_delta_chi2 for one in alone], rel=1e-9)
    for k, one in enumerate(alone):
        margins = dict(zip(together.comparisons, together.margins[:, k], strict=True))
        # the weak widths of many points come from a table
        assert one.margins == pytest.approx({name: m for name, m in margins.items() if not np.isnan(m)}, rel=1e-3)


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
    assert shown.out.startswith("allowed")
    code, shown = _run(capsys, "check", "--set", "Ue4=0.02", "--set", "m4=400")
    assert shown.out.startswith("excluded by pienu-2020-e-3nu")
    assert "no mixing with mu" in shown.out
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
    assert check(p.replace(Umu4=1e-12)).margins["omega-2018"] < 1e-5
    assert "does not couple" in check(p.replace(Umu4=0.0)).not_applicable["omega-2018"]


def test_convention_of_the_z_width():
    # 3 - N: 2 |U_mu4|^2 as a ratio of widths, half of it as a width in units of that from the muon lifetime
    p = PortalParameters(m_chi=20.0, m_phi=60.0, m4=300.0, yL=12.0, Umu4=0.02)
    paper, refined = (check(p, inputs="2017", convention=name).margins for name in ("paper", "refined"))
    assert refined["z-invisible-lep"] == pytest.approx(4 * paper["z-invisible-lep"], rel=3e-3)


def test_no_limit_before_the_first_is_said():
    with pytest.raises(InputError, match="later year"):
        limits(5.0, "mu", observed_by=1900)


def test_limits_on_dark_matter_at_a_mass():
    found = limits(0.25, "e", m_chi=0.027)
    assert (found.m_chi_GeV, found.halo) == (0.027, "nfw")
    best = _lines(found)[0]
    assert (best.id, best.quantity) == ("sk-iv-2021-line", "sigma_v_cm3_per_s")
    assert best.value == pytest.approx(2.3e-25, rel=0.02)
    steeper = limits(0.25, "e", m_chi=0.027, halo="gnfw")
    assert _lines(steeper)[0].value == pytest.approx(best.value * j_factor("nfw") / j_factor("gnfw"))
    recoils = [limit.value for limit in found.dark_matter if limit.quantity == "sigma_n_cm2"]
    assert recoils == [None] * len(recoils) != []
    heavy = {limit.id: limit.value for limit in limits(0.25, "e", m_chi=40.0).dark_matter}
    assert heavy["lz-2024"] == pytest.approx(2.18e-48, rel=0.05)
    assert limits(0.25, "e").dark_matter == ()
    assert limits(0.25, "e").halo is None
    with pytest.raises(InputError, match="moore"):
        limits(0.25, "e", m_chi=0.027, halo="moore")


def _lines(found):
    return [limit for limit in found.dark_matter if limit.quantity == "sigma_v_cm3_per_s"]
