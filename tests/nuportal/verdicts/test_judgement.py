"""Many points at once."""

import warnings

import numpy as np
import pytest

from mesons.decays.spectral_weight import pole_and_weight
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nuportal.verdicts.judgement import VerdictOptions, judge
from tests.nuportal.verdicts import oracle


def test_a_point_does_not_depend_on_those_beside_it():
    sample = oracle.sample("mixed", 400, 7)
    rows = zip(*(values.tolist() for values in sample.values()), strict=True)
    points = [PortalParameters(**dict(zip(sample, row, strict=True))) for row in rows]
    options = VerdictOptions()
    whole = judge(points, options)
    for start, stop in ((0, 1), (57, 58), (100, 117), (300, 400)):
        part = judge(points[start:stop], options)
        assert list(part.comparisons) == list(whole.comparisons)
        np.testing.assert_array_equal(part.margins, whole.margins[:, start:stop])
        np.testing.assert_array_equal(part.joint_delta_chi2, whole.joint_delta_chi2[start:stop])
        np.testing.assert_array_equal(part.undecided, whole.undecided[start:stop])


def test_a_limit_left_out_changes_no_other():
    point = PortalParameters(Umu4=0.02, Utau4=0.01)
    whole, part = judge([point], VerdictOptions()), judge([point], VerdictOptions(ignore=("tau-pion-2026",)))
    assert set(whole.comparisons) - set(part.comparisons) == {"tau-pion-2026"}
    for name, found in part.comparisons.items():
        np.testing.assert_array_equal(found.margin, whole.comparisons[name].margin)
    lost = whole.joint_delta_chi2 - part.joint_delta_chi2
    np.testing.assert_allclose(lost, whole.comparisons["tau-pion-2026"].delta_chi2)


@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
def test_a_mixing_that_leaves_less_than_nothing_of_the_light_neutrinos_is_excluded_without_a_prediction(flavour):
    shared = {"m_chi": 0.02, "m_phi": 1.0, "m4": 20.0, "yL": 12.566}
    # the loop makes the light neutrinos miss 1.7 |U|^2: just below and just above all of them
    points = [PortalParameters(**shared, **{f"U{flavour}4": amplitude}) for amplitude in (0.7, 0.7746)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judge(points, VerdictOptions(), exact=True)
    assert found.excluded.all()
    one = found.comparisons["unitarity"]
    _, weight = pole_and_weight(ParameterPoints.of(points))
    np.testing.assert_allclose(one.prediction[0], [0.7**2 * weight[0], 0.7746**2 * weight[1]])
    assert one.margin[0] > 1.0 > one.margin[1] > 0.0
    known, lost = found.comparisons["electroweak-2026"].margin
    assert np.isnan(lost)
    assert (known < 1.0) == (flavour != "tau")
    for name in ("electroweak-2026", "z-invisible-2020", "w-universality-2026", "tau-leptonic-2026"):
        other = found.comparisons[name]
        assert np.isnan([other.margin[1], *other.prediction[:, 1]]).all()
        assert "leaves nothing of the light neutrinos" in other.silent(1)


def test_unitarity_cannot_be_left_out():
    with pytest.raises(InputError, match="unitarity cannot be ignored"):
        VerdictOptions(ignore=("unitarity",))
