"""tau -> l nu + invisible: the lepton spectrum in the pseudo-rest frame of the tau, with and without nu4.

Each decay has a light neutrino or nu4, so that the counts per unit of |U_tau4|^2 are those with nu4 less those
of the Standard Model. The size of the Standard Model spectrum floats: what is seen is the change of shape.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mesons.decays.leptonic_decays import dratio_dp, neutrino_shares
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.experiments.cards import Experiment
from mesons.experiments.response import smeared
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.parameters import PortalParameters
from nucore.stats import LogLinearShape, Model, NormFactor, Sample

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANELS = 24
_BRANCHING_RATIOS = {"e": c.BR_TAU_ENUNU, "mu": c.BR_TAU_MUNUNU}


def branching_ratio(experiment: Experiment) -> float:
    """Branching ratio of tau -> l nu nu."""
    return float(_BRANCHING_RATIOS[experiment.lepton])


def _quadrature(experiment: Experiment, kink: float | None = None) -> tuple[Array, Array]:
    """Lepton momenta and weights (GeV) over the spectrum, with a break where it ends or has a kink."""
    m_parent, m_lepton = experiment.masses
    end = (m_parent**2 - m_lepton**2) / (2.0 * m_parent)
    breaks = np.linspace(0.0, end, _PANELS + 1)
    if kink is not None and 0.0 < kink < end:
        breaks = np.unique(np.append(breaks, kink))
    half = 0.5 * np.diff(breaks)[:, None]
    return (breaks[:-1, None] + half * (_NODES + 1.0)).ravel(), (half * _WEIGHTS).ravel()


def neutrino_spectrum(experiment: Experiment, m4: float = 0.0) -> tuple[Array, Array]:
    """Lepton momenta (GeV) and their shares of Gamma(tau -> l nu nu) in tau -> l nu nu4; all zero where closed."""
    m_parent, m_lepton = experiment.masses
    energy = (m_parent**2 + m_lepton**2 - m4**2) / (2.0 * m_parent)
    kink = float(np.sqrt(energy**2 - m_lepton**2)) if energy > m_lepton else None
    momentum, weight = _quadrature(experiment, kink)
    return momentum, weight * dratio_dp(experiment.parent, experiment.lepton, momentum, m4)


def neutrino_ratio(experiment: Experiment, m4: float) -> float:
    """Gamma(tau -> l nu nu4) per unit of |U_tau4|^2 over Gamma(tau -> l nu nu)."""
    return float(neutrino_spectrum(experiment, m4)[1].sum())


def neutrino_fractions(experiment: Experiment, m4: float = 0.0) -> Array:
    """Smeared spectrum of tau -> l nu nu4 over Gamma(tau -> l nu nu), shape (n_bins,)."""
    return smeared(experiment, *neutrino_spectrum(experiment, m4))


def dark_spectrum(experiment: Experiment, decay: ThreeBodyDecay) -> tuple[Array, Array]:
    """Lepton momenta (GeV) and their shares of Gamma(tau -> l nu nu) in tau -> l nu chi phi."""
    momentum, weight = _quadrature(experiment, decay.pole_momentum)
    return momentum, weight * decay.dratio_dp(momentum)


def signal_decay(experiment: Experiment, parameters: PortalParameters) -> ThreeBodyDecay:
    """Decay tau -> l nu chi phi of a point, per unit of |U_tau4|^2 and with the s^2 of the point."""
    return dataclasses.replace(experiment.channel.dark_decay(parameters), U_sq=1.0)


def recorded_decays(experiment: Experiment, decays: float) -> float:
    """Decays tau -> l nu nu recorded in so many decays of a tau."""
    return decays * experiment.acceptance.value * branching_ratio(experiment)


def standard_counts(experiment: Experiment, decays: float) -> Array:
    """Expected counts of the Standard Model in the bins, shape (n_bins,)."""
    return recorded_decays(experiment, decays) * neutrino_fractions(experiment)


def expected_counts(experiment: Experiment, parameters: PortalParameters, signal: str, decays: float) -> Array:
    """Expected counts at a parameter point, shape (n_bins,); decays with two nu4 are left out.

    nu4 may come from either vertex and leaves the same spectrum, so that |U_l4|^2 counts like |U_tau4|^2.
    """
    light, one, _ = neutrino_shares(experiment.parent, experiment.lepton, parameters)
    standard = standard_counts(experiment, decays)
    if one == 0.0:
        return light * standard
    return light * standard + one * (counts_per_mixing(experiment, parameters, signal, decays) + standard)


def counts_per_mixing(experiment: Experiment, parameters: PortalParameters, signal: str, decays: float) -> Array:
    """Change of the counts per unit of |U_tau4|^2, shape (n_bins,).

    Raises
    ------
    InputError
        If the signal is closed.
    """
    if signal == "two-body":
        fractions = neutrino_fractions(experiment, parameters.m4)
    else:
        fractions = smeared(experiment, *dark_spectrum(experiment, signal_decay(experiment, parameters)))
        if not fractions.any():
            raise InputError(
                f"{experiment.parent} -> {experiment.lepton} nu chi phi is closed at m_chi = {parameters.m_chi:g}, "
                f"m_phi = {parameters.m_phi:g}, yL = {parameters.yL:g}"
            )
    return recorded_decays(experiment, decays) * fractions - standard_counts(experiment, decays)


def mixing_model(experiment: Experiment, per_mixing: Array, decays: float, *, known: bool = False) -> Model:
    """Model of |U_tau4|^2: the Standard Model spectrum, of free size unless `known`, and its change."""
    centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
    shape = LogLinearShape.log_polynomial("background_c", centers, 0, experiment.background.reference_momentum_GeV)
    background = Sample("background", standard_counts(experiment, decays), [] if known else [shape])
    poi = f"U{experiment.flavour}4_sq"
    return Model([background, Sample("signal", per_mixing, [NormFactor(poi)])], poi=poi, poi_bounds=(0.0, 1.0))
