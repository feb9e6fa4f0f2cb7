"""Parameter cards in the SUSY Les Houches format, shared with the UFO model (hep-ph/0311123, arXiv:0712.3311)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
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
from nucore.model.slha import Slha, parse_slha, read_card_text

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
#: Imaginary parts, which SLHA gives apart.
_IMAGINARY_BLOCKS = tuple(f"IM{name}" for name in _OWN_BLOCKS)
#: Particles of larger numbers are beyond the Standard Model.
_LARGEST_KNOWN_ID = 1_000_000
#: A DECAY width in a card may differ from ours by this much before it is reported.
_WIDTH_TOLERANCE = 0.01


def parse_card(text: str, source: str = "text") -> PortalParameters:
    """Read a parameter point from the text of an SLHA card.

    Parameters
    ----------
    text : str
        Blocks MASS, NUMIXING, DARKYUKAWA and optionally SMINPUTS; other blocks are ignored. If only some mixings are
        given, the others are zero. A DECAY width of nu4 or phi that differs from ours by more than 1% is reported by
        a `CardWarning` and not used. The card may stand in the header of an event file, ``<slha> ... </slha>``.
    source : str
        Origin of the text, for messages.

    Raises
    ------
    InputError
        If the card is of another model, or an entry cannot be read, contradicts another, is missing, unknown or out of
        range.
    """
    wanted = {block for block, _ in _ENTRIES}.union(_IMAGINARY_BLOCKS)
    slha = parse_slha(text, source, wanted, (PDG_ID["nu4"], PDG_ID["phi"]))
    _check_model(slha, source)
    values = _values(slha, source)
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


def _check_model(slha: Slha, source: str) -> None:
    """Refuse a card that lacks what makes it one of this model."""
    if not slha.names and not slha.widths:
        raise InputError(f"card {source}: no block; expected an SLHA parameter card")
    masses: Mapping[int, object] = slha.blocks.get("MASS", {})
    mixings = slha.blocks.get("NUMIXING", {})
    lacks = [name for name in _OWN_BLOCKS if name not in slha.names]
    is_matrix = any(("NUMIXING", index) not in _ENTRIES for index in mixings)
    if "DARKYUKAWA" in lacks and (not mixings or is_matrix or PDG_ID["nu4"] not in masses):
        others = [index for index in masses if index > _LARGEST_KNOWN_ID and ("MASS", index) not in _ENTRIES]
        more = [f"new particles {', '.join(map(str, others[:3]))}{', ...' * (len(others) > 3)}"] if others else []
        more += ["NUMIXING of more than one heavy neutrino"] if is_matrix else []
        about = f" ({'; '.join(more)})" if more else ""
        ids = f"{PDG_ID['nu4']}, {PDG_ID['chi']} and {PDG_ID['phi']}"
        raise InputError(
            f"card {source}: of another model{about}: no {' and no '.join(lacks)} block; "
            f"expected MASS {ids}, NUMIXING and DARKYUKAWA, as nuportal ufo --out writes them"
        )


def _values(slha: Slha, source: str) -> dict[str, float]:
    """Return the parameters of the entries by their names."""
    values: dict[str, float] = {}
    for block, entries in slha.blocks.items():
        for index, (value, line) in entries.items():
            where = f"card {source}, line {line}"
            if block in _IMAGINARY_BLOCKS:
                if value != 0.0:
                    raise InputError(f"{where}: an imaginary part of {block[2:]} {index}; expected real couplings")
                continue
            name = _ENTRIES.get((block, index))
            if name is None:
                if block in _OWN_BLOCKS or (block == "MASS" and index > _LARGEST_KNOWN_ID):
                    raise InputError(f"{where}: unknown entry {index} of block {block}")
                continue
            if values.setdefault(name, value) != value:
                raise InputError(f"{where}: {name} = {value:g} contradicts {values[name]:g}")
    return values


def _report_widths(slha: Slha, parameters: PortalParameters, source: str) -> None:
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
    """Read a parameter point from an SLHA card, or from the header of a Les Houches event file; see `parse_card`.

    Parameters
    ----------
    path : str or Path
        Packed with gzip or not.

    Examples
    --------
    >>> import nuportal
    >>> _ = nuportal.ufo(nuportal.PortalParameters(m4=30.0), out="card.slha")
    >>> nuportal.load_card("card.slha").m4
    30.0
    """
    return parse_card(read_card_text(Path(path)), str(path))


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
