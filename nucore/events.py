"""The event record: truth and reconstructed quantities of one schema, and the summary of a generation.

An event file has one flat branch per quantity. Branches named ``<object>_pt``, ``_eta``, ``_phi`` (and ``_mass``) or
``<object>_px``, ``_py``, ``_pz``, ``_energy`` belong to one four-vector; objects whose name starts with ``reco_`` are
what a detector measures, all others are truth. GeV and radian.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.results import Result
from nucore.summaries import Table, number

if TYPE_CHECKING:
    import awkward as ak

    from nucore.histograms import Spectrum

#: Weeks of generation on some thousand cores.
MAX_EVENTS = 10**13
#: Branch suffixes of the two forms of a four-vector, and the coordinate each stands for.
_POLAR = {"pt": "pt", "eta": "eta", "phi": "phi"}
_CARTESIAN = {"px": "px", "py": "py", "pz": "pz", "energy": "E"}


@dataclass(frozen=True)
class GenerateResult(Result):
    """Summary of a generation.

    Attributes
    ----------
    process, experiment : str
        As asked for.
    n_requested : int or None
        Parents asked for; null where an exposure was asked for.
    n_generated, n_selected : int
        Parents generated, events in the histogram (background included).
    exposure : dict
        ``{"luminosity_invfb": L}`` or ``{"decays": N}`` that the sample stands for.
    cross_section_pb, branching_ratio : float or None
        Of the generated final states; the one that applies.
    events_per_second : float
        Generated parents over wall-clock seconds, files included.
    cutflow : dict
        Events left after each step.
    outputs : list of str
        Files.
    spectrum : Spectrum
        Histogram of the selected events.
    parameters : dict or None
        Parameter point by name.
    metadata : dict
        What a file of the spectrum records, so that a fit of the result is one of the file.
    """

    picture: ClassVar[str] = "nucore.plot.generated:generated_figure"

    process: str
    experiment: str
    n_requested: int | None
    n_generated: int
    n_selected: int
    exposure: dict[str, float]
    cross_section_pb: float | None
    branching_ratio: float | None
    events_per_second: float
    cutflow: dict[str, int]
    outputs: list[str]
    spectrum: Spectrum
    parameters: dict[str, float] | None = None
    metadata: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, the histogram as ``edges`` and ``values``, without the metadata.

        Keys
        ----
        process, experiment
        n_requested
        n_generated, n_selected
        exposure
        cross_section_pb, branching_ratio
        events_per_second
        cutflow
        outputs
        parameters : dict or None
        histogram : dict
            ``name``, ``edges`` in GeV and ``values`` of the spectrum.
        """
        fields = super().to_dict()
        spectrum, _ = fields.pop("spectrum"), fields.pop("metadata")
        histogram = {name: spectrum[name] for name in ("name", "edges", "values")}
        return {k: v for k, v in fields.items() if v is not None} | {"histogram": histogram}

    def headline(self) -> str:
        """Say how many events there are of what."""
        return f"{self.process} of {self.experiment}: {self.n_selected} of {self.n_generated} events selected"

    def tables(self) -> tuple[Table, ...]:
        """Size and rate of the sample, and its cutflow."""
        rows: dict[str, Any] = {"process": f"{self.process} of {self.experiment}"}
        if self.n_requested is not None:
            rows["requested"] = self.n_requested
        rows |= {"generated": self.n_generated, "selected": self.n_selected, **exposure_row(self.exposure)}
        if self.cross_section_pb is not None:
            rows["cross section"] = f"{number(self.cross_section_pb, 6)} pb"
        if self.branching_ratio is not None:
            rows["branching ratio"] = self.branching_ratio
        rows["speed"] = f"{number(self.events_per_second, 3)} events/s"
        return Table.of(rows), cutflow_table(self.cutflow)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the bins."""
        edges, values = self.spectrum.edges, self.spectrum.values
        if values.ndim > 1:
            return super().rows()
        return [
            {"low": float(a), "high": float(b), "value": float(v)}
            for a, b, v in zip(edges[:-1], edges[1:], values, strict=True)
        ]

    def to_hist(self) -> Any:
        """Return the spectrum as a `hist.Hist`."""
        return self.spectrum.to_hist()


def exposure_row(exposure: Mapping[str, float] | None) -> dict[str, str]:
    """Name and text of an exposure ``{"luminosity_invfb": L}`` or ``{"decays": N}``."""
    return {
        name.removesuffix("_invfb"): f"{value:g} fb^-1" if name.endswith("_invfb") else number(value, 6)
        for name, value in (exposure or {}).items()
    }


def cutflow_table(cutflow: Mapping[str, int]) -> Table:
    """Events after each step, and their share of the first."""
    first = next(iter(cutflow.values()), 0)
    rows = tuple((step, n, f"{100.0 * n / first:.3g}%" if first else None) for step, n in cutflow.items())
    return Table(rows, ("cut", "events", "share"), "cutflow")


def compact(arrays: Mapping[str, NDArray[Any]], keep: NDArray[np.bool_] | None = None) -> dict[str, NDArray[Any]]:
    """Select events and store their real numbers in single precision, as in event files.

    Parameters
    ----------
    arrays : mapping of arrays, shape (n,)
    keep : bool array, shape (n,), optional
        Events to keep; all by default.
    """
    out = {}
    for name, array in arrays.items():
        kept = array if keep is None else array[keep]
        out[name] = kept.astype(np.float32) if kept.dtype == np.float64 else kept
    return out


def as_records(arrays: Mapping[str, NDArray[Any]]) -> ak.Array:
    """Turn flat branches into records with four-vectors.

    Parameters
    ----------
    arrays : mapping of arrays, shape (n,)
        Branches of an event file.

    Returns
    -------
    awkward.Array of records
        Branches of a four-vector become one field with `vector` behaviour (``events.lepton.pt``, ``.eta``, ``.mass``);
        the others stay as they are. A polar vector without a mass branch is massless.
    """
    import awkward as ak
    import vector

    vector.register_awkward()
    fields: dict[str, Any] = {}
    used: set[str] = set()
    for stem in dict.fromkeys(name.rpartition("_")[0] for name in arrays):
        for form in (_CARTESIAN, _POLAR):
            names = {coordinate: f"{stem}_{suffix}" for suffix, coordinate in form.items()}
            if stem and all(name in arrays for name in names.values()):
                parts = {coordinate: arrays[name] for coordinate, name in names.items()}
                if form is _POLAR:
                    mass = f"{stem}_mass"
                    parts["mass"] = arrays.get(mass, np.zeros_like(parts["pt"]))
                    used.add(mass)
                used.update(names.values())
                fields[stem] = ak.zip(parts, with_name="Momentum4D")
                break
    rest = {name: array for name, array in arrays.items() if name not in used}
    return ak.zip({**rest, **fields}, depth_limit=1)


def load_events(path: str | Path) -> ak.Array:
    """Read the events of a ROOT or Parquet file as records with four-vectors; see `as_records`.

    Raises
    ------
    InputError
        If the file cannot be read or holds no events.

    Examples
    --------
    >>> import nuportal
    >>> _ = nuportal.generate("kaon", events=1000, out="kaon.root", all_events=True)
    >>> len(nuportal.load_events("kaon.root"))
    1000
    """
    from nucore.io.branches import read_branches

    return as_records(read_branches(Path(path)))


def check_count(n_events: int) -> int:
    """Return a number of events if it is positive and at most `MAX_EVENTS`."""
    if not 0 < n_events <= MAX_EVENTS:
        raise InputError(f"number of events must be positive and at most {MAX_EVENTS:g}, got {n_events}")
    return n_events
