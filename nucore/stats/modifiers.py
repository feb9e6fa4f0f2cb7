"""What can change a sample of a binned model: one frozen dataclass per kind of modifier.

Two samples that carry a modifier of the same name share its parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError

Array = NDArray[np.float64]


def frozen_array(values: ArrayLike, where: str, ndim: int = 1) -> Array:
    """Read-only float64 copy of `values`, checked for dimension and finiteness."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != ndim or array.size == 0:
        raise InputError(f"{where} has shape {array.shape}: expected a non-empty array in {ndim} dimensions")
    if not np.all(np.isfinite(array)):
        raise InputError(f"{where} contains NaN or infinity: expected finite values")
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class NormFactor:
    """Free factor linear in its parameter: the parameter of interest, or a free normalisation.

    Parameters
    ----------
    name : str
        Name of the parameter.
    initial : float
        Where a fit starts. Ignored for the parameter of interest, which starts at 0.
    bounds : (float, float)
        Allowed range in every fit. For the parameter of interest leave it open and give the
        physical range to :class:`~nucore.stats.model.Model`.
    width : float > 0, optional
        Standard deviation of a Gaussian constraint around `initial` (HistFactory lumi); free by default.
    """

    name: str
    initial: float = 1.0
    bounds: tuple[float, float] = (-np.inf, np.inf)
    width: float | None = None

    def __post_init__(self) -> None:
        if self.width is not None and not 0.0 < self.width < np.inf:
            raise InputError(f"NormFactor {self.name}: width must be positive and finite, got {self.width}")


@dataclass(frozen=True)
class NormSys:
    """Constrained normalisation factor, HistFactory normsys with interpolation code 4.

    Parameters
    ----------
    name : str
        Name of the nuisance parameter alpha (unit Gaussian constraint).
    low, high : float, > 0
        Factors at alpha = -1 and +1.
    """

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (0.0 < self.low < np.inf and 0.0 < self.high < np.inf):
            raise InputError(
                f"NormSys {self.name}: low and high must be positive and finite, got {self.low}, {self.high}"
            )


@dataclass(frozen=True)
class LinearNorm:
    """Constrained normalisation factor 1 + uncertainty * alpha, exactly linear.

    Equal to a :class:`HistoSys` whose variations are the nominal values times 1 +- uncertainty.
    On the light-neutrino sample alone it makes the limit on a pure rate deficit ``1 - u`` at
    infinite statistics exactly ``u = z * uncertainty``. Several on one sample add.

    Parameters
    ----------
    name : str
        Name of the nuisance parameter alpha (unit Gaussian constraint).
    uncertainty : float, > 0
        Relative uncertainty.
    """

    name: str
    uncertainty: float

    def __post_init__(self) -> None:
        if not 0.0 < self.uncertainty < np.inf:
            raise InputError(f"LinearNorm {self.name}: uncertainty must be positive and finite, got {self.uncertainty}")


@dataclass(frozen=True)
class HistoSys:
    """Vertical morphing, HistFactory histosys with interpolation code 4p.

    Parameters
    ----------
    name : str
        Name of the nuisance parameter alpha.
    low, high : array, shape (n_bins,)
        Bin contents of the sample at alpha = -1 and +1.
    constrained : bool
        Whether alpha has a unit Gaussian constraint; it is free otherwise.
    """

    name: str
    low: ArrayLike
    high: ArrayLike
    constrained: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", frozen_array(self.low, f"HistoSys {self.name}: low"))
        object.__setattr__(self, "high", frozen_array(self.high, f"HistoSys {self.name}: high"))


@dataclass(frozen=True)
class LogLinearShape:
    """Free positive shape exp(sum_k c_k phi_k[i]) that multiplies the sample.

    Parameters
    ----------
    names : sequence of str, length K
        Names of the unconstrained coefficients c_k.
    basis : array, shape (K, n_bins)
        phi_k in each bin.
    """

    names: Sequence[str]
    basis: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "basis", frozen_array(self.basis, f"LogLinearShape {self.names}: basis", ndim=2))
        if np.shape(self.basis)[0] != len(self.names):
            raise InputError(
                f"LogLinearShape {self.names}: basis has {np.shape(self.basis)[0]} rows, expected one per name"
            )

    @classmethod
    def log_polynomial(cls, prefix: str, x: ArrayLike, degree: int, reference: float = 1.0) -> LogLinearShape:
        """Polynomial of `degree` in ln(x / reference); degree 1 is the power law exp(c0) (x/reference)^c1.

        Parameters
        ----------
        prefix : str
            The coefficients are called prefix0, prefix1, ...
        x : array, shape (n_bins,), > 0
            Bin centres.
        degree : int, >= 0
        reference : float, > 0
            Scale of x, same unit.
        """
        centres = frozen_array(x, f"log_polynomial {prefix}: x")
        if np.any(centres <= 0.0) or reference <= 0.0:
            raise InputError(f"log_polynomial {prefix}: x and reference must be positive")
        log_x = np.log(centres / reference)
        return cls([f"{prefix}{k}" for k in range(degree + 1)], np.stack([log_x**k for k in range(degree + 1)]))


