"""Files of Standard Model and nu4 templates of one Monte Carlo sample, as ``nuportal analyse --templates`` writes them.

A file holds histograms of the same bins and luminosity: of the observable in the Standard Model (``lepton_pt``), of
the same W decaying to nu4 at |U|^2 = 1 (``lepton_pt_nu4_30``, mass in GeV), and both with each weight of the sample
that is not the nominal one (``lepton_pt_weight_NAME``, ``lepton_pt_nu4_30_weight_NAME``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.metadata import checked_metadata
from nucore.io.readers import read_spectrum
from nucore.text import one_line, parse_json, read_text

#: Metadata ``process`` of these files.
TEMPLATES = "templates"
#: What the name of a histogram with nu4 has before the mass.
NU4 = "_nu4_"


@dataclass(frozen=True)
class Templates:
    """Histograms of one sample, all of the same bins and luminosity.

    Attributes
    ----------
    sm : Spectrum
        Standard Model, named by the observable.
    nu4 : dict of Spectrum
        By mass in GeV: every W decays to l nu4 (weight 0 where it is too light), |U|^2 = 1.
    variations : dict of Spectrum
        Standard Model with another weight of the events, by its name, which holds letters, digits and ``_.+-`` alone.
    nu4_variations : dict of dict of Spectrum
        By that name, then by mass.
    metadata : dict
        ``process`` (``templates``), ``observable``, ``m4_GeV``, ``variations`` (their names), ``weights`` (by name what
        the sample calls them), ``exposure``, ``experiment``, ``selection``, ``flavour``, ``angular_coefficients``,
        ``provenance``.
    """

    sm: Spectrum
    nu4: dict[float, Spectrum]
    variations: dict[str, Spectrum] = field(default_factory=dict)
    nu4_variations: dict[str, dict[float, Spectrum]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    def spectra(self) -> list[Spectrum]:
        """All histograms, in the order in which a file holds them."""
        first = [self.sm, *self.nu4.values()]
        return [*first, *(s for name, sm in self.variations.items() for s in (sm, *self.nu4_variations[name].values()))]


def template_name(observable: str, m4: float | None = None, weight: str | None = None) -> str:
    """Return the name of a histogram: of the Standard Model or a mass (GeV), of the nominal or another weight."""
    return observable + ("" if m4 is None else f"{NU4}{m4:g}") + ("" if weight is None else f"_weight_{weight}")


def weight_names(given: Sequence[str]) -> dict[str, str]:
    """Return what the weights of a sample are called in a file of templates, in order, and what the sample calls them.

    Raises
    ------
    InputError
        If two names differ in nothing but characters that the name of a histogram cannot hold.
    """
    names = {re.sub(r"[^A-Za-z0-9_.+-]+", "_", name.strip()).strip("_") or "weight": name for name in given}
    if len(names) != len(given):
        raise InputError("weights of the events: expected names that differ in letters, digits or one of _.+-")
    return names


def is_templates(metadata: Mapping[str, Any]) -> bool:
    """Whether the metadata of a file, as `nucore.io.readers.read_spectrum` returns them, are those of templates."""
    return metadata.get("process") == TEMPLATES


def read_templates(path: str | Path) -> Templates:
    """Read a file of templates.

    Parameters
    ----------
    path : str or Path
        ``.root`` or ``.json``, of ``nuportal analyse --templates``.

    Returns
    -------
    Templates

    Raises
    ------
    InputError
        If the file cannot be read, is none of templates, lacks a histogram, or their bins differ.
    """
    file = Path(path)
    if file.suffix not in (".root", ".json"):
        raise InputError(f"templates {file}: unknown suffix {file.suffix!r}: expected .root or .json")
    metadata = _metadata(file)
    if not is_templates(metadata):
        raise InputError(f"{file} holds no templates: expected a file of nuportal analyse --templates")
    try:
        observable = str(metadata["observable"])
        masses = [float(m4) for m4 in metadata["m4_GeV"]]
        weights = [str(name) for name in metadata["variations"]]
    except (KeyError, TypeError, ValueError):
        raise InputError(f"templates {file}: observable, m4_GeV or variations are missing in the metadata") from None
    sm = read_spectrum(f"{file}:{observable}").spectrum

    def read(m4: float | None = None, weight: str | None = None) -> Spectrum:
        found = read_spectrum(f"{file}:{template_name(observable, m4, weight)}").spectrum
        if sm.axes:
            found.require_axes(sm.axes, f"the Standard Model in {file}")
        else:
            found.require_edges(sm.edges, f"the Standard Model in {file}")
        return found

    return Templates(
        sm=sm,
        nu4={m4: read(m4) for m4 in masses},
        variations={name: read(None, name) for name in weights},
        nu4_variations={name: {m4: read(m4, name) for m4 in masses} for name in weights},
        metadata=metadata,
    )


def _metadata(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise InputError(f"templates {file} does not exist or is not a file")
    try:
        if file.suffix == ".json":
            content = parse_json(read_text(file, "templates"))
            return checked_metadata(content.get("nuportal") or {})
        from nucore.io.root_files import RootFile

        with RootFile(file) as root:
            return root.metadata()
    except InputError:
        raise
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"templates {file} is not a readable file: {one_line(error)}") from None


def holds_templates(source: str | Path) -> bool:
    """Whether a file, named without a histogram, is one of templates."""
    file = Path(source)
    return file.suffix in (".root", ".json") and file.is_file() and is_templates(_metadata(file))
