"""Cards of limits on the neutrino line: against an independent evaluation."""

import pytest

from nucore.limits.catalogue import load_curve, select
from nucore.limits.curve import LimitCurve

LINES = select(quantity="sigma_v_cm3_per_s", projections=True)


def test_single_experiments_against_an_independent_evaluation():
    smeared = [(10, 1.491e-23), (15, 4.924e-24), (18, 9.244e-25), (22, 3.978e-25), (25, 4.702e-25), (31, 5.018e-25)]
    for mass, expected in smeared:
        assert load_curve("sk-iv-2021-line").values(mass * 1e-3) == pytest.approx(expected, rel=0.025)
    for name, mass, expected in [
        ("hyper-k-2018-line", 20, 7.671e-26),
        ("hyper-k-2018-line", 80, 2.908e-25),
        ("juno-2015-line", 20, 1.399e-25),
        # twice the numbers of the abstract and of the table, at NFW as published
        ("sk-2020-line", 1000, 2 * 1.2e-24),
        ("icecube-2017-line", 100_000, 2 * 4.2e-24),
    ]:
        assert load_curve(name).values(mass * 1e-3) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("curve", LINES, ids=lambda c: c.id)
def test_card(curve: LimitCurve):
    assert curve.mass == "m_chi"
    assert curve not in select(projections=True)
    assert curve.line is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": "U_sq"}, "line belongs to the quantity"),
        ({"line": None}, "give one of|line belongs"),
        ({"points": {"mass_GeV": (0.01, 0.02), "value": (1e-24, 1e-24)}}, "give one of"),
        ({"line": {"J": 1e23}}, "J belongs to points"),
        ({"line": {"electron": False}}, "flux is one of nubar_e"),
        ({"line": {"flux": {"per_MeV": (1.0,)}}}, "one number more"),
        ({"line": {"flux": {"edges_MeV": tuple(range(12, 0, -1))}}}, "must increase"),
    ],
)
def test_wrong_cards_are_refused(changes, message):
    def merged(old, new):
        both = isinstance(old, dict) and isinstance(new, dict)
        return {**old, **{k: merged(old.get(k), v) for k, v in new.items()}} if both else new

    with pytest.raises(ValueError, match=message):
        LimitCurve.model_validate(merged(load_curve("sk-iv-2021-line").model_dump(), changes))
