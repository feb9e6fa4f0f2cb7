"""Random models, each in two forms: for the package and for pyhf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nucore.stats import HistoSys, LinearNorm, Model, NormFactor, NormSys, Sample, StatError


@dataclass(frozen=True)
class ReferenceModel:
    """A model and the pyhf specification of the same model, with data."""

    model: Model
    specification: dict[str, Any]
    counts: np.ndarray

    def pyhf_model(self, bounds: tuple[float, float]) -> Any:
        import pyhf

        # bounds far from the minimum, as ours has none
        wide = [[-100.0, 100.0]]
        parameters: list[dict[str, Any]] = [
            {"name": p.name, "bounds": wide}
            for p in self.model.parameters
            if p.name.startswith(("norm", "shape", "linear", "free"))
        ]
        parameters.append({"name": "u", "bounds": [list(bounds)], "inits": [max(bounds[0], 0.01)]})
        return pyhf.Model({**self.specification, "parameters": parameters}, poi_name="u")


def _random_model(seed: int) -> ReferenceModel:
    rng = np.random.default_rng(seed)
    n_bins = int(rng.integers(5, 20))
    x = np.linspace(0.0, 1.0, n_bins)
    light = rng.uniform(200.0, 5000.0) * np.exp(-rng.uniform(0.5, 3.0) * x)
    difference = light * (np.exp(-((x - rng.uniform(0.2, 0.8)) ** 2) / 0.05) - 0.4)
    other = rng.uniform(10.0, 300.0) * np.ones(n_bins)
    light_mods: list[Any] = []
    light_spec: list[Any] = []
    shared: list[Any] = []
    shared_spec: list[Any] = []
    for k in range(int(rng.integers(0, 3))):
        low, high = 1.0 - rng.uniform(0.01, 0.1), 1.0 + rng.uniform(0.01, 0.1)
        shared.append(NormSys(f"norm{k}", low, high))
        shared_spec.append({"name": f"norm{k}", "type": "normsys", "data": {"lo": low, "hi": high}})
    for k in range(int(rng.integers(0, 4))):
        tilt = rng.uniform(0.01, 0.05) * np.sin((k + 1) * 2.0 * x + rng.uniform(0, 6))
        down, up = light * (1 - tilt), light * (1 + rng.uniform(0.5, 1.5) * tilt)
        light_mods.append(HistoSys(f"shape{k}", down, up))
        light_spec.append(
            {"name": f"shape{k}", "type": "histosys", "data": {"lo_data": down.tolist(), "hi_data": up.tolist()}}
        )
    uncertainty = rng.uniform(0.01, 0.05)
    light_mods.append(LinearNorm("linear", uncertainty))
    light_spec.append(
        {
            "name": "linear",
            "type": "histosys",
            "data": {"lo_data": (light * (1 - uncertainty)).tolist(), "hi_data": (light * (1 + uncertainty)).tolist()},
        }
    )
    other_mods, other_spec = [], []
    if seed % 2:
        other_mods.append(NormFactor("free", 1.0))
        other_spec.append({"name": "free", "type": "normfactor", "data": None})
    if seed % 3 == 0:
        relative = rng.uniform(0.01, 0.05, n_bins)
        other_mods.append(StatError("mc", relative))
        other_spec.append({"name": "mc", "type": "staterror", "data": (relative * other).tolist()})
    model = Model(
        [
            Sample("light", light, light_mods + shared),
            Sample("difference", difference, [NormFactor("u"), *shared]),
            Sample("other", other, other_mods),
        ],
        poi="u",
        poi_bounds=(0.0, 1.0),
    )
    samples = [
        {"name": "light", "data": light.tolist(), "modifiers": light_spec + shared_spec},
        {
            "name": "difference",
            "data": difference.tolist(),
            "modifiers": [{"name": "u", "type": "normfactor", "data": None}, *shared_spec],
        },
        {"name": "other", "data": other.tolist(), "modifiers": other_spec},
    ]
    counts = rng.poisson(model.expected({"u": rng.uniform(0.0, 0.1)}))
    return ReferenceModel(model, {"channels": [{"name": "c", "samples": samples}]}, counts)


@pytest.fixture
def random_model() -> Callable[[int], ReferenceModel]:
    """Model number `seed`: normalisation, shape, free and per-bin nuisances, negative signal bins."""
    return _random_model


@pytest.fixture
def precise_pyhf() -> Any:
    """pyhf with a minimiser tight enough for a comparison at 1e-3."""
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=1e-4, strategy=1))
    return pyhf
