"""The comparison of the angular coefficients of the Z with ATLAS's."""

from __future__ import annotations

import numpy as np
import pytest

from tools.validation import z_angular


def test_coefficients_agree_with_the_measured_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("N_MASS", 5), ("N_RAPIDITY", 3), ("N_PT", 1)):
        monkeypatch.setattr(z_angular, name, number)
    results = z_angular.measured_coefficients()
    assert [r.values.size for r in results] == [23, 23, 19, 23, 23, 23, 23, 19, 23, 23, 19, 23, 23, 19]
    # largest differences for |y| < 2 at 15 to 100 GeV; A2 at order alpha_s is not expected to agree
    allowed = {0: 0.025, 1: 0.02, 3: 0.01, 4: 0.01}
    for one in results:
        inside = (one.edges[:-1] > 14.0) & (one.edges[1:] < 100.0)
        difference = (one.ours - one.values)[inside]
        if one.rapidity[1] <= 2.0 and one.coefficient in allowed:
            assert np.abs(difference).max() < allowed[one.coefficient]
        if one.rapidity[1] <= 2.0 and one.coefficient == 2:
            ratio = (one.values / one.ours)[inside]
            assert ratio.min() > 0.5
            assert ratio.max() < 0.85
    assert z_angular.table(results).count("\n") == 2 + 14 + 3
    assert len(z_angular.figure(results).axes) == 6
