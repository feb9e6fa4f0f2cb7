"""Studies of observed limits: injections into published spectra, recovery after tuning, variants of the analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nucore.prediction import Prediction
from tools.validation.observed_bands import band
from tools.validation.observed_fits import Analysis, Outcome, in_bins, weakest, wider_m_W
from tools.validation.observed_tuning import FIT_RANGES_GEV, MassDependence, at_mass, fitted_mass
from tools.validation.pythia_spectra import spectra

Array = NDArray[np.float64]

#: nu4 masses of injections, and of coverage and robustness, GeV.
INJECTED_GEV, STUDIED_GEV = (25.0, 30.0, 38.0), (20.0, 30.0, 40.0)
MIXINGS = (0.005, 0.01, 0.02, 0.04)
INJECTED = 0.02
#: Factor on the uncertainty of the W mass that stands for a free one.
FREE = 20.0


def pythia_events(paths: Sequence[Path], found: Analysis, seed: int = 1) -> dict[str, Array]:
    """Return spectra of the first half of the files as data, of the other as prediction."""
    half = (len(paths) + 1) // 2
    measured = found.spectra[0].measurement
    events = {
        "data": spectra(paths[:half], measured, seed=seed),
        "prediction": spectra(paths[half:], measured, seed=seed + 1),
        "scale": np.array(half / (len(paths) - half)),
    }
    for m4 in INJECTED_GEV:
        events[f"data {m4:g}"] = spectra(paths[:half], measured, m4, INJECTED, seed)
        events[f"nu4 {m4:g}"] = spectra(paths[half:], measured, m4, 1.0, seed + 1)
    return events


@dataclass(frozen=True)
class Recovery:
    """What a fit finds of a nu4 in data that the prediction was fitted to.

    Attributes
    ----------
    m4, U_sq : float
    shift_MeV : mapping of float
        Of the fitted W mass, by observable.
    used, free, ignored : Outcome
        The prediction moved back to the known W mass; the W mass free; the prediction taken as one at that mass.
    """

    m4: float
    U_sq: float
    shift_MeV: Mapping[str, float]
    used: Outcome
    free: Outcome
    ignored: Outcome


def recoveries(
    found: Analysis, mass: MassDependence, other: tuple[Analysis, MassDependence] | None = None
) -> list[Recovery]:
    """Repeat the fit of the W mass in pseudo-data with a nu4, and search for it.

    Parameters
    ----------
    found : Analysis
    mass : MassDependence
        Of its template.
    other : (Analysis, MassDependence), optional
        Another observable, for the shift of the W mass alone.
    """
    rows = []
    for m4, U_sq in ((m4, U_sq) for m4 in INJECTED_GEV for U_sq in MIXINGS):
        data = injected(found, m4, U_sq)
        m_W = fitted_mass(data, found.predictions[0], mass, fit_range(found))
        shifts = {observable(found): m_W - found.m_W}
        if other is not None and m4 in other[0].ours:
            theirs = fitted_mass(injected(other[0], m4, U_sq), other[0].predictions[0], other[1], fit_range(other[0]))
            shifts[observable(other[0])] = theirs - other[0].m_W
        moved = [at_mass(data, one, mass, m_W) for one in found.predictions]
        like, ours = found.light * mass.ratio(m_W), found.ours[m4]
        rows.append(
            Recovery(
                m4,
                U_sq,
                {name: 1000.0 * shift for name, shift in shifts.items()},
                weakest(m4, ours, moved, data, like),
                weakest(m4, wider_m_W(ours, FREE), moved, data, like),
                weakest(m4, ours, moved, data),
            )
        )
    return rows


def variants(found: Analysis, masses: Sequence[float] = STUDIED_GEV) -> dict[str, list[Outcome]]:
    """Fit the published data in parts of their bins, and with other uncertainties of the prediction."""
    low, groups = found.low_edges, found.groups
    every = np.ones(low.size, bool)
    parts = {
        "as published": every, "30-45 GeV": low < 45.0, "32-50 GeV": low >= 32.0,
        "W+ alone": groups == groups.max(), "W- alone": groups == 0,
    }  # fmt: skip
    results = {name: [part_outcome(found, m4, kept) for m4 in masses] for name, kept in parts.items()}
    for name, factor in (("half the band", 0.5), ("twice the band", 2.0)):
        scaled = [
            replace(one, errors=tuple(replace(e, sigma=factor * e.sigma) for e in one.errors))
            for one in found.predictions
        ]
        results[name] = [weakest(m4, found.ours[m4], scaled, found.data) for m4 in masses]
    together = [replace(one, errors=(band(found, length, True),)) for one, length in _lengths(found)]
    results["band equal in W+ and W-"] = [weakest(m4, found.ours[m4], together, found.data) for m4 in masses]
    results["m_W free"] = [weakest(m4, wider_m_W(found.ours[m4], FREE), found.predictions, found.data) for m4 in masses]
    return results


def _lengths(found: Analysis) -> list[tuple[Prediction, float]]:
    """Return the prediction of each treatment with its correlation length, GeV."""
    lengths = [one.correlation_GeV or 0.0 for one in found.spectra]
    return list(zip(found.predictions, lengths, strict=True))


def part_outcome(found: Analysis, m4: float, kept: NDArray[np.bool_]) -> Outcome:
    """Fit the published data in some of their bins."""
    predictions = [one.in_bins(kept) for one in found.predictions]
    return weakest(m4, in_bins(found.ours[m4], kept), predictions, found.data[kept])


def fit_range(found: Analysis) -> NDArray[np.bool_]:
    """Bins of the experiment's fit of the W mass."""
    low, high = FIT_RANGES_GEV[observable(found)]
    return np.asarray((found.low_edges >= low) & (found.low_edges < high))


def observable(found: Analysis) -> str:
    """Observable of the data."""
    return found.spectra[0].measurement.selection.observable


def injected(found: Analysis, m4: float, U_sq: float) -> Array:
    """Return the published prediction with a nu4, at the W mass of the templates."""
    base, ours = found.predictions[0], found.ours[m4]
    return np.asarray(base.signal * (1.0 + U_sq * (ours.nu4.values / ours.light.values - 1.0)) + base.background)
