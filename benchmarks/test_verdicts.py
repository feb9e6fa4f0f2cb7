"""Verdicts: one parameter point, and many at random masses and mixings."""

import numpy as np
import pytest

import nuportal
from nucore.model.parameters import PortalParameters
from nuportal.verdicts.judgement import VerdictOptions, judge


def _points(n: int) -> list[PortalParameters]:
    rng = np.random.default_rng(1)
    low, high = np.log([1e-3, 1.01, 1e-3, 1e-3, *[1e-10] * 3]), np.log([1e2, 30.0, 1e3, 12.5, *[0.1] * 3])
    m_chi, ratio, m4, yL, *U_sq = np.exp(rng.uniform(low, high, (n, 7))).T
    rows = zip(m_chi, ratio * m_chi, m4, yL, *np.sqrt(U_sq), strict=True)
    names = ("m_chi", "m_phi", "m4", "yL", "Ue4", "Umu4", "Utau4")
    return [PortalParameters(**dict(zip(names, row, strict=True))) for row in rows]


@pytest.mark.benchmark(group="verdicts")
def test_check(benchmark):
    point = PortalParameters()
    benchmark(nuportal.check, point)


@pytest.mark.benchmark(group="verdicts")
@pytest.mark.parametrize("n", [200, 2000])
def test_judge(benchmark, n):
    points = _points(n)
    benchmark(judge, points, VerdictOptions())
    benchmark.extra_info["n"] = n
