"""Decays to a charged particle and invisible ones: of mesons, of a tau to a hadron, of a tau or muon to a lepton."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays import leptonic_decays, standard_decays
from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.channel import Channel, MomentumCells, Real
from mesons.decays.lepton_spectrum import LeptonSpectrum, smooth_spectrum
from mesons.decays.leptonic_decays import LeptonicDecay, TabulatedLeptonicDecay
from mesons.decays.quadrature import panel_nodes
from mesons.decays.three_body_decay import TauHadronDecay, ThreeBodyDecay
from mesons.decays.two_body import parent_and_lepton_mass
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.parameters import PortalParameters
from nucore.model.particles import DECAYING_LEPTONS
from nucore.model.points import ParameterPoints
from nucore.model.widths import tau_hadron_ratio, three_body_lepton_function, two_body_ratio

Array = NDArray[np.float64]

#: Masses in GeV of the hadrons of tau -> h nu.
HADRON_MASSES = {"pi": float(c.M_PI), "K": float(c.M_K)}
#: Branching ratios of L -> l nu nu.
_LEPTONIC = {("tau-", "e"): c.BR_TAU_ENUNU, ("tau-", "mu"): c.BR_TAU_MUNUNU, ("mu-", "e"): 1.0}
#: Panels of a continuous spectrum in an integral, and nodes in each; cells of it to draw events from.
_PANELS, _PANEL_NODES, _CELLS = 24, 16, 2048


class MesonChannel(Channel):
    """M -> l nu of a charged pseudoscalar meson."""

    @property
    def masses(self) -> tuple[float, float]:
        """Masses of the meson and of the lepton in GeV."""
        return parent_and_lepton_mass(self.parent, self.lepton)

    @property
    def flavour(self) -> str:
        """Flavour of the lepton."""
        return self.lepton

    @property
    def standard_branching_ratio(self) -> float:
        """Branching ratio of M -> l nu."""
        return leptonic_branching_ratio(self.parent, self.lepton)

    def nu4_ratio(self, m4: Real) -> Real:
        """Rate of M -> l nu4 (m4 in GeV) per unit of |U_l4|^2."""
        return two_body_ratio(*self.masses, m4)


class TauHadronChannel(Channel):
    """tau -> h nu with a pion or a kaon."""

    _decay_type = TauHadronDecay
    _fast_type = TauHadronDecay

    @property
    def masses(self) -> tuple[float, float]:
        """Masses of the tau and of the hadron in GeV."""
        if self.parent != "tau-":
            raise InputError(f"unknown parent {self.parent!r} of {self.lepton} nu: expected tau-")
        return float(c.M_TAU), HADRON_MASSES[self.lepton]

    @property
    def flavour(self) -> str:
        """Flavour of the tau."""
        return "tau"

    @property
    def standard_branching_ratio(self) -> float:
        """Branching ratio of tau -> h nu."""
        return standard_decays.value("branching_ratios", f"tau_{self.lepton}")

    def nu4_ratio(self, m4: Real) -> Real:
        """Rate of tau -> h nu4 (m4 in GeV) per unit of |U_tau4|^2."""
        return tau_hadron_ratio(m4, self.masses[1])


class LeptonChannel(Channel):
    """L -> l nu nu of a tau or a muon.

    nu4 may come from either vertex and leaves the same spectrum: with the mixings a and b of the two leptons the
    shares of no, one and two nu4 are (1-a)(1-b), a(1-b) + b(1-a) and a b. ``flavour`` is that of the parent.
    """

    single_neutrino = False
    _decay_type = LeptonicDecay
    _fast_type = TabulatedLeptonicDecay

    @property
    def masses(self) -> tuple[float, float]:
        """Masses of the parent and of the lepton in GeV."""
        return leptonic_decays.lepton_masses(self.parent, self.lepton)

    @property
    def flavour(self) -> str:
        """Flavour of the parent."""
        return DECAYING_LEPTONS[self.parent]

    @property
    def standard_branching_ratio(self) -> float:
        """Branching ratio of L -> l nu nu."""
        return float(_LEPTONIC[self.parent, self.lepton])

    def light_share(self, parameters: PortalParameters | ParameterPoints) -> Real:
        """Share of decays with two light neutrinos."""
        return self._shares(parameters)[0]

    def nu4_share(self, parameters: PortalParameters | ParameterPoints) -> Real:
        """Share of decays with one nu4, but for phase space."""
        return self._shares(parameters)[1]

    def nu4_ratio(self, m4: Real) -> Real:
        """Rate of L -> l nu nu4 (m4 in GeV) per unit of `nu4_share`."""
        return self._phase_space(m4) / self._phase_space(0.0)

    def nu4_rate(self, parameters: PortalParameters | ParameterPoints, kept: Real = 1.0) -> Real:
        """Rate of L -> l nu nu4 and l nu4 nu4, each nu4 with a chance `kept` to leave the decay in the sample."""
        _, one, two = self._shares(parameters)
        m4 = parameters.m4
        rate = kept * one * self._phase_space(m4) + kept**2 * two * self._phase_space(m4, m4)
        return rate / self._phase_space(0.0)

    def _shares(self, parameters: PortalParameters | ParameterPoints) -> tuple[Real, Real, Real]:
        return leptonic_decays.neutrino_shares(self.parent, self.lepton, parameters)

    def _phase_space(self, m4: Real, m_other: Real = 0.0) -> Real:
        m_parent, m_lepton = self.masses
        return three_body_lepton_function(m4 / m_parent, m_lepton / m_parent, m_other / m_parent)

    def nu4_momentum(self, m4: float) -> float | None:
        """None: the momentum is spread by the second neutrino."""
        return None

    def nu4_spectrum(self, m4: float) -> tuple[Array, Array]:
        """Momenta (GeV) and weights of L -> l nu nu4; all zero where closed."""
        momentum, weight = self._quadrature(self._end(m4))
        return momentum, weight * leptonic_decays.dratio_dp(self.parent, self.lepton, momentum, m4)

    def dark_spectrum(self, decay: ThreeBodyDecay, cuts: ArrayLike | None = None) -> tuple[Array, Array]:
        """Momenta (GeV) and weights of L -> l nu chi phi."""
        momentum, weight = self._quadrature(decay.pole_momentum)
        return momentum, weight * decay.dratio_dp(momentum)

    def nu4_cells(self, m4: float) -> MomentumCells:
        """Cells of the momentum in L -> l nu nu4."""
        end = self._end(m4)
        if end is None:
            return MomentumCells.line(1.0, 0.0)
        grid = self._breaks(_CELLS, end)
        return MomentumCells.linear(grid, leptonic_decays.dratio_dp(self.parent, self.lepton, grid, m4))

    def dark_cells(self, decay: ThreeBodyDecay) -> MomentumCells:
        """Cells of the momentum in L -> l nu chi phi."""
        if decay.is_closed:
            return MomentumCells.line(1.0, 0.0)
        grid = self._breaks(_CELLS, decay.pole_momentum)
        unit = dataclasses.replace(decay, U_sq=1.0)
        cells = MomentumCells.linear(grid, unit.dratio_dp(grid))
        return cells._replace(ratio=decay.U_sq * cells.ratio)

    def drawn_spectrum(self, decay: ThreeBodyDecay) -> LeptonSpectrum:
        """Spectrum of L -> l nu chi phi on a grid fine enough to draw."""
        return smooth_spectrum(decay)

    def _end(self, m4: float) -> float | None:
        """Largest momentum (GeV) of the lepton beside a nu4 and a massless neutrino; None where closed."""
        m_parent, m_lepton = self.masses
        energy = (m_parent**2 + m_lepton**2 - m4**2) / (2.0 * m_parent)
        return float(np.sqrt(energy**2 - m_lepton**2)) if energy > m_lepton else None

    def _breaks(self, n: int, kink: float | None) -> Array:
        """Ends of n equal panels over the spectrum (GeV), and a kink."""
        m_parent, m_lepton = self.masses
        end = (m_parent**2 - m_lepton**2) / (2.0 * m_parent)
        breaks = np.linspace(0.0, end, n + 1)
        return breaks if kink is None or kink >= end else np.unique(np.append(breaks, kink))

    def _quadrature(self, kink: float | None) -> tuple[Array, Array]:
        return panel_nodes(self._breaks(_PANELS, kink), _PANEL_NODES)


@lru_cache
def decay_channel(parent: str, lepton: str) -> Channel:
    """Channel of two names.

    Raises
    ------
    InputError
        If a name is not known or the decay with massless neutrinos is closed.
    """
    if lepton in HADRON_MASSES:
        return TauHadronChannel(parent, lepton)
    return (LeptonChannel if parent in DECAYING_LEPTONS else MesonChannel)(parent, lepton)
