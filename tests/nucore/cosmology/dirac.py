"""Explicit Dirac spinors and matrices in the chiral basis, a source of amplitudes independent of traces."""

import numpy as np

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA_0 = np.block([[_ZERO, _ONE], [_ONE, _ZERO]])
_GAMMA = [np.block([[_ZERO, s], [-s, _ZERO]]) for s in _SIGMA]
LEFT = np.diag([1.0, 1.0, 0.0, 0.0])
RIGHT = np.eye(4) - LEFT


def slash(p):
    return p[0] * GAMMA_0 - sum(p[i + 1] * _GAMMA[i] for i in range(3))


def _root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.conj().T


def spinors(p, antiparticle=False):
    """Both spinors u (or v) of momentum p, normalised to 2 E."""
    along = sum(p[i + 1] * _SIGMA[i] for i in range(3))
    upper, lower = _root(p[0] * _ONE - along), _root(p[0] * _ONE + along)
    sign = -1.0 if antiparticle else 1.0
    return [np.concatenate([upper @ xi, sign * (lower @ xi)]) for xi in np.eye(2, dtype=complex)]


def bar(spinor):
    return spinor.conj() @ GAMMA_0
