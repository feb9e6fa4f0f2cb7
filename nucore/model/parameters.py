"""The parameter point of the model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.particles import check_flavour

_POSITIVE = ("m4", "m_chi", "m_phi", "m_W", "m_Z", "m_h", "G_F")
#: Of a mass in GeV, and of G_F in GeV^-2: far below any, and far above where ratios overflow.
_SMALLEST = 1e-30


@dataclass(frozen=True)
class PortalParameters:
    """One point of the Dirac neutrino portal, validated and immutable.

    Attributes
    ----------
    m_chi, m_phi, m4 : float
        Masses of the dark fermion, the dark scalar and nu4 in GeV; ``m_phi > m_chi``.
    yL, yR : float
        Couplings of phi chibar N_L and phi chibar N_R.
    Ue4, Umu4, Utau4 : float
        Real mixing amplitudes; the sum of their squares is below 1.
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
    """

    m_chi: float = 0.01
    m_phi: float = 0.03
    m4: float = 0.1
    yL: float = 1.0
    yR: float = 0.0
    Ue4: float = 0.0
    Umu4: float = 0.01
    Utau4: float = 0.0
    m_W: float = float(c.M_W)
    m_Z: float = float(c.M_Z)
    m_h: float = float(c.M_H)
    G_F: float = float(c.G_F)

    def __post_init__(self) -> None:
        for name, given in self.to_dict().items():
            try:
                value = float(given)
            except (TypeError, ValueError):
                raise InputError(f"parameter {name} = {given!r} is not a number") from None
            object.__setattr__(self, name, value)
            if not math.isfinite(value):
                raise InputError(f"parameter {name} = {value} is not allowed: it must be finite")
            if name in _POSITIVE and value <= 0:
                raise InputError(f"parameter {name} = {value:g} is not allowed: it must be positive")
            if name in _POSITIVE and value < _SMALLEST:
                raise InputError(f"parameter {name} = {value:g} is not allowed: it must be at least {_SMALLEST:g}")
            if abs(value) > 1e6:
                raise InputError(f"parameter {name} = {value:g} is not allowed: its size must not exceed 1e6")
        if self.m_phi <= self.m_chi:
            raise InputError(
                f"parameters m_phi = {self.m_phi:g}, m_chi = {self.m_chi:g} are not allowed: m_phi must exceed "
                "m_chi, for otherwise phi is the dark matter, which the formulas do not cover"
            )
        if self.m_W >= self.m_Z:
            raise InputError(f"parameter m_W = {self.m_W:g} is not allowed: it must be below m_Z = {self.m_Z:g}")
        if self.U4_sq >= 1:
            raise InputError(
                f"parameters Ue4, Umu4, Utau4 are not allowed: the sum of their squares is {self.U4_sq:g}, "
                "it must be below 1"
            )

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

    def replace(self, **changes: float) -> PortalParameters:
        """Return a copy with some parameters changed."""
        return dataclasses.replace(self, **changes)

    def with_assignments(self, assignments: Iterable[str]) -> PortalParameters:
        """Return a copy with ``NAME=VALUE`` strings applied, as of ``--set``.

        Raises
        ------
        InputError
            If an assignment has no ``=``, an unknown name or a value that is not a number.
        """
        changes: dict[str, float] = {}
        for text in assignments:
            name, equals, value = (part.strip() for part in text.partition("="))
            if not equals:
                raise InputError(f"--set {text!r} is not of the form NAME=VALUE")
            if name not in PARAMETER_NAMES:
                raise InputError(
                    f"--set {text}: parameter {name!r} is not known; allowed: {', '.join(PARAMETER_NAMES)}"
                )
            try:
                changes[name] = float(value)
            except ValueError:
                raise InputError(f"--set {text}: {value!r} is not a number") from None
        return self.replace(**changes)

    def to_dict(self) -> dict[str, float]:
        """All parameters by name."""
        return dataclasses.asdict(self)


PARAMETER_NAMES = tuple(f.name for f in dataclasses.fields(PortalParameters))


def require_left_handed(parameters: PortalParameters, what: str) -> None:
    """Raise `InputError` where `what` uses formulas that hold for yR = 0 only."""
    if parameters.yR != 0:
        raise InputError(f"parameter yR = {parameters.yR:g} is not allowed: {what} uses formulas derived for yR = 0")
