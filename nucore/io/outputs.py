"""Outputs as they are compared: what a file says of its origin, and all else that it holds."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
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
_COMMENT, _LHE_START = "# provenance:", "<LesHouchesEvents"
#: What an event file says of the program that wrote it.
_GENERATOR_LINE = "<generator name='nuportal'"


@dataclass(frozen=True)
class Rows:
    """A long sequence.

    Attributes
    ----------
    read : callable () -> iterator of arrays or lists
        Reads it once more, block by block; two files of the same length have the same blocks.
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
    """Read an output of any format; the format is told by the first bytes.

    Raises
    ------
    InputError
        If it is not there, damaged, or says nothing of its origin.
    """
    if not path.is_file():
        raise InputError(f"output {path} does not exist or is not a file")
    with _readable(path):
        with path.open("rb") as opened:
            start = opened.read(16)
        if start.startswith(b"root"):
            found = _root(path)
        elif start.startswith(b"PAR1"):
            found = _parquet(path)
        elif start.lstrip().startswith(b"{"):
            found = _json(path)
        elif start.startswith((_GZIP_MAGIC, _LHE_START[:16].encode())):
            found = _les_houches(path)
        else:
            found = _table(path)
    if found is None:
        raise InputError(f"{path} does not say what it was made with: it is not an output of nuportal, or of a kind "
                         "that has no place for it")  # fmt: skip
    return found


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"output {path} cannot be read: {one_line(error)}") from None


def _split(metadata: Any, content: dict[str, Any]) -> OutputFile | None:
    """Take the provenance out of what a file says of itself: all of it, or an entry."""
    if not isinstance(metadata, dict):
        return None
    if isinstance(metadata.get("provenance"), dict):
        rest = {name: value for name, value in metadata.items() if name != "provenance"}
        return OutputFile(metadata["provenance"], {"metadata": rest, **content})
    return OutputFile(metadata, content) if "time_utc" in metadata else None


def _root(path: Path) -> OutputFile | None:
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
    return _split(metadata, content)


def _histogram(histogram: Any) -> dict[str, Any]:
    values, *edges = histogram.to_numpy(flow=True)
    titles = [str(axis.member("fTitle")) for axis in histogram.axes]
    return {"values": values, "variances": histogram.variances(flow=True), "titles": titles} | {
        f"edges {k}": e for k, e in enumerate(edges)
    }


def _branch(path: Path, tree: str, name: str) -> Iterator[Any]:
    from nucore.io.root_files import RootFile

    with _readable(path), RootFile(path) as root:
        for block in root.tree(tree).blocks((name,), _BLOCK_ROWS):
            yield block[name]


def _parquet(path: Path) -> OutputFile | None:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        metadata = (file.metadata.metadata or {}).get(b"provenance")
        names, n_rows = file.schema_arrow.names, file.metadata.num_rows
    content: dict[str, Any] = {name: Rows(partial(_column, path, name)) for name in names}
    return _split(None if metadata is None else parse_json(metadata.decode()), {"rows": n_rows, **content})


def _column(path: Path, name: str) -> Iterator[Any]:
    import pyarrow.parquet

    with _readable(path), pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BLOCK_ROWS, columns=[name]):
            yield batch.column(0).to_numpy(zero_copy_only=False)


def _json(path: Path) -> OutputFile | None:
    content = parse_json(read_text(path, "output", max_bytes=_MAX_TEXT_BYTES))
    if isinstance(content.get("nuportal"), dict):  # histograms
        return _split(content.pop("nuportal"), content)
    origin = content.pop("provenance", None)
    return OutputFile(origin, content) if isinstance(origin, dict) else None


def _table(path: Path) -> OutputFile | None:
    """Comment lines with JSON in one of them, and rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        comments = [line.rstrip("\n") for line in takewhile(lambda line: line.startswith("#"), _lines(stream))]
    described = [line for line in comments if line.startswith((_COMMENT, "# {"))]
    if len(described) != 1:
        return None
    (line,) = described
    rest = [other for other in comments if other != line]
    text = line.removeprefix(_COMMENT) if line.startswith(_COMMENT) else line[1:]
    return _split(parse_json(text), {"comments": rest, "lines": Rows(partial(_text_blocks, path, _is_row))})


def _is_row(line: str) -> bool:
    return not line.startswith("#")


def _les_houches(path: Path) -> OutputFile | None:
    """Header with JSON in the tag ``nuportal``, and lines."""
    found: list[str] = []
    inside = False
    with _open_text(path) as stream:
        for line in takewhile(lambda line: not line.startswith("</header>"), _lines(stream)):
            if line.startswith("</nuportal>"):
                break
            if inside:
                found.append(line)
            inside = inside or line.startswith("<nuportal>")
    metadata = parse_json(unescape("".join(found))) if found else None
    described = frozenset(found)
    keep = partial(_is_event_line, described)
    return _split(metadata, {"lines": Rows(partial(_text_blocks, path, keep))})


def _is_event_line(described: frozenset[str], line: str) -> bool:
    return line not in described and not line.startswith(_GENERATOR_LINE)


def _text_blocks(path: Path, keep: Callable[[str], bool]) -> Iterator[list[str]]:
    """Lines that are compared as text, each a block of its own size."""
    block: list[str] = []
    with _readable(path), _open_text(path) as stream:
        for line in filter(keep, _lines(stream)):
            block.append(line.rstrip("\n"))
            if len(block) == _BLOCK_ROWS:
                yield block
                block = []
    if block:
        yield block


def _open_text(path: Path) -> TextIO:
    with path.open("rb") as opened:
        packed = opened.read(2) == _GZIP_MAGIC
    if packed:
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _lines(stream: TextIO) -> Iterator[str]:
    return iter(lambda: stream.readline(_MAX_LINE), "")
