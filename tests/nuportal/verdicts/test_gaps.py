"""Points that the constraints do not reach are undecided, unless something excludes them."""

import numpy as np
import pytest

from nucore.model.parameters import PortalParameters
from nuportal import check, scan
from nuportal.verdicts.gaps import GAPS
from nuportal.verdicts.judgement import VerdictOptions, judge

#: One gap each: parameters, other limits left out, and the warning.
IN_A_GAP = {
    "visible-nu4": (
        {"m_chi": 20.0, "m_phi": 60.0, "m4": 30.0, "yL": 1.0, "Umu4": 1e-3}, ("omega-2018",), "visible nu4"
    ),
    "light-nu4": (
        {"m_chi": 2e-3, "m_phi": 5e-3, "m4": 0.012, "yL": 1.0, "Umu4": 1e-3},
        ("omega-2018", "n-eff-2026"), "below 16 MeV"
    ),
    "broad-nu4": ({"Utau4": 0.05, "m4": 0.5, "m_chi": 0.05, "m_phi": 0.15, "yL": 6.0}, ("omega-2018",), "broad"),
    "right-handed-coupling": ({"yR": 1e-3, "Umu4": 0.01}, (), "yR is not zero"),
    "abundance-not-computed": (
        {"m_chi": 1.1e4, "m_phi": 3e4, "m4": 5e4, "yL": 10.0, "Umu4": 1e-5}, (), "0.001 to 10000 GeV"
    ),
}  # fmt: skip


def test_every_gap_is_tested():
    assert tuple(IN_A_GAP) == GAPS


@pytest.mark.parametrize("name", GAPS)
def test_a_point_in_a_gap(name):
    values, ignore, text = IN_A_GAP[name]
    found = check(PortalParameters(**values), ignore=ignore)
    assert found.allowed is None
    assert found.excluded_by == ()
    undecided = [warning for warning in found.warnings if warning.startswith("undecided")]
    assert len(undecided) == 1
    assert text in undecided[0]
    assert undecided[0] == f"undecided: {found.not_applicable[name]}"
    assert not {*GAPS} - {name} & {*found.not_applicable}
    without = check(PortalParameters(**values), ignore=(*ignore, name))
    assert without.allowed is True
    assert not any(warning.startswith("undecided") for warning in without.warnings)
    assert name not in {one.id for one in without.constraints}
    # the margins of limits are the same
    assert without.margins == {limit: margin for limit, margin in found.margins.items() if limit != name}


@pytest.mark.parametrize("name", GAPS)
def test_an_excluded_point_in_a_gap_is_excluded(name):
    values, ignore, _ = IN_A_GAP[name]
    found = check(PortalParameters(**(values | {"Umu4": 0.1})), ignore=ignore)
    assert name in found.not_applicable
    assert found.allowed is False
    assert found.excluded_by
    assert not any(warning.startswith("undecided") for warning in found.warnings)


def test_edges_of_the_gaps():
    # 16.1 MeV, the mass of a Dirac fermion that gives N_eff = 3.153, and the range of the abundance
    light = {"m_chi": 2e-3, "m_phi": 5e-3, "yL": 1.0, "Umu4": 1e-3}
    masses = [0.0155, 0.0170]
    points = [PortalParameters(**light, m4=m4) for m4 in masses]
    points += [PortalParameters(m_chi=m, m_phi=3 * m, m4=10.0) for m in (0.99e-3, 1.01e-3, 0.99e4, 1.01e4)]
    judged = judge(points, VerdictOptions())
    inside = {name: np.isnan(judged.comparisons[name].margin).tolist() for name in GAPS}
    assert inside["light-nu4"] == [True, False, False, False, False, False]
    assert inside["abundance-not-computed"] == [False, False, True, False, False, True]
    assert inside["right-handed-coupling"] == [False] * 6


@pytest.mark.parametrize("name", GAPS)
def test_undecided_points_of_a_scan(name):
    values, ignore, _ = IN_A_GAP[name]
    point = PortalParameters(**values)
    mixing = "Utau4" if "Utau4" in values else "Umu4"
    grid = {mixing: [values[mixing], 0.0, 0.3, 2.0]}
    found = scan(grid, point, ignore=ignore)
    assert found.columns["allowed"] == [None, True, False, None]
    assert (found.n_points, found.n_allowed, found.n_undecided, found.n_invalid) == (4, 1, 1, 1)
    assert found.columns["excluded_by"][0] is None
    left_out = scan(grid, point, ignore=(*ignore, name))
    assert left_out.columns["allowed"] == [True, True, False, None]
    assert (left_out.n_allowed, left_out.n_undecided) == (2, 0)


