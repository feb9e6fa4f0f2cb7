"""Charged-lepton flavour violation of the oracle: one Dirac nu4, light neutrinos massless, no momentum transfer.

`p` holds m4 (GeV), |U_l4|^2 as u_e, u_mu, u_tau and their sum C.
"""

import numpy as np

from tests.nuportal.verdicts import oracle_rates as rates
from tests.nuportal.verdicts.oracle_rates import M_E, M_MU, M_W, Array, Points

ALPHA = 1.0 / 137.035999
S2, ALPHA_W = 0.23122, ALPHA / 0.23122  # alpha_w: the smaller of the two usual choices, rates are low by up to 13%


def photon_dipole(m4: Array) -> Array:
    """G = [F(0) - F(x)]/4 with F(x) of Cheng and Li (1980), x = m4^2/m_W^2.

    Equal to (3/2) x Int_0^1 a (1 - a)^2 / (1 - a + a x) da.
    """
    x = m4[:, None] ** 2 / M_W**2
    near, far = rates.NODES**3, (1.0 - rates.NODES) ** 3  # dense at both ends: 1 - a of order x, a of order 1/x
    a, rest = near / (near + far), far / (near + far)
    slope = 3.0 * (rates.NODES * (1.0 - rates.NODES)) ** 2 / (near + far) ** 2 * rates.WEIGHTS
    return 1.5 * x[:, 0] * (a * rest**2 / (rest + a * x) * slope).sum(axis=1)


def radiative(p: Points, one: str, two: str, leptonic: float = 1.0) -> Array:
    """BR(l1 -> l2 gamma), with the branching ratio of l1 -> l2 nu nu: (3 alpha/2 pi)|U1 U2|^2 G^2."""
    return 1.5 * ALPHA / np.pi * p[f"u_{one}"] * p[f"u_{two}"] * photon_dipole(p["m4"]) ** 2 * leptonic


def inami_lim(x: Array) -> dict[str, Array]:
    """B0, C0, D0, E0 (Inami and Lim 1981; Buras, hep-ph/9806471), and the tail of the Z penguin with two nu4."""
    ln = np.log(x)
    b0 = (x / (1 - x) + x * ln / (1 - x) ** 2) / 4
    c0 = x / 8 * ((x - 6) / (x - 1) + (3 * x + 2) * ln / (x - 1) ** 2)
    d0 = -4 / 9 * ln + (25 * x**2 - 19 * x**3) / (36 * (x - 1) ** 3)
    d0 = d0 + x**2 * (5 * x**2 - 2 * x - 6) * ln / (18 * (x - 1) ** 4)
    e0 = -2 / 3 * ln + x * (18 - 11 * x - x**2) / (12 * (1 - x) ** 3)
    e0 = e0 + x**2 * (15 - 16 * x + 4 * x**2) * ln / (6 * (1 - x) ** 4)
    two = -(2 * x * ln + x + 2 * x**2 * ln / (1 - x)) / 2  # arXiv:1209.2679
    one = -x * ln / (2 * (1 - x))
    b = 1 / (1 - x) + x * ln / (1 - x) ** 2
    # box with two nu4: (1 + x^2/4) c'(x) - 2 x^2 b'(x)
    db = (2 * (1 - x) + (1 + x) * ln) / (1 - x) ** 3
    dc = (1 + x + 2 * x * ln) / (1 - x) ** 2 + 2 * x**2 * ln / (1 - x) ** 3
    pair = (1 + x**2 / 4) * dc - 2 * x**2 * db - b
    return {"F": d0 - 2 / 3 * e0, "B": 4 * b0, "Z2": two, "Z1": one, "Z": -4 * c0 - two, "X": pair}


def penguins(p: Points) -> tuple[Array, Array, Array, Array, Array]:
    """Photon charge radius, dipole, Z, uu box, and eee box of mu -> e for one Dirac nu4, per U_e4 U_mu4."""
    x = np.maximum(p["m4"], 1.0) ** 2 / M_W**2
    x = np.where(np.abs(x - 1.0) < 0.02, np.where(x < 1.0, 0.98, 1.02), x)
    f = inami_lim(x)
    z = f["Z"] + 2.0 * (1.0 - p["C"]) * f["Z1"] + p["C"] * f["Z2"]
    box = 2.0 * ((1.0 - p["u_e"]) * f["B"] + p["u_e"] * f["X"])
    return f["F"], photon_dipole(np.sqrt(x) * M_W), z, f["B"], box


def mu_to_3e(p: Points) -> Array:
    """BR(mu -> 3e), arXiv:1209.2679 as in Ilakovac and Pilaftsis hep-ph/9403398."""
    f, g, z, _, box = penguins(p)
    d = z - f
    log = np.log(M_MU**2 / M_E**2) - 11.0 / 4.0
    total = 2.0 * (box / 2.0 + z - 2.0 * S2 * d) ** 2 + 4.0 * S2**2 * d**2
    total += 16.0 * S2 * (z + box / 2.0) * g - 48.0 * S2**2 * d * g + 32.0 * S2**2 * g**2 * log
    return ALPHA_W**2 / (64.0 * np.pi**2) * p["u_e"] * p["u_mu"] * total


def mu_e_gold(p: Points) -> Array:
    """mu-e conversion in gold over capture; overlap integrals of Kitano, Koike and Okada (hep-ph/0203110)."""
    vp, vn, dipole, capture = 0.0974, 0.146, 0.189, 1.307e7 * 6.582119569e-25
    f, g, z, b, _ = penguins(p)
    up = -z / 4.0 + 2.0 / 3.0 * S2 * (z - f) - b
    down = z / 4.0 - S2 / 3.0 * (z - f) + b / 4.0
    charge = np.sqrt(4.0 * np.pi * ALPHA)
    sum_ = 4.0 * vp * (2.0 * up + down) + 4.0 * vn * (up + 2.0 * down) - dipole * g * S2 / (2.0 * charge)
    factor = 2.0 * rates.G_F**2 * ALPHA_W**2 * M_MU**5 / ((4.0 * np.pi) ** 2 * capture)
    return factor * p["u_e"] * p["u_mu"] * sum_**2
