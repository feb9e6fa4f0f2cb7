"""Angular coefficients A0..A4 of Z/gamma* -> l+ l- at order alpha_s, with photon, Z and their interference.

Quarks of one type and leptons of one helicity each are as in W -> l nu (`collider.production.angular_coefficients`, u
the quark, d the antiquark), but that l- prefers the direction v of the quark or the opposite one as the helicities are
equal or not: even [1 + (v.l)^2] + odd (v.l), where even and odd are those of `collider.production.neutral_current`.
So A0, A1 and A2 are means as for a W, A3 = (odd/even) <v_x>, A4 = (odd/even) <v_z>; quarks of both types add up with
weights even times rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collider.production.angular_coefficients import (
    N_COEFFICIENTS,
    Moments,
    coefficients_of,
    recoil_moments,
    without_axis,
)
from collider.production.neutral_current import couplings
from collider.production.partons import DEFAULT_PDF_SET, load_partons
from collider.production.spin import PT_STEP, SpinOrder, a2_over_a0, leading_moments, moment_table

Array = NDArray[np.float64]

QUARK_TYPES: tuple[Literal["up", "down"], ...] = ("up", "down")
#: Masses of the tables, GeV; linear in the logarithm in between.
Z_MASSES = tuple(np.geomspace(40.0, 1500.0, 13).tolist())
#: The tables keep every so many-th transverse momentum of those of the moments.
_STRIDE = 2
Z_PT_STEP = _STRIDE * PT_STEP


def z_coefficients(
    sqrt_s_TeV: float,
    pt: float,
    rapidity: ArrayLike,
    mass: float,
    *,
    pdf_set: str = DEFAULT_PDF_SET,
    beams: str = "pp",
    axis: Literal["quark", "y"] = "y",
) -> tuple[Array, Array]:
    """Return d sigma/(dm dpT dy) up to a factor, and A0..A4 for the negative lepton, at order alpha_s.

    Parameters
    ----------
    sqrt_s_TeV : float
    pt, mass : float
        Of the pair, GeV.
    rapidity : float or float64[n_y]
        Of the pair, counted along the axis.
    pdf_set, beams
        As in `collider.production.angular_coefficients.angular_coefficients`.
    axis : {"quark", "y"}
        z on the side of the quark's beam (the rate is that of one assignment of the beams then), or on that of the
        longitudinal momentum of the pair, for positive ``rapidity``.

    Returns
    -------
    float64[n_y], float64[5, n_y]
    """
    y = np.atleast_1d(np.asarray(rapidity, dtype=np.float64))
    both, pdf = np.concatenate([y, -y[::-1]]), load_partons(pdf_set)
    found = [recoil_moments(pdf, 1000.0 * sqrt_s_TeV, channel, mass, pt, both, beams) for channel in QUARK_TYPES]
    rate, coefficients = _add_types(found, mass)
    if axis == "y":
        rate, coefficients = without_axis(rate, coefficients)
    return rate[: y.size] * pt * mass, coefficients[:, : y.size]


def z_table(sqrt_s_TeV: float, pdf_set: str, beams: str, order: SpinOrder, masses: Array) -> Array:
    """Return A0..A4 for the negative lepton where quarks come from +z as often as from -z.

    Parameters
    ----------
    sqrt_s_TeV, pdf_set, beams
        As in `collider.production.spin.spin_table`.
    order : {"measured", "lam-tung", "lo"}
        As of `collider.production.spin.SpinModel`.
    masses : float64[n]
        GeV, inside `Z_MASSES`.

    Returns
    -------
    float64[n, n_pt, n_y, 5]
        At steps `Z_PT_STEP` of b/(b + PT_RATIO) from 0, b = pT/m, and at `RAPIDITIES`.
    """
    arguments = pdf_set, beams, Z_MASSES
    if order == "lo":
        tables = [leading_moments(sqrt_s_TeV, channel, *arguments) for channel in QUARK_TYPES]
        tables = [np.repeat(table[:, None], 2, axis=1) for table in tables]
    else:
        tables = [moment_table(sqrt_s_TeV, channel, *arguments, _STRIDE) for channel in QUARK_TYPES]
    # rates fall steeply with the mass, their shares do not
    shares = np.stack(tables)
    total = np.sum(shares[..., 0], axis=0)
    shares[..., 0] /= total + total[..., ::-1]
    values = np.empty((masses.size, *total.shape[1:], N_COEFFICIENTS))
    log_mass = np.log(Z_MASSES)
    for k, position in enumerate((np.log(masses) - log_mass[0]) / (log_mass[1] - log_mass[0])):
        i = min(int(position), len(Z_MASSES) - 2)
        f = position - i
        moments = np.moveaxis((1.0 - f) * shares[:, i] + f * shares[:, i + 1], -1, 1)
        _, coefficients = without_axis(*_add_types([Moments(*one) for one in moments], masses[k]))
        values[k] = np.moveaxis(coefficients, 0, -1)
    values[..., 2] *= a2_over_a0(order)
    return values


def _add_types(found: Sequence[Moments], mass: float) -> tuple[Array, Array]:
    """Return rate (up to a factor that depends on pT and mass) and coefficients of quarks of both types."""
    rate, weighted = np.zeros(()), np.zeros(())
    for channel, moments in zip(QUARK_TYPES, found, strict=True):
        even, odd = couplings(channel, mass)
        rate = rate + even * moments.rate
        weighted = weighted + even * moments.rate * coefficients_of(moments, float(odd / even))
    return rate, weighted / np.where(rate > 0.0, rate, 1.0)
