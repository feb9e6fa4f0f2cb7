"""The fit of somebody else's events, with our own in their place."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from collider.decay.collins_soper import collins_soper
from collider.events.generator import generate_events
from collider.experiments.selection import LeptonSelection
from collider.production.w_production import w_component
from nucore.smearing import Efficiency, Resolution
from tools.validation import pythia_fit
from tools.validation.reweighting import expected_cells, simulated_cells

N_EVENTS = 200_000
_ALL_LEPTONS = LeptonSelection((1.0, 1000.0), (0.0, math.inf), Resolution(), Efficiency())


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our W+ as a file of ``simulate_w_spin.py``."""
    columns: dict[str, list[np.ndarray]] = {}
    for events in generate_events([w_component(7.0, 1, 0.0)], [1.0], _ALL_LEPTONS, N_EVENTS, 1):
        a = {name: np.asarray(values, np.float64) for name, values in events.arrays.items()}
        px, py = (a["lepton_pt"] * f(a["lepton_phi"]) for f in (np.cos, np.sin))
        pz = a["lepton_pt"] * np.sinh(a["lepton_eta"])
        lepton = np.array([a["lepton_pt"] * np.cosh(a["lepton_eta"]), px, py, pz])
        neutrino = np.array([a[f"neutrino_{name}"] for name in ("energy", "px", "py", "pz")])
        up = a["up_type_side"]
        cosine, phi = collins_soper(lepton + neutrino, lepton, up)
        found = {"up": up, "cos_theta": np.clip(cosine, -1.0, 1.0), "phi": phi}
        for name in ("charge", "w_mass", "w_pt", "w_rapidity"):
            found[name] = a[name]
        simulated = (a["w_mass"] > 40.0) & (a["w_mass"] < 300.0)
        for name, values in found.items():
            columns.setdefault(name, []).append(values[simulated].astype(np.float32))
    path = tmp_path_factory.mktemp("sample") / "w.npz"
    np.savez(path, **{name: np.concatenate(values) for name, values in columns.items()}, sqrt_s_TeV=7.0)
    return path


def test_generated_events_fill_the_expected_cells(sample: Path) -> None:
    (one,) = pythia_fit.read([sample], 1)
    n = one["w_pt"].size
    found, expected = simulated_cells([one]), expected_cells(w_component(7.0, 1, 0.0))
    for ours, theirs in ((expected.production, found.production), (expected.mass, found.mass)):
        used = ours * n > 30.0
        # Cells are those of middles and of the W mass: 2% on top of the statistics.
        pull = (theirs - ours)[used] / np.sqrt(ours[used] / n + (0.02 * ours[used]) ** 2)
        assert np.mean(pull**2) < 1.1
        assert np.abs(pull.mean()) < 4.0 / np.sqrt(pull.size)


def test_our_own_events_have_no_nu4(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fit.json"
    command = ["pythia_fit", str(sample), "--weights", "none", "--selection", "paper", "--charge", "+"]
    monkeypatch.setattr(sys, "argv", [*command, "--m4", "30", "--json", str(out)])
    pythia_fit.main()
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [one["m4"] for one in found] == [30.0]
    for one in found:
        assert abs(one["U_sq"]) < 3.5 * one["uncertainty"]
        assert 1e-3 < one["p_value"] < 1.0
        assert one["luminosity_invfb"] == pytest.approx(
            N_EVENTS / w_component(7.0, 1, 0.0).cross_section_pb / 1000.0, rel=0.01
        )
        assert one["shower_pull"] is None
    assert capsys.readouterr().out.count("W+") == 1


def test_weights_leave_our_own_production_alone(sample: Path) -> None:
    weights = pythia_fit.event_weights([sample], 1, "production", 7.0)
    (one,) = pythia_fit.read([sample], 1)
    found = weights(one)
    # the cells are few for the events
    assert found.mean() == pytest.approx(1.0, abs=0.02)
    assert np.all(pythia_fit.event_weights([sample], 1, "none", 7.0)(one) == 1.0)


def test_pull_between_the_charges() -> None:
    def one(charge: str, m4: float, u_sq: float, uncertainty: float) -> pythia_fit.PseudoFit:
        return pythia_fit.PseudoFit(charge, m4, 2.0, u_sq, uncertainty, 0.5, ("w_pt", 0.0), None)

    fits = [one("+", 30.0, 0.043, 0.003), one("-", 30.0, -0.007, 0.004), one("+", 20.0, 0.01, 0.01)]
    assert pythia_fit.charge_pulls(fits) == pytest.approx({30.0: 10.0})
    assert fits[2].significance == pytest.approx(1.0)
