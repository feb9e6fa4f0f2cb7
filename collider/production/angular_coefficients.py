r"""Angular coefficients A0..A4 of W -> l nu at order alpha_s, from the parton densities.

In the Collins-Soper frame, with z on the side of the beam of the up-type (anti)parton (axis ``up``) and x along the
transverse momentum of the W, the charged lepton l of a W of either charge has the density
(`collider.decay.w_decay.decay_density`)

    1 + c^2 + A0 (1 - 3 c^2)/2 + A1 sin(2 theta) cos(phi) + (A2/2) sin^2(theta) cos(2 phi)
            + A3 sin(theta) cos(phi) + A4 c.

The squared amplitude of u d -> W g, u the up-type and d the down-type (anti)parton, n the neutrino, is proportional to

    [(u.l)^2 + (d.n)^2] / [(u.g) (d.g)],

that of u g -> W d and g d -> W u follows by crossing.  In the rest frame of the W each term is w (1 - v.l)^2 with a
unit vector v = (v_x, 0, v_z), the direction of u or minus that of d, and a weight w, the square of that parton's
energy times the rest.  Hence

    A0 = A2 = <v_x^2>,  A1 = <v_x v_z>,  A3 = -2 <v_x>,  A4 = -2 <v_z>,

averaged with w and the parton luminosities over the rapidity of the recoiling parton; factorisation scale m_T.
For Z/gamma* u is the quark, d the antiquark, l the negative lepton and -2 another ratio of couplings
(`collider.production.z_spin`).

References
----------
J. C. Collins and D. E. Soper, Phys. Rev. D 16 (1977) 2219 (frame); E. Mirkes, Nucl. Phys. B 387 (1992) 3 (coefficients
at this order in another form).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from collider.production.luminosity import Channel, beam_assignments, parton_pairs
from collider.production.partons import DEFAULT_PDF_SET, GLUON, X_GRID, PartonTable, load_partons, stretched

Array = NDArray[np.float64]

N_COEFFICIENTS = 5
#: Of A0..A4 when z points to the other side, x staying.
MIRROR = (1.0, -1.0, 1.0, 1.0, -1.0)
#: Of O in the decay of a boson with v = z: -2 for the W, whose couplings are left-handed.
W_ODD = -2.0
#: Nodes of the integral over the rapidity of the recoiling parton; points in x of the densities at a fixed scale.
N_RECOIL, N_X = 40, 4096
#: Average over colour and spin of q qbar -> W g and q g -> W q, up to a common factor.
_QQ, _QG = 4.0 / 9.0, 1.0 / 6.0


#: Of partons along and against z, each float64[n_products, N_X]; products of their rows add up to luminosities.
Densities = tuple[Array, Array]


class Moments(NamedTuple):
    """Rate of W bosons and means of the vector v of the module docstring, each float64[n_y].

    Attributes
    ----------
    rate : float64[n_y]
        d sigma/(dpT dy) up to a factor that depends on the mass and pT alone.
    xx, xz, x, z : float64[n_y]
        <v_x^2>, <v_x v_z>, <v_x>, <v_z>.
    """

    rate: Array
    xx: Array
    xz: Array
    x: Array
    z: Array


def recoil_moments(
    pdf: PartonTable,
    sqrt_s_GeV: float,
    channel: Channel,
    mass: float,
    pt: float,
    rapidity: ArrayLike,
    beams: str = "pp",
) -> Moments:
    """Compute rate and moments at order alpha_s of a boson with a transverse momentum.

    Parameters
    ----------
    pdf : PartonTable
    sqrt_s_GeV : float
    channel : {+1, -1, "up", "down"}
        As in `collider.production.luminosity`: parton a along +z, which is u here, and b, which is d.
    mass, pt : float
        Of the boson, GeV; positive.
    rapidity : float64[n_y]
    beams : {"pp", "ppbar"}
        Of p pbar collisions the mean of both assignments, as in `collider.production.luminosity`.

    Returns
    -------
    Moments
        Beyond the kinematic limit the rate is 0, and v along z as at leading order.
    """
    y = np.atleast_1d(np.asarray(rapidity, dtype=np.float64))
    first, second = fixed_scales(pdf, channel, np.hypot([mass], pt), beams)
    return moments_at((first[0], second[0]), sqrt_s_GeV, mass, pt, y)


def moments_at(densities: Densities, sqrt_s_GeV: float, mass: float, pt: float, rapidity: Array) -> Moments:
    """Compute `recoil_moments` from the densities at the scale m_T of the boson."""
    out = np.zeros((5, rapidity.size))
    fill_moments(out, rapidity, mass, pt, sqrt_s_GeV, *densities, *_STEPS, *_NODES)
    out[1:] /= np.where(out[0] > 0.0, out[0], 1.0)
    out[4, out[0] <= 0.0] = 1.0
    return Moments(*out)


def coefficients_of(found: Moments, odd: float = W_ODD) -> Array:
    """Return A0..A4, float64[5, ...], with A4 = ``odd`` for v = z."""
    return np.stack([found.xx, found.xz, found.xx, odd * found.x, odd * found.z])


def without_axis(rate: Array, coefficients: Array) -> tuple[Array, Array]:
    """Return rate and coefficients when z is a beam that up-type partons (quarks) come from as often as not.

    Parameters
    ----------
    rate, coefficients : float64[..., n_y], float64[5, ..., n_y]
        At rapidities that are symmetric about 0.
    """
    mirrored = coefficients[..., ::-1] * np.array(MIRROR).reshape(-1, *[1] * rate.ndim)
    total = rate + rate[..., ::-1]
    share = np.where(total > 0.0, rate / np.where(total > 0.0, total, 1.0), 0.5)
    return total, share * coefficients + (1.0 - share) * mirrored


def angular_coefficients(
    sqrt_s_TeV: float,
    charge: int,
    pt: float,
    rapidity: ArrayLike,
    mass: float,
    *,
    pdf_set: str = DEFAULT_PDF_SET,
    beams: str = "pp",
    axis: Literal["up", "y"] = "up",
) -> Array:
    """Return A0..A4 of W -> l nu at order alpha_s.

    Parameters
    ----------
    sqrt_s_TeV : float
    charge : {+1, -1}
    pt, mass : float
        Of the W, GeV.
    rapidity : float or float64[n_y]
        Of the W, counted along the axis.
    pdf_set : str
        As in `collider.production.partons.load_partons`.
    beams : {"pp", "ppbar"}
    axis : {"up", "y"}
        z on the side of the beam of the up-type (anti)parton, or on that of the W's own longitudinal momentum: then
        ``rapidity`` is |y| and both sides of the up-type parton are averaged.

    Returns
    -------
    float64[5, n_y]
    """
    y = np.atleast_1d(np.asarray(rapidity, dtype=np.float64))
    both = np.concatenate([y, -y[::-1]])
    found = recoil_moments(load_partons(pdf_set), 1000.0 * sqrt_s_TeV, charge, mass, pt, both, beams)
    coefficients = coefficients_of(found)
    if axis == "y":
        coefficients = without_axis(found.rate, coefficients)[1]
    return coefficients[:, : y.size]


def fixed_scales(pdf: PartonTable, channel: Channel, scales: Array, beams: str) -> Densities:
    """Return the densities at increasing factorisation scales (GeV), one entry each, as `fill_moments` takes them."""
    pairs = parton_pairs(channel)
    flavours = [*{sign * parton for pair in pairs for parton in pair for sign in (1, -1)}, GLUON]
    xf = {flavour: np.maximum(pdf.on_grid(flavour, _X, scales), 0.0) for flavour in flavours}
    assignments = beam_assignments(beams)
    first: list[Any] = [sum(share * w * xf[s * a] for (a, _), w in pairs.items() for s, _, share in assignments)]
    second: list[Any] = [xf[GLUON]]
    first.append(xf[GLUON])
    second.append(sum(share * w * xf[s * b] for (_, b), w in pairs.items() for _, s, share in assignments))
    for a in sorted({a for a, _ in pairs}):
        for s, other, share in assignments:
            first.append(share * xf[s * a])
            second.append(sum(w * xf[other * b] for (i, b), w in pairs.items() if i == a))
    return np.stack(first, axis=1), np.stack(second, axis=1)


def _x_nodes() -> Array:
    """Return N_X momentum fractions at equal steps of ln x + 5 x."""
    t = np.linspace(stretched(X_GRID[0]), stretched(1.0), N_X)
    x = np.interp(t, stretched(X_GRID), X_GRID)
    for _ in range(3):  # Newton's method
        x -= (stretched(x) - t) / (1.0 / x + 5.0)
    return np.asarray(np.clip(x, X_GRID[0], 1.0))


_X = _x_nodes()
_STEPS = (float(stretched(_X[0])), float((N_X - 1) / (stretched(1.0) - stretched(_X[0]))))
_NODES = np.polynomial.legendre.leggauss(N_RECOIL)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_moments(  # type: ignore[no-untyped-def]
    out, rapidity, mass, pt, sqrt_s, first, second, t_low, per_t, nodes, weights
):
    """Add up rate and moments times rate over the rapidity of the recoiling parton.

    Parameters
    ----------
    out : float64[5, n_y]
        Filled: rate, and rate times <v_x^2>, <v_x v_z>, <v_x>, <v_z>.
    rapidity : float64[n_y]
    mass, pt, sqrt_s : float
        GeV.
    first, second : float64[n_products, N_X]
        x times densities at equal steps of ln x + 5 x, as `fixed_scales` returns them: the first row is the product of
        u and the gluon, the second that of the gluon and d, the others of u and d.
    t_low, per_t : float
        First of these steps, and steps per unit.
    nodes, weights : float64[n]
        Gauss-Legendre on [-1, 1].
    """
    n_products, n_x = first.shape
    mt = np.sqrt(mass * mass + pt * pt)
    gamma, gamma_beta = mt / mass, pt / mass
    beam_x, beam_z = -pt / mt, mass / mt  # direction of the parton along +z in the rest frame of the W
    for i in range(rapidity.size):
        up, down = mt * np.exp(rapidity[i]), mt * np.exp(-rapidity[i])
        if up + pt * pt / (sqrt_s - down) >= sqrt_s or down >= sqrt_s:
            continue
        low, high = -np.log((sqrt_s - down) / pt), np.log((sqrt_s - up) / pt)
        half = 0.5 * (high - low)
        for k in range(nodes.size):
            recoil = low + half * (1.0 + nodes[k])
            forward = pt * np.exp(recoil)
            backward = pt * pt / forward
            x1, x2 = (up + forward) / sqrt_s, (down + backward) / sqrt_s
            if x1 >= 1.0 or x2 >= 1.0:
                continue
            at1, at2 = (np.log(x1) + 5.0 * x1 - t_low) * per_t, (np.log(x2) + 5.0 * x2 - t_low) * per_t
            j1, j2 = min(max(int(at1), 0), n_x - 2), min(max(int(at2), 0), n_x - 2)
            f1, f2 = at1 - j1, at2 - j2
            quarks = 0.0
            up_gluon, gluon_down = 0.0, 0.0
            for p in range(n_products):
                one = first[p, j1] + f1 * (first[p, j1 + 1] - first[p, j1])
                two = second[p, j2] + f2 * (second[p, j2 + 1] - second[p, j2])
                if p == 0:
                    up_gluon = one * two
                elif p == 1:
                    gluon_down = one * two
                else:
                    quarks += one * two
            # energies of partons and jet in the rest frame of the W; -t and -u
            e1, e2 = 0.5 * x1 * sqrt_s * down / mass, 0.5 * x2 * sqrt_s * up / mass
            ahead, behind = forward * down / mt, backward * up / mt  # pT exp(+-(rapidity of the jet - that of the W))
            cosh, sinh = 0.5 * (ahead + behind), 0.5 * (ahead - behind)
            ej = gamma * cosh + gamma_beta * pt
            jet_x, jet_z = -(gamma * pt + gamma_beta * cosh) / ej, sinh / ej
            s_hat = x1 * x2 * sqrt_s * sqrt_s
            t1, t2 = x1 * sqrt_s * backward, x2 * sqrt_s * forward
            common = half * weights[k] / (s_hat * s_hat)
            # u d -> W g, u g -> W d, g d -> W u
            qq, ug, gd = _QQ * quarks / (t1 * t2), _QG * up_gluon / (s_hat * t2), _QG * gluon_down / (s_hat * t1)
            w_first, w_second = common * (qq + ug) * e1 * e1, common * (qq + gd) * e2 * e2
            w_down, w_up = common * ug * ej * ej, common * gd * ej * ej
            w_jet = w_up + w_down
            out[0, i] += w_first + w_second + w_jet
            out[1, i] += (w_first + w_second) * beam_x * beam_x + w_jet * jet_x * jet_x
            out[2, i] += (w_first - w_second) * beam_x * beam_z + w_jet * jet_x * jet_z
            out[3, i] += (w_first - w_second) * beam_x + (w_up - w_down) * jet_x
            out[4, i] += (w_first + w_second) * beam_z + (w_up - w_down) * jet_z
