"""Writing spectra and events; every file carries its provenance."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.atomic import atomic_path
from nucore.io.tables import load_pyarrow


class EventWriter(Protocol):
    """Accepts blocks of events in order, then the spectra."""

    def extend(self, block: Mapping[str, NDArray[Any]]) -> None:
        """Append a block of events: one array a branch, all of one length."""

    def finish(self, spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> None:
        """Write the spectra and the metadata."""

    def close(self) -> None:
        """Release the file, finished or not."""


class _RootWriter:
    """TTree ``events``, one TH1 a spectrum, and the metadata as a JSON string ``provenance``."""

    def __init__(self, path: Path) -> None:
        import uproot

        self._file = uproot.recreate(path, compression=uproot.LZ4(1))
        self._tree: Any = None

    def extend(self, block: Mapping[str, NDArray[Any]]) -> None:
        if self._tree is None:
            self._tree = self._file.mktree("events", {name: array.dtype for name, array in block.items()})
        self._tree.extend(dict(block))

    def finish(self, spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> None:
        for spectrum in spectra:
            self._file[spectrum.name] = spectrum.to_hist()
        self._file["provenance"] = json.dumps(metadata)

    def close(self) -> None:
        self._file.close()


class _ParquetWriter:
    """One row an event; the metadata stands in the file under the key ``provenance``."""

    def __init__(self, path: Path) -> None:
        self._pyarrow = load_pyarrow(".root")
        self._path = path
        self._writer: Any = None

    def extend(self, block: Mapping[str, NDArray[Any]]) -> None:
        table = self._pyarrow.table(dict(block))
        if self._writer is None:
            self._writer = self._pyarrow.parquet.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table)

    def finish(self, spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> None:
        if self._writer is None:
            raise InputError("output .parquet has no events to hold; write .root or .csv for a histogram alone")
        self._writer.add_key_value_metadata({"provenance": json.dumps(metadata)})

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _TextWriter:
    """Writes the text of some spectra, of a format that holds no events."""

    def __init__(self, text: Callable[[Sequence[Spectrum], Mapping[str, Any]], str], path: Path) -> None:
        self._text, self._path = text, path

    def finish(self, spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> None:
        self._path.write_text(self._text(spectra, metadata), encoding="utf-8")

    def close(self) -> None:
        pass


def _json_text(spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> str:
    """UHI JSON: an object of histograms, with the metadata under ``nuportal``."""
    import uhi.io.json

    content = {**{s.name: s.to_hist() for s in spectra}, "nuportal": dict(metadata)}
    return json.dumps(content, indent=1, default=uhi.io.json.default)


def _csv_text(spectra: Sequence[Spectrum], metadata: Mapping[str, Any]) -> str:
    """``low,high,value,variance`` with the exposure and the provenance in comment lines."""
    if len(spectra) != 1:
        raise InputError("output .csv holds one histogram; write .root or .json")
    (spectrum,) = spectra
    lines = [f"# name = {spectrum.name}"]
    lines += [f"# {key} = {value!r}" for key, value in (metadata.get("exposure") or {}).items()]
    lines += [f"# provenance: {json.dumps(metadata.get('provenance'))}", "low,high,value,variance"]
    columns = np.column_stack([spectrum.edges[:-1], spectrum.edges[1:], spectrum.values, spectrum.variances])
    lines += [",".join(f"{x:.10g}" for x in row) for row in columns]
    return "\n".join(lines) + "\n"


_EVENT_WRITERS: dict[str, Any] = {".root": _RootWriter, ".parquet": _ParquetWriter}
_SPECTRUM_WRITERS: dict[str, Any] = {
    ".root": _RootWriter,
    ".json": partial(_TextWriter, _json_text),
    ".csv": partial(_TextWriter, _csv_text),
}


@contextlib.contextmanager
def open_writer(path: str | Path, events: bool, suffix: str | None = None) -> Iterator[EventWriter]:
    """Open an output by its suffix; the file appears under its name when the block succeeds.

    Parameters
    ----------
    path : str or Path
        ``.root``, ``.parquet`` (events), ``.json`` or ``.csv`` (histograms).
    events : bool
        Whether events are to be written.
    suffix : str, optional
        Format to write, if other than that of `path`.

    Raises
    ------
    InputError
        If the suffix is unknown or does not fit, or the file cannot be written.
    """
    suffix = Path(path).suffix if suffix is None else suffix
    kinds = _EVENT_WRITERS if events else _SPECTRUM_WRITERS
    if suffix not in kinds:
        what = "events" if events else "a histogram alone"
        more = " (and .lhe for W events)" if events else ""
        raise InputError(
            f"output {path}: suffix {suffix!r} cannot hold {what}: expected one of {', '.join(kinds)}{more}"
        )
    with atomic_path(path) as temporary, contextlib.closing(kinds[suffix](temporary)) as writer:
        yield writer


def write_spectra(
    path: str | Path, spectra: Sequence[Spectrum], metadata: Mapping[str, Any], suffix: str | None = None
) -> None:
    """Write spectra and metadata, without events, to a file of the format its suffix (or `suffix`) names."""
    with open_writer(path, events=False, suffix=suffix) as writer:
        writer.finish(spectra, metadata)


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write one JSON object."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
