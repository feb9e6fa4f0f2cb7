"""pp -> W -> l nu4 and l nu: mass, rapidity and transverse momentum of the W, and cross sections.

With r = m4^2/m^2, a running-width propagator and the luminosity L of `collider.production.luminosity`, at
next-to-leading order of QCD,

    d sigma / dm^2 dy = 4 pi g^2 L(m, y) (1-r)^2 (1+r/2) / [(m^2 - mW^2)^2 + m^4 GammaW^2/mW^2],
    g = G_F mW^2 / (6 sqrt2 pi),

the factors of r being those of Gamma(W -> l nu4)/|U|^2 (arXiv:1709.07001, Eq. 13 and below).  In the
narrow-width limit this is pi sqrt2 G_F/3 * mW^2 BR * (integral of L over y)/mW^2.
The absolute normalisation is that of an NNLO prediction (data/w_cross_sections.toml).  The transverse
momentum of the W depends on its charge and |y| (data/w_pt) and is taken independent of its mass.  The side of the
beams on which the W goes, at its |y| and transverse momentum, and its angular coefficients are those of order alpha_s
(`collider.production.spin`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import trapezoid
from scipy.interpolate import CubicSpline

from collider.production.luminosity import LuminosityTable, charge_index, load_table
from collider.production.normalisation import published_cross_section
from collider.production.partons import DEFAULT_PDF_SET
from collider.production.quantiles import quantile_nodes
from collider.production.rapidity_nlo import Order
from collider.production.shower_spin import shower_rapidity_factor
from collider.production.spin import DEFAULT_SPIN, SpinModel, SpinTable, spin_table
from collider.production.w_pt import NOMINAL, pt_rows
from nucore.errors import InputError
from nucore.model import constants
from nucore.model.widths import w_two_body_factor

M_W = float(constants.M_W)
GAMMA_W = float(constants.GAMMA_W)

#: Nodes of the quantile tables: mass, rapidity, and rows (boson masses) of the rapidity table.
N_MASS_NODES = 4097
N_RAPIDITY_NODES = 513
N_RAPIDITY_ROWS = 81
#: Largest nu4 mass: above it the end of the mass table would be felt.
MAX_M4_GEV = 2000.0


@dataclass(frozen=True, eq=False)
class WRate:
    """Rate of one final state, l nu (m4 = 0) or l nu4, by W bosons of one charge, and their mass.

    Attributes
    ----------
    charge : {+1, -1}
    m4 : float
        Mass of the neutral lepton, GeV.
    cross_section_pb : float
        pp -> W -> l nu4 divided by |U_l4|^2, one lepton flavour, all of phase space.
    mass_quantiles : float64[n_m]
        W mass (GeV) at uniform steps of its cumulative probability, 0 to 1; linear in between.
    """

    charge: int
    m4: float
    cross_section_pb: float
    mass_quantiles: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WComponent(WRate):
    """The same with all that events are sampled from.

    Attributes
    ----------
    rapidity_row : float64[n_m]
        Fractional row of ``rapidity_quantiles`` at each mass node; linear in between.
    rapidity_quantiles : float64[n_rows, n_y]
        W rapidity, up-type (anti)quark along +z (`collider.production.luminosity`), at uniform steps of its cumulative
        probability; rows are boson masses at uniform steps in ln m; bilinear in between.
    rapidity_masses : float64[n_rows]
        Boson mass (GeV) of each row of ``rapidity_quantiles``.
    pt_rows : float64[n_pt_rows, n_pt]
        W transverse momentum (GeV) at uniform steps of its cumulative probability, linear in between, for |y| = 0,
        `collider.production.w_pt.PT_RAPIDITY_STEP`, twice that, ...; at a |y| between two rows the distribution is
        their mixture with linear weights, beyond the last it is the last.
    spin : SpinTable
        Angular coefficients; and, at given |y| and transverse momentum, the side on which the W goes: of
        ``rapidity_quantiles`` |y| alone counts.
    """

    rapidity_row: NDArray[np.float64]
    rapidity_quantiles: NDArray[np.float64]
    rapidity_masses: NDArray[np.float64]
    pt_rows: NDArray[np.float64]
    spin: SpinTable


def breit_wigner(mass: ArrayLike, m_W: float = M_W, gamma_W: float = GAMMA_W) -> NDArray[np.float64]:
    """Return 1/[(m^2-mW^2)^2 + m^4 GammaW^2/mW^2] (GeV^-4) at ``mass`` (GeV)."""
    s = np.square(np.asarray(mass, dtype=np.float64))
    return np.asarray(1.0 / ((s - m_W**2) ** 2 + (s * gamma_W / m_W) ** 2))


def decay_factor(mass: ArrayLike, m4: float) -> NDArray[np.float64]:
    """Return (1-r)^2 (1+r/2), r = m4^2/mass^2, zero for mass <= m4 (both in GeV).

    References
    ----------
    arXiv:1709.07001, width of W -> l nu4 below Eq. 13.
    """
    return np.asarray(w_two_body_factor((m4 / np.asarray(mass, dtype=np.float64)) ** 2))


def mass_spectrum(
    table: LuminosityTable,
    charge: int,
    m4: float,
    m_W: float = M_W,
    gamma_W: float = GAMMA_W,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return masses (GeV, fine and increasing) and d sigma/dm there (pb/GeV), at the order of the table.

    Both beam assignments are included.  The grid is dense where the propagator or the threshold needs it.

    Raises
    ------
    InputError
        Unknown charge; m4 negative, above `MAX_M4_GEV` or too close to the end of the luminosity table.
    """
    charge_index(charge)
    largest = min(MAX_M4_GEV, 0.9 * float(table.masses[-1]))
    if not 0.0 <= m4 <= largest:
        raise InputError(f"invalid m4 = {m4:g} GeV at {table.sqrt_s_TeV:g} TeV: expected 0 to {largest:g} GeV")
    mass = _mass_grid(max(m4, float(table.masses[0])), float(table.masses[-1]), m_W, gamma_W)
    luminosity = np.exp(_log_integrated_luminosity(table, charge)(np.log(mass)))
    rate = 2.0 * _coupling_pb(m_W) * luminosity * 2.0 * mass * breit_wigner(mass, m_W, gamma_W)
    return mass, rate * decay_factor(mass, m4)


