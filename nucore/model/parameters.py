"""The parameter point of the model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nucore.errors import InputError, unknown
from nucore.model import constants as c
from nucore.model.particles import check_flavour

MIXINGS = ("Ue4", "Umu4", "Utau4")
_NOT_NAMED: Any = None
_DEFAULT_UMU4 = 0.01
_MASSES = ("m4", "m_chi", "m_phi", "m_W", "m_Z", "m_h")
#: Range of masses in GeV and of G_F in GeV^-2, far inside of where ratios overflow; couplings are bounded above only.
_SMALLEST, _LARGEST = 1e-30, 1e6


def check_mass(name: str, value: float, largest_GeV: float = _LARGEST) -> float:
    """Return a mass in GeV as a float, or refuse it; called wherever a user gives a mass.

    Raises
    ------
    InputError
        If it is not a number from 1e-30 GeV to `largest_GeV`.
    """
    mass = _number(name, value)
    if not _SMALLEST <= mass <= largest_GeV:
        raise InputError(
            f"invalid {name} = {mass:g} GeV: a mass must be positive and finite ({_SMALLEST:g} to {largest_GeV:g} GeV)"
        )
    return mass


def _number(name: str, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(f"invalid {name} = {value!r}: expected a number") from None


@dataclass(frozen=True)
class PortalParameters:
    """One point of the Dirac neutrino portal, validated and immutable.

    The default point is allowed: chi has about the observed relic density, and searches for K -> mu + invisible come
    close to it.

    Attributes
    ----------
    m_chi, m_phi, m4 : float
        Masses of the dark fermion, the dark scalar and nu4 in GeV; ``m_phi > m_chi``.
    yL, yR : float
        Couplings of phi chibar N_L and phi chibar N_R.
    Ue4, Umu4, Utau4 : float
        Real mixing amplitudes; the sum of their squares is below 1. Those not named are 0; if none is, Umu4 = 0.01.
    m_W, m_Z, m_h : float
        Boson masses in GeV.
    G_F : float
        Fermi constant in GeV^-2.

    Raises
    ------
    InputError
        If a value is not finite or outside its range.

    References
    ----------
    arXiv:1709.07001, Eqs. 1-6.

    Examples
    --------
    >>> import nuportal
    >>> point = nuportal.PortalParameters(m4=30.0, Umu4=0.1)
    >>> point.Ue4, point.replace(m4=50.0).m4
    (0.0, 50.0)
    >>> nuportal.PortalParameters(m4=-1.0)
    Traceback (most recent call last):
    nucore.errors.InputError: ...
    """

    m_chi: float = 0.02
    m_phi: float = 0.06
    m4: float = 10.0
    yL: float = 1.35
    yR: float = 0.0
    Ue4: float = _NOT_NAMED
    Umu4: float = _NOT_NAMED
    Utau4: float = _NOT_NAMED
    m_W: float = float(c.M_W)
    m_Z: float = float(c.M_Z)
    m_h: float = float(c.M_H)
    G_F: float = float(c.G_F)

    def __post_init__(self) -> None:
        if all(getattr(self, name) is _NOT_NAMED for name in MIXINGS):
            object.__setattr__(self, "Umu4", _DEFAULT_UMU4)
        for name in MIXINGS:
            if getattr(self, name) is _NOT_NAMED:
                object.__setattr__(self, name, 0.0)
        for name, given in self.to_dict().items():
            value = check_mass(name, given) if name in _MASSES else _number(name, given)
            if not abs(value) <= _LARGEST:
                raise InputError(f"invalid {name} = {value:g}: must be finite, of size up to {_LARGEST:g}")
            object.__setattr__(self, name, value)
        if self.G_F < _SMALLEST:
            raise InputError(f"invalid G_F = {self.G_F:g} GeV^-2: must be positive, at least {_SMALLEST:g}")
        if self.m_phi <= self.m_chi:
            raise InputError(
                f"invalid m_phi = {self.m_phi:g}, m_chi = {self.m_chi:g}: m_phi must exceed m_chi "
                "(else phi is the dark matter, which the formulas do not cover)"
            )
        if self.m_W >= self.m_Z:
            raise InputError(f"invalid m_W = {self.m_W:g}: must be below m_Z = {self.m_Z:g}")
        if self.U4_sq >= 1:
            raise InputError(f"invalid Ue4, Umu4, Utau4: the sum of their squares is {self.U4_sq:g}, must be below 1")

    @property
    def U4_sq(self) -> float:
        """s^2 = |U_e4|^2 + |U_mu4|^2 + |U_tau4|^2."""
        return self.Ue4**2 + self.Umu4**2 + self.Utau4**2

    @property
    def UN4_sq(self) -> float:
        """c^2 = |U_N4|^2 = 1 - s^2, the sterile share of nu4."""
        return 1.0 - self.U4_sq

    @property
    def vev(self) -> float:
        """<H> = (2 sqrt2 G_F)^(-1/2), about 174 GeV."""
        return float((2.0 * math.sqrt(2.0) * self.G_F) ** -0.5)

    def U(self, flavour: str) -> float:
        """Mixing amplitude U_l4 of a flavour (``e``, ``mu``, ``tau``)."""
        return float(getattr(self, f"U{check_flavour(flavour)}4"))

    def U_sq(self, flavour: str) -> float:
        """|U_l4|^2 of a flavour (``e``, ``mu``, ``tau``)."""
        return self.U(flavour) ** 2

    def lost(self, flavour: str) -> float:
        """Share of a flavour that the light neutrinos miss: |U_l4|^2 at tree level."""
        return self.U_sq(flavour)

    def yukawa(self, flavour: str) -> float:
        """Yukawa coupling lambda_l = U_l4 m4/v of a flavour (Eq. 4)."""
        return self.U(flavour) * self.m4 / self.vev

    def replace(self, **changes: float) -> PortalParameters:
        """Return a copy with some parameters changed."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, float]:
        """All parameters by name."""
        return dataclasses.asdict(self)


