"""Three quick checks of an installation against numbers of another source: a rate, a fit, generated events."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nucore.model import constants as c
from nucore.model.parameters import PortalParameters

_EVENTS = 5000


@dataclass(frozen=True)
class SelfTest:
    """A check.

    Attributes
    ----------
    name : str
        What is checked.
    passed : bool
        Whether the number found is the one expected.
    found, expected, tolerance : float or None
        ``tolerance`` is relative; None where the check did not run.
    reason : str or None
        Why it did not run.
    """

    name: str
    passed: bool
    found: float | None = None
    expected: float | None = None
    tolerance: float | None = None
    reason: str | None = None


def run_self_tests() -> tuple[SelfTest, ...]:
    """Run all checks; an error is a check that fails, with its text."""
    return tuple(_run(name, check, tolerance) for name, (check, tolerance) in CHECKS.items())


def _run(name: str, check: Callable[[], tuple[float, float]], tolerance: float) -> SelfTest:
    try:
        found, expected = check()
    except Exception as error:  # whatever a broken installation raises is what is to be told
        return SelfTest(name, False, reason=f"{type(error).__name__}: {error}")
    return SelfTest(name, abs(found - expected) <= tolerance * abs(expected), found, expected, tolerance)


def _helicity_ratio() -> tuple[float, float]:
    """pi+ -> mu nu4 over pi+ -> mu nu, per |U_mu4|^2, against its closed form (R. E. Shrock, PRD 24 (1981) 1232)."""
    import nuportal

    m4, mixing = 0.02, 1e-3
    point = PortalParameters().replace(m4=m4, Ue4=0.0, Umu4=mixing, Utau4=0.0)
    a, b = (float(c.M_MU) / float(c.M_PI)) ** 2, (m4 / float(c.M_PI)) ** 2
    root = math.sqrt(1.0 + a * a + b * b - 2.0 * (a + b + a * b))
    expected = (a + b - (a - b) ** 2) * root / (a * (1.0 - a) ** 2)
    return float(nuportal.decay("pi+", "mu", point).two_body_ratio) / mixing**2, expected


def _counting_experiment() -> tuple[float, float]:
    """Best strength plus uncertainty of a counting experiment against (n - b)/s + sqrt(n)/s."""
    from nucore.stats import Likelihood, Model, NormFactor, Sample, fit

    signal, background, count = 20.0, 100.0, 144.0
    samples = [Sample("signal", [signal], [NormFactor("mu")]), Sample("background", [background])]
    result = fit(Likelihood(Model(samples, "mu"), [count]))
    return result.best_fit["mu"] + result.uncertainties["mu"], (count - background + math.sqrt(count)) / signal


def _electron_momentum() -> tuple[float, float]:
    """Median momentum (GeV) of electrons of pi+ -> e nu4 at rest against two-body kinematics."""
    import nuportal

    m4 = 0.08
    point = PortalParameters().replace(m_chi=0.02, m_phi=0.05, m4=m4, Ue4=0.01, Umu4=0.0, Utau4=0.0)
    spectrum = nuportal.generate("pion", point, events=_EVENTS, histogram_only=True).spectrum
    below = np.concatenate([[0.0], np.cumsum(spectrum.values)])
    pion, electron = float(c.M_PI), float(c.M_E)
    expected = math.sqrt((pion**2 - (m4 + electron) ** 2) * (pion**2 - (m4 - electron) ** 2)) / (2.0 * pion)
    return float(np.interp(0.5 * below[-1], below, spectrum.edges)), expected


#: Name, check and relative tolerance: rounding, rounding of a minimum, half of a bin of the spectrum.
CHECKS = {
    "pi+ -> mu nu4 over pi+ -> mu nu against its closed form": (_helicity_ratio, 1e-6),
    "fit of a counting experiment against its closed form": (_counting_experiment, 1e-6),
    f"{_EVENTS} decays pi+ -> e nu4 against two-body kinematics": (_electron_momentum, 0.005),
}
