"""Reach of an experiment against a mass: what ``nuportal project`` answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nucore.reports.reach_tables import reach_headline, reach_tables
from nucore.stats.results import BAND, Result, plain
from nucore.summaries import Table


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one mass; `value` is None, with a `reason`, where nothing is excluded.

    Attributes
    ----------
    mass_GeV : float
    value : float or None
        Median expected upper limit.
    band : mapping
        ``minus2, minus1, plus1, plus2`` of `value`.
    reason : str or None
    others : mapping
        Further quantities at this mass by name, the same names at every point of a curve.

    Keys
    ----
    m4_GeV, m_chi_GeV : float
        The mass that is scanned, of nu4 or chi.
    U{l}4_sq, Y : float or None
        Median expected upper limit on |U_l4|^2, or on Y where m_chi is scanned; None with ``reason``.
    minus2, minus1, plus1, plus2 : float or None
        The limit for data fluctuated by that many sigma.
    reason : str or None
        Why nothing is excluded, or no limit given.
    uncertainty : float or None
        W experiments: relative numerical uncertainty of the limit.
    U{l}4_sq_fixed_m_W : float or None
        With ``--float-mw``: the limit with the W mass fixed.
    loss : float or None
        With ``--float-mw``: limit with the W mass floating over that with it fixed.
    m_W_uncertainty_MeV : float
        With ``--float-mw``: uncertainty of the W mass in the joint fit.
    m_W_bias_MeV : float or None
        With ``--float-mw``: shift of a W mass measured without nu4, at the limit.
    U{l}4_sq_observed : float or None
        Observed limit: of published spectra with ``--observed``, of the published table with ``--two-body``.
    best_fit, best_fit_uncertainty : float
        With ``--observed``: fitted |U_l4|^2, which may be negative.
    local_significance : float
        With ``--observed``: standard deviations from no nu4 at this mass, negative for a deficit.
    p_value : float or None
        With ``--observed``: goodness of fit.
    p_value_Wplus, p_value_Wminus : float or None
        With ``--observed``: goodness of fit of each charge alone.
    correlation_GeV : float or None
        With ``--observed``: length over which an uncertainty of unknown correlation is correlated where the limit is
        the weakest.
    across_charges : bool or None
        With ``--observed``: whether it is common to both charges there.
    U{l}4_sq_observed_correlation_{treatment} : float or None
        With ``--observed``: limit with each treatment of that uncertainty.
    br : float or None
        Mesons: branching ratio of the decay to the charged lepton and invisible particles at the limit.
    yL_sq_U{l}4_sq : float or None
        Mesons: yL^2 |U_l4|^2 at the limit.
    Y_thermal : float
        Mesons: Y for a thermal cross section of 3e-26 cm^3/s.
    Y_observed : float or None
        Mesons: recast of a published limit, with ``--method window``.
    spurious_signal : float or None
        Mesons: fitted signal on background of the alternative form, in standard deviations.
    """

    mass_GeV: float
    value: float | None = None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    reason: str | None = None
    others: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Reach(Result):
    """Reach curve of an experiment and the choices behind it.

    Attributes
    ----------
    experiment : str
        Name of the experiment.
    title : str
        What plots call it.
    flavour : str
        Of the mixing that is limited.
    mass : str
        Name of the mass that is scanned: ``m4_GeV`` or ``m_chi_GeV``.
    quantity : str
        Name of what is limited: ``Umu4_sq`` (|U_mu4|^2) or ``Y``.
    confidence_level : float
        As a fraction.
    limit : str
        ``cls``, ``clsb``, ``delta-chi2``, or ``published`` for the recast of an observed limit.
    curve : tuple of ReachPoint
        One a mass.
    choices : mapping
        Analysis options by name, in plain Python types.
    notes : tuple of str
        What to know of the experiment, from its card.
    window_scan : tuple of Reach
        One curve for each lower edge of the fit window, this one first; empty without a scan.
    outputs : tuple of str
        Files the result was written to.
    """

    picture: ClassVar[str] = "nucore.plot.reach:reach_figure"

    experiment: str
    title: str
    flavour: str
    mass: str
    quantity: str
    confidence_level: float
    limit: str
    curve: tuple[ReachPoint, ...]
    choices: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    window_scan: tuple[Reach, ...] = ()
    outputs: tuple[str, ...] = ()

    def points(self) -> list[dict[str, Any]]:
        """Points as mappings, with the names of the command line."""
        return [
            {self.mass: p.mass_GeV, self.quantity: p.value, **p.band, **p.others, "reason": p.reason}
            for p in self.curve
        ]

    def headline(self) -> str:
        """Give the strongest limit."""
        return reach_headline(plain(self.to_dict()))

    def tables(self) -> tuple[Table, ...]:
        """Tables of the points, of observed limits with what they assume."""
        return reach_tables(plain(self.to_dict()))

    def rows(self) -> list[dict[str, Any]]:
        """Records of the points."""
        return self.points()

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``.

        Keys
        ----
        experiment
        title
        flavour
        mass
        quantity
        confidence_level
        limit
        **collider.experiments.measurement.Measurement
            W experiments
        **collider.inference.observed.observed_reach
            With ``--observed``
        **mesons.inference.options.ReachOptions
            Mesons
        luminosity_invfb : float
            Integrated luminosity of a W experiment.
        decays : float or None
            Parent decays of a meson experiment; None for the recast of a published limit.
        curve : list of ReachPoint
            One object a mass.
        notes : list of str
        window_scan : list of Reach
            One curve for each lower edge of the fit window; with ``--scan-window``.
        outputs
        """
        names = [f.name for f in dataclasses.fields(self) if f.name not in ("choices", "window_scan")]
        found = {name: getattr(self, name) for name in names}
        found |= {**self.choices, "curve": self.points(), "notes": list(self.notes), "outputs": list(self.outputs)}
        if self.window_scan:
            found["window_scan"] = [curve.to_dict() for curve in self.window_scan]
        return found
