"""``nuportal.ufo``: the UFO model that MadGraph, Sherpa and Whizard load, and its card of a parameter point."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nuportal
from nucore.errors import InputError
from nucore.io.atomic import atomic_path
from nucore.model.card import card_entries
from nucore.model.nu4_decays import width_nu4_dark, width_nu4_weak, width_phi
from nucore.model.parameters import PortalParameters
from nucore.model.particles import PDG_ID
from nucore.results import Result
from nucore.summaries import Table
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import recorded

NAME = "NeutrinoPortal"
_SOURCE = Path("models") / "UFO" / NAME
_MARK = "particles.py"
_CARD = "restrict_default.dat"


@dataclass(frozen=True)
class UfoResult(Result):
    """The UFO model, and a card of it.

    Attributes
    ----------
    path : str
        Folder of the model, for ``import model``.
    parameters : PortalParameters or None
        The point; None without a card.
    card : str or None
        The point as a complete card of the model.
    outputs : tuple of str
        File of the card.
    """

    path: str
    parameters: PortalParameters | None = None
    card: str | None = None
    outputs: tuple[str, ...] = ()

    def headline(self) -> str:
        """Say where the model lies."""
        return f"UFO model in {self.path}"

    def tables(self) -> tuple[Table, ...]:
        """Where the model lies, and the point of the card."""
        rows: dict[str, Any] = {"UFO model": self.path}
        if self.parameters is not None:
            rows["card"] = self.parameters.to_dict()
        return (Table.of(rows),)


@recorded
def ufo(parameters: Point = None, *, out: str | Path | None = None) -> UfoResult:
    """Find the UFO model, and write a parameter point as a card of it.

    Parameters
    ----------
    parameters : PortalParameters or mapping, optional
        Without one there is no card.
    out : str or Path, optional
        File of the card.

    Raises
    ------
    InputError
        If the model is not installed.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.ufo(nuportal.PortalParameters(m4=30.0), out="card.slha")
    >>> nuportal.load_card("card.slha").m4
    30.0
    """
    folder = str(ufo_path())
    if parameters is None:
        return UfoResult(folder)
    point, _ = point_of(parameters)
    text = ufo_card(point)
    if out is not None:
        with atomic_path(out) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return UfoResult(folder, point, text, () if out is None else (str(out),))


def ufo_path() -> Path:
    """Folder of the UFO model: in the source tree the package runs from, else where it was installed.

    Raises
    ------
    InputError
        If it is in neither place.
    """
    source = Path(nuportal.__file__).resolve().parents[1] / _SOURCE
    if (source / _MARK).is_file():
        return source
    try:
        installed = importlib.metadata.files("nuportal") or []
    except importlib.metadata.PackageNotFoundError:
        installed = []
    for file in installed:
        folder = Path(str(file.locate())).resolve().parent
        if file.name == _MARK and folder.name == NAME and folder.is_dir():
            return folder
    raise InputError(f"the UFO model is not here: no {_SOURCE} in the source tree and no {NAME} in the installation")


def ufo_card(parameters: PortalParameters) -> str:
    """Write a parameter point as a complete card of the UFO model.

    Every entry of the model's own default card is there; the point's values and the widths of nu4 and phi are put in,
    the other widths are ``Auto``, so that MadGraph takes them from the model's decay formulas.
    """
    ours = card_entries(parameters)
    widths = {
        PDG_ID["nu4"]: width_nu4_dark(parameters) + width_nu4_weak(parameters),
        PDG_ID["phi"]: width_phi(parameters),
    }
    lines = ["# Dirac neutrino portal, arXiv:1709.07001; GeV"]
    block = ""
    for line in (ufo_path() / _CARD).read_text(encoding="ascii").splitlines():
        words = line.split("#", 1)[0].split()
        comment = line[line.index("#") :] if "#" in line else ""
        if not words:
            continue
        if words[0] == "BLOCK":
            block = words[1]
        elif words[0] == "DECAY":
            width = widths.get(int(words[1]))
            line = f"DECAY {words[1]} {'Auto' if width is None else repr(width)} {comment}"
        elif len(words) == 2 and (block, int(words[0])) in ours:
            line = f"  {words[0]} {ours[block, int(words[0])]!r} {comment}"
        lines.append(line)
    return "\n".join(lines) + "\n"
