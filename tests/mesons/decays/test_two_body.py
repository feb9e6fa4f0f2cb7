"""M -> l nu4: values of the rate, and kinematics."""

from __future__ import annotations

import numpy as np
import pytest

from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.channels import decay_channel
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.model.particles import mass


# rho from an independent computation with explicit spinors, four to six digits.
@pytest.mark.parametrize(
    ("parent", "lepton", "m4", "rho"),
    [
        ("K+", "mu", 0.25, 4.10097),
        ("pi+", "e", 0.08, 11051.3),
        ("pi+", "e", 0.001, 4.829),
        ("pi+", "mu", 0.02, 0.9485),
        ("pi+", "mu", 0.03, 0.6463),
        ("K+", "e", 0.1, 3.522e4),
    ],
)
def test_rate(parent: str, lepton: str, m4: float, rho: float) -> None:
    point = PortalParameters(m4=m4, Umu4=0.0).replace(**{f"U{lepton}4": 0.1})
    assert decay_channel(parent, lepton).nu4_rate(point) == pytest.approx(0.01 * rho, rel=2e-4)
    assert decay_channel(parent, lepton).light_share(point) == pytest.approx(0.99)


def test_closed_and_massless() -> None:
    assert decay_channel("K+", "mu").nu4_rate(PortalParameters(m4=0.3881)) == 0.0
    assert decay_channel("K+", "mu").nu4_momentum(0.3881) is None
    assert decay_channel("K+", "mu").nu4_rate(PortalParameters(m4=1e-9, Umu4=0.5)) == pytest.approx(0.25)


def test_momentum_conserves_energy() -> None:
    m4 = np.linspace(0.0, 0.38, 20)
    p = np.array([decay_channel("K+", "mu").nu4_momentum(m) for m in m4])
    np.testing.assert_allclose(np.hypot(p, mass("mu")) + np.hypot(p, m4), mass("K+"), rtol=1e-14)


def test_branching_ratios() -> None:
    assert leptonic_branching_ratio("K+", "mu") == pytest.approx(0.6356)
    # lowest order: radiative corrections to R_e/mu are -3.8% (pi) and -3.6% (K)
    for parent, measured in (("pi+", 1.23e-4), ("K+", 1.582e-5)):
        x = {lepton: (mass(lepton) / mass(parent)) ** 2 for lepton in ("e", "mu")}
        tree = x["e"] * (1 - x["e"]) ** 2 / (x["mu"] * (1 - x["mu"]) ** 2)
        assert leptonic_branching_ratio(parent, "e") == pytest.approx(measured)
        assert leptonic_branching_ratio(parent, "e") / leptonic_branching_ratio(parent, "mu") == pytest.approx(
            tree, rel=0.05
        )
    # D_s -> tau nu is measured; e nu follows from mu nu by helicity
    assert leptonic_branching_ratio("D_s+", "tau") == pytest.approx(5.39e-2)
    assert leptonic_branching_ratio("D_s+", "e") == pytest.approx(
        leptonic_branching_ratio("D_s+", "mu") * (mass("e") / mass("mu")) ** 2, rel=0.01
    )
    # B -> tau nu: measured average about 1.1e-4, the lattice prediction within 30% of it
    assert leptonic_branching_ratio("B+", "tau") == pytest.approx(1.1e-4, rel=0.3)
    with pytest.raises(InputError):
        leptonic_branching_ratio("Z", "mu")
