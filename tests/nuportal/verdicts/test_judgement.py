"""Many points at once."""

import numpy as np

from nucore.model.parameters import PortalParameters
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
