"""Parton densities of the proton: shipped sets, and any set of an installed LHAPDF."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline

from nucore.errors import InputError

Array = NDArray[np.float64]

#: ``xf(pdg_id, x, Q)``: x times the parton density; quarks 1..5, antiquarks negative, gluon 21; Q in GeV.
PartonDensity = Callable[[int, float, float], float]

DEFAULT_PDF_SET = "NNPDF31_nnlo_as_0118_luxqed"
GLUON = 21
FLAVOURS = (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
#: PDG ids of the tables.
PARTONS = (*FLAVOURS, GLUON)


def stretched(x: ArrayLike) -> Array:
    """Return ln x + 5 x: even steps of it are logarithmic at small and linear at large x."""
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(np.log(x) + 5.0 * x)


def _default_x() -> Array:
    fine = np.geomspace(2e-7, 1.0, 20001)
    steps = np.linspace(stretched(fine[0]), stretched(1.0), 241)
    nodes = np.interp(steps, stretched(fine), fine)
    nodes[0], nodes[-1] = fine[0], 1.0
    return nodes


#: Nodes of the shipped tables.
X_GRID = _default_x()
Q_GRID_GEV = np.geomspace(10.0, 4000.0, 15)


@dataclass(frozen=True, eq=False)
class PartonTable:
    """Densities of quarks, antiquarks and the gluon in the proton on a grid, interpolated by bicubic splines.

    Attributes
    ----------
    pdf_set : str
    x : float64[n_x]
        Momentum fractions, increasing to 1.
    q : float64[n_q]
        Scales, GeV, increasing.
    values : float64[11, n_x, n_q]
        x times the density of each of `PARTONS`.
    """

    pdf_set: str
    x: Array
    q: Array
    values: Array

    def __call__(self, pdg_id: int, x: ArrayLike, q: ArrayLike) -> Array:
        """Return x f(x, Q), broadcast over ``x`` and ``q`` (GeV), both within the grid."""
        spline = _splines(self)[PARTONS.index(pdg_id)]
        return np.asarray(spline(stretched(x), np.log(np.asarray(q, dtype=np.float64)), grid=False))

    def on_grid(self, pdg_id: int, x: Array, q: Array) -> Array:
        """Return x f(x, Q), float64[n_q, n_x], at all pairs of increasing ``x`` and ``q`` (GeV), within the grid."""
        return np.ascontiguousarray(_splines(self)[PARTONS.index(pdg_id)](stretched(x), np.log(q)).T)

    def at_scale(self, q: float) -> Callable[[ArrayLike], dict[int, Array]]:
        """Return x f(x, Q) of all `PARTONS` at one scale (GeV) as a function of x: the same, ten times faster."""
        nodes = np.concatenate([self.on_grid(pdg_id, self.x, np.array([q])) for pdg_id in PARTONS])
        spline = CubicSpline(stretched(self.x), nodes, axis=1)
        return lambda x: dict(zip(PARTONS, spline(stretched(x)), strict=True))


@lru_cache(maxsize=8)
def _splines(table: PartonTable) -> tuple[RectBivariateSpline, ...]:
    x, q = stretched(table.x), np.log(table.q)
    return tuple(RectBivariateSpline(x, q, values, kx=3, ky=3, s=0) for values in table.values)


def tabulate_partons(pdf: PartonDensity, pdf_set: str) -> PartonTable:
    """Put the densities of a provider, one value at a time, on the grid of the shipped tables."""
    values = [[[pdf(flavour, float(x), float(q)) for q in Q_GRID_GEV] for x in X_GRID] for flavour in PARTONS]
    return PartonTable(pdf_set, X_GRID, Q_GRID_GEV, np.array(values))


@cache
def pdf_sets() -> tuple[str, ...]:
    """Return the names of the PDF sets shipped with the package."""
    folder = files("collider.production") / "data" / "partons"
    return tuple(sorted(p.name.removesuffix(".npz") for p in folder.iterdir() if p.name.endswith(".npz")))


@lru_cache(maxsize=16)
def load_partons(pdf_set: str = DEFAULT_PDF_SET) -> PartonTable:
    """Load a shipped PDF set, or tabulate one of LHAPDF.

    Parameters
    ----------
    pdf_set : str
        A shipped name; or the name of a set of an installed LHAPDF, ``NAME`` (member 0) or ``NAME/MEMBER``.

    Raises
    ------
    InputError
        If the set is neither shipped nor known to LHAPDF, or LHAPDF is not installed.

    References
    ----------
    LHAPDF 6: arXiv:1412.7420.
    """
    if pdf_set not in pdf_sets():
        return tabulate_partons(_lhapdf_density(pdf_set), pdf_set)
    path = str(files("collider.production") / "data" / "partons" / f"{pdf_set}.npz")
    with np.load(path, allow_pickle=False) as content:
        return PartonTable(pdf_set, content["x"], content["q"], content["values"].astype(np.float64))


def _lhapdf_density(pdf_set: str) -> PartonDensity:
    name, _, member = pdf_set.partition("/")
    known = f"PDF set {pdf_set!r} is not shipped (expected one of {', '.join(pdf_sets())})"
    try:
        lhapdf = importlib.import_module("lhapdf")
    except ImportError as error:
        raise InputError(f"{known}; for another set install LHAPDF with its Python module") from error
    if member and not member.isdigit():
        raise InputError(f"invalid PDF set {pdf_set!r}: expected NAME or NAME/MEMBER with MEMBER 0, 1, 2, ...")
    try:
        pdf = lhapdf.mkPDF(name, int(member or 0))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{known} and LHAPDF cannot read it: {reason}") from error
    return lambda pdg_id, x, q: float(pdf.xfxQ(pdg_id, x, q))