def fixed_order_cross_section_pb(
    sqrt_s_TeV: float,
    charge: int,
    m4: float = 0.0,
    m_W: float = M_W,
    gamma_W: float = GAMMA_W,
    beams: str = "pp",
    order: Order = "nlo",
) -> float:
    """Return the cross section (pb) of W -> l nu4 over |U_l4|^2 with the default PDF set, without `k_factor`."""
    mass, rate = mass_spectrum(load_table(sqrt_s_TeV, beams=beams, order=order), charge, m4, m_W, gamma_W)
    return float(trapezoid(rate, mass))


@lru_cache(maxsize=64)
def k_factor(sqrt_s_TeV: float, beams: str = "pp", order: Order = "nlo") -> float:
    """Return NNLO over an order for W+ and W- together, with the default PDF set and electroweak inputs.

    The ratio of W+ to W- is that of the PDF set, which describes the measured asymmetry of leptons better than the
    older sets of the published predictions.

    References
    ----------
    data/w_cross_sections.toml names the NNLO prediction of each energy.
    """
    entry = published_cross_section("w", sqrt_s_TeV, beams)
    if "nnlo_pb" not in entry:
        return k_factor(float(entry["k_factor_from_TeV"]), order=order)
    found = sum(fixed_order_cross_section_pb(sqrt_s_TeV, charge, beams=beams, order=order) for charge in (1, -1))
    return float(sum(entry["nnlo_pb"])) / found


@lru_cache(maxsize=512)
def w_rate(
    sqrt_s_TeV: float,
    charge: int,
    m4: float,
    pdf_set: str = DEFAULT_PDF_SET,
    m_W: float = M_W,
    gamma_W: float = GAMMA_W,
    beams: str = "pp",
    order: Order = "nlo",
) -> WRate:
    """Return cross section and mass table of pp -> W -> l nu4; arguments and errors are those of `w_component`."""
    mass, rate = mass_spectrum(load_table(sqrt_s_TeV, pdf_set, beams, order), charge, m4, m_W, gamma_W)
    cross_section = float(trapezoid(rate, mass)) * k_factor(sqrt_s_TeV, beams, order)
    return WRate(charge, float(m4), cross_section, _frozen(quantile_nodes(mass, rate, N_MASS_NODES)))