def random_points(n, seed):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        m4 = 10.0 ** rng.uniform(-2, 2.5)
        m_chi = m4 * 10.0 ** rng.uniform(-1.5, 0.3)
        yield PortalParameters(
            m_chi=m_chi,
            m_phi=m_chi * rng.uniform(1.01, 5.0),
            m4=m4,
            yL=10.0 ** rng.uniform(-2, 1),
            **{f"U{f}4": 10.0 ** rng.uniform(-5, -2) for f in ("e", "mu", "tau")},
        )


@pytest.mark.parametrize("yR", [1e-12, 1e-6, -1e-3, 0.1])
def test_with_a_right_handed_coupling_no_point_is_allowed(yR):
    left = list(random_points(300, 5))
    options = VerdictOptions(ignore=("omega-2018", "n-eff-2026", "m-cut-1e7"))
    before = judge(left, options)
    assert (~before.excluded & ~before.undecided).sum() > 10
    after = judge([p.replace(yR=yR) for p in left], options)
    assert (after.excluded | after.undecided).all()
    assert after.undecided.sum() > 10
    # the limits that do not know of yR stay
    name = "electroweak-2026"
    kept = np.array([p.m_chi + p.m_phi > 0.2 for p in left])  # muons do not decay to chi phi
    assert kept.sum() > 20
    assert np.isfinite(after.comparisons[name].margin[kept]).all()


@pytest.mark.parametrize("inputs", ["2017", "latest"])
@pytest.mark.parametrize(
    "values", [{"m4": 0.001}, {"m_chi": 1e5, "m_phi": 2e5}, {"m_chi": 1e-5, "m_phi": 2e-5}, {"m4": 300.0}]
)
def test_without_any_coupling_nothing_is_known_and_nothing_warned_of(values, inputs):
    found = check(PortalParameters(yL=0.0, Umu4=0.0, **values), inputs=inputs)
    assert found.warnings == ()
    assert found.allowed is True
    cosmology = {"2017": "n-eff-2015", "latest": "n-eff-2026"}[inputs]
    for name in (cosmology, "omega-2018"):
        assert "does not couple" in found.not_applicable[name]
        assert name not in found.margins
    assert set(found.margins.values()) == {float("inf")}


@pytest.mark.parametrize("values", [{"yL": 0.0, "Umu4": 1e-4, "m4": 300.0}, {"yL": 1.0, "Umu4": 0.0}])
def test_a_chi_without_neutrinos_has_no_abundance(values):
    found = check(PortalParameters(m_chi=1e-3, m_phi=3e-3, **values))
    for name in ("n-eff-2026", "omega-2018"):
        assert "does not couple" in found.not_applicable[name]
    coupled = check(PortalParameters(m_chi=1e-3, m_phi=3e-3, yL=1.0, Umu4=1e-4, m4=300.0))
    assert {"n-eff-2026", "omega-2018"} <= set(coupled.margins)


#: Points of the present searches with the measurements of 2017, and what excluded them then.
IN_2017 = [
    ({"Umu4": 0.015, "m4": 400.0, "m_chi": 0.017, "m_phi": 0.051, "yL": 12.0}, "e949-2016-mu-3nu", 2.4e-6),
    ({"Ue4": 0.035, "Umu4": 0.0195, "m4": 400.0}, "meg-2016", 4.2e-13),
]


@pytest.mark.parametrize(("values", "name", "limit"), IN_2017)
def test_limits_of_2017_exclude_what_was_excluded_then(values, name, limit):
    found = check(PortalParameters(**values), inputs="2017")
    assert found.allowed is False
    one = {finding.id: finding for finding in found.constraints}[name]
    assert one.limit == pytest.approx(limit)
    assert one.prediction > 50 * limit
    assert one.margin == pytest.approx(limit / one.prediction)
    # nor does what else excluded them decide
    assert check(PortalParameters(**values), inputs="2017", ignore=(name,)).excluded_by != ()
