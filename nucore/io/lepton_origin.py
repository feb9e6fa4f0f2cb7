"""Where the hardest charged lepton of an event comes from, by the PDG numbers around its vertex."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum

_LEPTONS, _NEUTRINOS, _W, _TOP = (11, 13, 15), (12, 14, 16), 24, 6
#: Known particles that are no hadrons have numbers up to that of the Higgs boson.
_LAST_KNOWN = 25


class Origin(IntEnum):
    """Origin of a charged lepton."""

    W = 0
    """A W, or a vertex with a neutrino or an unknown, invisible particle; also where nothing is recorded."""
    PAIR = 1
    """With its antilepton: Z, gamma*, a dark photon; or in an event whose lepton charges sum to 0."""
    TOP = 2
    """An event with top quarks, or with W bosons of both charges."""
    TAU = 3
    """A heavier lepton."""
    HADRON = 4
    """The decay of a hadron."""
    ALONE = 5
    """A vertex without any neutrino or invisible particle."""


def vertex_origin(lepton: int, parents: Collection[int], siblings: Iterable[int]) -> Origin:
    """Classify a lepton by the vertex that it first comes from.

    Parameters
    ----------
    lepton : int
        PDG number.
    parents : collection of int
        Particles that enter the vertex; none where it is not recorded.
    siblings : iterable of int
        The other particles that leave it.
    """
    with_it = set(siblings)
    parent = abs(next(iter(parents))) if len(parents) == 1 else 0
    if _is_hadron(parent):
        return Origin.HADRON
    if -lepton in with_it:
        return Origin.PAIR
    if parent == _W:
        return Origin.W
    if parent in _LEPTONS and parent != abs(lepton):
        return Origin.TAU
    if not with_it or any(map(_is_invisible, with_it)):
        return Origin.W
    return Origin.ALONE


def has_top_or_w_pair(pdg_ids: Collection[int]) -> bool:
    """Whether an event holds a top quark, or W bosons of both charges."""
    return _TOP in pdg_ids or -_TOP in pdg_ids or (_W in pdg_ids and -_W in pdg_ids)


def lepton_charge(pdg_ids: Iterable[int]) -> int:
    """Sum of the charges of the charged leptons."""
    return sum(-1 if pdg_id > 0 else 1 for pdg_id in pdg_ids if abs(pdg_id) in _LEPTONS)


def _is_invisible(pdg_id: int) -> bool:
    """Whether a particle is a neutrino, or may be another that no detector sees."""
    number = abs(pdg_id)
    return number in _NEUTRINOS or (number > _LAST_KNOWN and not _is_hadron(number))


def _is_hadron(number: int) -> bool:
    """Whether a PDG number has the digits of a meson or baryon: those of two quarks at least."""
    return number > 100 and number // 10 % 10 > 0 and number // 100 % 10 > 0
