"""Standard Model and nu4 histograms of W events, added up block by block.

Each W decays anew to every mass (`collider.decay.redecay`); mass, transverse momentum and rapidity of the W, the
random numbers of the response and those of the new directions are the same for all of them, so that their differences
have no more noise than the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.decay.collins_soper import angular_moments, collins_soper
from collider.decay.redecay import N_DIRECTION_UNIFORMS, Redecay, energy_share, redecay
from collider.events.event_response import N_UNIFORMS, EventResponse
from nucore.errors import InputError
from nucore.io.event_files import LeptonBlock

Array = NDArray[np.float64]

#: Random numbers of an event: those of the response, and those of the new directions.
N_TEMPLATE_UNIFORMS = N_UNIFORMS + N_DIRECTION_UNIFORMS
#: Transverse momenta of the W, GeV, from which the bins of the table of coefficients begin.
W_PT_FROM_GEV = (0.0, 4.0, 8.0, 15.0, 25.0, 40.0, 80.0)
#: A lepton with more of its share of the energy than this does not come from the W of its event.
_MOST_OF_SHARE = 1.01

Coefficients = Callable[[int, Array, Array, Array], Array]
"""A0..A4, float64[5, n], with z along the rapidity, of charge, mass, pT and |y|."""


@dataclass
class TemplateSums:
    """Sums over the events of a file.

    Attributes
    ----------
    source : str
        Name of the file, for messages.
    response : EventResponse
    m4_GeV : sequence of float
    coefficients : callable or None
        Of all decays; those of the sample itself where None.
    radiate : bool
        Whether the leptons have still to radiate.
    """

    source: str
    response: EventResponse
    m4_GeV: Sequence[float]
    coefficients: Coefficients | None = None
    radiate: bool = True
    n_read: int = 0
    values: Array = field(init=False)
    variances: Array = field(init=False)

    def __post_init__(self) -> None:
        self.values, self.variances = np.zeros((2, 1 + len(self.m4_GeV), 1, self.response.n_bins))
        self._moments = {charge: np.zeros((len(W_PT_FROM_GEV), 2 + 3 * 8)) for charge in (1, -1)}

    def add(self, block: LeptonBlock, u: Array, boost: bool) -> None:
        """Add a block of a file that was opened with ``decays``.

        Parameters
        ----------
        block : LeptonBlock
        u : float64[N_TEMPLATE_UNIFORMS, n]
        boost : bool
            Give the W a transverse momentum.

        Raises
        ------
        InputError
            If an event holds a particle beyond the Standard Model, or a lepton is not one of the W of its event.
        """
        variations = np.empty((0, block.weight.size)) if block.variations is None else block.variations
        weights = np.concatenate([block.weight[None], variations])
        if self.values.shape[1] != len(weights):  # the first block
            self.values, self.variances = np.zeros((2, len(self.values), len(weights), self.response.n_bins))
        lepton, boson = self.response.truth(block, u, boost)
        assert boson is not None, "the file was opened with decays"
        self._check(block, lepton, boson)
        self.n_read += block.charge.size
        charged = block.charge != 0
        charge = block.charge[charged]
        weights, lepton, boson, u = (a[..., charged] for a in (weights, lepton, boson, u))
        self._add_moments(weights[0], charge, lepton, boson)
        decay = redecay(lepton, boson, u[N_UNIFORMS:], self._given(charge, boson))
        for k, m4 in enumerate((0.0, *self.m4_GeV)):
            bins, shares = self._measured(decay, m4, charge, boson, u)
            self._fill(k, weights, bins, shares)

    def _check(self, block: LeptonBlock, lepton: Array, boson: Array) -> None:
        charged = block.charge != 0
        with np.errstate(divide="ignore", invalid="ignore"):
            share = energy_share(lepton, boson)
        wrong = {
            "a particle beyond the Standard Model: expected a Standard Model sample": ~np.asarray(block.standard),
            f"a lepton with more than {_MOST_OF_SHARE:g} times the energy of W -> l nu in the rest frame of its W: "
            f"expected one from that W": charged & ~((share > 0.0) & (share < _MOST_OF_SHARE)),
        }  # fmt: skip
        for what, which in wrong.items():
            if which.any():
                raise InputError(f"events {self.source}, event {self.n_read + int(which.argmax()) + 1}: holds {what}")

    def _given(self, charge: NDArray[np.int8], boson: Array) -> Array | None:
        """Coefficients with z along +z, where they are given."""
        if self.coefficients is None:
            return None
        pt, mt = np.hypot(boson[1], boson[2]), np.sqrt(boson[0] ** 2 - boson[3] ** 2)
        mass, y = np.sqrt(mt**2 - pt**2), np.arcsinh(boson[3] / mt)
        found = np.empty((5, y.size))
        for sign in (1, -1):
            one = charge == sign
            found[:, one] = self.coefficients(sign, mass[one], pt[one], np.abs(y[one]))
        found[[1, 4]] *= np.where(y < 0.0, -1.0, 1.0)
        return found

    def _measured(
        self, decay: Redecay, m4: float, charge: NDArray[np.int8], boson: Array, u: Array
    ) -> tuple[NDArray[np.int64], Array]:
        """Bins, -1 for none, and weights of the leptons that count at a mass, each [k, n]."""
        leptons, shares = decay.at(m4)
        used = np.flatnonzero(shares.any(axis=1))
        bins = [self.response.bins_of(charge, leptons[:, k], boson, u, self.radiate) for k in used]
        return np.reshape(bins, (used.size, charge.size)).astype(np.int64), shares[used]

    def _fill(self, row: int, weights: Array, bins: NDArray[np.int64], shares: Array) -> None:
        """Add to histograms; leptons of one event in one bin are one entry, whose weight is squared as a whole."""
        n = self.response.n_bins
        together = np.stack([(shares * (bins == one)).sum(axis=0) for one in bins]) if len(bins) else shares
        kept = bins >= 0
        slots = bins[kept]
        for k, weight in enumerate(weights):
            w = np.broadcast_to(weight, bins.shape)[kept]
            self.values[row, k] += np.bincount(slots, w * shares[kept], minlength=n)
            self.variances[row, k] += np.bincount(slots, w**2 * (shares * together)[kept], minlength=n)

    def _add_moments(self, weight: Array, charge: NDArray[np.int8], lepton: Array, boson: Array) -> None:
        side = np.where(boson[3] < 0.0, -1.0, 1.0)
        m = angular_moments(*collins_soper(boson, lepton / energy_share(lepton, boson), side))
        bins = np.searchsorted(W_PT_FROM_GEV, np.hypot(boson[1], boson[2]), side="right") - 1
        columns = [weight, weight**2, *(weight * m), *(weight**2 * m), *(weight**2 * m**2)]
        for sign, sums in self._moments.items():
            one = charge == sign
            for j, column in enumerate(columns):
                sums[:, j] += np.bincount(bins[one], column[one], minlength=len(sums))

    def coefficient_table(self) -> dict[str, Any]:
        """Return A0..A7 of the sample, with z along the rapidity of the W, in bins of its pT, by its charge.

        Each with its statistical error; None where the sample has no events.
        """
        table: dict[str, Any] = {"w_pt_from_GeV": list(W_PT_FROM_GEV)}
        for sign, name in ((1, "W+"), (-1, "W-")):
            sums = self._moments[sign]
            w, w_sq = (np.where(sums[:, j] > 0.0, sums[:, j], np.nan) for j in (0, 1))
            first, second, third = (sums[:, 2 + 8 * j : 10 + 8 * j].T for j in range(3))
            mean = first / w
            error = np.sqrt(np.maximum(third - 2.0 * mean * second + mean**2 * w_sq, 0.0)) / w
            table[name] = {f"A{i}": {"value": _plain(mean[i]), "error": _plain(error[i])} for i in range(8)}
        return table


def _plain(values: Array) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
