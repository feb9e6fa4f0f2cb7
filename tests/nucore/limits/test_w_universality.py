"""The combined ratios of W -> l nu against a fit to the single measurements, each used once."""

import numpy as np
import pytest

from nucore.limits.catalogue import load_curve


def measured(name: str) -> tuple[float, float]:
    """Logarithm of a ratio and its uncertainty."""
    numbers = load_curve(f"w-universality-{name}").formula.numbers()
    return np.log(numbers["ratio"]), numbers["ratio_uncertainty"] / numbers["ratio"]


def test_combination():
    rows, values, blocks = [], [], []
    for name in ("lep-2013", "cms-2022"):  # the third ratio gives the correlation of the first two
        (x, s_x), (y, s_y), (_, s_z) = (measured(f"{name}-{ratio}") for ratio in ("mu-e", "tau-e", "tau-mu"))
        common = (s_x**2 + s_y**2 - s_z**2) / 2
        rows += [[1, 0], [0, 1]]
        values += [x, y]
        blocks.append(np.array([[s_x**2, common], [common, s_y**2]]))
    alone = {"atlas-2017-mu-e": [1, 0], "atlas-2024-mu-e": [1, 0], "lhcb-2016-mu-e": [1, 0]}
    for name, row in (
        alone | {"atlas-2021-tau-mu": [-1, 1], "atlas-2025-tau-e": [0, 1], "d0-2000-tau-e": [0, 1]}
    ).items():
        value, spread = measured(name)
        rows.append(row)
        values.append(value)
        blocks.append(np.array([[spread**2]]))
    n = len(values)
    weights = np.zeros((n, n))
    start = 0
    for block in blocks:
        end = start + len(block)
        weights[start:end, start:end] = np.linalg.inv(block)
        start = end
    design, data = np.array(rows, float), np.array(values)
    covariance = np.linalg.inv(design.T @ weights @ design)
    best = covariance @ design.T @ weights @ data
    spread = np.sqrt(np.diag(covariance))
    rest = data - design @ best
    combined = load_curve("w-universality-2026").formula.numbers()
    assert np.exp(best) == pytest.approx([combined["mu_over_e"], combined["tau_over_e"]], abs=1e-4)
    assert spread == pytest.approx([combined["mu_over_e_uncertainty"], combined["tau_over_e_uncertainty"]], abs=1e-4)
    assert covariance[0, 1] / spread.prod() == pytest.approx(combined["correlation"], abs=0.01)
    assert rest @ weights @ rest < 2 * (n - 2)
