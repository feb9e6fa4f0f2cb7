"""Expected reach in |U_l4|^2 of a lepton-pT measurement in W decays, and the likelihood behind it.

Model: light (1 + sigma_norm alpha) + |U_l4|^2 (nu4 - light), with a unit Gaussian constraint on alpha.  The
normalisation uncertainty belongs to the Standard Model sample, so that for m4 > mW, where only the total rate
is left, the median limit is z times that uncertainty (arXiv:1709.07001).
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.production import M_W, MAX_M4_GEV
from collider.response import Experiment, load_experiment
from collider.templates import WTemplates, w_templates
from nuportal.errors import InputError
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters
from nuportal.stats import Likelihood, LimitMethod, LinearNorm, Model, NormFactor, Sample, expected_limit
from nuportal.stats.results import BAND

Array = NDArray[np.float64]

#: nu4 masses of a reach curve, GeV.
DEFAULT_GRID_GEV = (
    5.0, 7.0, 10.0, 13.0, 16.0, 20.0, 23.0, 25.0, 28.0, 30.0, 32.0, 34.0, 36.0, 38.0, 40.0, 42.0, 44.0, 46.0, 48.0,
    50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 90.0, 100.0,
)  # fmt: skip
#: Relative uncertainty of a limit from the finite cells of the template integration, common to all replicas:
#: differences of templates change by less than this when the cells are made three times finer.
CELL_UNCERTAINTY = 1e-3


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one nu4 mass; None, with ``reason``, where no |U_l4|^2 <= 1 is excluded.

    Attributes
    ----------
    m4_GeV : float
    U_sq : float or None
        Median expected upper limit on |U_l4|^2.
    band : dict
        ``minus2, minus1, plus1, plus2``.
    uncertainty : float or None
        Relative numerical uncertainty of the limit.
    reason : str or None
    """

    m4_GeV: float
    U_sq: float | None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    uncertainty: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ReachCurve:
    """Reach of a collider experiment and the choices behind it.

    Attributes
    ----------
    experiment, title, flavour : str
    systematics : str
    confidence_level : float
    limit : str
        Convention: ``cls``, ``clsb`` or ``delta-chi2``.
    luminosity_invfb : float
    charges : tuple of str
    curve : tuple of ReachPoint
    """

    experiment: str
    title: str
    flavour: str
    systematics: str
    confidence_level: float
    limit: str
    luminosity_invfb: float
    charges: tuple[str, ...]
    curve: tuple[ReachPoint, ...]

    def points(self) -> list[dict[str, Any]]:
        """Points with the names of the command line."""
        return [
            {
                "m4_GeV": p.m4_GeV,
                f"U{self.flavour}4_sq": p.U_sq,
                **p.band,
                "uncertainty": p.uncertainty,
                "reason": p.reason,
            }
            for p in self.curve
        ]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return plain | {"charges": list(self.charges), "curve": self.points()}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


def build_model(templates: WTemplates, flavour: str, normalisation_uncertainty: float) -> Model:
    """Return the binned model of the module docstring.

    Parameters
    ----------
    templates : WTemplates
        Expected events.
    flavour : str
        The parameter of interest is ``U{flavour}4_sq``, in [0, 1].
    normalisation_uncertainty : float
        Relative.
    """
    name = f"U{flavour}4_sq"
    light, nu4 = templates.light.values, templates.nu4.values
    norm = LinearNorm("normalisation", normalisation_uncertainty)
    samples = [Sample("light", light, [norm]), Sample("nu4 - light", nu4 - light, [NormFactor(name)])]
    return Model(samples, poi=name, poi_bounds=(0.0, 1.0))


def expected_templates(
    card: Experiment,
    flavour: str,
    m4: float,
    *,
    systematics: str = "paper",
    luminosity_invfb: float | None = None,
    m_W: float = M_W,
) -> WTemplates:
    """Return the expected events of an experiment for the light neutrino and for a nu4 of mass ``m4`` (GeV).

    Raises
    ------
    InputError
        If the experiment does not measure the flavour, or for a mass or luminosity out of range.
    """
    card.check_flavour(flavour)
    luminosity = card.luminosity_invfb if luminosity_invfb is None else luminosity_invfb
    if not 0.0 < luminosity < np.inf:
        raise InputError(f"luminosity {luminosity:g} fb^-1 is not allowed: it must be positive and finite")
    if not 0.0 < m4 <= MAX_M4_GEV:
        raise InputError(f"m4 = {m4:g} GeV is not allowed: above 0, at most {MAX_M4_GEV:g} GeV")
    selection = card.analysis(systematics)
    return w_templates(card.sqrt_s_TeV, selection.charge_signs, selection.lepton_selection(flavour), m4, luminosity, m_W=m_W)


def expected_spectrum(
    card: Experiment, flavour: str, parameters: PortalParameters, luminosity_invfb: float | None = None
) -> Spectrum:
    """Return the expected lepton-pT spectrum at a parameter point, without fluctuations.

    Parameters
    ----------
    card : Experiment
    flavour : str
        ``e`` or ``mu``.
    parameters : PortalParameters
    luminosity_invfb : float, optional
        That of the card by default.
    """
    templates = expected_templates(card, flavour, parameters.m4, luminosity_invfb=luminosity_invfb, m_W=parameters.m_W)
    u_sq = parameters.U_sq(flavour)
    values = (1.0 - u_sq) * templates.light.values + u_sq * templates.nu4.values
    return Spectrum("lepton_pt", templates.light.edges, values, np.zeros_like(values), "lepton pT [GeV]")


