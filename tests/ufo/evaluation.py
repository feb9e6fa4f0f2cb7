"""Squared amplitudes and numbers of the UFO model at a parameter point."""

from __future__ import annotations

import cmath
from types import ModuleType
from typing import Any

import numpy as np
import ufoamp.phasespace
import ufoamp.process

from nucore.model.parameters import PortalParameters

#: UFO name of each parameter of `PortalParameters`.
NAMES = {
    "m_chi": "Mchi", "m_phi": "Mphi", "m4": "Mn4", "yL": "yL", "yR": "yR", "Ue4": "Ue4", "Umu4": "Umu4",
    "Utau4": "Utau4", "m_W": "MW", "m_Z": "MZ", "m_h": "MH", "G_F": "Gf",
}  # fmt: skip
WIDTHS = ("WT", "WTA", "WZ", "WW", "WH", "Wphi", "Wn4")
NO_WIDTHS = dict.fromkeys(WIDTHS, 0.0)
LIGHT_QUARKS = dict.fromkeys(("MU", "MD", "MS", "MC"), 0.0)


def ufo_values(parameters: PortalParameters) -> dict[str, float]:
    """External UFO parameters of a point."""
    return {NAMES[name]: value for name, value in parameters.to_dict().items()}


def numbers(ufo: ModuleType, values: dict[str, float] | None = None) -> dict[str, Any]:
    """All parameters of the UFO model by name."""
    result: dict[str, Any] = ufo.write_param_card.evaluate(ufo.all_parameters, values)
    return result


def partial_widths(ufo: ModuleType, name: str, values: dict[str, float] | None = None) -> dict[tuple[str, str], float]:
    """Open two-body widths (GeV) of a particle from decays.py, by the names of the products."""
    namespace = numbers(ufo, values) | {"cmath": cmath, "complexconjugate": lambda z: complex(z).conjugate()}
    decay = next(decay for decay in ufo.all_decays if decay.particle.name == name)
    mass = namespace[decay.particle.mass.name]
    widths = {}
    for products, expression in decay.partial_widths.items():
        if mass > sum(namespace[product.mass.name] for product in products):
            width = complex(eval(expression, dict(namespace)))
            assert abs(width.imag) <= 1e-14 * abs(width)
            widths[products[0].name, products[1].name] = width.real
    return widths


def process(
    model: Any, initial: list[int], final: list[int], values: dict[str, float], no_mesons: bool = True
) -> ufoamp.process.Process:
    """A tree-level process without widths in the propagators unless `values` sets them."""
    orders = {"MES": 0} if no_mesons else None
    return ufoamp.process.Process(model, initial, final, overrides=NO_WIDTHS | values, max_orders=orders)


def rest(mass: float) -> np.ndarray:
    return np.array([mass, 0.0, 0.0, 0.0])


def decay_momenta(rng: np.random.Generator, mass: float, products: list[float]) -> np.ndarray:
    """Random momenta of a decay at rest: the parent, then the products; shape (1 + n, 4)."""
    return np.array([rest(mass), *ufoamp.phasespace.rambo(mass, products, rng)])


def beams(energy: float, m1: float, m2: float) -> np.ndarray:
    """Two particles along z in their centre-of-mass frame at total `energy`; shape (2, 4)."""
    e1 = (energy**2 + m1**2 - m2**2) / (2 * energy)
    p = np.sqrt(e1**2 - m1**2)
    return np.array([[e1, 0, 0, p], [energy - e1, 0, 0, -p]])


def scattering_momenta(rng: np.random.Generator, energy: float, incoming: list[float], out: list[float]) -> np.ndarray:
    """Random momenta of 2 -> n in the centre-of-mass frame; shape (2 + n, 4)."""
    return np.concatenate([beams(energy, *incoming), ufoamp.phasespace.rambo(energy, out, rng)])


def dot(p: np.ndarray, q: np.ndarray) -> float:
    return float(p[0] * q[0] - p[1:] @ q[1:])
