"""W mass in place of a spectrum: the shift by a nu4, the published masses, the limit from them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.inference import w_mass_limits as w_mass_limits_module
from collider.inference.likelihood import expectation
from collider.inference.mass_shift import MassFit, mass_fit
from collider.inference.w_mass import mass_shift_MeV
from collider.inference.w_mass_data import CORRELATIONS, MassTable, mass_table
from collider.inference.w_mass_limits import (
    MAX_MASS_GEV,
    MixingFit,
    category_measurement,
    mixing_fit,
    treatments,
    w_mass_limits,
    w_mass_point,
)
from collider.production.w_production import M_W
from nucore.errors import InputError
from nucore.stats import Likelihood, LimitChoice, fit

TABLE = mass_table()
CHOICE = LimitChoice(0.90)
NAMES = [category.name for category in TABLE.categories]


@pytest.fixture(scope="module")
def lepton_pt() -> MassFit:
    return mass_fit(measurement(load_experiment("atlas-2011"), "mu", AnalysisOptions(float_mw=True)))


def of(*wanted: str) -> list[int]:
    return [k for k, name in enumerate(NAMES) if all(word in name.split() for word in wanted)]


def combination(indices: list[int]) -> MixingFit:
    """Combine published masses: the estimate is mean minus 80 GeV, in units of MeV."""
    masses = np.array([TABLE.categories[k].m_W_MeV for k in indices])
    covariance = TABLE.covariance([TABLE.categories[k] for k in indices])
    weight = np.linalg.inv(covariance)
    variance = 1.0 / weight.sum()
    mean = variance * weight.sum(axis=0) @ masses
    rest = masses - mean
    return MixingFit(float(mean), float(variance**0.5), float(rest @ weight @ rest), masses.size - 1)


def test_a_light_nu4_lowers_the_mass_by_its_own_square(lepton_pt: MassFit) -> None:
    # the momentum of the lepton, (mW/2)(1 - m4^2/mW^2), is that of a W lighter by m4^2/mW
    for m4 in (2.0, 5.0):
        assert lepton_pt.shift_MeV(m4) == pytest.approx(-1000.0 * m4**2 / M_W, rel=0.02)


@pytest.mark.parametrize("m4", [20.0, 35.0])
def test_the_shift_is_that_of_a_fit(lepton_pt: MassFit, m4: float) -> None:
    expected = expectation(lepton_pt.measurement, m4)
    model = expected.model()
    data = model.asimov({expected.parameter: 0.01})
    fitted = mass_shift_MeV(fit(Likelihood(model, data), fixed={expected.parameter: 0.0}))
    assert fitted == pytest.approx(0.01 * lepton_pt.shift_MeV(m4), rel=0.01)


def test_the_uncertainty_is_that_of_a_fit(lepton_pt: MassFit) -> None:
    model = expectation(lepton_pt.measurement, 20.0).model()
    result = fit(Likelihood(model, model.asimov()), fixed={"Umu4_sq": 0.0})
    assert lepton_pt.uncertainty_MeV == pytest.approx(20.0 * result.uncertainties["m_W"], rel=0.01)


def test_a_free_background_takes_up_a_heavy_nu4(lepton_pt: MassFit) -> None:
    free = mass_fit(lepton_pt.measurement, background_per_GeV=-0.2)
    assert free.uncertainty_MeV > lepton_pt.uncertainty_MeV
    assert free.shift_MeV(5.0) == pytest.approx(lepton_pt.shift_MeV(5.0), rel=0.05)
    assert abs(free.shift_MeV(40.0)) < 0.5 * abs(lepton_pt.shift_MeV(40.0))


def test_nuisances_are_fitted(lepton_pt: MassFit) -> None:
    nuisance = {"all": 0.0, "lepton_scale": 1.0}
    options = AnalysisOptions(systematics="full", selection="paper", backgrounds=False, nuisance=nuisance)
    scaled = mass_fit(measurement(load_experiment("atlas-2011"), "mu", options))
    # the scale moves the edge as the mass does: 1.4e-4 of m_W
    assert scaled.uncertainty_MeV == pytest.approx(np.hypot(lepton_pt.uncertainty_MeV, 1.4e-4 * 1e3 * M_W), rel=0.03)


def test_categories_are_what_the_experiments_measure() -> None:
    found = category_measurement(TABLE, TABLE.categories[of("LHCb")[0]])
    assert found.experiment.name == "lhcb-2016"
    assert (found.flavour, found.selection.window_GeV, found.nuisances) == ("mu", (28.0, 52.0), ())
    assert category_measurement(TABLE, TABLE.categories[of("CDF", "e")[0]]).selection.charges == ("+",)


@pytest.mark.parametrize(
    ("words", "mass", "uncertainty", "tolerance"),
    [
        # published totals (the first two with a source that was read), in MeV
        (("CDF",), 80433.5, 9.4, 1.0),
        (("ATLAS",), 80369.5, 18.5, 3.0),
        (("ATLAS", "e"), 80349.8, 22.9, 3.0),
        (("ATLAS", "mu"), 80382.0, 21.0, 3.0),
        (("CDF", "transverse_mass"), 80439.0, 9.8, 1.0),
        (("CDF", "e"), 80424.6, 13.2, 3.0),
        (("CDF", "mu"), 80437.9, 11.0, 3.0),
    ],
)
def test_published_combinations_are_reproduced(
    words: tuple[str, ...], mass: float, uncertainty: float, tolerance: float
) -> None:
    found = combination(of(*words))
    assert found.best_fit == pytest.approx(mass, abs=tolerance)
    without_common = TABLE.experiments[words[0]].common_MeV
    assert (found.uncertainty**2 - without_common**2) ** 0.5 == pytest.approx(uncertainty, abs=1.0)


@pytest.mark.parametrize("correlations", CORRELATIONS)
def test_covariances_keep_the_variances(correlations: str) -> None:
    matrix = TABLE.covariance(TABLE.categories, correlations)
    assert np.allclose(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix)[0] > 0.0
    assert np.allclose(np.diag(matrix), np.diag(TABLE.covariance(TABLE.categories)))


def test_two_masses_in_closed_form() -> None:
    # M from the second, which nu4 does not shift: U = (y1 - y2)/a
    found = mixing_fit(np.array([80340.0, 80370.0]), np.diag([9.0, 16.0]), ["", ""], np.array([-3000.0, 0.0]))
    assert found is not None
    assert found.best_fit == pytest.approx(0.01)
    assert found.uncertainty == pytest.approx(5.0 / 3000.0)
    assert (found.n_dof, found.chi2) == (0, pytest.approx(0.0, abs=1e-9))


def test_what_no_mass_tells() -> None:
    masses, covariance = np.array([80340.0, 80370.0]), np.eye(2)
    assert mixing_fit(masses, covariance, ["a", "b"], np.array([-3000.0, 0.0])) is None
    assert mixing_fit(masses, covariance, ["", ""], np.array([-3000.0, -3000.0])) is None
    assert mixing_fit(masses, covariance, ["", ""], np.zeros(2)) is None


@pytest.mark.parametrize("pull", [-1.5, 0.0, 2.0])
def test_limits_are_those_of_a_gaussian(pull: float) -> None:
    found, z = MixingFit(pull * 0.004, 0.004, 0.0, 1), norm.isf
    cls = found.best_fit + found.uncertainty * z(0.1 * norm.cdf(pull))
    assert found.limit(CHOICE) == pytest.approx(cls)
    assert found.limit(LimitChoice(0.90, "clsb")) == pytest.approx(found.best_fit + found.uncertainty * z(0.1))
    assert found.limit(CHOICE, observed=False) == pytest.approx(found.uncertainty * z(0.05))


def test_a_shift_that_is_put_in_is_found() -> None:
    shifts = np.array([-3000.0 if c.flavour == "mu" else 0.0 for c in TABLE.categories])
    moved = [
        c.model_copy(update={"m_W_MeV": 80370.0 + 0.02 * a}) for c, a in zip(TABLE.categories, shifts, strict=True)
    ]
    table = TABLE.model_copy(update={"categories": tuple(moved)})
    fits = treatments(table, shifts)
    assert len(fits) == 3 * len(CORRELATIONS)
    for found in fits.values():
        assert found.best_fit == pytest.approx(0.02, rel=1e-6)
        assert found.chi2 == pytest.approx(0.0, abs=1e-6)


def test_the_weakest_limit_is_quoted() -> None:
    shifts = np.array([-3000.0 if c.flavour == "e" else 0.0 for c in TABLE.categories])
    point = w_mass_point(TABLE, 20.0, shifts, CHOICE)
    of_all = {k: v for k, v in point.limits.items() if not k.startswith("verified")}
    assert point.treatment is not None
    assert point.limit == max(of_all.values()) == point.limits[point.treatment]
    assert point.verified_limit == max(v for k, v in point.limits.items() if k.startswith("verified"))
    # shifts are taken 5% smaller, for the response
    exact = treatments(TABLE, 0.95 * shifts)[point.treatment]
    assert (point.best_fit, point.limit) == (pytest.approx(exact.best_fit), pytest.approx(exact.limit(CHOICE)))


def test_no_limit_where_there_is_none() -> None:
    shifts = np.array([-3000.0 if c.flavour == "e" else 0.0 for c in TABLE.categories])
    assert w_mass_point(TABLE, MAX_MASS_GEV + 1.0, shifts, CHOICE).limits == {}
    weak = w_mass_point(TABLE, 20.0, 0.01 * shifts, CHOICE)
    assert (weak.limit, weak.expected_limit, weak.best_fit, weak.verified_limit) == (None, None, None, None)
    assert min(weak.limits.values()) > 0.1


def test_result_of_one_category(lepton_pt: MassFit, monkeypatch: pytest.MonkeyPatch) -> None:
    # LHCb against LEP, with the templates of another selection
    monkeypatch.setattr(w_mass_limits_module, "category_measurement", lambda *_: lepton_pt.measurement)
    content = TABLE.model_dump()
    content["categories"] = [content["categories"][k] for k in (*of("LHCb"), *of("LEP"))]
    table = MassTable.model_validate(content)
    result = w_mass_limits("mu", [20.0, 45.0], table=table)
    fields = json.loads(result.to_json())
    assert fields["parameter"] == "Umu4_sq"
    assert fields["warnings"] == []
    first, second = fields["points"]
    assert first["limit"] == first["verified_limit"]
    assert second["limit"] is None
    lhcb = result.categories[0]
    assert lhcb.expected_statistical_MeV is not None
    assert lhcb.shifts_MeV[0] < -2000.0
    # (y1 - y2)/a with the shift taken 5% smaller, and LHCb's uncertainty enlarged by that of the PDF sets
    u = (80354.0 - 80376.0) / (0.95 * lhcb.shifts_MeV[0])
    sigma = (23.0**2 + 22.0**2 + 10.0**2 + 33.0**2) ** 0.5 / abs(0.95 * lhcb.shifts_MeV[0])
    assert result.points[0].limits["between experiments, as published"] == pytest.approx(
        u + sigma * norm.isf(0.1 * norm.cdf(u / sigma))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tau", [20.0]), "unknown flavour 'tau': expected one of e, mu"),
        (("mu", [-1.0]), "m4"),
        (("mu", [20.0], 1.5), "confidence level"),
        (("mu", [20.0], 0.9, "bayes"), "unknown limit 'bayes'"),
    ],
)
def test_bad_arguments(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        w_mass_limits(*arguments)  # type: ignore[arg-type]


def test_a_table_is_checked() -> None:
    with pytest.raises(InputError, match="unknown correlations"):
        TABLE.covariance(TABLE.categories, "perfect")
    for change, message in (
        ({"experiment": "UA2"}, "no experiment 'UA2'"),
        ({"uncertainties_MeV": {"magic": 1.0}}, "no correlations of magic"),
        ({"observable": None}, "expected flavour, observable and window_GeV"),
    ):
        content = TABLE.model_dump()
        content["categories"][0].update(change)
        with pytest.raises(ValueError, match=message):
            MassTable.model_validate(content)
