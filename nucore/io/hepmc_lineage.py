"""Particles and vertices in an event of a HepMC text file: what a lepton comes from.

A lepton comes from a vertex through copies of itself: a shower, or the radiation of photons, writes one at each
step. The W that it comes from is the last copy, whose momentum is that of all that it decays to, photons included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from nucore.io.event_files import FourVector
from nucore.io.lepton_origin import Origin, has_top_or_w_pair, vertex_origin
from nucore.text import number

#: Status of final-state particles and of beams.
FINAL, BEAM = b"1", b"4"
_W = (b"24", b"-24")
_NOWHERE = b"0"
#: Blanks after the PDG number of a particle without colour lines, in version 2.
_LAST_WORDS = 9


class HepmcFormat(NamedTuple):
    """Version, and positions of momentum (px, py, pz, E) and status in the line of a particle."""

    version: int
    momentum: slice
    status: int


Particle = tuple[bytes, bytes, bytes]
"""PDG number, origin and line of a particle; the line is split only where it is needed.

The origin is the vertex of production, or the particle that this one comes from alone; ``0`` for none.
"""


@dataclass
class Lineage:
    """Particles of an event and the vertices between them.

    Attributes
    ----------
    form : HepmcFormat
    particles : dict
        By their number.
    incoming : dict
        Numbers of particles by the vertex that they enter.
    """

    form: HepmcFormat
    particles: dict[bytes, Particle] = field(default_factory=dict)
    incoming: dict[bytes, list[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: HepmcFormat, text: bytes) -> Lineage:
        """Enter the lines ``P`` and ``V`` of an event."""
        lineage = cls(form)
        enter = lineage._enter_3 if form.version == 3 else lineage._enter_2
        enter(text.split(b"\n"))
        return lineage

    def _enter_3(self, lines: list[bytes]) -> None:
        particles = self.particles
        for line in lines:
            kind = line[:2]
            if kind == b"P ":
                _, name, origin, pdg_id, _ = line.split(None, 4)
                particles[name] = (pdg_id, origin, line)
            elif kind == b"V ":
                words = line.split(None, 4)
                self.incoming[words[1]] = [word for word in words[3].strip(b"[]").split(b",") if word]

    def _enter_2(self, lines: list[bytes]) -> None:
        """Version 2 lists the particles of a vertex below it, first those that enter it and come from nowhere."""
        vertex, orphans = _NOWHERE, 0
        particles, incoming = self.particles, self.incoming
        for line in lines:
            kind = line[:2]
            if kind == b"P ":
                _, name, pdg_id, rest = line.split(None, 3)
                particles[name] = (pdg_id, vertex if orphans <= 0 else _NOWHERE, line)
                orphans -= 1
                colourless = rest.count(b" ") == _LAST_WORDS  # the end vertex and a 0 are the last words
                if not (colourless and rest.endswith(b" 0 0")):
                    end = rest.rsplit(None, 2)[1] if colourless else rest.split(None, _LAST_WORDS)[8]
                    if end in incoming:
                        incoming[end].append(name)
                    elif end != _NOWHERE:
                        incoming[end] = [name]
            elif kind == b"V ":
                words = line.split()
                vertex, orphans = words[1], int(words[7])

    def of_status(self, status: bytes, pdg_ids: Iterable[bytes] | None = None) -> Iterator[bytes]:
        """Particles of a status, and of some PDG numbers."""
        wanted = None if pdg_ids is None else set(pdg_ids)
        for name, (pdg_id, _, _) in self.particles.items():
            if (wanted is None or pdg_id in wanted) and self._words(name)[self.form.status] == status:
                yield name

    def _words(self, name: bytes) -> list[bytes]:
        return self.particles[name][2].split()

    def _id(self, name: bytes) -> bytes:
        return self.particles[name][0]

    def pdg_id(self, name: bytes) -> int:
        """PDG number of a particle."""
        return int(self._id(name))

    def momentum(self, name: bytes) -> FourVector:
        """(E, px, py, pz) in the unit of the event."""
        words = self._words(name)[self.form.momentum]
        x, y, z, energy = (number(word.decode("ascii")) for word in words)
        return energy, x, y, z

    def _parents(self, name: bytes) -> list[bytes]:
        _, origin, _ = self.particles[name]
        return [parent for parent in self.incoming.get(origin, [origin]) if parent in self.particles]

    def _siblings(self, name: bytes) -> list[bytes]:
        """Particles that leave the vertex of a particle, itself included."""
        _, vertex, _ = self.particles[name]
        return [name] if vertex == _NOWHERE else [n for n, (_, v, _) in self.particles.items() if v == vertex]

    def _first_copy(self, name: bytes) -> bytes:
        """Go back over the copies of a particle."""
        seen, pdg_id = set[bytes](), self._id(name)
        while name not in seen:  # a damaged file may hold a circle
            seen.add(name)
            name = next((n for n in self._parents(name) if self._id(n) == pdg_id), name)
        return name

    def w_of(self, lepton: bytes) -> bytes | None:
        """Return the W that a lepton comes from, None if there is none."""
        return self._w_among(self._parents(self._first_copy(lepton)))

    def _w_among(self, names: list[bytes]) -> bytes | None:
        return next((name for name in names if self._id(name) in _W), None)

    def origin_of(self, lepton: bytes) -> Origin:
        """Classify a lepton."""
        first = self._first_copy(lepton)
        parents = self._parents(first)
        boson = self._w_among(parents)
        if boson is not None:
            boson = self._first_copy(boson)
            if has_top_or_w_pair({self.pdg_id(name) for name in (*self._parents(boson), *self._siblings(boson))}):
                return Origin.TOP
        if len(parents) == 1 and self._words(parents[0])[self.form.status] == BEAM:
            parents = []
        siblings = (self.pdg_id(name) for name in self._siblings(first) if name != first)
        return vertex_origin(self.pdg_id(first), [self.pdg_id(name) for name in parents], siblings)
