"""Published spectra as Pythia 8 would give them, with nu4 in the decays of its own W bosons.

A W of a file of ``tools/recipes/simulate_w_spin.py`` decays to nu4 with the probability |U|^2 (1 - r)^2 (1 + r/2),
r = (m4/m)^2, and to a light neutrino with 1 - |U|^2.  The latter keeps the angles of Pythia; those of the former are
drawn from the massive law with the angular coefficients of Pythia, at the mass, transverse momentum and rapidity of
that W.  Response and selection are those of the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_density
from collider.experiments.measurement import Measurement
from collider.production.shower_spin import shower_coefficients
from tools.validation.pythia_fit import measured_sums, read
from tools.validation.reweighting import Sample

Array = NDArray[np.float64]

#: Largest density of a direction: E + O and 2 - E of the decay law are at most 4 and 2.
_LARGEST_DENSITY = 0.75 / np.pi


def spectra(paths: Sequence[Path], measured: Measurement, m4: float = 0.0, U_sq: float = 0.0, seed: int = 1) -> Array:
    """Return the events in the fitted bins of a measurement, the negative charge first, shape (n,).

    Parameters
    ----------
    paths : sequence of Path
        Files of one energy and of pp collisions.
    measured : Measurement
    m4 : float
        GeV.
    U_sq : float
        0 for the Standard Model, 1 for decays to nu4 alone.
    seed : int
        Of the response and of the decays.
    """
    total, energy = np.zeros(0), measured.experiment.sqrt_s_TeV
    for charge in (-1, 1):
        own = 2 * seed + (charge > 0)
        samples = decays(read(paths, charge), charge, energy, m4, U_sq, np.random.default_rng(own))
        sums = measured_sums(samples, measured, lambda sample: np.ones(sample["w_pt"].size), own)
        total = sums.counts if not total.size else total + sums.counts
    return measured.fitted_bins(total)


def decays(
    samples: Iterator[Sample], charge: int, sqrt_s_TeV: float, m4: float, U_sq: float, rng: np.random.Generator
) -> Iterator[Sample]:
    """Yield W bosons that decay to a light neutrino or to nu4, with the column ``m4``; the others are lost."""
    for sample in samples:
        r = np.minimum((m4 / sample["w_mass"].astype(np.float64)) ** 2, 1.0)
        u = rng.random(r.size)
        heavy, light = u < U_sq * (1.0 - r) ** 2 * (1.0 + 0.5 * r), u >= U_sq
        chosen = {name: values.copy() for name, values in sample.items()}
        chosen["m4"] = np.where(heavy, m4, 0.0)
        found = directions({name: values[heavy] for name, values in sample.items()}, charge, sqrt_s_TeV, r[heavy], rng)
        chosen["cos_theta"][heavy], chosen["phi"][heavy] = found
        yield {name: values[heavy | light] for name, values in chosen.items()}


def directions(
    sample: Sample, charge: int, sqrt_s_TeV: float, r: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw cos(theta) and phi of the lepton from the massive law, float64[n] each, by rejection.

    Parameters
    ----------
    sample : dict of float32[n]
    charge : {+1, -1}
    sqrt_s_TeV : float
    r : float64[n]
        m4^2/m^2.
    rng : numpy.random.Generator
    """
    pt_over_mass, y = sample["w_pt"] / sample["w_mass"], sample["up"] * sample["w_rapidity"]
    coefficients = shower_coefficients(sqrt_s_TeV, charge, pt_over_mass, y)
    cosine, phi, left = np.zeros(r.size), np.zeros(r.size), np.arange(r.size)
    while left.size:
        cosine[left] = 2.0 * rng.random(left.size) - 1.0
        phi[left] = np.pi * (2.0 * rng.random(left.size) - 1.0)
        density = decay_density(cosine[left], phi[left], coefficients[:, left], r[left])
        left = left[_LARGEST_DENSITY * rng.random(left.size) >= density]
    return cosine, phi
