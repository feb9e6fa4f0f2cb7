"""|U|^2 of W+ and W- in one fit: against a chi2 of two parameters by hand, and toys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import load_experiment
from collider.inference.likelihood import Expectation, expectation
from collider.search import fit_input
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.reports.per_charge import NO_CHARGES, of_charge, per_charge
from nucore.stats import Likelihood, LimitChoice, fit
from nucore.stats.toys import draw

ATLAS = load_experiment("atlas-2011")
#: Nuisances that need no integration of their own.
QUICK = {"lepton_scale", "lepton_resolution", "efficiency_slope", "normalisation", "luminosity", "lepton_efficiency"}
OPTIONS = AnalysisOptions(
    "full",
    selection="paper",
    charge="both",
    nuisance={"all": 0.0, **dict.fromkeys([*QUICK, "background_multijet"], 1.0)},
)
NAME = "Umu4_sq"
PLUS, MINUS = of_charge(NAME, "+"), of_charge(NAME, "-")


def measured() -> Measurement:
    """Return the paper's selection with the two charges apart and a background."""
    full, paper = ATLAS.analysis("full"), ATLAS.analysis("paper")
    changed = {"separate_charges": True, "backgrounds": full.backgrounds.model_copy(update={"tau": None, "z": None})}
    card = ATLAS.model_copy(update={"selections": {**ATLAS.selections, "paper": paper.model_copy(update=changed)}})
    return measurement(card, "mu", OPTIONS, 2.0)


@pytest.fixture(scope="module")
def templates() -> Expectation:
    return expectation(measured(), 30.0)


def by_hand(templates: Expectation, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected counts and covariance of the two mixings, negative charge first, from matrices of bins.

    Counts are Poisson, nuisances shift them linearly: C = diag(n) + sum_k s_k s_k^T, V = (J C^-1 J^T)^-1.
    """
    light, nu4 = templates.light, templates.nu4
    n = light.values.size // 2
    mixing = np.repeat(u, n)
    w = (1.0 - mixing) * light.values + mixing * nu4.values
    (multijet,) = templates.backgrounds
    shifts = [(1.0 - mixing) * shift + mixing * nu4.shifts[name] for name, shift in light.shifts.items()]
    sizes = {nuisance.name: nuisance.size for nuisance in templates.measurement.nuisances}
    shifts.append(sizes["normalisation"] * light.values)
    shifts += [sizes[name] * w for name in ("luminosity", "lepton_efficiency")]
    shifts.append(multijet.uncertainty * multijet.values)
    counts = w + multijet.values
    covariance = np.diag(counts) + sum(np.outer(s, s) for s in shifts)
    jacobian = np.kron(np.eye(2), np.ones(n)) * (nu4.values - light.values)
    return counts, np.linalg.inv(jacobian @ np.linalg.solve(covariance, jacobian.T))


def test_two_mixings_against_a_chi2_by_hand(templates: Expectation) -> None:
    u = np.array([-0.02, 0.03])  # W-, W+
    counts, covariance = by_hand(templates, u)
    found = per_charge(Likelihood(templates.charge_model(), counts), NAME)
    assert [found.best_fit[c] for c in "-+"] == pytest.approx(u, abs=1e-6)
    # second derivatives at Asimov data are the Fisher matrix
    assert [found.uncertainties[c] for c in "-+"] == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-4)
    assert found.correlation == pytest.approx(covariance[0, 1] / np.sqrt(covariance.diagonal().prod()), abs=1e-4)
    assert found.correlation > 0.2
    contrast = np.array([-1.0, 1.0])
    assert found.difference_pull == pytest.approx(0.05 / np.sqrt(contrast @ covariance @ contrast), rel=1e-4)
    assert found.difference_pull > 3.0


def test_one_mixing_has_no_difference(templates: Expectation) -> None:
    model = templates.model()
    counts = model.expected({NAME: 0.01})
    np.testing.assert_allclose(templates.charge_model().expected({PLUS: 0.01, MINUS: 0.01}), counts, rtol=1e-12)
    found = per_charge(Likelihood(templates.charge_model(), counts), NAME)
    assert [found.best_fit[c] for c in "+-"] == pytest.approx([0.01, 0.01], abs=1e-6)
    assert found.difference_pull == pytest.approx(0.0, abs=1e-3)
    # of the same nuisances
    assert set(templates.charge_model().names) - {PLUS, MINUS} == set(model.names) - {NAME}


def test_toys(templates: Expectation) -> None:
    """Difference pulls are normal, p-values uniform: constraints add one bin each to the chi2, and one parameter."""
    model, together = templates.charge_model(), templates.model()
    theta = model.vector({PLUS: 0.005, MINUS: 0.005})
    counts, rng, n = model.expected(theta), np.random.default_rng(5), 300
    # a toy is data of both models: their nuisances are in the same order
    assert [together.names[k] for k in together.constrained] == [model.names[k] for k in model.constrained]
    pulls, total = np.empty(n), 0.0
    for k in range(n):
        toy = draw(model, theta, counts, rng)
        pulls[k] = per_charge(Likelihood(model, toy), NAME).difference_pull
        result = fit(Likelihood(together, toy))
        total += result.goodness_of_fit
    assert result.degrees_of_freedom == counts.size - 1
    assert abs(pulls.mean()) < 3.5 / np.sqrt(n)
    assert abs(pulls.std(ddof=1) - 1.0) < 3.5 / np.sqrt(2 * n)
    # sum of n chi-squares: a two-sided probability above 1e-3
    assert 5e-4 < chi2.sf(total, n * result.degrees_of_freedom) < 1 - 5e-4


@pytest.mark.parametrize("charge", ["+", "both"])
def test_which_data_have_charges(charge: str) -> None:
    options = replace(OPTIONS, charge=charge)
    one = measurement(measured().experiment, "mu", options, 2.0)
    values = expectation(one, 30.0).values(0.01)
    data = SpectrumFile(one.spectrum(values, values))
    found = fit_input(one.experiment, "mu", PortalParameters(m4=30.0), data, 2.0, options).report(LimitChoice())
    assert found.warnings == ()
    if charge == "+":
        assert (found.per_charge, found.per_charge_reason) == (None, NO_CHARGES)
    else:
        assert found.per_charge is not None
        assert found.per_charge.best_fit == pytest.approx({"+": 0.01, "-": 0.01}, abs=1e-5)
