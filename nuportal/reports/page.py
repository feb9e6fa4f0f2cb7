"""The page of a report: one file without a link to anything outside of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nucore.io.atomic import atomic_path, output_folder
from nucore.io.outputs import OutputFile
from nucore.run.provenance import provenance
from nucore.summaries import Table
from nuportal.citations.bibtex import Entry, bibtex
from nuportal.citations.inputs import entries_used
from nuportal.reports.calls import command_of, python_of
from nuportal.reports.chapters import Chapter, folded, table_html
from nuportal.reports.place import MARK, PAGE, check_place


def write_page(folder: str | Path, title: str, chapters: Sequence[Chapter], summary: Table | None = None) -> str:
    """Write the report of the current run as ``index.html``.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; an earlier report in it is replaced, any other page refused.
    title : str
    chapters : sequence of Chapter
    summary : Table, optional
        Shown before them.

    Returns
    -------
    str
        The file.
    """
    check_place(folder)
    path = output_folder(folder) / PAGE
    text = page(title, chapters, provenance(), summary)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return str(path)


def page(title: str, chapters: Sequence[Chapter], origin: Mapping[str, Any], summary: Table | None = None) -> str:
    """HTML of a report; all text in it is escaped.

    Parameters
    ----------
    title : str
    chapters : sequence of Chapter
    origin : mapping
        Provenance of the run.
    summary : Table, optional
    """
    several = len(chapters) > 1
    places = [(f"chapter-{k}", one) for k, one in enumerate(chapters, 1)]
    links = [*((place, one.title) for place, one in places if several), *_LAST]
    body = [
        f'<header><p class="kind">nuportal {escape(str(origin.get("version")))}</p><h1>{escape(title)}</h1></header>',
        _warnings(dict.fromkeys(w for one in chapters for w in one.warnings)),
        "<nav>" + "".join(f'<a href="#{place}">{escape(name)}</a>' for place, name in links) + "</nav>",
        "" if summary is None else table_html(summary),
    ]
    for place, one in places:
        body.append(
            f'<section id="{place}">'
            + (f"<h2>{escape(one.title)}</h2>" if several else "")
            + one.html(_origin_of(one, chapters, origin))
        )
        body.append("</section>")
    body += [_inputs(chapters), _call(chapters, origin), _origin(origin), _citations(chapters, origin)]
    style = (files("nuportal.reports") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"{MARK}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


#: Sections after the results.
_LAST = (("inputs", "Inputs"), ("call", "Repeat it"), ("provenance", "Provenance"), ("cite", "How to cite"))


def _section(place: str, content: str) -> str:
    return f'<section id="{place}"><h2>{dict(_LAST)[place]}</h2>{content}</section>'


def _warnings(warnings: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in warnings)
    return f'<div class="warnings" role="alert"><h2>Warnings</h2><ul>{items}</ul></div>' if items else ""


def _inputs(chapters: Sequence[Chapter]) -> str:
    parts = []
    for one in chapters:
        table = one.inputs()
        if table.rows:
            parts.append(folded(one.title, table_html(table)) if len(chapters) > 1 else table_html(table))
    return _section("inputs", "".join(parts))


def _call(chapters: Sequence[Chapter], origin: Mapping[str, Any]) -> str:
    command, python = command_of(origin), python_of(origin.get("request"))
    parts = []
    if command is not None:
        parts.append(f"<h3>Command</h3><pre>{escape(command)}</pre>")
    if python is not None:
        parts.append(f"<h3>Python</h3><pre>{escape(python)}</pre>")
    for one in chapters:
        if len(chapters) > 1 and (own := python_of(one.request)) is not None:
            parts.append(f"<details><summary>Python of {escape(one.title)}</summary><pre>{escape(own)}</pre></details>")
    return _section("call", "".join(parts) or '<p class="dim">Called from Python with objects that have no record.</p>')


def _origin(origin: Mapping[str, Any]) -> str:
    names = {
        "version": "nuportal", "sources": "hash of the sources", "seed": "seed", "card": "experiment card",
        "card_sha256": "sha256 of the card", "time_utc": "UTC time", "cpu": "processor", "python": "Python",
    }  # fmt: skip
    told = {label: origin.get(name) for name, label in names.items() if origin.get(name) is not None}
    table = Table.of({**told, **dict(origin.get("libraries") or {})})
    full = escape(json.dumps(origin, indent=1))
    return _section(
        "provenance", f'{table_html(table)}<details><summary>As JSON</summary><pre class="wrap">{full}</pre></details>'
    )


def _origin_of(chapter: Chapter, chapters: Sequence[Chapter], origin: Mapping[str, Any]) -> dict[str, Any]:
    """Provenance of one result of a run."""
    known = {**origin, "request": chapter.request or origin.get("request")}
    # of several calls the run has the card of the last
    return known if len(chapters) == 1 else known | dict.fromkeys(("card", "card_sha256", "card_text"))


def _citations(chapters: Sequence[Chapter], origin: Mapping[str, Any]) -> str:
    found: dict[str, Entry] = {}
    for one in chapters:
        for entry in entries_used(OutputFile(_origin_of(one, chapters, origin), one.result.to_dict())):
            found.setdefault(entry.key, entry)
    n = f'<p class="dim">{len(found)} works: the paper, the package, and the inputs of this result.</p>'
    return _section("cite", n + folded("BibTeX", f"<pre>{escape(bibtex(found.values()))}</pre>"))
