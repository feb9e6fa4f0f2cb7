"""The decay PARENT -> LEPTON + invisible of a meson, a tau or a muon: one interface for all.

`mesons.decays.channels.decay_channel` returns the `Channel` of two names. All rates are relative to Gamma_0, the
width with massless neutrinos; a rate splits into

- ``light_share(p)``: decays with light neutrinos alone,
- ``nu4_share(p) * nu4_ratio(p.m4)``: decays with one stable nu4,
- ``three_body_ratio(dark_decay(p))``: decays with chi phi, through an off-shell or an on-shell nu4,

at a parameter point p. Spectra of the charged particle in the rest frame of the parent come as momenta and
weights (`nu4_spectrum`, `dark_spectrum`) to be summed after smearing, or as cells (`nu4_cells`, `dark_cells`)
to draw events from. Absolute rates follow with ``standard_branching_ratio``.

In M -> l nu and tau -> h nu the charged particle recoils against a single neutrino (``single_neutrino``), so that
a nu4 leaves a line; in L -> l nu nu the spectra are continuous.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.lepton_spectrum import LeptonSpectrum, lepton_spectrum, spectrum_points
from mesons.decays.quadrature import cell_nodes
from mesons.decays.three_body import momentum_nodes, three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]
Real = Any  # float, or array of shape (n,) for n points
#: PARENT -> LEPTON chi phi with an on-shell or off-shell nu4, or PARENT -> LEPTON nu4 with an invisible one.
Signal = Literal["three-body", "two-body"]


class MomentumCells(NamedTuple):
    """Cells of the momentum of the charged particle.

    Attributes
    ----------
    momentum : array, shape (n + 1,)
        Increasing edges in GeV; a line is one cell between equal edges.
    probability : array, shape (n,)
        Of the cells, up to a factor.
    density : array, shape (n + 1,)
        At the edges, up to a factor.
    ratio : float
        Rate over Gamma_0; 0 where the decay is closed, and the cells mean nothing.
    """

    momentum: Array
    probability: Array
    density: Array
    ratio: float

    @classmethod
    def line(cls, momentum: float, ratio: float) -> MomentumCells:
        """Cell of a single momentum (GeV)."""
        return cls(np.array([momentum, momentum]), np.ones(1), np.ones(2), ratio)

    @classmethod
    def linear(cls, momentum: Array, density: Array) -> MomentumCells:
        """Cells of a density (1/GeV) that is linear between increasing momenta (GeV)."""
        probability = 0.5 * (density[1:] + density[:-1]) * np.diff(momentum)
        total = float(probability.sum())
        return cls(momentum, probability, density, total) if total > 0.0 else cls.line(1.0, 0.0)


@dataclass(frozen=True)
class Channel(ABC):
    """Decay of a parent to a charged particle and invisible ones.

    Attributes
    ----------
    parent : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``, ``tau-`` or ``mu-``.
    lepton : str
        The charged particle: ``e``, ``mu``, ``tau``; ``pi`` or ``K`` for a tau.

    Raises
    ------
    InputError
        If a name is not known or the decay with massless neutrinos is closed.
    """

    parent: str
    lepton: str
    #: Whether the charged particle recoils against a single neutrino.
    single_neutrino: ClassVar[bool] = True
    _decay_type: ClassVar[type[ThreeBodyDecay]] = ThreeBodyDecay
    _fast_type: ClassVar[type[ThreeBodyDecay]] = ThreeBodyDecay

    def __post_init__(self) -> None:
        _ = self.masses

    @property
    @abstractmethod
    def masses(self) -> tuple[float, float]:
        """Masses of the parent and of the charged particle in GeV."""

    @property
    @abstractmethod
    def flavour(self) -> str:
        """Flavour of the mixing that the channel measures."""

    @property
    @abstractmethod
    def standard_branching_ratio(self) -> float:
        """Branching ratio in the Standard Model."""

    @abstractmethod
    def nu4_ratio(self, m4: Real) -> Real:
        """Rate with one nu4 of mass m4 (GeV) per unit of `nu4_share`; zero where closed."""

    def light_share(self, parameters: PortalParameters | ParameterPoints) -> Real:
        """Share of decays with light neutrinos alone."""
        return 1.0 - parameters.lost(self.flavour)

    def nu4_share(self, parameters: PortalParameters | ParameterPoints) -> Real:
        """Share of decays with one nu4, but for phase space."""
        return parameters.U_sq(self.flavour)

    def nu4_rate(self, parameters: PortalParameters | ParameterPoints, kept: Real = 1.0) -> Real:
        """Rate of all decays with a stable nu4; zero where closed.

        Parameters
        ----------
        parameters : PortalParameters or ParameterPoints
        kept : float or array, shape (n,)
            Share of the nu4 whose own decay leaves that of the parent in the sample.
        """
        # a closed channel may come as -0.0
        return kept * self.nu4_share(parameters) * self.nu4_ratio(parameters.m4) + 0.0

    def nu4_momentum(self, m4: float) -> float | None:
        """Momentum (GeV) of the charged particle beside a nu4; None where closed."""
        m_parent, m_lepton = self.masses
        return float(two_body_momentum(m_parent, m_lepton, m4)) if m_parent - m_lepton > m4 else None

    def dark(
        self, m_chi: float, m_phi: float, m4: float, yL: float, U_sq: float = 1.0, s_sq: float = 0.0
    ) -> ThreeBodyDecay:
        """Decay to chi phi with masses in GeV; arguments as the attributes of `ThreeBodyDecay`."""
        return self._decay_type(*self.masses, m_chi, m_phi, m4, yL, U_sq, s_sq)

    def dark_decay(self, parameters: PortalParameters) -> ThreeBodyDecay:
        """Decay to chi phi at a parameter point.

        Raises
        ------
        InputError
            If yR is not zero.
        """
        p = parameters
        require_left_handed(p, f"the decay {self.parent} -> {self.lepton} chi phi")
        return self.dark(p.m_chi, p.m_phi, p.m4, p.yL, self.nu4_share(p), p.U4_sq)

    def dark_of(self, points: ParameterPoints, index: Any = slice(None)) -> ThreeBodyDecay:
        """Decay to chi phi at the points of an index, fast rather than exact; yR is left out."""
        p = points
        columns = (p.m_chi, p.m_phi, p.m4, p.yL, self.nu4_share(p), p.U4_sq)
        return self._fast_type(*self.masses, *(column[index] for column in columns))

    def nu4_spectrum(self, m4: float) -> tuple[Array, Array]:
        """Momenta (GeV) and weights, shape (n,), of decays with one nu4; the weights add up to `nu4_ratio`."""
        return np.array([self.nu4_momentum(m4) or 0.0]), np.array([self.nu4_ratio(m4)])

    def dark_spectrum(self, decay: ThreeBodyDecay, cuts: ArrayLike | None = None) -> tuple[Array, Array]:
        """Momenta (GeV) and weights, shape (n,), of a decay to chi phi; the weights add up to its rate.

        Parameters
        ----------
        decay : ThreeBodyDecay
            From `dark` or `dark_decay`.
        cuts : array, optional
            Momenta (GeV) no farther apart than the function that is summed over the spectrum varies.
        """
        return momentum_nodes(decay, cuts)

    def nu4_cells(self, m4: float) -> MomentumCells:
        """Cells of the momentum in decays with one nu4, to draw events from."""
        return MomentumCells.line(self.nu4_momentum(m4) or 0.0, self.nu4_ratio(m4))

    def dark_cells(self, decay: ThreeBodyDecay) -> MomentumCells:
        """Cells of the momentum in a decay to chi phi, safe for a peak of any width."""
        if decay.is_closed:
            return MomentumCells.line(1.0, 0.0)
        points = spectrum_points(decay, decay.pole_width)
        nodes, weights = cell_nodes(points)
        probability = (decay.density(nodes) * weights).sum(axis=1)
        momentum = decay.lepton_momentum(points)
        density = decay.density(points) * momentum / np.hypot(momentum, decay.m_lepton)
        # the grid runs up in Q^2, down in momentum
        return MomentumCells(momentum[::-1], probability[::-1], density[::-1], three_body_ratio(decay))

    def drawn_spectrum(self, decay: ThreeBodyDecay) -> LeptonSpectrum:
        """Spectrum of a decay to chi phi on a grid fine enough to draw."""
        return lepton_spectrum(decay)
