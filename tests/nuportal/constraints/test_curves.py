"""Limits on |U_l4|^2 against m4 that follow from measured numbers, and the combination of limits."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.model.points import ParameterPoints
from nuportal.constraints.combine import envelope, limits_at
from nuportal.constraints.constraint import Constraint, constraints

EVERY = {one.id: one for one in constraints(projections=True)}
MEASURED = [one for one in EVERY.values() if one.card.formula is not None]

#: |U_l4|^2 at masses in GeV, computed independently; for the first flavour of the card where none is given.
#: K -> e nu is selected by its missing mass: an electron beside a heavy nu4 is lost, and 1 - |U_e4|^2 is left.
INDEPENDENT = [
    ("z-invisible-lep", None, [(0.03e3, 9.47e-2), (45.0, 4.24e-2), (60.0, 2.53e-2), (80.0, 1.67e-2), (95.0, 1.545e-2)]),
    ("z-invisible-2020", None, [(30.0, 4.90e-2), (45.0, 2.21e-2), (80.0, 8.6e-3), (95.0, 7.97e-3), (5.0, None)]),
    ("h-invisible-0.24", None, [(10.0, 0.159), (30.0, 1.97e-2), (60.0, 7.38e-3), (100.0, 1.21e-2), (130.0, None)]),
    ("h-invisible-0.107", None, [(10.0, 6.02e-2), (80.0, 2.66e-3), (120.0, 6.9e-2)]),
    ("h-invisible-0.05", None, [(10.0, 2.64e-2), (60.0, 1.22e-3)]),
    ("electroweak-2016", None, [(0.01, 3.04e-2), (0.02, 8.7e-3), (0.05, 2.5e-3), (0.2, 2.04e-3)]),
    ("electroweak-2026", None, [(0.2, 1.59e-3), (100.0, 1.59e-3)]),
    (
        "twist-2011",
        None,
        [(0.010, 9.3e-3), (0.020, 1.86e-3), (0.030, 1.31e-3), (0.050, 2.1e-3), (0.07, 1.42e-2), (0.2, None)],
    ),
    ("belle-2016-e", None, [(0.5, 0.330), (1.0, 8.7e-2), (1.4, 4.8e-2), (1.5, None)]),
    ("belle-2016-mu", None, [(1.0, 8.6e-2), (1.4, 4.7e-2)]),
    ("pienu-2015", "e", [(0.001, 8.9e-4), (0.01, 9.0e-6), (0.05, 4.7e-7), (0.1, None), (1.0, 4.6e-3)]),
    ("pi-universality-2026", "e", [(0.001, 4.3e-4), (0.01, 4.3e-6), (0.05, 2.2e-7), (1.0, 5.1e-3)]),
    ("pi-universality-2026", "mu", [(0.03, 4.6e-3), (1.0, 1.6e-3)]),
    ("kaon-universality-2026", "e", [(0.1, 3.0e-7), (0.12, None), (0.3, 3.0e-3), (1.0, 3.0e-3)]),
    ("ckm-unitarity-2016", None, [(0.02, 2.0e-3), (0.05, 5.9e-4), (1.0, 4.8e-4)]),
    ("ckm-unitarity-2024", None, [(1.0, 3.9e-4)]),
    (
        "tau-leptonic-2018",
        None,
        [(0.1, 6.7e-2), (0.2, 1.8e-2), (0.3, 8.6e-3), (0.5, 3.8e-3), (1.0, 1.85e-3), (3.0, 1.69e-3)],
    ),
    ("tau-leptonic-2026", None, [(3.0, 1.92e-3)]),
    ("tau-pion-2018", None, [(1.0, 2.5e-2), (3.0, 1.7e-2)]),
    ("super-kamiokande-2014-tau", None, [(0.1, 0.18)]),
    ("deepcore-2024-tau", None, [(0.1, 0.0574)]),
]


def named(name: str) -> Constraint:
    return EVERY[name]


@pytest.mark.parametrize("one", MEASURED, ids=lambda one: one.id)
def test_curve_is_complete(one):
    low, high = one.card.mass_range_GeV
    masses = np.geomspace(max(low, 1e-4), min(high, 1e4), 40)
    for flavour in one.card.flavours:
        assert np.isnan(one.values([low / 1.001, high * 1.001], flavour)).all()
        inside = one.values(masses, flavour)
        assert np.isfinite(inside).any()
        assert 0.0 < np.nanmin(inside) <= np.nanmax(inside) < 1.0


@pytest.mark.parametrize(("name", "flavour", "points"), INDEPENDENT)
def test_curve_at_independent_points(name, flavour, points):
    for mass, expected in points:
        value = float(named(name).values(mass, flavour))
        if expected is None:
            assert math.isnan(value)
        else:
            # 3%: two to three digits given
            assert value == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("one", EVERY.values(), ids=lambda one: one.id)
@pytest.mark.parametrize("convention", ["paper", "refined"])
def test_margin_is_the_limit_over_the_mixing(one, convention):
    # exact on the limit; predictions are linear in |U|^2 but for normalisations, of up to 24% for h -> invisible
    rng = np.random.default_rng(sum(map(ord, one.id)))
    low, high = np.log(one.card.mass_range_GeV)
    masses = np.exp(rng.uniform(max(low, math.log(2e-3)), min(high, math.log(300.0)), 12))
    for flavour in one.card.flavours:
        limit = one.values(masses, flavour, convention)
        known = np.isfinite(limit)
        if not known.any():
            continue
        m4, u = masses[known], limit[known]

        def margin(factor, m4=m4, u=u, flavour=flavour):
            return one.evaluate(ParameterPoints.single(flavour, m4, factor * u), convention).margin

        assert margin(1.0) == pytest.approx(np.ones(m4.size), abs=1e-6)
        small = u < 0.02
        assert margin(0.1)[small] == pytest.approx(np.full(small.sum(), 10.0), rel=0.24)
        assert (margin(1.05) < 1.0).all()


@pytest.mark.parametrize("one", MEASURED, ids=lambda one: one.id)
@pytest.mark.parametrize("convention", ["paper", "refined"])
def test_no_mixing_below_the_limit_is_excluded(one, convention):
    low, high = one.card.mass_range_GeV
    masses = np.geomspace(max(low, 1e-3), min(high, 500.0), 32)[1:-1]
    mixings = np.concatenate([np.geomspace(1e-12, 0.5, 60), [0.6, 0.8, 0.95, 0.999]])
    for flavour in one.card.flavours:
        limit = one.values(masses, flavour, convention)
        m4, u = (table.ravel() for table in np.meshgrid(masses, mixings, indexing="ij"))
        excluded = one.evaluate(ParameterPoints.single(flavour, m4, u), convention).margin < 1.0
        beyond = u > 0.999 * np.repeat(np.where(np.isnan(limit), 2.0, limit), mixings.size)
        assert not (excluded & ~beyond).any()


def test_pion_ratio_of_a_muon_mixing_is_exact():
    # R = 1/(1 - u (1 - rho)): linear in u it would be weaker by the factor 1 - u (1 - rho)
    pull, sigma = 1.2327 / 1.23524 - 1.0, 1.2327 / 1.23524 * math.hypot(23 / 12327, 15e-5 / 1.23524)
    largest = pull + math.hypot(pull, 1.645 * sigma)  # the data lie on the other side
    for mass, rho in ((1.0, 0.0), (0.03, _pion_to_muon(0.03))):
        expected = largest / (1.0 + largest) / (1.0 - rho)
        assert named("pi-universality-2026").values(mass, "mu") == pytest.approx(expected, rel=1e-3)


def _pion_to_muon(m4: float) -> float:
    """Gamma(pi -> mu nu4)/Gamma(pi -> mu nu): momentum times E_l E_nu + p^2, relative."""
    m, mu = 0.13957039, 0.1056583755

    def rate(mass):
        energy = (m**2 + mass**2 - mu**2) / (2 * m)
        p = math.sqrt(energy**2 - mass**2)
        # |amplitude|^2 = m_pi^2 (mu^2 + m4^2) - (mu^2 - m4^2)^2
        return p * (m**2 * (mu**2 + mass**2) - (mu**2 - mass**2) ** 2)

    return rate(m4) / rate(0.0)


def test_absolute_z_width_is_less_sensitive_for_e_and_mu():
    one = named("z-invisible-lep")
    masses = np.array([60.0, 95.0])
    assert one.values(masses, "tau", "refined") == pytest.approx([2.53e-2, 1.547e-2], rel=5e-3)
    assert one.values(masses, "mu", "paper") == pytest.approx([2.53e-2, 1.547e-2], rel=5e-3)
    # at 60 GeV |U_mu4|^2 raises the width that the muon lifetime predicts by more than it takes away: excess direction
    r = (60.0 / 91.1879) ** 2
    lost = 1.0 - (1.0 - r) ** 2 * (1.0 + r / 2.0)
    raised, lowered = _absolute_z_number(lost), _absolute_z_number(1.0)
    pull, sigma = -0.0159, 0.0090
    excess = pull + math.sqrt(pull**2 + 2.706 * sigma**2)
    deficit = -pull + 1.645 * sigma
    expected = [_first(lambda u: raised(u) - 3.0 - excess), _first(lambda u: 3.0 - lowered(u) - deficit)]
    for flavour in ("e", "mu"):
        assert one.values(masses, flavour, "refined") == pytest.approx(expected, rel=2e-3)
    assert expected[1] > 4 * 1.5e-2


def _absolute_z_number(lost: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """N of a single mixing, over what the muon rate 1 - u predicts; Z -> nu nu4 loses the share `lost`."""
    return lambda u: (2.0 + (1.0 - u) ** 2 + 2.0 * u * (1.0 - u) * (1.0 - lost)) / np.sqrt(1.0 - u)


def _first(function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """First change of sign on a fine grid."""
    grid = np.linspace(1e-5, 0.3, 300_000)
    return float(grid[np.argmax(function(grid) > 0.0)])


def test_strongest_first_and_the_others_with_a_reason():
    found = limits_at(constraints("mu", inputs="2017"), 0.25, "mu")
    assert found[0].id == "e949-2015-mu"
    values = [limit.value for limit in found if limit.value is not None]
    assert values == sorted(values)
    silent = [limit for limit in found if limit.value is None]
    assert {"na62-2017-mu", "h-invisible-0.24"} <= {limit.id for limit in silent}
    assert all("GeV" in limit.reason for limit in silent)
    with pytest.raises(InputError, match="mass"):
        limits_at([], -1.0)


def test_envelope_is_the_minimum():
    found = constraints("e", inputs="2017")
    masses = np.geomspace(1e-3, 1e3, 200)
    values, names = envelope(found, masses, "e")
    for k in (10, 100, 180):
        best = limits_at(found, float(masses[k]), "e")[0]
        assert values[k] == pytest.approx(best.value)
        assert names[k] == best.id
    assert np.isnan(envelope([], masses)[0]).all()
    assert envelope([named("e949-2015-mu")], [0.1])[1][0] == ""
