"""Expected counts of a model and their derivatives, with no Python loop over samples or bins.

The contribution of a sample is ``linear * exp(log_factor) * shape``: ``linear`` is the product of
its free factors, ``log_factor`` holds everything that multiplies and stays positive (normsys,
log-linear shapes, per-bin statistical factors), ``shape`` the nominal contents plus the vertical
morphing. Arrays over samples and bins are flattened to one axis, so that every derivative is a
matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.stats.interpolation import code4_coefficients, code4_log, code4p_weights
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
Index = NDArray[np.intp]
T = TypeVar("T")

#: Squared change common to both variations of a shape, over that which differs in sign, and in itself, from which its
#: likelihood may have two minima.
_FOLDED_SHARE, _FOLDED_SIZE = 0.1, 0.05


@dataclass(eq=False, slots=True)
class Expectation:
    """Expected counts at one parameter point, and the pieces their derivatives are made of.

    Attributes
    ----------
    counts : array, shape (n_bins,)
    by_sample : array, shape (n_samples, n_bins)
    """

    compiled: CompiledSamples
    theta: Array
    counts: Array
    by_sample: Array
    linear: Array
    factor: Array
    shape: Array
    norm_first: Array
    norm_second: Array
    morph_first: Array
    morph_second: Array
    pieces: tuple[Array, Array, Array, Array] | None = None

    def jacobian(self) -> Array:
        """Return the derivatives of the counts, shape (n_parameters, n_bins)."""
        return self.compiled.jacobian(self)

    def contracted_hessian(self, weights: Array) -> Array:
        """Sum over bins of weights times the second derivatives, shape (n_parameters, n_parameters)."""
        return self.compiled.contracted_hessian(self, weights)


def _of_kind(samples: Sequence[Sample], kind: type[T]) -> list[tuple[int, T]]:
    return [(s, m) for s, sample in enumerate(samples) for m in sample.modifiers if isinstance(m, kind)]


class CompiledSamples:
    """Samples as arrays. Axes: S samples, B bins, and the parameters of each kind of modifier."""

    def __init__(self, samples: Sequence[Sample], names: Sequence[str]) -> None:
        self.position = {name: i for i, name in enumerate(names)}
        self.n_parameters = len(names)
        sizes = {np.size(s.values) for s in samples}
        if len(sizes) != 1:
            raise InputError(f"samples have different numbers of bins: {sorted(sizes)}; all must agree")
        self.n_samples, self.n_bins = len(samples), sizes.pop()
        self.n_flat = self.n_samples * self.n_bins
        self.nominal = np.stack([np.asarray(s.values) for s in samples])
        self._compile_linear(samples)
        self._compile_norms(samples)
        self._compile_log_linear(samples)
        self._compile_morphing(samples)
        self._active = np.concatenate([self.exp_index, self.morph_index, self.linear_index])
        self._scatter = np.zeros((self.n_parameters, self._active.size))
        self._scatter[self._active, np.arange(self._active.size)] = 1.0
        exponential, morphing = np.arange(self.exp_index.size), np.arange(self.morph_index.size) + self.exp_index.size
        self._exp_diagonal, self._morph_diagonal = (exponential, exponential), (morphing, morphing)

    def _index(self, names: Sequence[str]) -> tuple[list[str], Index]:
        unique = list(dict.fromkeys(names))
        return unique, np.array([self.position[n] for n in unique], dtype=np.intp)

    def _check_bins(self, array: Array, where: str) -> Array:
        if array.shape[-1] != self.n_bins:
            raise InputError(f"{where} has {array.shape[-1]} bins; the sample has {self.n_bins}")
        return array

    def _compile_linear(self, samples: Sequence[Sample]) -> None:
        found = _of_kind(samples, NormFactor)
        names, self.linear_index = self._index([m.name for _, m in found])
        self.linear_mask = np.zeros((len(names), self.n_samples), dtype=bool)
        for s, m in found:
            self.linear_mask[names.index(m.name), s] = True
        self.single_linear = bool(np.all(self.linear_mask.sum(axis=0) <= 1))

    def _compile_norms(self, samples: Sequence[Sample]) -> None:
        found = _of_kind(samples, NormSys)
        names, self.norm_index = self._index([m.name for _, m in found])
        low, high = np.ones((2, self.n_samples, len(names)))
        for s, m in found:
            low[s, names.index(m.name)] *= m.low
            high[s, names.index(m.name)] *= m.high
        self.norm_coefficients = code4_coefficients(low, high)
        self.norm_log_low, self.norm_log_high = np.log(low), np.log(high)

    def _compile_log_linear(self, samples: Sequence[Sample]) -> None:
        shapes = _of_kind(samples, LogLinearShape)
        errors: list[tuple[int, StatError | BinFactor]] = [
            *_of_kind(samples, StatError),
            *_of_kind(samples, BinFactor),
        ]
        names, self.slope_index = self._index([n for _, m in shapes for n in m.names])
        self.slopes = np.zeros((len(names), self.n_samples, self.n_bins))
        for s, m in shapes:
            basis = self._check_bins(np.asarray(m.basis), f"LogLinearShape {m.names}: basis")
            for name, row in zip(m.names, basis, strict=True):
                self.slopes[names.index(name), s] += row
        self._flat_slopes = self.slopes.reshape(len(names), self.n_flat)
        named = [(s, i, label) for s, m in errors for i, label in enumerate(self._labels(m)) if label]
        gammas, self.gamma_index = self._index([label for _, _, label in named])
        self.gamma_mask = np.zeros((len(gammas), self.n_samples, self.n_bins))
        for s, i, label in named:
            self.gamma_mask[gammas.index(label), s, i] = 1.0
        n_norm, n_slope = self.norm_index.size, len(names)
        self.exp_index = np.concatenate([self.norm_index, self.slope_index, self.gamma_index])
        self.exp_template = np.zeros((self.exp_index.size, self.n_samples, self.n_bins))
        self.exp_template[n_norm : n_norm + n_slope] = self.slopes
        self.gamma_slice = slice(n_norm + n_slope, None)

    def _labels(self, modifier: StatError | BinFactor) -> list[str]:
        array = modifier.relative if isinstance(modifier, StatError) else modifier.numbers
        self._check_bins(np.asarray(array), f"{type(modifier).__name__} {modifier.name}")
        return modifier.labels()

    def _compile_morphing(self, samples: Sequence[Sample]) -> None:
        found: list[tuple[int, HistoSys | LinearNorm]] = [
            *_of_kind(samples, HistoSys),
            *_of_kind(samples, LinearNorm),
        ]
        names, self.morph_index = self._index([m.name for _, m in found])
        self.symmetric = np.zeros((len(names), self.n_samples, self.n_bins))
        self.antisymmetric = np.zeros_like(self.symmetric)
        for s, m in found:
            k, nominal = names.index(m.name), self.nominal[s]
            if isinstance(m, LinearNorm):
                self.symmetric[k, s] += m.uncertainty * nominal
                continue
            low = self._check_bins(np.asarray(m.low), f"HistoSys {m.name}")
            high = self._check_bins(np.asarray(m.high), f"HistoSys {m.name}")
            self.symmetric[k, s] += (high - low) / 2.0
            self.antisymmetric[k, s] += (high + low - 2.0 * nominal) / 2.0
        self._flat_symmetric = self.symmetric.reshape(len(names), self.n_flat)
        self._flat_antisymmetric = self.antisymmetric.reshape(len(names), self.n_flat)

    def folded(self) -> Index:
        """Positions of the parameters whose two variations change the contents the same way: both signs may fit data.

        Of the nominal contents, in units of their statistical uncertainty.
        """
        weight = 1.0 / np.maximum(np.abs(self.nominal).sum(axis=0), 1.0)
        odd, even = ((part.sum(axis=1) ** 2 * weight).sum(axis=1) for part in (self.symmetric, self.antisymmetric))
        return self.morph_index[(even > _FOLDED_SHARE * odd) & (even > _FOLDED_SIZE)]

    def expectation(self, theta: Array) -> Expectation:
        """Compute the expected counts at `theta`; infinite where an exponential overflows."""
        shape, log_factor = self.nominal, np.zeros((self.n_samples, self.n_bins))
        norm_first = norm_second = np.zeros((self.n_samples, 0))
        morph_first = morph_second = np.zeros(0)
        if self.morph_index.size:
            alpha = theta[self.morph_index]
            even, morph_first, morph_second = code4p_weights(alpha)
            moved = alpha @ self._flat_symmetric + even @ self._flat_antisymmetric
            shape = shape + moved.reshape(shape.shape)
        if self.norm_index.size:
            value, norm_first, norm_second = code4_log(
                theta[self.norm_index], self.norm_coefficients, self.norm_log_low, self.norm_log_high
            )
            log_factor += value.sum(axis=1)[:, None]
        if self.slope_index.size:
            log_factor += (theta[self.slope_index] @ self._flat_slopes).reshape(log_factor.shape)
        if self.gamma_index.size:
            log_factor += np.tensordot(np.log(theta[self.gamma_index]), self.gamma_mask, 1)
        factor = np.exp(log_factor) if self.exp_index.size else np.ones_like(log_factor)
        linear = np.where(self.linear_mask, theta[self.linear_index][:, None], 1.0).prod(axis=0)
        by_sample = linear[:, None] * (factor * shape)
        pieces = linear, factor, shape, norm_first, norm_second, morph_first, morph_second
        return Expectation(self, theta, by_sample.sum(axis=0), by_sample, *pieces)

    def _linear_derivative(self, theta: Array) -> Array:
        """Compute d linear / d parameter, shape (K, S)."""
        if self.single_linear:
            return self.linear_mask.astype(np.float64)
        values = np.where(self.linear_mask, theta[self.linear_index][:, None], 1.0)
        others = np.stack([np.delete(values, k, axis=0).prod(axis=0) for k in range(len(values))])
        return np.asarray(others * self.linear_mask)

    def _linear_second(self, theta: Array) -> Array:
        """Mixed second derivatives of linear, shape (K, K, S)."""
        values = np.where(self.linear_mask, theta[self.linear_index][:, None], 1.0)
        n = len(values)
        second = np.zeros((n, n, self.n_samples))
        for k in range(n):
            for m in range(k):
                both = self.linear_mask[k] & self.linear_mask[m]
                second[k, m] = second[m, k] = both * np.delete(values, (k, m), axis=0).prod(axis=0)
        return second

    def _log_derivative(self, at: Expectation) -> Array:
        """Compute d log_factor / d parameter, shape (K, S, B)."""
        if not (self.norm_index.size or self.gamma_index.size):
            return self.exp_template
        slope = self.exp_template.copy()
        slope[: self.norm_index.size] = at.norm_first.T[:, :, None]
        if self.gamma_index.size:
            slope[self.gamma_slice] = self.gamma_mask / at.theta[self.gamma_index][:, None, None]
        return slope

    def _morph_derivative(self, at: Expectation) -> Array:
        """Compute d shape / d parameter, shape (K, S, B)."""
        return np.asarray(self.symmetric + at.morph_first[:, None, None] * self.antisymmetric)

    def _pieces(self, at: Expectation) -> tuple[Array, Array, Array, Array]:
        """Logarithmic, morphing and linear derivatives, and those of the samples (active, S, B); computed once."""
        if at.pieces is None:
            slope, morph = self._log_derivative(at), self._morph_derivative(at)
            d_linear = self._linear_derivative(at.theta)
            first = np.concatenate(
                [
                    slope * at.by_sample,
                    morph * (at.linear[:, None] * at.factor),
                    d_linear[:, :, None] * (at.factor * at.shape),
                ]
            )
            at.pieces = slope, morph, d_linear, first
        return at.pieces

    def jacobian(self, at: Expectation) -> Array:
        """Return the derivatives of the counts, shape (n_parameters, n_bins)."""
        return np.asarray(self._scatter @ self._pieces(at)[3].sum(axis=1))

    def contracted_hessian(self, at: Expectation, weights: Array) -> Array:
        """Sum over bins of weights times the second derivatives, shape (P, P)."""
        slope, morph, d_linear, first = self._pieces(at)
        n_exp, n_morph = self.exp_index.size, self.morph_index.size
        end = n_exp + n_morph
        result = np.zeros((self._active.size, self._active.size))
        if n_exp:  # the derivative of an exponential is its slope times whatever it multiplies
            rows = (slope * weights).reshape(n_exp, self.n_flat) @ first.reshape(-1, self.n_flat).T
            result[:n_exp], result[:, :n_exp] = rows, rows.T
            result[self._exp_diagonal] += self._log_curvature(at, weights * at.by_sample)
        weighted = weights * at.factor
        if n_morph:
            mixed = (morph * weighted).sum(axis=2) @ d_linear.T
            result[n_exp:end, end:], result[end:, n_exp:end] = mixed, mixed.T
            curvature = self._flat_antisymmetric @ (weighted * at.linear[:, None]).ravel()
            result[self._morph_diagonal] += at.morph_second * curvature
        if not self.single_linear:
            result[end:, end:] += self._linear_second(at.theta) @ (weighted * at.shape).sum(axis=1)
        return np.asarray(self._scatter @ result @ self._scatter.T)

    def _log_curvature(self, at: Expectation, content: Array) -> Array:
        """Diagonal second derivatives of log_factor, contracted with `content`, shape (K,)."""
        result = np.zeros(self.exp_index.size)
        if self.norm_index.size:
            result[: self.norm_index.size] = content.sum(axis=1) @ at.norm_second
        if self.gamma_index.size:
            square = at.theta[self.gamma_index] ** 2
            result[self.gamma_slice] = -(self.gamma_mask * content).sum(axis=(1, 2)) / square
        return result
