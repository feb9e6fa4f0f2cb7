"""Choices of a measurement: selections, windows, charges, nuisances; axes and excluded bins of its data."""

from __future__ import annotations

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from nucore.errors import InputError
from nucore.histograms import Axis

ATLAS = load_experiment("atlas-2011")


def names(options: AnalysisOptions, flavour: str = "mu") -> set[str]:
    return {n.name for n in measurement(ATLAS, flavour, options).nuisances}


def test_paper_and_full_choose_selection_and_nuisances() -> None:
    assert measurement(ATLAS, "mu").name == "paper"
    assert names(AnalysisOptions()) == {"normalisation"}
    full = measurement(ATLAS, "mu", AnalysisOptions("full"))
    assert (full.name, full.luminosity_invfb) == ("full", 4.1)
    assert measurement(ATLAS, "e", AnalysisOptions("full")).luminosity_invfb == 4.6
    of_recoil = {"recoil_response", "recoil_resolution", "fsr"}
    assert of_recoil < names(AnalysisOptions("full"))
    # The paper's selection has neither recoil nor radiation.
    assert not of_recoil & names(AnalysisOptions("full", selection="paper"))
    assert "m_W" not in names(AnalysisOptions("full", float_mw=True))


def test_sizes_are_scaled() -> None:
    card = {n.name: n.size for n in ATLAS.nuisances_of("mu")}
    options = AnalysisOptions("full", scale_systematics=0.5, nuisance={"all": 0.0, "luminosity": 2.0, "m_W": 1.0})
    found = {n.name: n.size for n in measurement(ATLAS, "mu", options).nuisances}
    assert found == pytest.approx({"luminosity": card["luminosity"], "m_W": 0.5 * card["m_W"]})


def test_window_charge_and_observable() -> None:
    wide = measurement(ATLAS, "mu", AnalysisOptions(window=(20.0, 60.0), charge="both"))
    assert wide.axes == (Axis("lepton_pt", tuple(np.linspace(20.0, 60.0, 81)), "lepton pT [GeV]"),)
    assert wide.charge_groups == ((1, -1),)  # added, as on the card
    full = measurement(ATLAS, "mu", AnalysisOptions("full"))
    assert [axis.name for axis in full.axes] == ["charge", "abs_eta", "lepton_pt"]
    assert full.charge_groups == ((-1,), (1,))
    one = measurement(ATLAS, "mu", AnalysisOptions("full", charge="+"))
    assert [axis.name for axis in one.axes] == ["abs_eta", "lepton_pt"]
    assert measurement(ATLAS, "mu", AnalysisOptions("full", observable="transverse_mass")).name == "transverse-mass"


def test_excluded_bins_are_not_fitted() -> None:
    measured = measurement(ATLAS, "e", AnalysisOptions("full"))
    eta = measured.lepton_selection.eta_edges
    shape = (2, len(eta) - 1, measured.selection.n_bins)
    which = np.broadcast_to(np.arange(shape[1])[:, None], shape)
    data = measured.spectrum(which.astype(float), np.ones(shape))
    fitted = measured.fitted(data)
    gap = eta.index(measured.selection.lepton_response("e").abs_eta_excluded[0][0])
    assert gap not in fitted.values
    assert fitted.values.size == data.values.size * (shape[1] - 1) // shape[1]
    np.testing.assert_allclose(fitted.on_last_axis().values, 2.0 * (sum(range(shape[1])) - gap))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nuisance": {"nothing": 1.0}}, "expected one of all, "),
        ({"nuisance": {"m_W": -1.0}}, "factor -1 on m_W"),
        ({"scale_systematics": float("nan")}, "scale-systematics"),
        ({"charge": "0"}, r"expected one of \+, -, both"),
        ({"window": (20.0, 20.3)}, "whole number of bins"),
        ({"window": (50.0, 30.0)}, "window"),
        ({"observable": "transverse_mass", "selection": "paper"}, "needs a window"),
        ({"observable": "transverse_mass", "selection": "paper", "window": (60.0, 90.0)}, "recoil response"),
        ({"selection": "half"}, "expected one of paper, full"),
    ],
)
def test_bad_choices_are_refused_in_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        measurement(ATLAS, "mu", AnalysisOptions(**options))  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_luminosity_out_of_range() -> None:
    with pytest.raises(InputError, match="luminosity"):
        measurement(ATLAS, "mu", luminosity_invfb=0.0)
