"""Parton luminosities for q qbar' -> W in proton-proton collisions.

The luminosity of charge +1 at boson mass m and rapidity y is

    L(m, y) = sum_ij |V_ij|^2 x1 f_i(x1, Q=m) x2 f_j(x2, Q=m),    x1,2 = m/sqrt(s) exp(+-y),

with the up-type quark i = u, c taken from the beam along +z and the down-type antiquark j from the other;
charge -1 has the antiparticles of both.  The assignment with the beams exchanged is the mirror y -> -y.
L is dimensionless; it is stored on a grid in ln m and in z = y / ln(sqrt(s)/m), which is in [-1, 1].
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RectBivariateSpline

from nuportal.errors import InputError

#: ``xf(pdg_id, x, Q)``: x times the parton density; gluon 21, quarks 1..5, antiquarks negative; Q in GeV.
PartonDensity = Callable[[int, float, float], float]

UP_TYPE = (2, 4)
DOWN_TYPE = (1, 3, 5)
_QUARK_NAMES = {1: "d", 2: "u", 3: "s", 4: "c", 5: "b"}

DEFAULT_PDF_SET = "NNPDF31_nnlo_as_0118_luxqed"
#: Grid of the shipped tables: boson mass in GeV and z = y/y_max.
MASS_GRID_GEV = np.geomspace(10.0, 4000.0, 41)
RAPIDITY_FRACTION_GRID = np.linspace(-1.0, 1.0, 121)


@dataclass(frozen=True, eq=False)
class LuminosityTable:
    """Parton luminosities of one PDF set at one collision energy.

    Attributes
    ----------
    pdf_set : str
        Name of the PDF set.
    sqrt_s_TeV : float
        Collision energy, TeV.
    masses : float64[n_m]
        Boson masses, GeV, increasing.
    rapidity_fractions : float64[n_z]
        y / ln(sqrt(s)/m), increasing from -1 to 1.
    values : float64[2, n_m, n_z]
        The luminosity (dimensionless) for W+ (index 0) and W- (index 1).
    """

    pdf_set: str
    sqrt_s_TeV: float
    masses: NDArray[np.float64]
    rapidity_fractions: NDArray[np.float64]
    values: NDArray[np.float64]

    def maximal_rapidity(self, mass: ArrayLike) -> NDArray[np.float64]:
        """Return ln(sqrt(s)/m), the largest |y| of a boson of mass ``mass`` (GeV)."""
        return np.log(1000.0 * self.sqrt_s_TeV / np.asarray(mass, dtype=np.float64))

    def __call__(self, charge: int, mass: ArrayLike, rapidity: ArrayLike) -> NDArray[np.float64]:
        """Interpolate the luminosity (dimensionless); zero beyond the kinematic limit.

        Parameters
        ----------
        charge : {+1, -1}
        mass : float or array
            GeV, within the grid.
        rapidity : float or array
            Of the boson, with the up-type (anti)quark along +z; broadcast against ``mass``.
        """
        mass, rapidity = np.broadcast_arrays(np.asarray(mass, float), np.asarray(rapidity, float))
        if mass.size and not (self.masses[0] <= mass.min() and mass.max() <= self.masses[-1]):
            raise InputError(
                f"boson mass {mass.min():g}..{mass.max():g} GeV is outside the luminosity table, "
                f"allowed {self.masses[0]:g}..{self.masses[-1]:g} GeV"
            )
        fraction = rapidity / self.maximal_rapidity(mass)
        values = self._spline(charge)(np.log(mass), np.clip(fraction, -1.0, 1.0), grid=False)
        return np.where(np.abs(fraction) < 1.0, np.maximum(values, 0.0), 0.0)

    def rapidity_integral(self, charge: int, mass: ArrayLike) -> NDArray[np.float64]:
        """Return the integral of the luminosity over rapidity (dimensionless) at ``mass`` (GeV)."""
        mass = np.asarray(mass, dtype=np.float64)
        nodes, weights = np.polynomial.legendre.leggauss(200)
        values = self._spline(charge)(np.log(mass)[..., None], nodes, grid=False)
        return np.asarray(np.maximum(values, 0.0) @ weights * self.maximal_rapidity(mass))

    def _spline(self, charge: int) -> RectBivariateSpline:
        values = self.values[charge_index(charge)]
        return RectBivariateSpline(np.log(self.masses), self.rapidity_fractions, values, kx=3, ky=3, s=0)


def charge_index(charge: int) -> int:
    """Return 0 for W+ and 1 for W-; anything else is refused."""
    if charge not in (1, -1):
        raise InputError(f"W charge {charge!r}: allowed +1, -1")
    return 0 if charge == 1 else 1


@lru_cache(maxsize=1)
def ckm_magnitudes() -> Mapping[tuple[int, int], float]:
    """Return |V_ij| keyed by (up-type, down-type) PDG id, from data/ckm.toml."""
    card = tomllib.loads((files("collider") / "data" / "ckm.toml").read_text(encoding="utf-8"))
    names = {(i, j): _QUARK_NAMES[i] + _QUARK_NAMES[j] for i in UP_TYPE for j in DOWN_TYPE}
    return {pair: float(card["magnitude"][name]["value"]) for pair, name in names.items()}


def luminosity_at(pdf: PartonDensity, sqrt_s_GeV: float, charge: int, mass: float, rapidity: float) -> float:
    """Evaluate L(m, y) of the module docstring from a PDF provider, without a table.

    Parameters
    ----------
    pdf : callable
        ``xf(pdg_id, x, Q)``.
    sqrt_s_GeV, mass : float
        Collision energy and boson mass, GeV.
    charge : {+1, -1}
    rapidity : float
        |rapidity| >= ln(sqrt(s)/m) gives zero.
    """
    sign = 1 if charge_index(charge) == 0 else -1
    x1 = mass / sqrt_s_GeV * math.exp(rapidity)
    x2 = mass / sqrt_s_GeV * math.exp(-rapidity)
    if x1 >= 1.0 or x2 >= 1.0:
        return 0.0
    ups = {i: pdf(sign * i, x1, mass) for i in UP_TYPE}
    downs = {j: pdf(-sign * j, x2, mass) for j in DOWN_TYPE}
    total = sum(v * v * ups[i] * downs[j] for (i, j), v in ckm_magnitudes().items())
    return max(total, 0.0)


def tabulate(
    pdf: PartonDensity,
    sqrt_s_TeV: float,
    pdf_set: str,
    masses: ArrayLike = MASS_GRID_GEV,
    rapidity_fractions: ArrayLike = RAPIDITY_FRACTION_GRID,
) -> LuminosityTable:
    """Tabulate the luminosities of any PDF set.

    With LHAPDF: ``tabulate(lambda i, x, q: pdf.xfxQ(i, x, q), 13.0, "MySet")``.

    Parameters
    ----------
    pdf : callable
        ``xf(pdg_id, x, Q)``, Q in GeV.
    sqrt_s_TeV : float
        Collision energy, TeV.
    pdf_set : str
        Name the table will carry.
    masses, rapidity_fractions : array
        Grid, see `LuminosityTable`.
    """
    masses = np.asarray(masses, dtype=np.float64)
    fractions = np.asarray(rapidity_fractions, dtype=np.float64)
    sqrt_s_GeV = 1000.0 * sqrt_s_TeV
    if not 0.0 < masses[0] < masses[-1] < sqrt_s_GeV:
        raise InputError(f"luminosity masses {masses[0]:g}..{masses[-1]:g} GeV: allowed (0, {sqrt_s_GeV:g})")
    values = np.empty((2, masses.size, fractions.size))
    for k, mass in enumerate(masses):
        y_max = math.log(sqrt_s_GeV / mass)
        for n, fraction in enumerate(fractions):
            for c, charge in enumerate((1, -1)):
                values[c, k, n] = luminosity_at(pdf, sqrt_s_GeV, charge, float(mass), float(fraction) * y_max)
    return LuminosityTable(pdf_set, float(sqrt_s_TeV), masses, fractions, values)


def save_tables(path: str, tables: list[LuminosityTable], metadata: Mapping[str, object]) -> None:
    """Write tables of one PDF set, which share their grid, to a compressed file."""
    first = tables[0]
    np.savez_compressed(
        path,
        sqrt_s_TeV=np.array([t.sqrt_s_TeV for t in tables]),
        masses=first.masses,
        rapidity_fractions=first.rapidity_fractions,
        values=np.array([t.values for t in tables], dtype=np.float32),
        metadata=np.array(json.dumps(dict(metadata), sort_keys=True)),
    )


def pdf_sets() -> tuple[str, ...]:
    """Return the names of the PDF sets shipped with the package."""
    folder = files("collider") / "data" / "luminosity"
    return tuple(sorted(p.name.removesuffix(".npz") for p in folder.iterdir() if p.name.endswith(".npz")))


def table_metadata(pdf_set: str = DEFAULT_PDF_SET) -> dict[str, object]:
    """Return how the shipped table of a PDF set was made: source file, sha256, generator version."""
    with _open(pdf_set) as content:
        return dict(json.loads(str(content["metadata"])))


@lru_cache(maxsize=16)
def load_table(sqrt_s_TeV: float, pdf_set: str = DEFAULT_PDF_SET) -> LuminosityTable:
    """Load a shipped luminosity table.

    Raises
    ------
    InputError
        If the PDF set or the energy is not among those shipped.
    """
    with _open(pdf_set) as content:
        energies = content["sqrt_s_TeV"]
        match = np.flatnonzero(np.isclose(energies, sqrt_s_TeV, rtol=1e-9))
        if match.size == 0:
            allowed = ", ".join(f"{e:g}" for e in sorted(energies))
            raise InputError(f"collision energy {sqrt_s_TeV:g} TeV has no luminosity table: allowed {allowed}")
        values = content["values"][match[0]].astype(np.float64)
        return LuminosityTable(pdf_set, float(sqrt_s_TeV), content["masses"], content["rapidity_fractions"], values)


def _open(pdf_set: str) -> np.lib.npyio.NpzFile:
    if pdf_set not in pdf_sets():
        raise InputError(f"PDF set {pdf_set!r} is not shipped: allowed {', '.join(pdf_sets())}")
    return np.load(str(files("collider") / "data" / "luminosity" / f"{pdf_set}.npz"), allow_pickle=False)
