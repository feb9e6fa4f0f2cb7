"""What a report tells of one result: headline, pictures, tables, rows to download, and the inputs behind it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from nucore.plot.embedded import data_uri, picture_bytes
from nucore.results import Result, plain
from nucore.summaries import Table, cell
from nuportal.reports.calls import defaults_of, plain_arguments

#: Rows of a table on the page; rows and bytes of a download in it.
_SHOWN_ROWS, _MOST_ROWS, _LARGEST_DOWNLOAD = 500, 20_000, 3_000_000
#: Rows of a table that is folded to the first 8 (see `page.css`).
_LONG = 12
_DPI = 130
#: Where a fit has each input from: name of the input, and of the field that says it.
_ORIGINS = {"exposure": "exposure_origin", "point": "point_origin", "selection": "selection_origin"}
#: Inputs that a card of an experiment has, where the call does not name them.
_OF_THE_CARD = frozenset({"title", "decays"})
_SHOWN_INPUTS = ("experiment", "title", "data", "flavour", "selection", "systematics", "exposure", "point", "decays")


@dataclass(frozen=True)
class Picture:
    """A picture on a page: the bytes of a PNG, and what it shows."""

    content: bytes
    caption: str

    def html(self) -> str:
        """Figure with its caption."""
        source, text = data_uri(self.content, "image/png"), escape(self.caption)
        return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'


@dataclass(frozen=True)
class Chapter:
    """A result and its pictures.

    Attributes
    ----------
    title : str
    result : Result
    pictures : tuple of Picture
    request : mapping, optional
        The call, as `nuportal.api.requests` records it.
    notes : tuple of str
    """

    title: str
    result: Result
    pictures: tuple[Picture, ...] = ()
    request: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of the result."""
        return tuple(getattr(self.result, "warnings", ()))

    def html(self, origin: Mapping[str, Any]) -> str:
        """Headline, pictures, tables and downloads, which have this provenance."""
        parts = [f'<p class="headline">{escape(self.result.headline())}</p>']
        if self.pictures:
            parts.append(f'<div class="pictures">{"".join(one.html() for one in self.pictures)}</div>')
        parts += [f'<p class="dim">{escape(note)}</p>' for note in self.notes]
        parts += [table_html(table) for table in self.result.tables()]
        return "".join([*parts, downloads(self.result, self.title, origin)])

    def inputs(self) -> Table:
        """Inputs of the call, and where each value comes from."""
        given, told = plain_arguments(self.request), plain(self.result.to_dict())
        usual = defaults_of(self.request)
        rows = {
            name: (cell(value), "default" if usual.get(name) == value else "given")
            for name, value in given.items()
            if value not in (None, [], {})
        }
        for name in _SHOWN_INPUTS:
            value = told.get(name)
            if value is not None and not isinstance(value, bool) and name not in rows:
                usually = "experiment card" if name in _OF_THE_CARD else "this run"
                rows[name] = (cell(value), str(told.get(_ORIGINS.get(name, "")) or usually))
        return Table(tuple((name, *row) for name, row in rows.items()), ("input", "value", "origin"))


def with_own_picture(chapter: Chapter, caption: str) -> Chapter:
    """Add the picture of the result; of one that cannot be drawn, the reason."""
    if not chapter.result.picture:
        return chapter
    try:
        content = picture_bytes(chapter.result.plot(), _DPI)
    except Exception as error:
        return replace(chapter, notes=(*chapter.notes, f"no picture: {error or type(error).__name__}"))
    return replace(chapter, pictures=(*chapter.pictures, Picture(content, caption)))


def pictures_of(files: Sequence[str], captions: Mapping[str, str]) -> tuple[Picture, ...]:
    """PNG files as pictures; a file without a caption has its name."""
    paths = [Path(name) for name in files if name.endswith(".png")]
    return tuple(Picture(path.read_bytes(), captions.get(path.stem, path.stem)) for path in paths)


def table_html(table: Table) -> str:
    """Table that scrolls where it is wide, and is folded to its first rows where it is long."""
    n = len(table.rows)
    if n > _SHOWN_ROWS:
        note = f"the first {_SHOWN_ROWS} of {n} rows; the download has all"
        table = replace(table, rows=table.rows[:_SHOWN_ROWS], notes=(*table.notes, note))
    content = f'<div class="wide">{table.html()}</div>'
    if n <= _LONG:
        return content
    return f'<details class="rows"><summary>{n} rows</summary></details>{content}'


def folded(summary: str, content: str) -> str:
    """Content that a click unfolds and that is printed whole."""
    return f'<details class="fold"><summary>{escape(summary)}</summary></details><div>{content}</div>'


def downloads(result: Result, title: str, origin: Mapping[str, Any]) -> str:
    """Links to the rows as CSV and the whole result as JSON, as its command prints it, which they hold."""
    rows = result.rows()
    if len(rows) > _MOST_ROWS:
        return '<p class="dim">The table is too long for this page: --out writes it to a file.</p>'
    name = "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-")
    files = {f"{name}.csv": ("text/csv", _csv(rows)), f"{name}.json": ("application/json", _json(result, origin))}
    links = []
    for file, (kind, text) in files.items():
        if text and len(text) <= _LARGEST_DOWNLOAD:
            address = data_uri(text.encode(), kind)
            links.append(f'<a download="{escape(file)}" href="{address}">{escape(file)}</a>')
    return f'<p class="dim downloads">Download: {", ".join(links)}</p>' if links else ""


def _json(result: Result, origin: Mapping[str, Any]) -> str:
    function = (origin.get("request") or {}).get("function")
    about = {"schema": f"nuportal/{function}/1"} if function else {}
    fields = {"warnings": [], **result.to_dict()}
    return json.dumps(plain({**about, "provenance": origin, **fields}), allow_nan=False)


def _csv(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_field(plain(row.get(name))) for name in names])
    return stream.getvalue()


def _field(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value
