"""Leptons of any generator through the response and selection of an experiment, and what is added up.

The response is that of `collider.events.kernel`, in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.events.kernel_inputs import N_RADIATION_NODES
from collider.events.sample import selection_steps
from collider.experiments.selection import LeptonSelection
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.errors import InputError
from nucore.io.event_files import LeptonBlock

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: Random numbers of an event: W pT and its azimuth, two for the resolution, efficiency, row of the W pT table,
#: radiation, two for the recoil.
N_UNIFORMS = 9


def transverse_boost(lepton: FloatArray, boson: FloatArray, w_pt: FloatArray, w_phi: FloatArray) -> FloatArray:
    """Give the W a transverse momentum and return the lepton's new momentum.

    Mass and rapidity of the W and the lepton's direction in the Collins-Soper frame stay; the frame's x axis is along
    the new transverse momentum, so the lepton's azimuth about the beams has to be random already.

    Parameters
    ----------
    lepton, boson : float64[4, n]
        (E, px, py, pz) in GeV; the boson without transverse momentum.
    w_pt, w_phi : float64[n]
        Transverse momentum in GeV and azimuth to give it.

    Returns
    -------
    float64[4, n]
    """
    mass = np.sqrt(np.maximum(boson[0] ** 2 - boson[3] ** 2, np.finfo(float).tiny))
    cosh, sinh = boson[0] / mass, boson[3] / mass
    energy, z = cosh * lepton[0] - sinh * lepton[3], cosh * lepton[3] - sinh * lepton[0]
    cos, sin = np.cos(w_phi), np.sin(w_phi)
    along = cos * lepton[1] + sin * lepton[2]
    gamma, gamma_beta = np.hypot(mass, w_pt) / mass, w_pt / mass
    shift = gamma * along + gamma_beta * energy - along
    energy = gamma * energy + gamma_beta * along
    return np.array(
        [cosh * energy + sinh * z, lepton[1] + cos * shift, lepton[2] + sin * shift, sinh * energy + cosh * z]
    )


def draw_w_pt(
    rows: FloatArray, charge: NDArray[np.int8], rapidity: FloatArray, u: FloatArray, u_row: FloatArray
) -> FloatArray:
    """Return W transverse momenta (GeV) from uniforms for the quantile and for the rounding to a row.

    Parameters
    ----------
    rows : float64[2, n_rows, n_pt]
        `collider.production.w_pt.pt_rows` of W+ and W-.
    charge, rapidity, u, u_row : array[n]
    """
    _, n_rows, n_pt = rows.shape
    row = np.minimum(np.abs(rapidity) / PT_RAPIDITY_STEP + u_row, n_rows - 1).astype(int)
    node = np.minimum((u * (n_pt - 1)).astype(int), n_pt - 2)
    fraction = u * (n_pt - 1) - node
    which = np.where(charge < 0, 1, 0)
    return np.asarray((1.0 - fraction) * rows[which, row, node] + fraction * rows[which, row, node + 1])


@dataclass(frozen=True)
class EventResponse:
    """Response and selection of an experiment, ready for blocks of leptons.

    Attributes
    ----------
    charge_groups : tuple of tuples of +1 and -1
        Charges whose spectra are added, one group a spectrum.
    selection : LeptonSelection
    w_pt : float64[2, n_rows, n_pt]
        W transverse momentum as in `draw_w_pt`.
    seed : int
    """

    charge_groups: tuple[tuple[int, ...], ...]
    selection: LeptonSelection
    w_pt: FloatArray
    seed: int

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps of the cutflow."""
        return ("events", "lepton", "charge", *selection_steps(self.selection))

    @property
    def n_bins(self) -> int:
        """Bins of the flattened histogram of all charges."""
        return len(self.charge_groups) * self.selection.n_eta * self.selection.n_bins

    def pass_through(
        self, block: LeptonBlock, u: FloatArray, boost: bool, radiate: bool
    ) -> tuple[list[BoolArray], IntArray]:
        """Measure a block.

        Parameters
        ----------
        block : LeptonBlock
        u : float64[N_UNIFORMS, n]
        boost, radiate : bool
            Give the W a transverse momentum; let the lepton radiate.

        Returns
        -------
        list of bool[n]
            Which leptons pass each of `steps` after the first.
        int64[n]
            The bin of each in the flattened histogram.
        """
        group = self._group(block.charge)
        if block.measured_bin is not None:
            passed, bins = [block.measured_bin >= 0] * len(selection_steps(self.selection)), block.measured_bin
        else:
            lepton, boson = self.truth(block, u, boost)
            passed, bins = self._measure(lepton, boson, u, radiate)
        per_group = self.selection.n_eta * self.selection.n_bins
        if bins.size and bins.max() >= per_group:
            raise InputError(f"events lie in bin {bins.max()}: expected bins below {per_group}, as the selection has")
        return [block.charge != 0, group >= 0, *passed], np.where(group >= 0, group * per_group + bins, 0)

    def bins_of(
        self, charge: NDArray[np.int8], lepton: FloatArray, boson: FloatArray | None, u: FloatArray, radiate: bool
    ) -> IntArray:
        """Return the bin of each lepton in the flattened histogram, -1 where it is not selected.

        Parameters
        ----------
        charge : int8[n]
        lepton, boson : float64[4, n]
            (E, px, py, pz) in GeV.
        u, radiate
            As in `pass_through`.
        """
        passed, bins = self._measure(lepton, boson, u, radiate)
        group = self._group(charge)
        per_group = self.selection.n_eta * self.selection.n_bins
        return np.where(np.logical_and.reduce([group >= 0, *passed]), group * per_group + bins, -1)

    def _group(self, charge: NDArray[np.int8]) -> IntArray:
        """Return the place of each charge in `charge_groups`, -1 for others."""
        group = np.full(charge.size, -1)
        for number, charges in enumerate(self.charge_groups):
            group[np.isin(charge, charges)] = number
        return group

    def _measure(
        self, lepton: FloatArray, boson: FloatArray | None, u: FloatArray, radiate: bool
    ) -> tuple[list[BoolArray], IntArray]:
        s = self.selection
        pt = np.hypot(lepton[1], lepton[2])
        direction = lepton[1:3] / np.maximum(pt, np.finfo(float).tiny)
        sinh_eta = np.abs(lepton[3]) / np.maximum(pt, 1e-300)
        eta_bin = np.searchsorted(np.sinh(s.eta_edges), sinh_eta, side="right") - 1
        factor = np.ones(pt.size)
        for border, region in s.resolution_regions:
            factor[sinh_eta >= np.sinh(border)] = region
        if radiate and s.fsr is not None:
            pt = pt * np.interp(u[6], np.linspace(0.0, 1.0, N_RADIATION_NODES), s.fsr.quantiles(N_RADIATION_NODES))
        gauss = np.sqrt(-2.0 * np.log(u[2])) * np.array([np.cos(2.0 * np.pi * u[3]), np.sin(2.0 * np.pi * u[3])])
        seen = {"lepton_pt": (1.0 + s.scale) * np.maximum(pt + factor * s.resolution.sigma(pt) * gauss[0], 0.0)}
        if s.recoil is not None:
            assert boson is not None, "the caller has seen to it that the events tell their W"
            seen |= self._recoil_quantities(seen["lepton_pt"] * direction, boson[1:3], gauss[1], u[7:9])
        observable, edges = seen[s.observable], np.asarray(s.edges)
        bins = np.searchsorted(edges, observable, side="right") - 1
        passed = {name: np.ones(pt.size, bool) for name in selection_steps(s)}
        for name in s.cuts.names:
            low, high = s.cuts.ranges[name]
            passed[name] = (seen[name] >= (low or 0.0)) & (seen[name] < (high or np.inf))
        passed["abs_eta"] = (eta_bin >= 0) & (eta_bin < s.n_eta)
        passed["efficiency"] = u[4] < s.efficiency_at(pt)
        passed[list(passed)[-1]] = (observable >= edges[0]) & (observable < edges[-1])
        flat = np.clip(eta_bin, 0, s.n_eta - 1) * s.n_bins + np.clip(bins, 0, s.n_bins - 1)
        return list(passed.values()), flat.astype(np.int64)

    def truth(self, block: LeptonBlock, u: FloatArray, boost: bool) -> tuple[FloatArray, FloatArray | None]:
        """Return momenta of the leptons before radiation and of the W, float64[4, n]; u as in `pass_through`."""
        if block.boson is None or not boost:
            return block.lepton, block.boson
        e, z = block.boson[0], block.boson[3]
        mass = np.sqrt(np.maximum(e**2 - z**2, np.finfo(float).tiny))
        w_pt = draw_w_pt(self.w_pt, block.charge, np.arcsinh(z / mass), u[0], u[5])
        w_phi = np.pi * (2.0 * u[1] - 1.0)
        growth = np.hypot(1.0, w_pt / mass)
        boson = np.array([growth * e, w_pt * np.cos(w_phi), w_pt * np.sin(w_phi), growth * z])
        return transverse_boost(block.lepton, block.boson, w_pt, w_phi), boson

    def _recoil_quantities(
        self, lepton: FloatArray, q: FloatArray, normal: FloatArray, u: FloatArray
    ) -> dict[str, FloatArray]:
        """Measured |recoil|, missing momentum and transverse mass from the measured lepton, float64[2, n].

        The normal number is that of the spread of the resolution.
        """
        response = self.selection.recoil
        assert response is not None
        w_pt = np.hypot(*q)
        sigma = response.sigma_at(w_pt) * np.exp(response.resolution_spread * normal)
        angle = 2.0 * np.pi * u[1]
        noise = sigma * np.sqrt(-2.0 * np.log(u[0])) * np.array([np.cos(angle), np.sin(angle)])
        recoil = noise - response.response_at(w_pt) * q
        missing = -lepton - recoil
        pt, missing_pt = np.hypot(*lepton), np.hypot(*missing)
        mass_sq = 2.0 * (pt * missing_pt - (lepton * missing).sum(axis=0))
        mass = np.sqrt(np.maximum(mass_sq, 0.0))
        return {"recoil": np.hypot(*recoil), "missing_momentum": missing_pt, "transverse_mass": mass}
