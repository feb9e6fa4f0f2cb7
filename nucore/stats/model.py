"""A binned model: samples and modifiers compiled into arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError
from nucore.stats.expectation import CompiledSamples, Expectation
from nucore.stats.modifiers import (
    BinFactor,
    HistoSys,
    LinearNorm,
    LogLinearShape,
    NormFactor,
    NormSys,
    Sample,
    StatError,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a model: where fits start, its bounds, and its Gaussian constraint if any.

    Attributes
    ----------
    name : str
    initial : float
        Start value; for a constrained parameter also the nominal auxiliary measurement.
    bounds : (float, float)
    width : float or None
        Standard deviation of the constraint; None for a free parameter.
    start : float or None
        Where fits start first, if that is neither `initial` nor the auxiliary measurement.
    """

    name: str
    initial: float
    bounds: tuple[float, float] = (-np.inf, np.inf)
    width: float | None = None
    start: float | None = None


@dataclass(frozen=True, eq=False)
class Observation:
    """Data: counts per bin, and the auxiliary measurement of each constrained parameter.

    Attributes
    ----------
    counts : array, shape (n_bins,), >= 0
        Need not be integer (Asimov data).
    auxiliary : array, shape (n_constrained,)
        In the order of ``Model.constrained``.
    """

    counts: Array
    auxiliary: Array


def _parameters_of(sample: Sample) -> list[Parameter]:
    found: list[Parameter] = []
    for modifier in sample.modifiers:
        match modifier:
            case NormFactor():
                found.append(Parameter(modifier.name, modifier.initial, modifier.bounds, modifier.width))
            case HistoSys(constrained=False):
                found.append(Parameter(modifier.name, 0.0))
            case NormSys() | HistoSys() | LinearNorm():
                found.append(Parameter(modifier.name, 0.0, width=1.0))
            case LogLinearShape():
                found += [Parameter(name, 0.0) for name in modifier.names]
            case StatError():
                found += [
                    Parameter(label, 1.0, (1e-10, np.inf), float(width))
                    for label, width in zip(modifier.labels(), np.asarray(modifier.relative), strict=True)
                    if label
                ]
            case BinFactor():
                labels = dict.fromkeys(label for label in modifier.labels() if label)
                found += [Parameter(label, 1.0, (1e-10, np.inf)) for label in labels]
    return found


