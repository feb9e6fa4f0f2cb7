"""Outputs as they are compared: the provenance of a file, and all else that it holds."""

from __future__ import annotations

import gzip
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, TextIO
from xml.sax.saxutils import unescape

from nucore.errors import InputError
from nucore.text import one_line, parse_json, read_text

#: Longest text that is read whole: the single results of a million toys.
_MAX_TEXT_BYTES = 100_000_000
_BLOCK_ROWS = 200_000
_MAX_LINE = 10_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 1000
_PICTURES = (b"\x89PNG", b"%PDF", b"<svg")
#: What a Les Houches file says of the program that wrote it.
_GENERATOR_LINE = "<generator name='nuportal'"


@dataclass(frozen=True)
class Rows:
    """A long sequence.

    Attributes
    ----------
    read : callable () -> iterator of arrays or lists
        Reads it, block by block.
    """

    read: Callable[[], Iterator[Any]]


@dataclass(frozen=True)
class OutputFile:
    """A file of ours.

    Attributes
    ----------
    provenance : dict
    content : dict
        Everything else: plain Python types, arrays, and `Rows` for what is long.
    """

    provenance: dict[str, Any]
    content: dict[str, Any]


def read_output(path: Path) -> OutputFile:
    """Read an output of any format, which its first bytes tell.

    Raises
    ------
    InputError
        If it is missing, damaged, or has no provenance.
    """
    if not path.is_file():
        raise InputError(f"output {path} does not exist or is not a file")
    with _readable(path):
        with path.open("rb") as opened:
            start = opened.read(_HEAD_BYTES)
        if start.startswith(_PICTURES) or (start.removeprefix(BOM_UTF8).startswith(b"<?xml") and b"<svg" in start):
            raise InputError(
                f"{path}: a picture records no inputs; expected data, a table or a JSON answer of nuportal"
            )
        if start.startswith(b"root"):
            metadata, content = _root(path)
        elif start.startswith(b"PAR1"):
            metadata, content = _parquet(path)
        elif start.lstrip().startswith(b"{"):
            metadata, content = _json(path)
        else:
            metadata, content = _text(path, start.startswith((_GZIP_MAGIC, b"<LesHouchesEvent")))
    if isinstance(metadata, dict) and isinstance(metadata.get("provenance"), dict):
        origin = metadata.pop("provenance")
        return OutputFile(origin, {"metadata": metadata, **content})
    if isinstance(metadata, dict) and "time_utc" in metadata:
        return OutputFile(metadata, content)
    raise InputError(f"{path}: no provenance found; expected an output of nuportal that records it")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except UnicodeDecodeError:
        raise InputError(f"{path} is no output of nuportal: expected text in UTF-8, ROOT or Parquet") from None
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"output {path} cannot be read: {one_line(error)}") from None


def _root(path: Path) -> tuple[Any, dict[str, Any]]:
    from nucore.io.root_files import RootFile
    from nucore.io.root_objects import HISTOGRAMS

    content: dict[str, Any] = {}
    with RootFile(path) as root:
        held = root.kinds.get("provenance") == "TObjString"
        metadata = parse_json(str(root.get("provenance"))) if held else None
        for name, kind in root.kinds.items():
            content[f"class of {name}"] = kind
            if kind in HISTOGRAMS:
                content[name] = _histogram(root.get(name))
            elif kind == "TTree":
                tree = root.tree(name)
                content |= {f"{name}.{b}": Rows(partial(_branch, path, name, b)) for b in tree.names}
                content[f"entries of {name}"] = tree.n_entries
    return metadata, content


def _histogram(histogram: Any) -> dict[str, Any]:
    values, *edges = histogram.to_numpy(flow=True)
    titles = [str(axis.member("fTitle")) for axis in histogram.axes]
    parts = {"values": values, "variances": histogram.variances(flow=True), "titles": titles}
    return parts | {f"edges {k}": e for k, e in enumerate(edges)}


def _branch(path: Path, tree: str, name: str) -> Iterator[Any]:
    from nucore.io.root_files import RootFile

    with _readable(path), RootFile(path) as root:
        for block in root.tree(tree).blocks((name,), _BLOCK_ROWS):
            yield block[name]


def _parquet(path: Path) -> tuple[Any, dict[str, Any]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        metadata = (file.metadata.metadata or {}).get(b"provenance")
        names, n_rows = file.schema_arrow.names, file.metadata.num_rows
    content: dict[str, Any] = {name: Rows(partial(_column, path, name)) for name in names}
    return None if metadata is None else parse_json(metadata.decode()), {"rows": n_rows, **content}


def _column(path: Path, name: str) -> Iterator[Any]:
    import pyarrow.parquet

    with _readable(path), pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BLOCK_ROWS, columns=[name]):
            yield batch.column(0).to_numpy(zero_copy_only=False)


def _json(path: Path) -> tuple[Any, dict[str, Any]]:
    """Metadata under ``nuportal`` (histograms) or the provenance itself (answers, toys)."""
    content = parse_json(read_text(path, "output", max_bytes=_MAX_TEXT_BYTES))
    name = "nuportal" if isinstance(content.get("nuportal"), dict) else "provenance"
    return content.pop(name, None), content


def _text(path: Path, les_houches: bool) -> tuple[Any, dict[str, Any]]:
    """Lines, and a JSON object in a comment of a table or in the header of a Les Houches file."""
    with _open_text(path) as stream:
        head = takewhile(lambda line: line.startswith("#") or (les_houches and "</header>" not in line), _lines(stream))
        found = ((line, text) for line in head if (text := _json_of(line, les_houches)) is not None)
        described = dict(islice(found, 2))
    metadata = parse_json(next(iter(described.values()))) if len(described) == 1 else None
    return metadata, {"lines": Rows(partial(_text_blocks, path, frozenset(described)))}


def _json_of(line: str, les_houches: bool) -> str | None:
    text = unescape(line) if les_houches else line.removeprefix("# provenance:").removeprefix("#").strip()
    return text if text.startswith("{") else None


def _text_blocks(path: Path, left_out: frozenset[str]) -> Iterator[list[str]]:
    with _readable(path), _open_text(path) as stream:
        kept = (line.rstrip("\n") for line in _lines(stream) if line not in left_out and _GENERATOR_LINE not in line)
        while block := list(islice(kept, _BLOCK_ROWS)):
            yield block


def _open_text(path: Path) -> TextIO:
    with path.open("rb") as opened:
        packed = opened.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rt", encoding="utf-8", newline="") if packed else path.open(encoding="utf-8", newline="")


def _lines(stream: TextIO) -> Iterator[str]:
    return iter(lambda: stream.readline(_MAX_LINE), "")
