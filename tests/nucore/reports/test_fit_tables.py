"""Text of a fit."""

from __future__ import annotations

import pytest

from nucore.reports.fit_tables import _unphysical


@pytest.mark.parametrize(
    ("best", "sigma", "told"),
    [
        (-1e-9, 0.0, ["u = -1e-09 is outside 0 to 1, unphysical"]),
        (-1e-9, 0.049, ["u = -1e-09 is outside 0 to 1, unphysical"]),
        (-0.1, 0.051, ["u = -0.1 is outside 0 to 1, unphysical, by 0.1 standard deviations"]),
        (1.5, 2.34, ["u = 1.5 is outside 0 to 1, unphysical, by 2.3 standard deviations"]),
        (0.5, 0.0, []),
        (None, 0.0, []),
    ],
)
def test_an_unphysical_best_fit_tells_by_how_much_where_it_is_not_nothing(best, sigma, told) -> None:
    assert _unphysical({"parameter": "u", "best_fit": {"u": best}, "unphysical_by_sigma": sigma}) == told
