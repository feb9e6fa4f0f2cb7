"""M+ -> l+ nu gamma: inner bremsstrahlung, structure-dependent terms and their interference.

x = 2 E_gamma/M, y = 2 E_l/M, r = m_l^2/M^2 and d = x + y - 1 - r = 2 (l.gamma)/M^2. The form factors are those
of the PDG review, positive for pion and kaon in the phase where bremsstrahlung and the SD- term interfere
destructively, as observed (arXiv:1001.0374).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.backgrounds.lost_particles import LostParticles
from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.quadrature import panel_nodes
from mesons.decays.standard_decays import value
from mesons.decays.two_body import parent_and_lepton_mass
from nucore.model import constants as c

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
#: Panels in ln d between two breaks: with ln d up to 25 long, a panel is short against the distance pi of the poles.
_PANELS = 8
#: Momenta handled at once, so that memory does not grow with their number.
_BLOCK = 1024


@dataclass(frozen=True)
class RadiativeDecay:
    """Masses, form factors and normalisation of M+ -> l+ nu gamma.

    Attributes
    ----------
    m_parent, m_lepton : float
        GeV.
    decay_constant : float
        f_M in GeV, about 0.130 for the pion.
    vector, axial : float
        F_V and F_A at zero mass of the lepton pair.
    vector_slope : float
        F_V = vector (1 + slope (1 - x)).
    normalisation : float
        Branching ratio of M -> l nu.
    """

    m_parent: float
    m_lepton: float
    decay_constant: float
    vector: float
    axial: float
    vector_slope: float
    normalisation: float

    @classmethod
    def of(cls, parent: str, lepton: str) -> RadiativeDecay:
        """Decay with the measured form factors; inner bremsstrahlung alone for D, D_s and B.

        Raises
        ------
        InputError
            If a name is not known or M -> l nu is closed.
        """
        masses = parent_and_lepton_mass(parent, lepton)
        standard = leptonic_branching_ratio(parent, lepton)
        get = partial(value, "form_factors")
        if parent == "pi+":
            vector, axial, slope = get("pi_vector"), get("pi_axial"), get("pi_vector_slope")
            return cls(*masses, get("f_pi_GeV"), vector, axial, slope, standard)
        if parent == "K+":
            total, difference = get("K_sum_e" if lepton == "e" else "K_sum_mu"), get("K_difference")
            halves = 0.5 * (total + difference), 0.5 * (total - difference)
            return cls(*masses, get("f_K_GeV"), *halves, 0.0, standard)
        return cls(*masses, 1.0, 0.0, 0.0, 0.0, standard)

    @property
    def r(self) -> float:
        """m_l^2/M^2."""
        return (self.m_lepton / self.m_parent) ** 2

    @property
    def max_momentum(self) -> float:
        """Lepton momentum of M -> l nu in GeV, where the spectrum ends."""
        return 0.5 * self.m_parent * (1.0 - self.r)

    def terms(self, x: Array, d: Array, below_end: Array) -> tuple[Array, Array, Array]:
        """Inner bremsstrahlung, structure-dependent terms and interference, of d2(BR)/dx dy.

        Parameters
        ----------
        x, d : array
            As in the module; both positive.
        below_end : array
            1 + r - y, which is known without cancellation.

        Returns
        -------
        tuple of 3 arrays
            Their sum is the branching ratio per unit of x and y.

        References
        ----------
        J. Bijnens, G. Ecker, J. Gasser, hep-ph/9209261, section 3; PDG review on the form factors of radiative
        pion and kaon decays.
        """
        r, z = self.r, 1.0 - x
        pair = d + r  # x + y - 1
        one_less_y = below_end - r
        bremsstrahlung = below_end / (x**2 * d) * (x**2 + 2.0 * z * (1.0 - r) - 2.0 * x * r * (1.0 - r) / d)
        plus = d * (pair * z - r)
        minus = below_end * (z * one_less_y + r)
        common = below_end / (x * d)
        interference_plus = common * (r - z * pair)
        interference_minus = common * (x**2 + z * pair - r)
        vector = self.vector * (1.0 + self.vector_slope * z)
        total, difference = vector + self.axial, vector - self.axial
        scale = self.m_parent / self.decay_constant
        structure = 0.25 * scale**2 / r * (total**2 * plus + difference**2 * minus)
        interference = -scale * (total * interference_plus + difference * interference_minus)
        rate = self.normalisation * float(c.ALPHA_EM) / (2.0 * math.pi * (1.0 - r) ** 2)
        return rate * bremsstrahlung, rate * structure, rate * interference

    def d_range(self, momentum: Array) -> tuple[Array, Array, Array]:
        """Smallest and largest d, and 1 + r - y, at lepton momenta (GeV)."""
        energy = np.hypot(momentum, self.m_lepton)
        y, root = 2.0 * energy / self.m_parent, 2.0 * momentum / self.m_parent
        end_energy = math.hypot(self.max_momentum, self.m_lepton)
        gap = (self.max_momentum - momentum) * (self.max_momentum + momentum) / (end_energy + energy)
        below_end = 2.0 * gap / self.m_parent
        high = 0.5 * (y + root) - self.r
        return self.r * below_end / high, high, below_end

    def dbr_dp(self, momentum: ArrayLike, min_photon_energy_GeV: float, lost: LostParticles | None = None) -> Array:
        """Spectrum d(BR)/dp of the lepton momentum with a photon above an energy, weighted by its loss.

        Parameters
        ----------
        momentum : array, shape (n,)
            In the rest frame of M, GeV.
        min_photon_energy_GeV : float
            May be zero, but the integral over the momentum then diverges at its end.
        lost : LostParticles, optional
            Everything is lost by default.

        Returns
        -------
        array, shape (n,)
            In 1/GeV; zero outside the range.
        """
        p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
        if p.size > _BLOCK:
            blocks = [self.dbr_dp(p[i : i + _BLOCK], min_photon_energy_GeV, lost) for i in range(0, p.size, _BLOCK)]
            return np.concatenate(blocks)
        open_ = (p > 0.0) & (p < self.max_momentum)
        inside = np.where(open_, p, 0.5 * self.max_momentum)
        low, high, below_end = self.d_range(inside)
        loss = LostParticles() if lost is None else lost
        # d = x - (1 + r - y) at each step of the veto and at the smallest photon energy
        steps = 2.0 * np.array([min_photon_energy_GeV, *loss.photon_turns_GeV]) / self.m_parent
        cuts = np.clip(steps - below_end[:, None], low[:, None], high[:, None])
        first = cuts[:, :1]
        edges = np.log(np.sort(np.maximum(np.concatenate([cuts, high[:, None]], axis=1), first), axis=1))
        length = np.diff(edges, axis=1)[..., None] / _PANELS
        starts = edges[:, :-1, None] + length * np.arange(_PANELS)
        log_d = starts[..., None] + 0.5 * length[..., None] * (_NODES + 1.0)
        d = np.exp(log_d)
        gap = below_end[:, None, None, None]
        x = d + gap
        value_ = sum(self.terms(x, d, gap)) * loss.photon(0.5 * self.m_parent * x)
        integral = np.sum(0.5 * length[..., None] * _WEIGHTS * value_ * d, axis=(1, 2, 3))
        dy_dp = 2.0 * inside / (self.m_parent * np.hypot(inside, self.m_lepton))
        return np.where(open_, integral * dy_dp, 0.0)

    def collinear_momentum(self, photon_energy_GeV: ArrayLike) -> Array:
        """Lepton momentum (GeV) above which a photon along the lepton is softer than given energies (GeV).

        The spectrum with a cut at the energy has a logarithmic step there, rounded over a share r of its
        distance to the end.
        """
        rest = 1.0 - 2.0 * np.asarray(photon_energy_GeV, dtype=np.float64) / self.m_parent
        rest = np.where(rest > math.sqrt(self.r), rest, math.sqrt(self.r))
        return 0.5 * self.m_parent * (rest - self.r / rest)

    def branching_ratio(
        self,
        min_photon_energy_GeV: float,
        lost: LostParticles | None = None,
        momentum_GeV: tuple[float, float] = (0.0, math.inf),
    ) -> float:
        """Branching ratio with a photon above an energy and the lepton in a range of momentum, photon lost.

        Parameters
        ----------
        min_photon_energy_GeV : float
            Positive.
        lost : LostParticles, optional
        momentum_GeV : (float, float)
        """
        momentum, weight = self.momentum_quadrature(min_photon_energy_GeV, momentum_GeV, lost)
        return float(np.sum(weight * self.dbr_dp(momentum, min_photon_energy_GeV, lost)))

    def momentum_quadrature(
        self, min_photon_energy_GeV: float, momentum_GeV: tuple[float, float], lost: LostParticles | None = None
    ) -> tuple[Array, Array]:
        """Nodes and weights (GeV) of an integral over a range of the lepton momentum."""
        steps = () if lost is None else lost.photon_turns_GeV
        return panel_nodes(self.momentum_edges((min_photon_energy_GeV, *steps), momentum_GeV))

    def momentum_edges(self, photon_energies_GeV: tuple[float, ...], momentum_GeV: tuple[float, float]) -> Array:
        """Increasing momenta (GeV) over a range, dense towards each point where the spectrum turns.

        Parameters
        ----------
        photon_energies_GeV : tuple of floats
            Energies at which the photon is cut or its loss steps, the smallest first; positive.
        momentum_GeV : (float, float)
        """
        low, high = max(momentum_GeV[0], 0.0), min(momentum_GeV[1], self.max_momentum)
        if high <= low:
            return np.array([low, low])
        finest = min(1e-3, 0.1 * self.r) * photon_energies_GeV[0]
        steps = self.max_momentum * 2.0 ** -np.arange(0.0, math.log2(self.max_momentum / finest), 0.5)
        edges = [low, high, *(self.m_lepton * 2.0 ** np.arange(-2.0, 3.0)), *(self.max_momentum - steps)]
        for turn in self.collinear_momentum(photon_energies_GeV):
            edges += [turn, *(turn - steps), *(turn + steps)]
        points = np.array(edges)
        return np.unique(points[(points >= low) & (points <= high)])
