"""Everything that `nuportal decay` reports: rates and spectrum of a decay to a charged particle and invisible ones."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from mesons.decays.channels import decay_channel
from mesons.decays.lepton_spectrum import LeptonSpectrum
from mesons.decays.ratios import nu4_rates
from mesons.decays.three_body import three_body_ratio
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nucore.results import Result, plain
from nucore.summaries import Table, number


@dataclass(frozen=True)
class DecayResult(Result):
    """Rates and spectrum of one decay of a meson, tau or muon to a charged particle and invisible ones.

    For tau -> l nu nu and mu -> e nu nu "l nu" below stands for l and the two neutrinos, one of which may be
    nu4 or turn into chi phi.

    Attributes
    ----------
    parent, lepton : str
        The charged particle is ``pi`` or ``K`` for tau -> h nu.
    parameters : PortalParameters
        The parameter point.
    two_body_ratio : float
        Gamma(l nu4) / Gamma(l nu, massless); 0 where closed.
    three_body_ratio : float
        Gamma(l chi phi) / Gamma(l nu), on-shell nu4 included; 0 where closed.
    sm_branching_ratio : float
        Branching ratio of the decay to l nu.
    branching_ratio : float
        Branching ratio of the decay to l chi phi.
    rate_over_standard_model : float
        Rate of the decay to l and anything invisible, light neutrinos included, over the Standard Model.
    two_body_momentum_GeV : float or None
        Momentum of the charged particle of a decay to l nu4; None where closed or spread by a second neutrino.
    spectrum : LeptonSpectrum
        Spectrum of the charged particle in the decay to l chi phi.
    """

    picture: ClassVar[str] = "nucore.plot.decay:decay_figure"

    parent: str
    lepton: str
    parameters: PortalParameters
    two_body_ratio: float
    three_body_ratio: float
    sm_branching_ratio: float
    branching_ratio: float
    rate_over_standard_model: float
    two_body_momentum_GeV: float | None
    spectrum: LeptonSpectrum

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, ready for JSON."""
        result = {field.name: getattr(self, field.name) for field in fields(self)}
        return result | {"parameters": self.parameters.to_dict(), "spectrum": self.spectrum.to_dict()}

    def to_hist(self) -> Any:
        """Return the ratio in bins of the momentum, GeV, between the points of the spectrum, as a `hist.Hist`.

        Raises
        ------
        InputError
            If the decay to chi phi is closed.
        """
        momentum, density = self.spectrum.momentum_GeV, self.spectrum.dratio_dp_per_GeV
        if not momentum.size:
            raise InputError(f"{self.parent} -> {self.lepton} chi phi is closed: there is no spectrum")
        width = np.diff(momentum)
        ratio, open_bins = 0.5 * (density[1:] + density[:-1]) * width, width > 0.0
        edges = np.append(momentum[:-1][open_bins], momentum[-1])
        return Spectrum("momentum_GeV", edges, ratio[open_bins], np.zeros(open_bins.sum())).to_hist()

    def headline(self) -> str:
        """Give the branching ratio."""
        return f"BR({self.parent} -> {self.lepton} chi phi) = {number(self.branching_ratio)}"

    def tables(self) -> tuple[Table, ...]:
        """Rates of the decay."""
        # of tau and mu the second neutrino stays
        light = "nu nu" if self.parent in ("tau-", "mu-") and self.lepton in ("e", "mu") else "nu"
        dark = f"{self.lepton} {light.removesuffix('nu')}".strip()
        standard = f"Gamma({self.lepton} {light})"
        p = self.two_body_momentum_GeV
        rows = (
            ("two_body_ratio", self.two_body_ratio, f"Gamma({dark} nu4) / {standard}; 0 if closed"),
            (
                "three_body_ratio",
                self.three_body_ratio,
                f"Gamma({dark} chi phi) / {standard}, nu4 on its shell included",
            ),
            ("branching_ratio", self.branching_ratio, f"BR({self.parent} -> {dark} chi phi)"),
            ("sm_branching_ratio", self.sm_branching_ratio, f"BR({self.parent} -> {self.lepton} {light})"),
            (
                "rate_over_standard_model",
                number(self.rate_over_standard_model, 6),
                f"{self.lepton} + anything invisible, over the Standard Model",
            ),
            ("two_body_momentum [GeV]", p, f"momentum of {self.lepton} in {dark} nu4"),
        )
        q = self.parameters
        point = f"m4 = {q.m4:g}, m_chi = {q.m_chi:g}, m_phi = {q.m_phi:g} GeV, yL = {q.yL:.4g}"
        mixings = f"U_e4 = {q.Ue4:g}, U_mu4 = {q.Umu4:g}, U_tau4 = {q.Utau4:g}"
        title = f"{self.parent} -> {self.lepton} + invisible"
        return (Table(rows, ("quantity", "value", "meaning"), title, (f"point: {point}, {mixings}",)),)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the spectrum."""
        spectrum = {name: v for name, v in plain(self.spectrum.to_dict()).items() if isinstance(v, list)}
        return [dict(zip(spectrum, values, strict=True)) for values in zip(*spectrum.values(), strict=True)]


def decay(parent: str, lepton: str, parameters: PortalParameters) -> DecayResult:
    """Rates and spectrum of PARENT -> LEPTON + invisible at a parameter point.

    Parameters
    ----------
    parent, lepton : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+`` to ``e``, ``mu``, ``tau``; ``tau-`` to ``e``, ``mu``, ``pi``,
        ``K``; ``mu-`` to ``e``.
    parameters : PortalParameters

    Returns
    -------
    DecayResult

    Raises
    ------
    InputError
        If a name is not known, the decay with massless neutrinos is closed, or yR is not zero.
    """
    channel = decay_channel(parent, lepton)
    dark = channel.dark_decay(parameters)
    ratio = three_body_ratio(dark)
    standard = channel.standard_branching_ratio
    with_nu4 = nu4_rates(channel, ParameterPoints.of([parameters]), ratio)[0]
    return DecayResult(
        parent,
        lepton,
        parameters,
        float(channel.nu4_rate(parameters)),
        ratio,
        standard,
        ratio * standard,
        float(channel.light_share(parameters) + with_nu4),
        channel.nu4_momentum(parameters.m4),
        channel.drawn_spectrum(dark),
    )