def build_likelihood(
    card: Experiment,
    flavour: str,
    m4: float,
    spectrum: Spectrum,
    luminosity_invfb: float,
    *,
    systematics: str = "paper",
    m_W: float = M_W,
) -> Likelihood:
    """Return the likelihood of a measured lepton-pT spectrum.

    Parameters
    ----------
    card : Experiment
    flavour : str
        ``e`` or ``mu``.
    m4 : float
        nu4 mass, GeV.
    spectrum : Spectrum
        Events in the bins of the card's selection.
    luminosity_invfb : float
        Exposure of the spectrum, fb^-1.
    systematics : str
    m_W : float
        GeV.

    Raises
    ------
    InputError
        If the binning is not that of the selection, or as in `expected_templates`.
    """
    selection = card.analysis(systematics)
    spectrum.require_edges(selection.edges, f"experiment {card.name}")
    templates = expected_templates(
        card, flavour, m4, systematics=systematics, luminosity_invfb=luminosity_invfb, m_W=m_W
    )
    return Likelihood(build_model(templates, flavour, card.normalisation_uncertainty), spectrum.values)


def gaussian_uncertainty(light: Array, nu4: Array, normalisation_uncertainty: float) -> float:
    """Return the standard deviation of |U_l4|^2 at zero signal in the Gaussian limit.

    Parameters
    ----------
    light, nu4 : float64[n]
        Expected events.
    normalisation_uncertainty : float
        Relative, of ``light``.

    Returns
    -------
    float
        (d^T V^-1 d)^(-1/2) with d = nu4 - light and V = diag(light) + (normalisation_uncertainty)^2 light light^T,
        inverted by the Sherman-Morrison formula.
    """
    difference = nu4 - light
    total, rate = light.sum(), difference.sum()
    shrink = normalisation_uncertainty**2 / (1.0 + normalisation_uncertainty**2 * total)
    information = float(np.sum(difference**2 / light) - shrink * rate**2)
    return information**-0.5


def project(
    experiment: str | Experiment,
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    *,
    systematics: str = "paper",
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    luminosity_invfb: float | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> ReachCurve:
    """Return the expected reach in |U_l4|^2 against the nu4 mass, for Standard Model Asimov data.

    Parameters
    ----------
    experiment : str or Experiment
        Name of a card, or a card.
    flavour : str
        ``e`` or ``mu``.
    grid : sequence of float, optional
        nu4 masses, GeV; `DEFAULT_GRID_GEV` by default.
    systematics : str
        ``paper``: statistical errors and the card's normalisation uncertainty.
    confidence_level : float
        Fraction.
    limit : str
        ``cls``, ``clsb`` or ``delta-chi2``.
    luminosity_invfb : float, optional
        In place of the card's.
    workers : int, optional
        Threads; all cores by default.  The result does not depend on it.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    selection = card.analysis(systematics)
    card.check_flavour(flavour)
    masses = [float(m4) for m4 in (DEFAULT_GRID_GEV if grid is None else grid)]
    if not masses:
        raise InputError("the grid of nu4 masses is empty: at least one mass is needed")
    luminosity = card.luminosity_invfb if luminosity_invfb is None else luminosity_invfb

    def point(m4: float) -> ReachPoint:
        templates = expected_templates(card, flavour, m4, systematics=systematics, luminosity_invfb=luminosity)
        norm = card.normalisation_uncertainty
        found = expected_limit(build_model(templates, flavour, norm), confidence_level=confidence_level, method=limit)
        spread = numerical_uncertainty(templates, norm) if found.expected is not None else None
        return ReachPoint(m4, found.expected, dict(found.band), spread, found.expected_reason)

    done: list[ReachPoint] = [point(masses[0])]  # the first mass fills the caches that the others share
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count()) as pool:
        if progress is not None:
            progress(1.0 / len(masses))
        for result in pool.map(point, masses[1:]):
            done.append(result)
            if progress is not None:
                progress(len(done) / len(masses))
    return ReachCurve(
        card.name, card.title, flavour, systematics, confidence_level, limit, luminosity, selection.charges, tuple(done)
    )


def numerical_uncertainty(templates: WTemplates, normalisation_uncertainty: float) -> float:
    """Return the relative uncertainty of a limit from the numerical integration of the templates.

    The scatter of the Gaussian sensitivity over the replicas, and `CELL_UNCERTAINTY` in quadrature.
    """
    limits = np.array(
        [
            gaussian_uncertainty(light, nu4, normalisation_uncertainty)
            for light, nu4 in zip(templates.light.replicas, templates.nu4.replicas, strict=True)
        ]
    )
    scatter = limits.std(ddof=1) / limits.mean() / np.sqrt(limits.size)
    return float(np.hypot(scatter, CELL_UNCERTAINTY))
