"""pp -> W -> l nu as Les Houches events: the hard process, before the W gets its transverse momentum.

A parton shower gives the W its transverse momentum, so the events hold the leading-order hard process
q qbar' -> W -> l nu with incoming partons along the beams. Mass, rapidity and decay angles are those of the generated
event, which must have the spin `lo` (`collider.production.spin.SpinModel`): angular coefficients of order alpha_s
belong to a W whose transverse momentum is no longer in the event. The luminosity tables are sums over quark flavours,
so the incoming partons are written as u and d (u dbar for W+, ubar d for W-), each from the side it came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_momenta
from collider.production.partons import DEFAULT_PDF_SET
from collider.production.w_production import WComponent
from nucore.io.lhe import UNPOLARISED, LheEvents, LheRun, LheWriter, open_lhe
from nucore.model.card import card_text, fine_structure_constant
from nucore.model.parameters import PortalParameters
from nucore.model.particles import PDG_ID

FloatArray = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]

UP, DOWN = 2, 1
_COLOUR_LINE = 501
_STATUS = (-1, -1, 2, 1, 1)
_MOTHERS = ((0, 0), (0, 0), (1, 2), (3, 3), (3, 3))
_COMMENT = """\
pp -> W -> l nu, nu light or nu4 (9990012), by nuportal, with parton luminosities of {pdf_set}
and NNLO normalisation. Hard process at leading order (A4 = -2): the W has no transverse momentum yet; leptons massless;
incoming quarks written as u and d whatever their generation. Process {numbers}"""


def hard_process(arrays: Arrays) -> tuple[FloatArray, FloatArray]:
    """Take the W's transverse momentum away and return lepton and neutrino.

    Inverts the boosts of `decay.w_decay.decay_momenta`: what is kept is the W's mass and rapidity and the lepton's
    direction in the Collins-Soper frame, turned with the azimuth of the W.

    Parameters
    ----------
    arrays : mapping of arrays, shape (n,)
        Branches of `collider.events.sample.WEvents`.

    Returns
    -------
    lepton, neutrino : float64[4, n]
        (E, px, py, pz) in GeV.
    """
    mass, w_pt, rapidity, w_phi = (np.asarray(arrays[f"w_{name}"]) for name in ("mass", "pt", "rapidity", "phi"))
    pt, eta, phi = (np.asarray(arrays[f"lepton_{name}"]) for name in ("pt", "eta", "phi"))
    m4 = np.asarray(arrays["neutrino_mass"])
    momentum = 0.5 * mass * (1.0 - (m4 / mass) ** 2)
    along, across = pt * np.cos(phi - w_phi), pt * np.sin(phi - w_phi)
    energy, z = pt * np.cosh(eta - rapidity), pt * np.sinh(eta - rapidity)
    along = (np.hypot(mass, w_pt) * along - w_pt * energy) / mass
    decay = (1.0 - np.clip(z / momentum, -1.0, 1.0), np.arctan2(across, along))
    momenta = decay_momenta(mass, m4, np.zeros_like(mass), rapidity, w_phi, *decay)
    return momenta.lepton, momenta.neutrino


def les_houches_events(arrays: Arrays, flavour: str) -> LheEvents:
    """Put generated events into the form of the Les Houches accord.

    Parameters
    ----------
    arrays : mapping of arrays, shape (n,)
        Branches of `collider.events.sample.WEvents`, of components with the spin `lo`; ``component`` numbers the
        process, from 0.
    flavour : str
        Of the lepton.

    Returns
    -------
    LheEvents
        Particles: parton along +z, parton along -z, W, charged lepton, neutrino.
    """
    lepton, neutrino = hard_process(arrays)
    charge = np.asarray(arrays["charge"], np.int64)
    up_first = np.asarray(arrays["up_type_side"]) > 0
    mass, m4 = np.asarray(arrays["w_mass"]), np.asarray(arrays["neutrino_mass"])
    w = lepton + neutrino
    zero = np.zeros_like(mass)
    partons = [
        np.array([0.5 * (w[0] + side * w[3]), zero, zero, side * 0.5 * (w[0] + side * w[3])]) for side in (1, -1)
    ]
    first = np.where(up_first, UP, -DOWN) * charge
    second = np.where(up_first, -DOWN, UP) * charge
    nu = np.where(m4 > 0.0, PDG_ID["nu4"], PDG_ID[f"nu_{flavour}"]) * charge
    ids = np.stack([first, second, PDG_ID["W+"] * charge, -PDG_ID[flavour] * charge, nu], axis=1)
    colours = np.zeros((*ids.shape, 2), np.int64)
    for i in (0, 1):  # a quark carries colour, an antiquark anticolour
        colours[:, i, 0] = np.where(ids[:, i] > 0, _COLOUR_LINE, 0)
        colours[:, i, 1] = np.where(ids[:, i] > 0, 0, _COLOUR_LINE)
    # the weak current couples to left-handed particles and right-handed antiparticles
    spins = np.where(ids > 0, -1.0, 1.0)
    spins[:, 2] = UNPOLARISED
    spins[:, 4] = np.where(m4 > 0.0, UNPOLARISED, spins[:, 4])
    return LheEvents(
        process=np.asarray(arrays["component"], np.int64) + 1,
        scale=mass,
        status=_STATUS,
        mothers=_MOTHERS,
        ids=ids,
        colours=colours,
        momenta=np.stack([p[[1, 2, 3, 0]].T for p in (*partons, w, lepton, neutrino)], axis=1),
        masses=np.stack([zero, zero, mass, zero, m4], axis=1),
        spins=spins,
    )


def les_houches_run(
    sqrt_s_TeV: float,
    components: Sequence[WComponent],
    rates_pb: Sequence[float],
    parameters: PortalParameters,
    metadata: Mapping[str, Any],
) -> LheRun:
    """Describe a run: beams, one process a component, the parameter card.

    Parameters
    ----------
    sqrt_s_TeV : float
    components, rates_pb : sequences
        Cross sections in pb with their mixing factors.
    parameters : PortalParameters
        Their card stands in the header as ``slha``.
    metadata : mapping
        What the file says of itself, as JSON in the tag ``nuportal`` of the header.
    """
    numbers = [
        f"{i}: W{'+' if c.charge > 0 else '-'} -> l {'nu4' if c.m4 else 'nu'}" for i, c in enumerate(components, 1)
    ]
    return LheRun(
        sqrt_s_GeV=1000.0 * sqrt_s_TeV,
        cross_sections_pb=rates_pb,
        header={"slha": card_text(parameters), "nuportal": json.dumps(dict(metadata))},
        comment=_COMMENT.format(pdf_set=DEFAULT_PDF_SET, numbers="; ".join(numbers)),
        alpha=fine_structure_constant(parameters),
    )


@dataclass(frozen=True)
class _LesHouchesWriter:
    """Writes events with all branches of `collider.events.sample.WEvents`; ``component`` counts from 0."""

    file: LheWriter
    flavour: str

    def extend(self, arrays: Arrays) -> None:
        self.file.extend(les_houches_events(arrays, self.flavour))

    def finish(self, spectra: Any, metadata: Any) -> None:
        """Write no histogram; the metadata stand in the header."""


@contextmanager
def open_les_houches(path: str | Path, run: LheRun, flavour: str) -> Iterator[_LesHouchesWriter]:
    """Open a Les Houches event file for generated events, written whole or not at all.

    Parameters
    ----------
    path : str or Path
        ``.lhe`` or ``.lhe.gz``.
    run : LheRun
    flavour : str
        Of the lepton.
    """
    with open_lhe(path, run) as file:
        yield _LesHouchesWriter(file, flavour)