@lru_cache(maxsize=512)
def w_component(
    sqrt_s_TeV: float,
    charge: int,
    m4: float,
    pdf_set: str = DEFAULT_PDF_SET,
    m_W: float = M_W,
    gamma_W: float = GAMMA_W,
    w_pt: str = NOMINAL,
    beams: str = "pp",
    spin: SpinModel = DEFAULT_SPIN,
    order: Order = "nlo",
) -> WComponent:
    """Return cross section and sampling tables of pp -> W -> l nu4 for one charge and nu4 mass.

    Parameters
    ----------
    sqrt_s_TeV : float
        One of the shipped energies.
    charge : {+1, -1}
    m4 : float
        GeV, 0 (light neutrino) to `MAX_M4_GEV`.  Above the W mass the W is off shell.
    pdf_set : str
        As in `collider.production.partons.load_partons`.
    m_W, gamma_W : float
        GeV.
    w_pt : str
        Model of the W transverse momentum, one of `collider.production.w_pt.pt_models`.
    beams : {"pp", "ppbar"}
    spin : SpinModel, optional
        Of the angular coefficients; the default of `SpinModel`.
    order : {"lo", "nlo"}
        Of mass and rapidity; the rate is that of the NNLO prediction.

    Raises
    ------
    InputError
        Unknown energy, beams, order, charge, PDF set or W pT model; m4 out of range.
    """
    table = load_table(sqrt_s_TeV, pdf_set, beams, order)
    rows = pt_rows(sqrt_s_TeV, charge, w_pt, beams)
    rate = w_rate(sqrt_s_TeV, charge, m4, pdf_set, m_W, gamma_W, beams, order)
    log_rows = np.log(_row_masses(table))
    row = (np.log(rate.mass_quantiles) - log_rows[0]) / (log_rows[1] - log_rows[0])
    return WComponent(
        **vars(rate),
        rapidity_row=_frozen(np.clip(row, 0.0, log_rows.size - 1.0)),
        rapidity_quantiles=_rapidity_quantiles(table, charge, spin.shower),
        rapidity_masses=_frozen(np.exp(log_rows)),
        pt_rows=rows,
        spin=spin_table(sqrt_s_TeV, charge, pdf_set, beams, spin),
    )


def _coupling_pb(m_W: float) -> float:
    g = float(constants.G_F) * m_W**2 / (6.0 * math.sqrt(2.0) * math.pi)
    return 4.0 * math.pi * g * g * float(constants.HBARC_SQ_GEV2_PB)


def _mass_grid(low: float, high: float, m_W: float, gamma_W: float) -> NDArray[np.float64]:
    """Return masses dense in the resonance, above the lower end and over the whole range."""
    angle = np.arctan((np.square([low, high]) - m_W**2) / (m_W * gamma_W))
    s = m_W**2 + m_W * gamma_W * np.tan(np.linspace(angle[0], angle[1], 12001)[1:-1])
    resonance = np.sqrt(s[(s > low**2) & (s < high**2)])
    threshold = low + (high - low) * np.linspace(0.0, 1.0, 4001) ** 4
    return np.unique(np.concatenate([resonance, threshold, np.geomspace(low, high, 4001)[1:-1]]))


def _row_masses(table: LuminosityTable) -> NDArray[np.float64]:
    rows = np.geomspace(table.masses[0], table.masses[-1], N_RAPIDITY_ROWS)
    rows[0], rows[-1] = table.masses[0], table.masses[-1]
    return rows


@lru_cache(maxsize=64)
def _log_integrated_luminosity(table: LuminosityTable, charge: int) -> CubicSpline:
    """Return ln of the luminosity integrated over rapidity as a function of ln m."""
    rows = _row_masses(table)
    integral = np.maximum(table.rapidity_integral(charge, rows), 1e-300)
    return CubicSpline(np.log(rows), np.log(integral))


@lru_cache(maxsize=64)
def _rapidity_quantiles(table: LuminosityTable, charge: int, shower: float) -> NDArray[np.float64]:
    """Return the quantiles; ``shower`` is the part of the way to the rapidity that a shower Monte Carlo makes of it."""
    fraction = np.linspace(-1.0, 1.0, 4001)
    factor = 1.0 + shower * (shower_rapidity_factor(table.sqrt_s_TeV, charge, fraction, table.beams) - 1.0)
    rows = _row_masses(table)
    quantiles = np.empty((rows.size, N_RAPIDITY_NODES))
    for k, mass in enumerate(rows):
        y = fraction * table.maximal_rapidity(mass)
        quantiles[k] = quantile_nodes(y, factor * table(charge, mass, y), N_RAPIDITY_NODES)
    return _frozen(quantiles)


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array = np.ascontiguousarray(array, dtype=np.float64)
    array.setflags(write=False)
    return array
