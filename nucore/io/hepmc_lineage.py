"""Particles and vertices in an event of a HepMC text file: what a lepton comes from.

A lepton comes from a vertex through copies of itself: a shower, or the radiation of photons, writes one at each
step. The W that it comes from is the last copy, whose momentum is that of all that it decays to, photons included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nucore.io.event_files import FourVector
from nucore.io.lepton_origin import Origin, has_top_or_w_pair, vertex_origin
from nucore.text import number

Words = list[bytes]

#: Status of final-state particles and of beams.
FINAL, BEAM = b"1", b"4"
_W = (b"24", b"-24")
_NOWHERE = b"0"


@dataclass(frozen=True)
class HepmcFormat:
    """Positions of PDG number, momentum (px, py, pz, E) and status in the line of a particle.

    As only few particles are of interest, the line is split into its first `n_split` words and the rest.
    """

    version: int
    pdg_id: int
    momentum: slice
    status: int
    n_split: int

    def words(self, particle: Words) -> Words:
        """All words of the line of a particle."""
        return particle[: self.n_split] + b" ".join(particle[self.n_split :]).split()

    def momentum_of(self, particle: Words) -> FourVector:
        """(E, px, py, pz) in the unit of the event."""
        x, y, z, energy = (number(word.decode("ascii")) for word in self.words(particle)[self.momentum])
        return energy, x, y, z


@dataclass
class Lineage:
    """Particles of an event and the vertices between them.

    Attributes
    ----------
    form : HepmcFormat
    particles : dict
        Words of their lines by their number.
    origins : dict
        Vertex of production of each particle, or the particle that it comes from alone; ``0`` for none.
    incoming : dict
        Numbers of particles by the vertex that they enter.
    """

    form: HepmcFormat
    particles: dict[bytes, Words] = field(default_factory=dict)
    origins: dict[bytes, bytes] = field(default_factory=dict)
    incoming: dict[bytes, list[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: HepmcFormat, text: bytes) -> Lineage:
        """Enter the lines ``P`` and ``V`` of an event."""
        lineage = cls(form)
        enter = lineage._enter_3 if form.version == 3 else lineage._enter_2
        enter(text.split(b"\n"))
        return lineage

    def _enter_3(self, lines: list[bytes]) -> None:
        particles, origins, n = self.particles, self.origins, self.form.n_split
        for line in lines:
            kind = line[:2]
            if kind == b"P ":
                words = line.split(None, n)
                particles[words[1]] = words
                origins[words[1]] = words[2]
            elif kind == b"V ":
                words = line.split()
                self.incoming[words[1]] = [word for word in words[3].strip(b"[]").split(b",") if word]

    def _enter_2(self, lines: list[bytes]) -> None:
        """Version 2 lists the particles of a vertex below it, first those that enter it and come from nowhere."""
        vertex, orphans, n = _NOWHERE, 0, self.form.n_split
        particles, origins, incoming = self.particles, self.origins, self.incoming
        for line in lines:
            kind = line[:2]
            if kind == b"P ":
                words = line.split(None, n)
                name, end = words[1], words[11]
                particles[name] = words
                origins[name] = vertex if orphans <= 0 else _NOWHERE
                orphans -= 1
                if end != _NOWHERE:
                    incoming.setdefault(end, []).append(name)
            elif kind == b"V ":
                words = line.split()
                vertex, orphans = words[1], int(words[7])

    def of_status(self, status: bytes, pdg_ids: Iterable[bytes] | None = None) -> dict[bytes, Words]:
        """All words of the particles of a status, and of some PDG numbers."""
        wanted = None if pdg_ids is None else set(pdg_ids)
        form = self.form
        found = (
            (name, form.words(words))
            for name, words in self.particles.items()
            if wanted is None or words[form.pdg_id] in wanted
        )
        return {name: words for name, words in found if words[form.status] == status}

    def parents(self, name: bytes) -> list[bytes]:
        """Particles that a particle comes from."""
        origin = self.origins[name]
        return [parent for parent in self.incoming.get(origin, [origin]) if parent in self.particles]

    def first_copy(self, name: bytes) -> bytes:
        """Go back over the copies of a particle."""
        seen, pdg_id = set[bytes](), self._id(name)
        while name not in seen:  # a damaged file may hold a circle
            seen.add(name)
            name = next((parent for parent in self.parents(name) if self._id(parent) == pdg_id), name)
        return name

    def _id(self, name: bytes) -> bytes:
        return self.particles[name][self.form.pdg_id]

    def _w_before(self, lepton: bytes) -> bytes | None:
        return next((parent for parent in self.parents(self.first_copy(lepton)) if self._id(parent) in _W), None)

    def w_of(self, lepton: bytes) -> FourVector | None:
        """Return the momentum of the W that a lepton comes from, None if there is none."""
        boson = self._w_before(lepton)
        return None if boson is None else self.form.momentum_of(self.particles[boson])

    def origin_of(self, lepton: bytes) -> Origin:
        """Classify a lepton."""
        boson = self._w_before(lepton)
        if boson is not None:
            boson = self.first_copy(boson)
            if has_top_or_w_pair({*map(self._number, self.parents(boson)), *map(self._number, self._siblings(boson))}):
                return Origin.TOP
        first = self.first_copy(lepton)
        parents = self.parents(first)
        if len(parents) == 1 and self.form.words(self.particles[parents[0]])[self.form.status] == BEAM:
            parents = []
        siblings = (self._number(n) for n in self._siblings(first) if n != first)
        return vertex_origin(self._number(first), [self._number(n) for n in parents], siblings)

    def _number(self, name: bytes) -> int:
        return int(self._id(name))

    def _siblings(self, name: bytes) -> list[bytes]:
        """Particles that leave the vertex of a particle, itself included."""
        vertex = self.origins[name]
        return [name] if vertex == _NOWHERE else [n for n, origin in self.origins.items() if origin == vertex]
