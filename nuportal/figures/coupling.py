"""Fig. 1: the dark-matter coupling Y against m_chi, for a light and a heavy nu4 and each flavour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from nucore.limits.combine import envelope, line_limit
from numpy.typing import NDArray

from mesons.decays.broad_peak import fraction_in_window
from nucore.cosmology.annihilation import relic_target, thermal_target
from nucore.cosmology.direct_detection import coupling_limit
from nucore.cosmology.kinetic_decoupling import coupling_of_cutoff
from nucore.cosmology.neutrino_lines import electron_antineutrino_share
from nucore.limits.catalogue import select
from nucore.limits.curve import LimitCurve
from nucore.limits.recast import Coupling, MassRule, coupling_of_mixing, mixing_of_visible_branching
from nucore.model.particles import FLAVOURS
from nuportal.figures.content import FigureContent, FigureCurve, Panel, columns, search_reach, vertical_line
from nuportal.figures.mixing import FLAVOUR_SYMBOL, existing_limits, n_eff_line

Array = NDArray[np.float64]
Progress = Callable[[float], None]

#: m_chi of the curves, GeV; coarser where a point costs a root or an integral.
MASSES = np.geomspace(1e-3, 1e3, 601)
_VISIBLE_MASSES = np.geomspace(1e-3, 1e3, 121)
_KAON_MASSES = tuple(float(m) for m in np.geomspace(1e-3, 0.1, 60))
_RULES = {"light": MassRule(3.0, "10x"), "heavy": MassRule(3.0, "400")}
_COUPLINGS: tuple[tuple[Coupling, str], ...] = (("perturbative", r"$y_L = 4\pi$"), ("natural", "no fine tuning"))
_CUTOFFS_MSUN = (1e7, 1e9)
_LINE_PROJECTIONS = ("hyper-k-2018-line", "hyper-k-2020-line", "juno-2015-line")


def figure_1(
    inputs: str, convention: str, flavours: Sequence[str] = FLAVOURS, progress: Progress | None = None
) -> FigureContent:
    """Make the content of Fig. 1: for each flavour a panel with m4 = 10 m_chi and one with m4 = 400 GeV.

    Parameters
    ----------
    inputs : "2017" or "latest"
    convention : "paper" or "refined"
        ``refined``: the relic target of a Dirac chi, Eq. 17 as derived, and peak searches weakened by the share of a
        broad nu4 that they see.
    flavours : sequence of str
    progress : callable, optional
        Called with the fraction done.
    """
    panels = []
    for number, flavour in enumerate(flavours):
        for k, (size, rule) in enumerate(_RULES.items()):
            curves = [*_common_curves(rule, inputs, convention), *_mixing_curves(flavour, rule, inputs, convention)]
            if inputs == "latest":
                curves += _line_curves(flavour, rule)
            if flavour == "mu":
                curves += _kaon_curves(rule, inputs)
            nu4 = r"$m_4 = 10\,m_\chi$" if size == "light" else r"$m_4 = 400$ GeV"
            title = rf"$\ell = {FLAVOUR_SYMBOL[flavour]}$, {nu4}"
            panels.append(Panel(f"{flavour}-{size}", title, tuple(curves)))
            if progress is not None:
                progress((2 * number + k + 1) / (2 * len(flavours)))
    return FigureContent(1, inputs, convention, tuple(panels))


def _common_curves(rule: MassRule, inputs: str, convention: str) -> list[FigureCurve]:
    """Lines that do not depend on the flavour."""
    refined = convention == "refined"
    target = relic_target(MASSES, 1.0 / rule.ratio) if refined else thermal_target(MASSES, 1.0 / rule.ratio)
    what = "Omega h^2 = 0.12" if refined else "sigma v = 3e-26 cm^3/s"
    curves = [FigureCurve("thermal", "thermal", MASSES, np.asarray(target), "thermal", {"condition": what})]
    for cutoff in _CUTOFFS_MSUN:
        y = coupling_of_cutoff(MASSES, cutoff, "refined" if refined else "paper")
        label = rf"$M_\mathrm{{cut}} = 10^{{{int(np.log10(cutoff))}}} M_\odot$"
        curves.append(FigureCurve(f"m-cut-{cutoff:.0e}".replace("+", ""), label, MASSES, np.asarray(y), "structure"))
    mass, reference = n_eff_line(inputs, rule.ratio)
    curves.append(vertical_line("n-eff", r"$N_\mathrm{eff}$", mass, "n-eff", reference=reference))
    return curves + _recoil_curves(rule, inputs)


def _recoil_curves(rule: MassRule, inputs: str) -> list[FigureCurve]:
    """Direct detection: the strongest observed limit, projections, and the neutrino floor."""
    curves = select(quantity="sigma_n_cm2", inputs=inputs, projections=True)
    masses = np.unique(np.concatenate([MASSES, *(np.array(c.points.mass_GeV) for c in curves if c.points)]))

    def recast(curve: LimitCurve) -> Array:
        y = coupling_limit(curve.values(masses), masses, rule.phi_mass(masses), rule.nu4_mass(masses), curve.nucleus)
        return np.asarray(y)

    observed = [curve for curve in curves if curve.observed]
    lowest = np.fmin.reduce([recast(curve) for curve in observed])
    metadata: dict[str, Any] = {"of": [c.id for c in observed], "reference": [c.reference for c in observed]}
    found = [FigureCurve("direct-detection", "direct detection", masses, lowest, "recoil", metadata)]
    for curve in curves:
        if not curve.observed:
            floor = curve.id.startswith("neutrino")
            style = "neutrino-floor" if floor else "recoil-projection"
            found.append(
                FigureCurve(curve.id, curve.label, masses, recast(curve), style, {"reference": curve.reference})
            )
    return found


def _line_curves(flavour: str, rule: MassRule) -> list[FigureCurve]:
    """Chi chibar -> nu nubar in neutrino detectors: the strongest observed limit, Hyper-K and JUNO; NFW halo."""
    share = float(electron_antineutrino_share(*(float(flavour == name) for name in FLAVOURS)))
    curves = select(quantity="sigma_v_cm3_per_s", inputs="latest", projections=True)
    observed = [curve for curve in curves if curve.observed]
    found = []
    for name, label, chosen in (
        ("neutrino-line", "neutrino line", observed),
        *((curve.id, curve.label, [curve]) for curve in curves if curve.id in _LINE_PROJECTIONS),
    ):
        y = thermal_target(MASSES, 1.0 / rule.ratio, line_limit(MASSES, share, curves=chosen)[0])
        style = "line" if chosen is observed else "line-projection"
        metadata = {"of": [c.id for c in chosen], "reference": [c.reference for c in chosen], "halo": "nfw"}
        found.append(FigureCurve(name, label, MASSES, np.asarray(y), style, metadata))
    return found


def _mixing_curves(flavour: str, rule: MassRule, inputs: str, convention: str) -> list[FigureCurve]:
    """Blue: limits on |U|^2; orange: |U|^2 at which a thousandth of the nu4 decays is visible."""
    existing = existing_limits(flavour, inputs)
    found = []
    for which, name in _COUPLINGS:
        if convention == "refined":
            limit = _broad_limits(existing, flavour, rule, which)
        else:
            limit = envelope(existing, np.asarray(rule.nu4_mass(MASSES)), flavour)[0]
        y = coupling_of_mixing(limit, MASSES, rule, which)
        metadata = {"of": [c.id for c in existing], "yL": name}
        found.append(FigureCurve(f"mixing-{which}", name, MASSES, y, f"mixing-{which}", metadata))
        u = [mixing_of_visible_branching(float(m), rule, which) for m in _VISIBLE_MASSES]
        mixing = np.array([np.nan if v is None or v > 0.9 else v for v in u])
        visible = coupling_of_mixing(mixing, _VISIBLE_MASSES, rule, which)
        style, about = f"visible-{which}", {"visible share": "1e-3", "yL": name}
        found.append(FigureCurve(style, "visible nu4", _VISIBLE_MASSES, visible, style, about))
    return found


def _broad_limits(curves: Sequence[LimitCurve], flavour: str, rule: MassRule, which: Coupling) -> Array:
    """Strongest limit with peak searches weakened where nu4 is broad."""
    m4 = np.asarray(rule.nu4_mass(MASSES))
    table = []
    for curve in curves:
        values = curve.values(m4, flavour, "refined")
        if curve.peak_parent is not None:
            for k in map(int, np.flatnonzero(np.isfinite(values))):
                m_chi = float(MASSES[k])
                yL = float(rule.coupling(m_chi, which))
                masses = (m_chi, float(rule.phi_mass(m_chi)), float(m4[k]))
                share = fraction_in_window(curve.peak_parent, flavour, *masses, yL, curve.peak_half_width_GeV)
                values[k] = values[k] / share if share > 0.0 and values[k] <= share else np.nan
        table.append(values)
    return np.asarray(np.fmin.reduce(table))


def _kaon_curves(rule: MassRule, inputs: str) -> list[FigureCurve]:
    """E949 and NA62: the spectrum search of the paper, and published windows recast."""
    choices: list[tuple[str, str, str, dict[str, Any]]] = [
        ("e949", "E949", "kaon", {}),
        ("na62-full", "NA62", "kaon-projection", {}),
        ("e949", "E949 (window)", "kaon-observed", {"method": "window"}),
    ]
    if inputs == "latest":
        choices += [
            ("na62-2021", "NA62 2016-18", "kaon", {}),
            ("na62-2021", "NA62 (window)", "kaon-observed", {"method": "window"}),
        ]
    found = []
    for experiment, label, style, options in choices:
        reach = search_reach(experiment, grid=_KAON_MASSES, m4=rule.m4, ratio=rule.ratio, **options)
        x, y = columns(reach, "m_chi_GeV", "Y_observed" if options else "Y")
        name = f"{experiment}-{options.get('method', 'spectrum')}"
        metadata = {about: reach[about] for about in ("yL", "confidence_level", "limit", "notes")}
        found.append(FigureCurve(name, label, x, y, style, metadata))
    return found
