"""Sphinx extension: pages of the reference that are made of the code when the documentation is built.

The line ``% generated`` of such a page is replaced by the text of its function in `PAGES`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

MARK = "% generated"
#: Pages, and the function that makes each.
PAGES = {
    "reference/commands": "reference_pages.commands:command_page",
    "reference/json": "reference_pages.answers:answers_page",
    "reference/cards": "reference_pages.cards:cards_page",
    "reference/limits": "reference_pages.limits:limits_page",
    "reference/parameters": "reference_pages.settings:parameters_page",
    "reference/environment": "reference_pages.settings:environment_page",
    "reference/python": "reference_pages.python_api:python_page",
}


def text_of(page: str) -> str:
    """Generated text of a page."""
    module, _, function = PAGES[page].partition(":")
    text: str = getattr(import_module(module), function)()
    return text


def fill(_app: Any, docname: str, source: list[str]) -> None:
    """Put the generated text into a page that is read."""
    if docname in PAGES:
        source[0] = source[0].replace(MARK, text_of(docname))


def outdated(*_: Any) -> list[str]:
    """Pages to read again whatever their files say: the code may have changed."""
    return list(PAGES)


def setup(app: Any) -> dict[str, bool]:
    """Connect the extension."""
    app.connect("source-read", fill)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
