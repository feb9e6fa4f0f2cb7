"""What a sample is not, and what it lacks: other processes refused, rates, luminosity and empty histograms told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collider.events.analyse import analyse
from collider.events.sample_templates import TemplateRequest
from collider.experiments.response import load_experiment
from nucore.errors import InputError
from nucore.io.readers import read_spectrum
from tests.collider.events.test_analyse import event, lhe
from tests.nucore.io.test_event_kinds import HEPMC2, HEPMC3
from tests.nucore.io.test_lhe_events import ORIGINS, PARTONS, with_mothers

ATLAS = load_experiment("atlas-2011")
Z = event().replace("\n14 1", "\n13 1")
#: W+ -> mu+ nu at 7 TeV, NNLO, of the templates, and its events in a file with 5000 pb.
W_PLUS_PB = 6170.0


def analysed(tmp_path, events, flavour="mu", **choices):
    path = tmp_path / "e.lhe"
    path.write_text(lhe(events, **{k: choices.pop(k) for k in ("sigma", "strategy") if k in choices}))
    return analyse(path, ATLAS, flavour, w_pt=choices.pop("w_pt", "file"), **choices)


@pytest.mark.parametrize("process", [name for name, (_, origin) in ORIGINS.items() if origin.name != "W"])
def test_other_processes_are_refused(tmp_path, process):
    rows, origin = ORIGINS[process]
    reason = {
        "PAIR": "100.0% are with a lepton of the opposite charge .*lepton charges sum to 0",
        "TOP": "100.0% are from top quarks or W pairs",
        "TAU": r"100.0% are from heavier leptons \(tau\)",
        "ALONE": "100.0% are without a neutrino",
    }[origin.name]
    with pytest.raises(InputError, match=f"are not W -> mu nu: of the leptons mu, {reason}") as refused:
        analysed(tmp_path, [with_mothers(*PARTONS, *rows)] * 3)
    assert "k-factor" not in str(refused.value)


def test_templates_of_another_process_are_refused(tmp_path):
    with pytest.raises(InputError, match="are not W -> mu nu|not one of the W"):
        analysed(tmp_path, [Z] * 3, templates=TemplateRequest("20"))


def test_a_part_of_other_events_is_legal(tmp_path):
    """As of an inclusive sample, up to a third; told if they are selected."""
    assert analysed(tmp_path, [event()] * 99 + [Z]).lepton_origins == {"w": 0.99, "pair": 0.01}
    mixed = analysed(tmp_path, [event()] * 7 + [Z] * 3, luminosity_invfb=7 / W_PLUS_PB / 1e3)
    assert mixed.warnings == [
        "not all selected events are W -> mu nu, as the templates of a fit are: 30.0% are with a lepton of the "
        "opposite charge (Z, gamma*, dark photon: lepton charges sum to 0)"
    ]
    with pytest.raises(InputError, match="40.0% are with"):
        analysed(tmp_path, [event()] * 6 + [Z] * 4)
    # weights count, not events
    assert analysed(tmp_path, [event(weight=10.0)] * 6 + [Z] * 4).n_selected == 10
    with pytest.raises(InputError, match="40.0% are with"):
        analysed(tmp_path, [event(weight=3.0)] * 4 + [event(weight=-1.0)] * 6 + [Z.replace("1.0 80.", "-3.0 80.")] * 4)


def test_samples_of_all_flavours_are_legal(tmp_path):
    others = [event(lepton=lepton) for lepton in (-11, -15)]
    result = analysed(tmp_path, [event(), *others])
    assert (result.cutflow["events"], result.cutflow["lepton"]) == (3, 1)
    with pytest.raises(
        InputError, match=r"none of the 2 events has a charged lepton mu \(1 of the first 2 have e, 1 of .* tau\)"
    ):
        analysed(tmp_path, others)


OTHER = "the cross section of their leptons is {} pb, that of W -> mu nu at 7 TeV 6170 pb: another process, other cuts"


@pytest.mark.parametrize(
    ("sigma", "told"),
    [(5000.0, "give --k-factor 1.23"), (6000.0, ""), (100.0, OTHER.format(100)), (25000.0, OTHER.format("2.5e+04")),
     (6e-21, OTHER.format("6e-21"))],
)  # fmt: skip
def test_only_a_k_factor_that_may_be_one_is_advised(tmp_path, sigma, told):
    found = analysed(tmp_path, [event()] * 3, sigma=sigma).warnings
    assert len(found) == bool(told)
    assert told in "".join(found)
    assert ("--k-factor" in "".join(found)) == (sigma == 5000.0)
    given = analysed(tmp_path, [event()] * 3, luminosity_invfb=3 / 5e6).warnings
    assert OTHER.format(5000) in given[0]


def test_no_selected_event_is_told_with_the_cutflow(tmp_path):
    out = tmp_path / "a.json"
    result = analysed(tmp_path, [event(20.0)] * 2 + [event(lepton=13)], out=out, luminosity_invfb=2 / W_PLUS_PB / 1e3)
    assert (result.n_selected, result.selected_sum_of_weights, result.selected_n_effective) == (0, 0.0, 0.0)
    assert result.warnings == [
        "no event is selected; events left after each step: events 3, lepton 3, charge 2, abs_eta 2, efficiency 2, "
        "pt_window 0"
    ]
    assert read_spectrum(out).spectrum.integral == 0.0


@pytest.mark.parametrize(
    ("name", "content"),
    [("e.hepmc3", HEPMC3.replace("A 0 Gen", "A 0 No")), ("e.hepmc2", HEPMC2.replace("\nC 5.0e3", "\nX 5.0e3")),
     ("zero.hepmc2", HEPMC2.replace("C 5.0e3", "C 0.0"))],
)  # fmt: skip
def test_a_luminosity_that_is_not_known_is_asked_for(tmp_path, name, content):
    path, out = tmp_path / name, tmp_path / "a.json"
    path.write_text(content)
    result = analyse(path, ATLAS, "mu", out=out)
    assert result.exposure is None
    assert result.warnings == [
        "the luminosity of the events is not known: the file has no cross section; give --luminosity in fb^-1, here or "
        "to `fit`, which refuses the histogram without"
    ]
    assert not read_spectrum(out).exposure
    assert analyse(path, ATLAS, "mu", luminosity_invfb=1 / W_PLUS_PB / 1e3).warnings == []


@pytest.mark.parametrize(("strategy", "known"), [(-4, True), (4, True), (-1, True), (3, False), (-2, False)])
def test_weights_in_pb_are_a_hint_where_the_cross_section_is_zero(tmp_path, strategy, known):
    result = analysed(tmp_path, [event(weight=50.0)] * 3, sigma=0.0, strategy=strategy)
    assert result.exposure is None
    assert ("(6e-05 if the mean weight is the cross section in pb" in result.warnings[0]) == known


@pytest.mark.parametrize("strategy", [*range(-4, 0), *range(1, 5)])
def test_exposure_for_every_weighting_strategy(tmp_path, strategy):
    """Weights whose mean or sum is the cross section, or of any unit where the accord allows it."""
    for unit in (5000.0, 5000.0 / 4, 1.0):
        result = analysed(tmp_path, [event(weight=unit)] * 4, strategy=strategy)
        if unit != 1.0 or abs(strategy) in (2, 3):
            assert result.exposure == {"luminosity_invfb": pytest.approx(4 / 5000.0 / 1e3)}
        else:
            assert (result.exposure, result.cross_section_pb) == (None, None)
            assert (
                "the cross section in the file, 5000 pb, is not that of its weights, with a mean of 1; give"
                in (result.warnings[0])
            )
    mixed = analysed(tmp_path, [event(weight=5000.0)] * 3 + [event(weight=-5000.0)], strategy=strategy)
    assert mixed.exposure == {"luminosity_invfb": pytest.approx(1 / 5000.0 / 1e3)}


def test_a_cross_section_that_is_only_a_place_holder(tmp_path):
    """Weighted events that call themselves unweighted, with 1 pb, as Sherpa writes them."""
    events = [event(weight=float(weight)) for weight in np.linspace(100.0, 1200.0, 50)]
    assert analysed(tmp_path, events, sigma=1.0, strategy=3).exposure is None
    assert analysed(tmp_path, events, sigma=1.0, strategy=2).exposure is not None
    assert analysed(tmp_path, events, sigma=640.0, strategy=3).cross_section_pb == 640.0


def test_weights_in_the_summary(tmp_path):
    weights = np.array([2.0, -1.0, 3.0, 0.5])
    events = [event(pt, weight=float(w)) for pt, w in zip((40.0, 40.0, 20.0, 41.0), weights, strict=True)]
    result = analysed(tmp_path, events)
    kept = weights[[0, 1, 3]]
    assert result.n_negative_weights == 1
    assert result.sum_of_weights == weights.sum()
    assert result.sum_of_squared_weights == (weights**2).sum()
    assert result.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert (result.n_selected, result.selected_sum_of_weights) == (3, kept.sum())
    assert result.selected_n_effective == pytest.approx(kept.sum() ** 2 / (kept**2).sum())
    scale = result.n_effective / weights.sum()
    assert result.spectrum.variances.sum() == pytest.approx((kept**2).sum() * scale**2)
    fields = result.to_dict()
    assert fields["warnings"] == result.warnings
    assert replace(result, warnings=[]).to_dict()["warnings"] == []