PARAMETER_NAMES = tuple(f.name for f in dataclasses.fields(PortalParameters))


def unknown_parameter(name: str, *, of: str = "") -> InputError:
    """Return the error of a name that is no parameter; ``of`` as in `nucore.errors.unknown`."""
    amplitude = name.removesuffix("_sq")
    is_square = amplitude != name and amplitude in MIXINGS
    more = f"; {amplitude} is the amplitude: |U|^2 = 1e-4 is {amplitude}=0.01" if is_square else ""
    return unknown("parameter", name, PARAMETER_NAMES, of=of, more=more)


def read_assignments(assignments: Iterable[str]) -> dict[str, float]:
    """Read ``NAME=VALUE`` strings, as of ``--set``.

    Raises
    ------
    InputError
        If an assignment has no ``=``, an unknown name or a value that is not a number.
    """
    changes: dict[str, float] = {}
    for text in assignments:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise InputError(f"invalid --set {text!r}: expected NAME=VALUE")
        if name not in PARAMETER_NAMES:
            raise unknown_parameter(name, of=f"--set {text!r}")
        if name in changes:
            raise InputError(f"--set {name} is given twice, {changes[name]:g} and {value}: expected once")
        changes[name] = _number(f"--set {name}", value)
    return changes


def default_point(named: Iterable[str]) -> PortalParameters:
    """Return the default point, without mixing if one of the parameters named is a mixing: the user sets those."""
    return PortalParameters() if set(MIXINGS).isdisjoint(named) else PortalParameters(Ue4=0.0, Umu4=0.0, Utau4=0.0)


def require_left_handed(parameters: PortalParameters, what: str) -> None:
    """Raise `InputError` for yR != 0, for which the formulas of `what` do not hold."""
    if parameters.yR != 0:
        raise InputError(f"invalid yR = {parameters.yR:g}: {what} uses formulas derived for yR = 0")
