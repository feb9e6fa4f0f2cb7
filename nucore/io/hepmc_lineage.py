"""Ancestors of the leptons in an event of a HepMC text file: which W a lepton comes from.

Only leptons of one flavour and W bosons are recorded, of any status. A lepton comes from a W if there is nothing but
leptons of its kind in between: a shower, or the radiation of photons, writes a copy of it at each step. The W is
the last copy, whose momentum is that of all that it decays to, photons included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from nucore.text import number

_W = (b"24", b"-24")

FourVector = tuple[float, float, float, float]
"""(E, px, py, pz) in the unit of the event."""


@dataclass
class Particle:
    """A particle in an event.

    Attributes
    ----------
    pdg_id : bytes
        As in the file.
    momentum : FourVector
    origin : bytes
        Its vertex of production, or the particle that it comes from alone; ``0`` for none.
    final : bool
    """

    pdg_id: bytes
    momentum: FourVector
    origin: bytes
    final: bool


@dataclass
class Lineage:
    """Leptons and W bosons of an event with the vertices between them.

    Attributes
    ----------
    version : int
        Of the format, 2 or 3.
    leptons : tuple of bytes
        PDG numbers of the wanted leptons, as in the file.
    particles : dict
        By their number in the file.
    incoming : dict
        Numbers of particles by the vertex that they enter.
    """

    version: int
    leptons: tuple[bytes, ...]
    particles: dict[bytes, Particle] = field(default_factory=dict)
    incoming: dict[bytes, list[bytes]] = field(default_factory=dict)
    _vertex: bytes = b"0"
    _orphans: int = 0

    def enter_vertex(self, words: list[bytes]) -> None:
        """Enter a line ``V``: version 2 lists its particles below it, first those that enter and come from nowhere."""
        if self.version == 3:
            self.incoming[words[1]] = [word for word in words[3].strip(b"[]").split(b",") if word]
        else:
            self._vertex, self._orphans = words[1], int(words[7])

    def enter_particle(self, words: list[bytes]) -> None:
        """Enter a line ``P``."""
        if self.version == 3:
            name, origin, pdg_id, momentum, status = words[1], words[2], words[3], words[4:8], words[9]
        else:
            name, origin, pdg_id, momentum, status = words[1], self._vertex, words[2], words[3:7], words[8]
            if self._orphans > 0:
                self._orphans, origin = self._orphans - 1, b"0"
        if pdg_id not in self.leptons and pdg_id not in _W:
            return
        x, y, z, energy = (number(word.decode("ascii")) for word in momentum)
        self.particles[name] = Particle(pdg_id, (energy, x, y, z), origin, status == b"1")
        if self.version == 2:
            self.incoming.setdefault(words[11], []).append(name)

    def w_of(self, name: bytes) -> FourVector | None:
        """Return the momentum of the W that a lepton comes from, None if there is none."""
        seen = set()
        lepton = self.particles[name].pdg_id
        while name not in seen:  # a damaged file may hold a circle
            seen.add(name)
            parents = dict(self._parents(self.particles[name].origin))
            boson = next((p for p in parents.values() if p.pdg_id in _W), None)
            if boson is not None:
                return boson.momentum
            name = next((n for n, p in parents.items() if p.pdg_id == lepton), name)
        return None

    def _parents(self, origin: bytes) -> Iterator[tuple[bytes, Particle]]:
        for name in self.incoming.get(origin, [origin]):
            if name in self.particles:
                yield name, self.particles[name]
