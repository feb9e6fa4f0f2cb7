from __future__ import annotations

import numpy as np
import pytest
from scipy.special import xlogy
from scipy.stats import chi2

from nucore.stats.goodness import deviance_p_value


def test_it_is_chi_square_at_many_events() -> None:
    assert deviance_p_value(100.0, np.full(40, 1e3), 39) == pytest.approx(chi2.sf(100.0, 39), rel=1e-9)
    assert deviance_p_value(100.0, np.full(40, 99.0), 39) == pytest.approx(chi2.sf(100.0, 39), rel=0.1)
    assert deviance_p_value(3.0, np.full(2, 1e3), 0) is None
    assert deviance_p_value(1e-9, np.array([100.0, 1e-12]), 1) == pytest.approx(1.0, abs=1e-4)
    assert deviance_p_value(30.0, np.full(20, 0.1), 19) == pytest.approx(chi2.sf(30.0, 19), rel=1e-9)


@pytest.mark.parametrize(("nu", "n_bins"), [(1.0, 100), (1.5, 200), (3.0, 50)])
def test_few_events(nu, n_bins) -> None:
    """One in a hundred pseudo-experiments has a p-value below 0.01; of chi-square 5%, 18% and 4%."""
    n = np.random.default_rng(1).poisson(nu, (4000, n_bins))
    deviances = 2.0 * (xlogy(n, n / nu) - n + nu).sum(axis=1)
    threshold = np.quantile(deviances, 0.99)
    assert 0.007 < deviance_p_value(threshold, np.full(n_bins, nu), n_bins) < 0.013
    assert not 0.007 < chi2.sf(threshold, n_bins) < 0.013
