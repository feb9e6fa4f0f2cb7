"""No allowed point of a random scan violates a published limit when the oracle computes the observables."""

import functools

import numpy as np
import pytest

from nucore.limits.cosmological import cosmological_bounds
from nucore.model.parameters import PortalParameters
from nuportal.constraints.constraint import constraints
from nuportal.verdicts.judgement import VerdictOptions, judge
from tests.nuportal.verdicts import oracle

N = 5000
SEEDS = {"e": 101, "mu": 102, "tau": 103, "mixed": 104}


@functools.cache
def scan(flavour):
    """Sample of a flavour, as parameter points too, and what it violates."""
    sample = oracle.sample(flavour, N, SEEDS[flavour])
    rows = zip(*(values.tolist() for values in sample.values()), strict=True)
    points = [PortalParameters(**dict(zip(sample, row, strict=True))) for row in rows]
    return points, oracle.violations(sample)


@functools.cache
def dark_matter_limits():
    """Ids of what is left out here: limits on dark matter must not hide a gap in those on nu4."""
    curves = [one.id for quantity in ("sigma_n_cm2", "sigma_v_cm3_per_s") for one in constraints(quantity=quantity)]
    return (*curves, *(bound.id for bound in cosmological_bounds()))


def let_through(flavour, ignore=()):
    """Violated limits of the points that are neither excluded nor undecided, with the numbers of these points."""
    points, violated = scan(flavour)
    judgement = judge(points, VerdictOptions(ignore=(*dark_matter_limits(), *ignore)))
    allowed = ~judgement.excluded & ~judgement.undecided
    assert 0.02 < allowed.mean() < 0.98
    return {name: np.flatnonzero(flags & allowed) for name, flags in violated.items() if (flags & allowed).any()}


@pytest.mark.slow
@pytest.mark.parametrize("flavour", SEEDS)
def test_no_allowed_point_violates_a_limit(flavour):
    points, _ = scan(flavour)
    found = let_through(flavour)
    shown = {name: [points[k].to_dict() for k in at[:2]] for name, at in found.items()}
    assert not found, f"allowed, but beyond { ({name: at.size for name, at in found.items()}) }: {shown}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flavour", "ignored", "names"),
    [
        ("mu", ("e949-2016-mu-3nu", "na62-2021-mu-3nu"), {"K -> mu chi phi, E949", "K -> mu chi phi, NA62"}),
        ("e", ("pi-universality-2026", "kaon-universality-2026"), {"R_pi", "R_K"}),
        ("tau", ("tau-leptonic-2026",), {"tau ratios"}),
    ],
)
def test_a_constraint_left_out_lets_points_through(flavour, ignored, names):
    assert names & set(let_through(flavour, ignored))
