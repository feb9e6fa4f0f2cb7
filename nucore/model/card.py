"""Parameter cards in the SUSY Les Houches format, shared with the UFO model (hep-ph/0311123, arXiv:0712.3311)."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nucore.errors import CardWarning, InputError
from nucore.model import constants as c
from nucore.model.nu4_decays import (
    TwoBodyWidths,
    width_nu4_dark,
    width_nu4_h,
    width_nu4_w,
    width_nu4_weak,
    width_nu4_z,
    width_phi,
)
from nucore.model.parameters import PortalParameters
from nucore.model.particles import PDG_ID
from nucore.text import number, read_text

#: (block, entry) of every parameter.
_ENTRIES: dict[tuple[str, int], str] = {
    ("MASS", PDG_ID["nu4"]): "m4",
    ("MASS", PDG_ID["chi"]): "m_chi",
    ("MASS", PDG_ID["phi"]): "m_phi",
    ("MASS", PDG_ID["W+"]): "m_W",
    ("MASS", PDG_ID["Z"]): "m_Z",
    ("MASS", PDG_ID["h"]): "m_h",
    ("SMINPUTS", 2): "G_F",
    ("SMINPUTS", 4): "m_Z",
    ("NUMIXING", 1): "Ue4",
    ("NUMIXING", 2): "Umu4",
    ("NUMIXING", 3): "Utau4",
    ("DARKYUKAWA", 1): "yL",
    ("DARKYUKAWA", 2): "yR",
}
_REQUIRED = ("m4", "m_chi", "m_phi", "Ue4", "Umu4", "Utau4", "yL")
_MIXINGS = ("Ue4", "Umu4", "Utau4")
_OWN_BLOCKS = ("NUMIXING", "DARKYUKAWA")
_MAX_BYTES = 1_000_000
#: Particle numbers have at most ten digits.
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
#: A DECAY width in a card may differ from ours by this much before it is reported.
_WIDTH_TOLERANCE = 0.01


@dataclass
class _Slha:
    """Blocks and decay widths of an SLHA file, with the line each entry stands on."""

    blocks: dict[str, dict[int, tuple[float, int]]] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)


def _number(text: str, where: str) -> float:
    try:
        value = number(text.replace("D", "E").replace("d", "e"))
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise InputError(f"{where}: {text[:40]!r} is not a number")
    return value


def _integer(text: str, where: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise InputError(f"{where}: {text[:40]!r} is not a whole number")
    return int(text)


def _parse(text: str, source: str) -> _Slha:
    """Read the one-index blocks and the decay headers of an SLHA text."""
    slha = _Slha()
    block: dict[int, tuple[float, int]] | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        words = raw.split("#", 1)[0].split()
        where = f"card {source}, line {line}"
        if not words:
            continue
        head = words[0].upper()
        if head == "BLOCK":
            if len(words) < 2:
                raise InputError(f"{where}: BLOCK without a name")
            known = any(words[1].upper() == name for name, _ in _ENTRIES)
            block = slha.blocks.setdefault(words[1].upper(), {}) if known else None
        elif head == "DECAY":
            block = None
            if len(words) < 3:
                raise InputError(f"{where}: DECAY needs a particle number and a width")
            if words[2].lower() != "auto":
                slha.widths[_integer(words[1], where)] = _number(words[2], where)
        elif block is not None:
            if len(words) < 2:
                raise InputError(f"{where}: an entry needs a number and a value")
            index, value = _integer(words[0], where), _number(words[1], where)
            if block.setdefault(index, (value, line))[0] != value:
                raise InputError(f"{where}: entry {index} contradicts line {block[index][1]}")
    return slha


def parse_card(text: str, source: str = "text") -> PortalParameters:
    """Read a parameter point from the text of an SLHA card.

    Parameters
    ----------
    text : str
        Blocks MASS, NUMIXING, DARKYUKAWA and optionally SMINPUTS; other blocks are ignored. If only some mixings are
        given, the others are zero. A DECAY width of nu4 or phi that differs from ours by more than 1% is reported by
        a `CardWarning` and not used.
    source : str
        Origin of the text, for messages.

    Raises
    ------
    InputError
        If an entry cannot be read, contradicts another, is missing, unknown or out of range.
    """
    slha = _parse(text, source)
    values: dict[str, float] = {}
    for block, entries in slha.blocks.items():
        for index, (value, line) in entries.items():
            name = _ENTRIES.get((block, index))
            if name is None:
                if block in _OWN_BLOCKS or (block == "MASS" and index > 1_000_000):
                    raise InputError(f"card {source}, line {line}: unknown entry {index} of block {block}")
                continue
            if values.setdefault(name, value) != value:
                raise InputError(f"card {source}, line {line}: {name} = {value:g} contradicts {values[name]:g}")
    if any(name in values for name in _MIXINGS):
        # MadGraph omits from its cards parameters that a restriction set to zero
        values = {**dict.fromkeys(_MIXINGS, 0.0), **values}
    missing = [name for name in _REQUIRED if name not in values]
    if missing:
        places = [f"{block} {i}" for (block, i), name in _ENTRIES.items() if name in missing]
        raise InputError(f"card {source}: {', '.join(missing)} missing (entries {', '.join(places)})")
    try:
        parameters = PortalParameters(**{"yR": 0.0, **values})
    except InputError as error:
        raise InputError(f"card {source}: {error}") from None
    _report_widths(slha, parameters, source)
    return parameters


def _report_widths(slha: _Slha, parameters: PortalParameters, source: str) -> None:
    # an event generator that counts two-body decays is right too
    ours = {
        "nu4": (width_nu4_weak(parameters) + width_nu4_dark(parameters), sum(TwoBodyWidths.of(parameters))),
        "phi": (width_phi(parameters),),
    }
    for name, widths in ours.items():
        given, width = slha.widths.get(PDG_ID[name]), widths[0]
        if given is not None and not any(
            math.isclose(given, value, rel_tol=_WIDTH_TOLERANCE, abs_tol=1e-300) for value in widths
        ):
            warnings.warn(
                f"card {source}: DECAY {PDG_ID[name]} gives a width of {given:g} GeV for {name}; "
                f"not used, it is {width:g} GeV at these parameters",
                CardWarning,
                stacklevel=3,
            )


def load_card(path: str | Path) -> PortalParameters:
    """Read a parameter point from an SLHA card file; see `parse_card`."""
    text = read_text(Path(path), "card", "parameter card", _MAX_BYTES)
    return parse_card(text, str(path))


def _decay_table(name: str, total: float, channels: Sequence[tuple[float, tuple[int, ...]]]) -> list[str]:
    """DECAY header with the total width, and the two-body channels with their branching ratios."""
    pdg_id = PDG_ID[name]
    lines = [f"DECAY {pdg_id} {total!r} # {name}, GeV"]
    lines += [f"  {w / total!r} {len(ids)} {' '.join(map(str, ids))}" for w, ids in channels if w > 0.0]
    return lines


def _decays(p: PortalParameters) -> list[str]:
    nu4, chi, phi = PDG_ID["nu4"], PDG_ID["chi"], PDG_ID["phi"]
    leptons = [(flavour, PDG_ID[flavour], PDG_ID[f"nu_{flavour}"]) for flavour in ("e", "mu", "tau")]
    shares = [(p.U_sq(f) / p.U4_sq if p.U4_sq else 0.0, lepton, nu) for f, lepton, nu in leptons]
    on_shell = [
        (width_nu4_dark(p) if p.m4 > p.m_chi + p.m_phi else 0.0, (chi, -phi)),
        *[(share * width_nu4_w(p) * (p.m4 > p.m_W), (lepton, 24)) for share, lepton, _ in shares],
        *[(share * width_nu4_z(p) * (p.m4 > p.m_Z), (nu, 23)) for share, _, nu in shares],
        *[(share * width_nu4_h(p) * (p.m4 > p.m_h), (nu, 25)) for share, _, nu in shares],
    ]
    light = width_phi(p.replace(m4=1e6))
    to_light = [(share * light, (chi, -nu)) for share, _, nu in shares]
    return [
        *_decay_table("nu4", width_nu4_weak(p) + width_nu4_dark(p), on_shell),
        *_decay_table("phi", width_phi(p), [*to_light, (width_phi(p) - light, (chi, -nu4))]),
        f"DECAY {chi} 0.0 # chi, stable",
    ]


def _quantum_numbers(pdg_id: int, name: str, spin_states: int) -> list[str]:
    return [
        f"BLOCK QNUMBERS {pdg_id} # {name}",
        "  1 0 # 3 times electric charge",
        f"  2 {spin_states} # number of spin states (2S+1)",
        "  3 1 # colour representation",
        "  4 1 # has a distinct antiparticle",
    ]


def fine_structure_constant(parameters: PortalParameters) -> float:
    """Electromagnetic coupling alpha at tree level: sqrt2 G_F m_W^2 (1 - m_W^2/m_Z^2)/pi."""
    p = parameters
    return math.sqrt(2.0) * p.G_F * p.m_W**2 * (1.0 - (p.m_W / p.m_Z) ** 2) / math.pi


def card_entries(parameters: PortalParameters) -> dict[tuple[str, int], float]:
    """Entries of a card that a parameter point fixes, by block and number."""
    entries = {entry: float(getattr(parameters, name)) for entry, name in _ENTRIES.items()}
    return {("SMINPUTS", 1): 1.0 / fine_structure_constant(parameters), **entries}


def card_text(parameters: PortalParameters) -> str:
    """Write a parameter point as an SLHA card that `parse_card` and the UFO model read.

    Values are written with all their digits, so that reading the card gives back an equal point. The DECAY
    tables hold the widths of nu4 and phi from `nucore.model.widths` and their open two-body channels.
    """
    p = parameters
    lines = [
        "# Dirac neutrino portal, arXiv:1709.07001; GeV",
        "BLOCK SMINPUTS",
        f"  1 {1.0 / fine_structure_constant(p)!r} # 1/alpha, derived from G_F, m_W and m_Z",
        f"  2 {p.G_F!r} # G_F, GeV^-2",
        f"  4 {p.m_Z!r} # m_Z",
        "BLOCK MASS",
        *[f"  {PDG_ID[lepton]} {float(m)!r} # m_{lepton}" for lepton, m in _LEPTONS],
        *[f"  {i} {getattr(p, name)!r} # {name}" for (block, i), name in _ENTRIES.items() if block == "MASS"],
        "BLOCK NUMIXING # real mixing amplitudes",
        *[f"  {i} {getattr(p, name)!r} # {name}" for (block, i), name in _ENTRIES.items() if block == "NUMIXING"],
        "BLOCK DARKYUKAWA # phi chibar (yL P_L + yR P_R) N",
        f"  1 {p.yL!r} # yL",
        f"  2 {p.yR!r} # yR",
        *_decays(p),
        *_quantum_numbers(PDG_ID["nu4"], "n4 n4~", 2),
        *_quantum_numbers(PDG_ID["chi"], "chi chi~", 2),
        *_quantum_numbers(PDG_ID["phi"], "phi phi~", 1),
    ]
    return "\n".join(lines) + "\n"


_LEPTONS = (("e", c.M_E), ("mu", c.M_MU), ("tau", c.M_TAU))