@dataclass(frozen=True)
class StatError:
    """One factor per bin for the finite statistics of a template, HistFactory staterror.

    Each factor has a Gaussian constraint of mean 1. Samples with the same name share the factors.

    Parameters
    ----------
    name : str
        The parameters are called ``name[0]``, ``name[1]``, ...
    relative : array, shape (n_bins,), >= 0
        Relative uncertainty of each bin; a bin with 0 has no parameter.
    numbers : array of int, shape (n_bins,), optional
        Number of the parameter of each bin, in place of that of the bin.
    """

    name: str
    relative: ArrayLike = field()
    numbers: ArrayLike | None = None

    def __post_init__(self) -> None:
        relative = frozen_array(self.relative, f"StatError {self.name}: relative")
        object.__setattr__(self, "relative", relative)
        if np.any(relative < 0.0):
            raise InputError(f"StatError {self.name}: relative uncertainties must not be negative")
        if self.numbers is not None:
            object.__setattr__(self, "numbers", frozen_array(self.numbers, f"StatError {self.name}: numbers"))

    def labels(self) -> list[str]:
        """Parameter of each bin; empty where there is none."""
        relative = np.asarray(self.relative)
        numbers = np.arange(relative.size) if self.numbers is None else np.asarray(self.numbers)
        return [f"{self.name}[{int(k)}]" if width > 0.0 else "" for k, width in zip(numbers, relative, strict=True)]


@dataclass(frozen=True)
class BinFactor:
    """Free positive factors of single bins, HistFactory shapefactor.

    Parameters
    ----------
    name : str
        The parameters are called ``name[k]`` with k from `numbers`.
    numbers : array of int, shape (n_bins,)
        Number of the factor that scales each bin; negative for none. Two bins may share one: an
        auxiliary Poisson measurement of a factor (HistFactory shapesys) is one more bin.
    """

    name: str
    numbers: ArrayLike

    def __post_init__(self) -> None:
        numbers = frozen_array(self.numbers, f"BinFactor {self.name}: numbers")
        object.__setattr__(self, "numbers", numbers)
        if np.any(numbers != np.round(numbers)):
            raise InputError(f"BinFactor {self.name}: numbers must be integers")

    def labels(self) -> list[str]:
        """Parameter of each bin; empty where there is none."""
        return [f"{self.name}[{int(k)}]" if k >= 0 else "" for k in np.asarray(self.numbers)]


Modifier: TypeAlias = NormFactor | NormSys | LinearNorm | HistoSys | LogLinearShape | StatError | BinFactor


@dataclass(frozen=True)
class Sample:
    """One term of the expected spectrum: nominal bin contents and what changes them.

    Parameters
    ----------
    name : str
    values : array, shape (n_bins,)
        Expected counts; may be negative (a difference of two templates).
    modifiers : sequence of modifiers
    """

    name: str
    values: ArrayLike
    modifiers: Sequence[Modifier] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen_array(self.values, f"sample {self.name}: values"))
        object.__setattr__(self, "modifiers", tuple(self.modifiers))

    def in_bins(self, change: Callable[[Array], Array], name: str | None = None) -> Sample:
        """Return the sample with its contents and shapes changed by a linear map of its bins.

        Parameters
        ----------
        change : callable (float64[n]) -> float64[m]
            Multiplies each bin, or places it among others; where it gives 0, the uncertainty of the contents goes too.
        name : str, optional
            Of the new sample.
        """

        def moved(modifier: Modifier) -> Modifier:
            if isinstance(modifier, HistoSys):
                low, high = (change(np.asarray(a)) for a in (modifier.low, modifier.high))
                return replace(modifier, low=low, high=high)
            if isinstance(modifier, StatError):
                relative = np.asarray(modifier.relative)
                factor, errors = change(np.ones_like(relative)), change(relative)
                left = factor != 0.0
                return replace(modifier, relative=np.divide(errors, factor, out=np.zeros_like(errors), where=left))
            return modifier

        return Sample(name or self.name, change(np.asarray(self.values)), [moved(m) for m in self.modifiers])