class Model:
    """Expected counts as a sum of samples, with one parameter of interest.

    Parameters
    ----------
    samples : sequence of Sample
        All with the same number of bins.
    poi : str
        Name of the parameter of interest: a :class:`NormFactor` of at least one sample. Empty for a model without: it
        has fits, but no limits.
    poi_bounds : (float, float)
        Physical range of the parameter of interest, used by limits and by bounded fits.
    bounds : mapping, name -> (float, float)
        Bounds of parameters in place of those of their modifiers.
    starts : mapping, name -> float
        Where fits start first.
    unmeasured : collection of str
        Constrained parameters whose auxiliary measurement stands for none: they count as free.

    Attributes
    ----------
    parameters : tuple of Parameter
        The parameter of interest first, if there is one.
    names : tuple of str
    constrained : array of int, shape (n_constrained,)
        Indices of the constrained parameters.
    measured : array of bool, shape (n_constrained,)
        Whether their auxiliary measurements are measurements.
    folded : array of int
        Indices of those of shapes that both signs of may fit data.

    Examples
    --------
    >>> light, heavy = np.array([100.0, 80.0]), np.array([120.0, 50.0])
    >>> model = Model(
    ...     [
    ...         Sample("light", light, [LinearNorm("norm", 0.02)]),
    ...         Sample("nu4 - light", heavy - light, [NormFactor("u")]),
    ...     ],
    ...     poi="u",
    ...     poi_bounds=(0.0, 1.0),
    ... )
    >>> model.expected({"u": 0.5})
    array([110.,  65.])
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        poi: str,
        poi_bounds: tuple[float, float] = (0.0, np.inf),
        *,
        bounds: Mapping[str, tuple[float, float]] | None = None,
        starts: Mapping[str, float] | None = None,
        unmeasured: Collection[str] = (),
    ) -> None:
        if not samples:
            raise InputError("a model needs at least one sample")
        self.samples = tuple(samples)
        self.poi = poi
        self.poi_bounds = (float(poi_bounds[0]), float(poi_bounds[1]))
        if not self.poi_bounds[0] < self.poi_bounds[1]:
            raise InputError(f"poi_bounds={poi_bounds}: the lower one must be below the upper one")
        self.parameters = tuple(
            replace(p, bounds=(bounds or {}).get(p.name, p.bounds), start=(starts or {}).get(p.name))
            for p in self._collect()
        )
        self.names = tuple(p.name for p in self.parameters)
        self.initial = np.array([p.initial for p in self.parameters])
        self.lower = np.array([p.bounds[0] for p in self.parameters])
        self.upper = np.array([p.bounds[1] for p in self.parameters])
        self.constrained = np.array([i for i, p in enumerate(self.parameters) if p.width is not None], dtype=np.intp)
        self.widths = np.array([p.width for p in self.parameters if p.width is not None], dtype=np.float64)
        self.measured = np.array([self.names[i] not in unmeasured for i in self.constrained], dtype=np.bool_)
        self._compiled = CompiledSamples(self.samples, self.names)
        self.n_bins = self._compiled.n_bins
        self.folded = self._compiled.folded()

    @property
    def nuisances(self) -> tuple[Parameter, ...]:
        """All parameters but that of interest."""
        return self.parameters[1:] if self.poi else self.parameters

    @property
    def free_shapes(self) -> list[tuple[int, LogLinearShape]]:
        """Log-linear shapes, each with the number of its sample."""
        return [(k, m) for k, s in enumerate(self.samples) for m in s.modifiers if isinstance(m, LogLinearShape)]

    def _collect(self) -> tuple[Parameter, ...]:
        found: dict[str, Parameter] = {}
        for sample in self.samples:
            for parameter in _parameters_of(sample):
                if found.setdefault(parameter.name, parameter) != parameter:
                    raise InputError(f"parameter {parameter.name} is defined twice, in different ways")
        if not self.poi:
            return tuple(found.values())
        poi = found.pop(self.poi, None)
        factors = {m.name for s in self.samples for m in s.modifiers if isinstance(m, NormFactor)}
        if poi is None or self.poi not in factors:
            raise InputError(f"the parameter of interest {self.poi!r} is not the NormFactor of any sample")
        start = float(np.clip(0.0, *self.poi_bounds))
        return (Parameter(self.poi, start, poi.bounds, poi.width), *found.values())

    def index(self, name: str) -> int:
        """Position of a parameter."""
        try:
            return self.names.index(name)
        except ValueError:
            raise InputError(f"no parameter {name!r} in the model; there are {', '.join(self.names)}") from None

    def vector(self, values: Mapping[str, float] | ArrayLike | None = None) -> Array:
        """Parameter vector from names (the others at their initial value) or from an array."""
        theta = self.initial.copy()
        if isinstance(values, Mapping):
            for name, value in values.items():
                theta[self.index(name)] = value
        elif values is not None:
            theta = np.array(values, dtype=np.float64)
            if theta.shape != self.initial.shape:
                raise InputError(f"parameter vector has shape {theta.shape}, expected {self.initial.shape}")
        return theta

    def expectation(self, theta: Array) -> Expectation:
        """Return the expected counts at `theta` together with what their derivatives need."""
        return self._compiled.expectation(theta)

    def expected(self, parameters: Mapping[str, float] | ArrayLike | None = None) -> Array:
        """Return the expected counts, shape (n_bins,), at the given parameters."""
        counts: Array = self.expectation(self.vector(parameters)).counts
        return counts

    def observation(self, counts: ArrayLike, auxiliary: ArrayLike | None = None) -> Observation:
        """Validate data; auxiliary measurements default to their nominal values.

        Raises
        ------
        InputError
            Wrong number of bins, negative or non-finite counts.
        """
        n = np.array(counts, dtype=np.float64)
        if n.shape != (self.n_bins,):
            raise InputError(f"data has shape {n.shape}, expected {self.n_bins} bins")
        if not np.all(np.isfinite(n)) or np.any(n < 0.0):
            raise InputError("data contains negative, NaN or infinite counts: expected finite counts >= 0")
        nominal = self.initial[self.constrained]
        aux = nominal.copy() if auxiliary is None else np.array(auxiliary, dtype=np.float64)
        if aux.shape != nominal.shape:
            raise InputError(f"auxiliary data has shape {aux.shape}, expected {nominal.shape}")
        return Observation(n, aux)

    def asimov(self, parameters: Mapping[str, float] | ArrayLike | None = None) -> Observation:
        """Asimov data: the expected counts, and auxiliary measurements equal to the parameters."""
        theta = self.vector(parameters)
        return self.observation(self.expected(theta), theta[self.constrained])

    def start(self, observation: Observation) -> Array:
        """Parameters to start a fit from: initial values, log-linear shapes from a linear fit."""
        theta = self.initial.copy()
        theta[self.constrained] = observation.auxiliary
        theta = np.asarray(np.clip(theta, self.lower, self.upper))
        if len(self.free_shapes) == 1:
            k, shape = self.free_shapes[0]
            contributions = self.expectation(theta).by_sample
            nominal = np.abs(contributions[k])
            target = np.maximum(observation.counts - (contributions.sum(axis=0) - contributions[k]), 0.5)
            weight = np.sqrt(target) * (nominal > 0.0)
            log_ratio = np.log(target / np.where(nominal > 0.0, nominal, 1.0))
            basis = np.asarray(shape.basis)
            solution: Array = np.linalg.lstsq((basis * weight).T, log_ratio * weight, rcond=None)[0]
            theta[[self.index(name) for name in shape.names]] += solution
        return theta
