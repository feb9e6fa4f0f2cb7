"""The frame of Collins and Soper, and the moments of the lepton's direction in it.

In the rest frame of the boson x lies along its transverse momentum, z in the plane of the beams on a given side, and
the density of the lepton's direction is, c = cos(theta),

    1 + c^2 + A0 (1 - 3 c^2)/2 + A1 sin(2 theta) cos(phi) + (A2/2) sin^2(theta) cos(2 phi)
            + A3 sin(theta) cos(phi) + A4 c + A5 sin^2(theta) sin(2 phi) + A6 sin(2 theta) sin(phi)
            + A7 sin(theta) sin(phi).

References
----------
Frame: J. C. Collins and D. E. Soper, Phys. Rev. D 16 (1977) 2219. Coefficients: E. Mirkes, Nucl. Phys. B 387 (1992) 3.
Moments: arXiv:1606.00689.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def collins_soper(boson: Array, lepton: Array, side: ArrayLike) -> tuple[Array, Array]:
    """Return cos(theta) and phi of a massless lepton in the frame of the boson that decays to it and a massless one.

    Parameters
    ----------
    boson, lepton : float64[4, n]
        (E, px, py, pz) in GeV in the frame of the beams.
    side : float64[n] or float
        +1 or -1: the z axis of the frame points to the side of the beam along +z or -z.

    Returns
    -------
    float64[n], float64[n]
        cos(theta), and phi from -pi to pi; for a boson without transverse momentum from the x axis of the laboratory.
    """
    pt = np.hypot(boson[1], boson[2])
    mass_sq = boson[0] ** 2 - boson[3] ** 2 - pt**2
    mt = np.sqrt(mass_sq + pt**2)
    difference = 2.0 * lepton - boson
    azimuth = np.arctan2(boson[2], boson[1])
    x, y = np.cos(azimuth), np.sin(azimuth)
    along, across = x * difference[1] + y * difference[2], side * (x * difference[2] - y * difference[1])
    # The boost along the beams to the frame in which the boson has no longitudinal momentum.
    z = (boson[0] * difference[3] - boson[3] * difference[0]) / mt
    return side * z / np.sqrt(mass_sq), np.arctan2(across, along * np.sqrt(mass_sq) / mt)


def angular_moments(cosine: Array, phi: Array) -> Array:
    """Return what averages to A0 ... A7, float64[8, n], over the directions of leptons."""
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    return np.stack(
        [
            4.0 - 10.0 * cosine**2,
            10.0 * sine * cosine * np.cos(phi),
            10.0 * sine**2 * np.cos(2.0 * phi),
            4.0 * sine * np.cos(phi),
            4.0 * cosine,
            5.0 * sine**2 * np.sin(2.0 * phi),
            10.0 * sine * cosine * np.sin(phi),
            4.0 * sine * np.sin(phi),
        ]
    )
