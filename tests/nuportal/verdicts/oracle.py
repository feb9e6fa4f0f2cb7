"""Independent oracle of the verdicts: observables of a point against published numbers, with no code of the product.

Each function of `VIOLATIONS` says at which points the physics is beyond a published limit by more than a slack, 5% or
what stands beside it. A nu4 that is produced counts in several ways where an experiment's
acceptance or the theory leaves a choice: as a line at m4, as the spectral density of `oracle_rates`, or not at all.
A point is beyond a measurement only if it is so in every way; what remains does not depend on such choices.
Single measured numbers m +- s: with x the predicted shift and d = m - SM, the strength u (u = 1 at the point) has the
estimate d/x +- s/|x|, and the bounded Delta chi2 of 2.706 gives its upper limit, which must not be below 1.

References: limits of PDG 2026 (offline listing) unless said; "(memory)" marks numbers not found in a source here.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from tests.nuportal.verdicts import oracle_rates as rates
from tests.nuportal.verdicts.oracle_flavour_violation import mu_e_gold, mu_to_3e, radiative
from tests.nuportal.verdicts.oracle_rates import M_E, M_H, M_K, M_MU, M_PI, M_TAU, M_W, M_Z, VEV, Array, Points
from tests.nuportal.verdicts.oracle_statistics import SLACK, beyond, single_limit, strength_limit

Flags = NDArray[np.bool_]
Ways = Iterable[Array]
FLAVOURS = ("e", "mu", "tau")
SLACK_WINDOW, SLACK_KL3, SLACK_ROUGH, SLACK_CONVERSION = 1.10, 1.30, 2.0, 1.20

B_K_MU, R_K_SM, R_PI_SM = 0.6356, 2.477e-5, 1.23524e-4  # arXiv:0707.3439 (R_pi: last digits from memory)
E949, NA62 = 2.4e-6, 1.0e-6  # arXiv:1606.09054 (130 < p < 175 MeV/c), arXiv:2101.12304 (m_miss > 316 MeV)
PIENU_E, PIENU_MU = 1.6e-7, 8.6e-6  # relative to pi -> mu nu, arXiv:2006.00389
HEINTZE = 3.8  # relative to K -> e nu, Nucl. Phys. B149 (1979) 365
H_INVISIBLE, H_WIDTH = 0.107, 4.07e-3  # ATLAS, Phys. Lett. B842 (2023) 137963, 95% CL; SM width in GeV (memory)
MU_E_GAMMA, TAU_E_GAMMA, TAU_MU_GAMMA = 1.5e-13, 3.3e-8, 4.2e-8  # arXiv:2504.15711, BaBar 2010, Belle 2021
MU_3E, MU_E_GOLD = 1.0e-12, 7e-13  # SINDRUM 1988, SINDRUM II 2006
B_TAU_E, B_TAU_MU = 0.178468, 0.173657


def prepare(points: Points) -> Points:
    """Add |U_l4|^2 as u_e, u_mu, u_tau and their sum C; arrays of shape (n,)."""
    p = {name: np.asarray(values, dtype=float) for name, values in points.items()}
    for flavour in FLAVOURS:
        p[f"u_{flavour}"] = p[f"U{flavour}4"] ** 2
    p["C"] = p["u_e"] + p["u_mu"] + p["u_tau"]
    return p


# --- searches -------------------------------------------------------------------------------------------------------
def dark_share(p: Points, flavour: str, meson: float, low: float, high: float) -> Array:
    """Gamma(M -> l chi phi) / Gamma_SM(M -> l nu) with low < Q < high in GeV: chi phi alone, no stable nu4."""
    lepton = {"e": M_E, "mu": M_MU}[flavour]
    high = min(high, meson - lepton)
    return p[f"u_{flavour}"] * rates.continuum(p, rates.two_body(meson, lepton), low, high)


def kaon_window(p: Points, low: float, high: float) -> Array:
    """BR(K -> mu chi phi) in a window, over the share of mu nu nu nubar in it: compare with the published limit."""
    return B_K_MU * dark_share(p, "mu", M_K, low, high) / rates.three_neutrino_fraction(M_K, M_MU, low, high)


def k_mu_e949(p: Points) -> Array:
    """Branching ratio that E949 would report, muons of 130 to 175 MeV/c."""
    return kaon_window(p, rates.recoil_mass(M_K, M_MU, 0.175), rates.recoil_mass(M_K, M_MU, 0.130))


def k_mu_na62(p: Points) -> Array:
    """Branching ratio that NA62 would report, missing mass above 316 MeV."""
    return kaon_window(p, 0.316, M_K - M_MU)


def pi_e_dark(p: Points) -> Array:
    """pi -> e chi phi over pi -> mu nu with positrons of 5 to 50 MeV, away from the peak of pi -> e nu."""
    low, high = (rates.recoil_mass(M_PI, M_E, momentum) for momentum in (0.050, 0.005))
    return R_PI_SM * dark_share(p, "e", M_PI, low, high)


def pi_mu_dark(p: Points) -> Array:
    """pi -> mu chi phi over pi -> mu nu with Q > 15.7 MeV, away from the peak of pi -> mu nu."""
    return dark_share(p, "mu", M_PI, 0.0157, M_PI)


def k_e_dark(p: Points) -> tuple[Array, Array]:
    """K -> e chi phi over K -> e nu: all of it, and as seen at 220 to 230 MeV/c (window of Heintze 1979: memory)."""
    low, high = (rates.recoil_mass(M_K, M_E, momentum) for momentum in (0.230, 0.220))
    seen = dark_share(p, "e", M_K, low, high) / rates.three_neutrino_fraction(M_K, M_E, low, high)
    return dark_share(p, "e", M_K, 0.0, M_K), seen


# --- universality ---------------------------------------------------------------------------------------------------
def lepton_ratio(p: Points, meson: float, e_window: float, mu_window: float) -> Array:
    """Gamma(P -> e)/Gamma(P -> mu) over the SM, if nu4 and chi phi count up to Q = `*_window` (GeV)."""
    rate = {}
    for flavour, lepton, window in (("e", M_E, e_window), ("mu", M_MU, mu_window)):
        seen = rates.produced(p, rates.two_body(meson, lepton), 0.0, min(window, meson - lepton))
        rate[flavour] = 1.0 - p[f"u_{flavour}"] * (1.0 - seen)
    return rate["e"] / rate["mu"]


def r_pi(p: Points) -> list[Array]:
    """R_pi: a positron counts as pi -> e nu above 52 MeV or so, i.e. Q below 60 to 72 MeV; every muon counts."""
    return [lepton_ratio(p, M_PI, window, M_PI) for window in (0.060, 0.072)]


def r_k(p: Points) -> list[Array]:
    """R_K: missing mass near zero (Q below 95 to 125 MeV) for electrons; the same for muons or all of them."""
    return [lepton_ratio(p, M_K, w, v) for w in (0.095, 0.125) for v in (w, M_K)]


def tau_ratios(p: Points) -> list[Array]:
    """(g_tau/g_mu)^2 from tau -> e and (g_tau/g_e)^2 from tau -> mu, shape (2, n), each way."""
    to_e = rates.decay_ways(p, M_TAU, M_E, ("e", "tau"))
    to_mu = rates.decay_ways(p, M_TAU, M_MU, ("mu", "tau"))
    return [np.stack([a / m, b / m]) for m in rates.muon_ways(p) for a, b in zip(to_e, to_mu, strict=True)]


def tau_limits(p: Points) -> Iterable[Array]:
    """Measured: HFLAV 2023 (arXiv:2411.18639; memory), and from branching ratios, mass and lifetime of PDG 2026."""
    correlation = np.array([[1.0, 0.51], [0.51, 1.0]])  # about that of HFLAV
    for ratios in tau_ratios(p):
        for values in ((1.0016, 1.0018), (1.0018, 1.0020)):
            g = np.array(values)
            errors = 2.0 * g * 0.0014
            yield strength_limit(ratios - 1.0, g**2 - 1.0, correlation * np.outer(errors, errors))


def w_ratios(p: Points, numerator: str, denominator: str) -> Ways:
    """Gamma(W -> l nu)/Gamma(W -> l' nu) over the SM, each way."""
    for way in rates.ways(p, rates.boson_one(M_W), M_W):
        rate = {f: 1.0 - p[f"u_{f}"] * (1.0 - way) for f in (numerator, denominator)}
        yield rate[numerator] / rate[denominator]


W_RATIOS = (  # averages of PDG 2026, and ATLAS alone (JHEP 05 (2025) 038; Nature Phys. 17 (2021) 813)
    ("mu", "e", 1.0004, 0.0036),
    ("tau", "mu", 1.0019, 0.0203),
    ("tau", "mu", 0.992, 0.013),
    ("tau", "e", 1.0026, 0.0199),
    ("tau", "e", 0.975, 0.023),
)


def w_universality(p: Points) -> Flags:
    """Any ratio of W -> l nu beyond its measurement."""
    return np.logical_or.reduce(
        [beyond(single_limit(r - 1.0, m, 1.0, s) for r in w_ratios(p, a, b)) for a, b, m, s in W_RATIOS]
    )


# --- electroweak and CKM --------------------------------------------------------------------------------------------
def electroweak(muon_rate: Array) -> Array:
    """Shifts of m_W (GeV) and sin^2 theta_eff at fixed alpha and m_Z, shape (2, n): G_F = G_mu / sqrt(muon_rate).

    s^2 c^2 is proportional to 1/G_F; s^2 on shell for m_W, effective for the Z pole. Solved exactly.
    """
    shifts = []
    for s2 in (1.0 - (80.356 / M_Z) ** 2, 0.23155):
        product = s2 * (1.0 - s2) * np.sqrt(muon_rate)
        shifts.append((1.0 - np.sqrt(1.0 - 4.0 * product)) / 2.0)
    return np.stack([M_Z * np.sqrt(1.0 - shifts[0]) - 80.356, shifts[1] - 0.23155])


def electroweak_limits(p: Points) -> Iterable[Array]:
    """m_W 80.3625(77) against 80.356(6), sin^2 theta_eff 0.23148(12) against 0.23155(4) (theory: memory)."""
    covariance = np.diag([0.0077**2 + 0.006**2, 0.00012**2 + 0.00004**2])
    pulls = np.array([80.3625 - 80.356, 0.23148 - 0.23155])
    return (strength_limit(electroweak(m), pulls, covariance) for m in rates.muon_ways(p))


V_UD, V_US_KL3, V_US_AVERAGE, V_RATIO = (0.97367, 0.00032), (0.22330, 0.00053), (0.2243, 0.0008), (0.2311, 0.0005)
V_UB, V_US = 0.00382, 0.2246
KL3_ELECTRONS = 0.6  # weight of the electron modes in the average of |V_us| f_+(0)


def ckm_shifts(p: Points) -> Iterable[Array]:
    """Shifts of |V_ud| (beta), |V_us| (K_l3) and |V_us/V_ud| (K_mu2/pi_mu2) at the true |V_us| = V_US, (3, n)."""
    v_ud = np.sqrt(1.0 - V_US**2 - V_UB**2)
    columns = (
        rates.muon_ways(p),
        rates.ways(p, rates.semileptonic_kaon(M_E), M_K - rates.M_PI0 - M_E),
        rates.ways(p, rates.semileptonic_kaon(M_MU), M_K - rates.M_PI0 - M_MU),
        rates.ways(p, rates.two_body(M_K, M_MU), M_K - M_MU),
        rates.ways(p, rates.two_body(M_PI, M_MU), M_PI - M_MU),
    )
    for muon, e3, mu3, k2, pi2 in zip(*columns, strict=True):
        beta = (1.0 - p["u_e"]) / muon
        kl3_e, kl3_mu = (1.0 - p[f"u_{f}"] * (1.0 - way) for f, way in (("e", e3), ("mu", mu3)))
        kl3 = (KL3_ELECTRONS * kl3_e + (1.0 - KL3_ELECTRONS) * kl3_mu) / muon
        kl2 = (1.0 - p["u_mu"] * (1.0 - k2)) / (1.0 - p["u_mu"] * (1.0 - pi2))
        shifts = (v_ud * (np.sqrt(beta) - 1.0), V_US * (np.sqrt(kl3) - 1.0), V_US / v_ud * (np.sqrt(kl2) - 1.0))
        yield np.stack(shifts)


def ckm_limits(p: Points) -> Iterable[Array]:
    """First row with |V_us| fitted: three determinations, and beta with the average |V_us|.

    PDG review 2024 (|V_us| and the ratio from memory). In nuclear beta decay nu4 is taken to be out of reach.
    """
    v_ud = np.sqrt(1.0 - V_US**2 - V_UB**2)
    free = np.array([-V_US / v_ud, 1.0, 1.0 / v_ud**3])
    standard = np.array([v_ud, V_US, V_US / v_ud])
    three = np.array([V_UD, V_US_KL3, V_RATIO])
    two = np.array([V_UD, V_US_AVERAGE])
    for shifts in ckm_shifts(p):
        pulls, covariance = three[:, 0] - standard, np.diag(three[:, 1] ** 2)
        yield strength_limit(shifts, pulls, covariance, free)
        yield strength_limit(shifts[:2], two[:, 0] - standard[:2], np.diag(two[:, 1] ** 2), free[:2])


def ckm(p: Points) -> Flags:
    """First row of the CKM matrix, not where nuclear beta decay could produce nu4 (electron mixing, below 10 MeV)."""
    return beyond(ckm_limits(p), SLACK_KL3) & ((p["m4"] > 0.010) | (p["u_e"] < 1e-6))


# --- Z and h: sums over the mixing matrices -------------------------------------------------------------------------
def mixings(p: Points) -> Array:
    """U_l4, shape (n, 3)."""
    return np.stack([p[f"U{flavour}4"] for flavour in FLAVOURS], axis=1)


def neutrino_number(p: Points) -> Ways:
    """N_nu from Gamma_inv/Gamma_ll (G_F cancels), each way: sum over i, j of the couplings of Z to nu_i nu_j."""
    u = mixings(p)
    light = np.eye(3)[None] - u[:, :, None] * u[:, None, :]
    mixed = 2.0 * (u**2 * (1.0 - p["C"])[:, None]).sum(axis=1)
    pair = p["C"] ** 2 * rates.boson_pair(p["m4"], M_Z)
    for way in rates.ways(p, rates.boson_one(M_Z), M_Z):
        yield (light**2).sum(axis=(1, 2)) + mixed * way + pair * (way > 0.0)


def h_invisible(p: Points) -> tuple[Array, Array]:
    """BR(h -> invisible): nu4 as a line that decays to chi phi as often as it does; chi phi with any Q.

    h couples nu_i left to nu4 right; the propagator of N_R to N_L has m4 where that of nu to N_L has Qslash m4^2/Q^2.
    """
    yukawa = (p["m4"] * np.sqrt(1.0 - p["C"]))[:, None] * mixings(p) / (np.sqrt(2.0) * VEV)
    single = 2.0 * (yukawa**2).sum(axis=1) * M_H / (16.0 * np.pi)
    r = p["m4"] ** 2 / M_H**2
    pair = (
        (p["m4"] * p["C"] / (np.sqrt(2.0) * VEV)) ** 2 * M_H / (8.0 * np.pi) * np.clip(1.0 - 4.0 * r, 0.0, 1.0) ** 1.5
    )
    seen = rates.invisible_branching(p)
    line = single * np.clip(1.0 - r, 0.0, 1.0) ** 2 * seen + pair * seen**2

    def weight(q2: Array) -> Array:
        return q2 * (1.0 - q2 / M_H**2) ** 2

    spectrum = single * rates.continuum(p, weight, 0.0, M_H) / p["m4"] ** 2 * np.where(p["m4"] < M_H, seen, 1.0)
    return line / (line + H_WIDTH), spectrum / (spectrum + H_WIDTH)


def h_excluded(p: Points) -> Flags:
    """Beyond 0.107 both ways, or twice beyond it with an off-shell nu4 (its self-energy has an O(1) uncertainty)."""
    line, spectrum = h_invisible(p)
    return (np.minimum(line, spectrum) > H_INVISIBLE * SLACK) | (spectrum > H_INVISIBLE * SLACK_ROUGH)


# --- all of it ------------------------------------------------------------------------------------------------------
VIOLATIONS: dict[str, Callable[[Points], Flags]] = {
    "K -> mu chi phi, E949": lambda p: k_mu_e949(p) > E949 * SLACK_WINDOW,
    "K -> mu chi phi, NA62": lambda p: k_mu_na62(p) > NA62 * SLACK_WINDOW,
    "K -> e chi phi": lambda p: np.minimum(*k_e_dark(p)) > HEINTZE * SLACK_ROUGH,
    "pi -> e chi phi": lambda p: pi_e_dark(p) > PIENU_E * SLACK_ROUGH,
    "pi -> mu chi phi": lambda p: pi_mu_dark(p) > PIENU_MU * SLACK_ROUGH,
    "R_pi": lambda p: beyond(single_limit(r * R_PI_SM - R_PI_SM, 1.23265e-4, R_PI_SM, 2.3e-7, 1.5e-8) for r in r_pi(p)),
    "R_K": lambda p: beyond(single_limit(r * R_K_SM - R_K_SM, 2.4885e-5, R_K_SM, 9.4e-8, 1e-8) for r in r_k(p)),
    "tau ratios": lambda p: beyond(tau_limits(p)),
    "m_W and sin^2 theta_eff": lambda p: beyond(electroweak_limits(p)),
    "first row of CKM": ckm,
    "N_nu": lambda p: beyond(single_limit(n - 3.0, 2.9963, 3.0, 0.0074) for n in neutrino_number(p)),
    "W universality": w_universality,
    "h -> invisible": h_excluded,
    "mu -> e gamma": lambda p: radiative(p, "mu", "e") > MU_E_GAMMA * SLACK,
    "tau -> e gamma": lambda p: radiative(p, "tau", "e", B_TAU_E) > TAU_E_GAMMA * SLACK,
    "tau -> mu gamma": lambda p: radiative(p, "tau", "mu", B_TAU_MU) > TAU_MU_GAMMA * SLACK,
    "mu -> 3e": lambda p: (p["m4"] > 1.0) & (mu_to_3e(p) > MU_3E * SLACK_CONVERSION),
    "mu-e conversion in gold": lambda p: (p["m4"] > 1.0) & (mu_e_gold(p) > MU_E_GOLD * SLACK_CONVERSION),
}


def violations(points: Points) -> dict[str, Flags]:
    """By observable, at which points it is beyond its published limit.

    Parameters
    ----------
    points : dict of arrays, shape (n,)
        m_chi, m_phi, m4 in GeV; yL; Ue4, Umu4, Utau4.
    """
    p = prepare(points)
    return {name: violated(p) for name, violated in VIOLATIONS.items()}


def sample(flavour: str, n: int, seed: int) -> Points:
    """Random points with mixing in one flavour, or "mixed": log-uniform in all parameters."""
    rng = np.random.default_rng(seed)

    def log_uniform(low: float, high: float) -> Array:
        return np.exp(rng.uniform(np.log(low), np.log(high), n))

    m_chi = log_uniform(1e-3, 100.0)
    points = {"m_chi": m_chi, "m_phi": m_chi * log_uniform(1.01, 30.0), "m4": log_uniform(1e-3, 1e3)}
    points["yL"] = log_uniform(1e-3, 4.0 * np.pi)
    for name in FLAVOURS:
        chosen = flavour in (name, "mixed")
        points[f"U{name}4"] = np.sqrt(log_uniform(1e-10, 0.1)) if chosen else np.zeros(n)
    return points
