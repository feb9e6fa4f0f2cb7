"""Measured numbers behind the newest limits against the listings of the package `pdg`, queried offline."""

import warnings

import pytest

from nucore.limits.catalogue import load_curve

#: Curve, input, id of the quantity in the listings.
INPUTS = [
    ("twist-2011", "rho", "S004RHO"),
    ("z-invisible-2020", "number", "S007NE"),
    ("h-invisible-0.107", "branching_ratio", "S126R01"),
    ("pi-universality-2026-e", "ratio", "S008R10"),
    ("kaon-universality-2026-e", "ratio", "S010R28"),
    ("electroweak-2026", "m_W", "S043M"),
]


@pytest.fixture(scope="module")
def listings():
    import pdg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside sqlalchemy, which the database uses
        api = pdg.connect()
        yield api
        api.engine.dispose()


@pytest.mark.parametrize(("curve", "name", "pdg_id"), INPUTS)
def test_input_is_that_of_the_listings(listings, curve, name, pdg_id):
    entry = load_curve(curve).formula.inputs[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = listings.get(pdg_id).summary_values()[0]
    # an average may move by a tenth of its uncertainty between this measurement and others: rho is TWIST's own
    tolerance = max(0.1 * (entry.uncertainty or 0.0), 1e-3 * abs(entry.value) if entry.uncertainty is None else 0.0)
    assert found.value == pytest.approx(entry.value, abs=tolerance)
    if entry.uncertainty is not None:
        assert found.error_positive == pytest.approx(entry.uncertainty, rel=0.05)  # rounded to two digits
