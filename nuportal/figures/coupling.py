"""Fig. 1: the dark-matter coupling Y against m_chi, for a light and a heavy nu4 and each flavour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.annihilation import relic_target, thermal_target
from nucore.cosmology.direct_detection import coupling_limit
from nucore.cosmology.kinetic_decoupling import coupling_of_cutoff
from nucore.cosmology.neutrino_lines import electron_antineutrino_share
from nucore.limits.catalogue import select
from nucore.limits.curve import LimitCurve
from nucore.limits.recast import Coupling, MassRule, coupling_of_mixing, mixing_of_visible_branching
from nucore.model.nu4_decays import nu4_widths
from nucore.model.particles import FLAVOURS
from nucore.model.points import ParameterPoints
from nuportal.constraints.combine import envelope, line_limit
from nuportal.constraints.constraint import Constraint
from nuportal.figures.content import FigureContent, FigureCurve, Panel, columns, search_reach, vertical_line
from nuportal.figures.mass_grid import adaptive, both_sides, knots, within
from nuportal.figures.mixing import FLAVOUR_SYMBOL, existing_limits, n_eff_line

Array = NDArray[np.float64]
Progress = Callable[[float], None]

#: m_chi (GeV) with which the grid of a curve begins.
MASSES = np.geomspace(1e-3, 1e3, 241)
_KAON_MASSES = np.geomspace(1e-3, 0.1, 9)
#: Of the searches: relative error of the interpolation, and smallest relative step by method (a spectrum costs a fit).
_KAON_TOLERANCE, _KAON_STEP = 0.1, {"spectrum": 0.05, "window": 0.01}
#: |U_l4|^2 at which margins are taken, far below every limit.
_SMALL = 1e-12
#: How the masses of the panels of Fig. 1 follow from m_chi.
RULES = {"light": MassRule(3.0, "10x"), "heavy": MassRule(3.0, "400")}
_COUPLINGS: tuple[tuple[Coupling, str], ...] = (("perturbative", r"$y_L = 4\pi$"), ("natural", "no fine tuning"))
_CUTOFFS_MSUN = (1e7, 1e9)
#: Projections of limits on neutrino lines that are drawn.
LINE_PROJECTIONS = ("hyper-k-2018-line", "hyper-k-2020-line", "juno-2015-line")


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
        for k, (size, rule) in enumerate(RULES.items()):
            curves = [*_common_curves(rule, inputs, convention), *_mixing_curves(flavour, rule, inputs, convention)]
            if inputs == "latest":
                curves += _line_curves(flavour, rule)
            if flavour == "mu":
                curves += kaon_curves(rule, inputs)
            nu4 = r"$m_4 = 10\,m_\chi$" if size == "light" else r"$m_4 = 400$ GeV"
            title = rf"$\ell = {FLAVOUR_SYMBOL[flavour]}$, {nu4}"
            panels.append(Panel(f"{flavour}-{size}", title, tuple(curves)))
            if progress is not None:
                progress((2 * number + k + 1) / (2 * len(flavours)))
    return FigureContent(1, inputs, convention, tuple(panels))


def _common_curves(rule: MassRule, inputs: str, convention: str) -> list[FigureCurve]:
    """Lines that do not depend on the flavour."""
    refined = convention == "refined"
    target = relic_target if refined else thermal_target
    what = "Omega h^2 = 0.12" if refined else "sigma v = 3e-26 cm^3/s"
    masses, y = adaptive(lambda m: np.asarray(target(m, 1.0 / rule.ratio)), MASSES)
    curves = [FigureCurve("thermal", "thermal", masses, y, "thermal", {"condition": what})]
    for cutoff in _CUTOFFS_MSUN:
        of_mass = partial(coupling_of_cutoff, cutoff_Msun=cutoff, convention="refined" if refined else "paper")
        masses, y = adaptive(of_mass, MASSES)
        label = rf"$M_\mathrm{{cut}} = 10^{{{int(np.log10(cutoff))}}} M_\odot$"
        curves.append(FigureCurve(f"m-cut-{cutoff:.0e}".replace("+", ""), label, masses, y, "structure"))
    mass, reference = n_eff_line(inputs, rule.ratio)
    curves.append(vertical_line("n-eff", r"$N_\mathrm{eff}$", mass, "n-eff", reference=reference))
    return curves + _recoil_curves(rule, inputs)


def _recoil_curves(rule: MassRule, inputs: str) -> list[FigureCurve]:
    """Direct detection: the strongest observed limit, projections, and the neutrino floor."""
    curves = select(quantity="sigma_n_cm2", inputs=inputs, projections=True)
    observed = [curve for curve in curves if curve.observed]

    def strongest(of: Sequence[LimitCurve]) -> tuple[Array, Array]:
        return adaptive(lambda m: np.fmin.reduce([_recast(curve, m, rule) for curve in of]), _grid(knots(of)))

    masses, lowest = strongest(observed)
    metadata: dict[str, Any] = {"of": [c.id for c in observed], "reference": [c.reference for c in observed]}
    found = [FigureCurve("direct-detection", "direct detection", masses, lowest, "recoil", metadata)]
    for curve in curves:
        if not curve.observed:
            style = "neutrino-floor" if curve.id.startswith("neutrino") else "recoil-projection"
            masses, y = strongest([curve])
            found.append(FigureCurve(curve.id, curve.label, masses, y, style, {"reference": curve.reference}))
    return found


def _line_curves(flavour: str, rule: MassRule) -> list[FigureCurve]:
    """Chi chibar -> nu nubar in neutrino detectors: the strongest observed limit, Hyper-K and JUNO; NFW halo."""
    share = float(electron_antineutrino_share(*(float(flavour == name) for name in FLAVOURS)))
    curves = select(quantity="sigma_v_cm3_per_s", inputs="latest", projections=True)
    observed = [curve for curve in curves if curve.observed]
    found = []
    for name, label, chosen in (
        ("neutrino-line", "neutrino line", observed),
        *((curve.id, curve.label, [curve]) for curve in curves if curve.id in LINE_PROJECTIONS),
    ):

        def limit(m_chi: Array, chosen: Sequence[LimitCurve] = chosen) -> Array:
            return np.asarray(thermal_target(m_chi, 1.0 / rule.ratio, line_limit(m_chi, share, curves=chosen)[0]))

        masses, y = adaptive(limit, _grid(knots(chosen)))
        style = "line" if chosen is observed else "line-projection"
        metadata = {"of": [c.id for c in chosen], "reference": [c.reference for c in chosen], "halo": "nfw"}
        found.append(FigureCurve(name, label, masses, y, style, metadata))
    return found


def _recast(curve: LimitCurve, m_chi: Array, rule: MassRule) -> Array:
    """Y at a limit on the cross section per nucleon."""
    return coupling_limit(curve.values(m_chi), m_chi, rule.phi_mass(m_chi), rule.nu4_mass(m_chi), curve.nucleus)


def _grid(corners: Array) -> Array:
    """Masses to begin with: `MASSES` and the corners among them."""
    return within(np.concatenate([MASSES, corners]), MASSES[0], MASSES[-1])


def _corners(curves: Sequence[LimitCurve], rule: MassRule) -> Array:
    """m_chi at which limits against m4 have a corner, and where nu4 -> chi phi* closes."""
    step = float(rule.nu4_mass(2.0)) - float(rule.nu4_mass(1.0))
    if step > 0.0:  # m4 grows with m_chi
        return knots(curves) / step
    return both_sides([float(rule.nu4_mass(1.0)) / (1.0 + rule.ratio)])


def _mixing_curves(flavour: str, rule: MassRule, inputs: str, convention: str) -> list[FigureCurve]:
    """Blue: limits on |U|^2; orange: |U|^2 at which a thousandth of the nu4 decays is visible."""
    existing = existing_limits(flavour, inputs)
    start = _grid(_corners([one.card for one in existing], rule))
    found = []
    for which, name in _COUPLINGS:

        def limit(m_chi: Array, which: Coupling = which) -> Array:
            if convention == "refined":
                lowest = _broad_limits(existing, flavour, rule, which, m_chi)
            else:
                lowest = envelope(existing, np.asarray(rule.nu4_mass(m_chi)), flavour)[0]
            return coupling_of_mixing(lowest, m_chi, rule, which)

        def visible(m_chi: Array, which: Coupling = which) -> Array:
            mixing = mixing_of_visible_branching(m_chi, rule, which)
            return coupling_of_mixing(np.where(mixing > 0.9, np.nan, mixing), m_chi, rule, which)

        metadata = {"of": [c.id for c in existing], "yL": name}
        found.append(FigureCurve(f"mixing-{which}", name, *adaptive(limit, start), f"mixing-{which}", metadata))
        style, about = f"visible-{which}", {"visible share": "1e-3", "yL": name}
        found.append(
            FigureCurve(style, r"visible $\nu_4$", *adaptive(visible, _grid(_corners([], rule))), style, about)
        )
    return found


def _broad_limits(found: Sequence[Constraint], flavour: str, rule: MassRule, which: Coupling, masses: Array) -> Array:
    """Strongest limit at m_chi, searches for a narrow nu4 weakened or left out where it is broad."""
    m4 = np.asarray(rule.nu4_mass(masses))
    spectrum = {"m_chi": masses, "m_phi": rule.phi_mass(masses), "yL": rule.coupling(masses, which)}
    points = ParameterPoints.single(flavour, m4, _SMALL, **spectrum)
    points = replace(points, width=nu4_widths(points).dark)
    table = []
    for one in found:
        if one.card.narrow:  # the margin is inverse to |U|^2
            values = _SMALL * one.evaluate(points, "refined").margin
            table.append(np.where(values <= 1.0, values, np.nan))
        else:
            table.append(one.values(m4, flavour, "refined"))
    return np.asarray(np.fmin.reduce(table))


def kaon_curves(rule: MassRule, inputs: str) -> list[FigureCurve]:
    """E949 and NA62: the spectrum search of the paper, and published windows recast.

    A card with a systematic fitted to a published limit makes a band: from no systematic to that one.
    """
    choices: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("e949-spectrum", "e949", "E949", "kaon", {}),
        ("e949-systematic", "e949", "", "kaon-systematic", {"background_systematic": "published"}),
        ("na62-full-spectrum", "na62-full", "NA62", "kaon-projection", {}),
        ("e949-window", "e949", "E949 (window)", "kaon-observed", {"method": "window"}),
    ]
    if inputs == "latest":
        choices += [
            ("na62-2021-spectrum", "na62-2021", "NA62 2016-18", "kaon-na62", {}),
            ("na62-2021-systematic", "na62-2021", "", "kaon-na62-systematic", {"background_systematic": "published"}),
            ("na62-2021-window", "na62-2021", "NA62 (window)", "kaon-na62-observed", {"method": "window"}),
        ]
    found: list[FigureCurve] = []
    for name, experiment, label, style, options in choices:
        of_curve = {"experiment": experiment, "m4": rule.m4, "ratio": rule.ratio, **options}
        quantity = "Y_observed" if "method" in options else "Y"

        def limit(m_chi: Array, of_curve: dict[str, Any] = of_curve, quantity: str = quantity) -> Array:
            return columns(search_reach(grid=tuple(m_chi.tolist()), **of_curve), "m_chi_GeV", quantity)[1]

        step = _KAON_STEP[options.get("method", "spectrum")]
        masses, y = adaptive(limit, _KAON_MASSES, _KAON_TOLERANCE, step)
        reach = search_reach(grid=(float(masses[0]),), **of_curve)
        metadata = {about: reach[about] for about in ("yL", "confidence_level", "limit", "notes")}
        partner = f"{experiment}-spectrum" if "background_systematic" in options else ""
        found.append(FigureCurve(name, label, masses, y, style, metadata, partner))
    return found
