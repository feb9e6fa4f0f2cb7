"""Which tutorials and how-to pages use a command, so that the reference can point to them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from reference_pages.markdown import prose

_DOCS = Path(__file__).parents[2]
_FOLDERS = ("how-to", "tutorials")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


@cache
def _guides() -> dict[str, tuple[str, str]]:
    """Title and text of each page, by its path in docs."""
    found = {}
    for path in sorted(path for folder in _FOLDERS for path in (_DOCS / folder).glob("*.md") if path.stem != "index"):
        text = path.read_text(encoding="utf-8")
        title = _TITLE.search(text)
        if title:
            found[path.relative_to(_DOCS).as_posix()] = title[1].strip(), text
    return found


def guides_to(command: str) -> list[str]:
    """Links to the pages that call a command, on the command line or in Python."""
    name = re.escape(command)
    call = re.compile(rf"nuportal {name}(?![\w-])|nuportal\.{name.replace('-', '_')}\(".replace("\\_", "_"))
    return [f"[{prose(title)}](/{path})" for path, (title, text) in _guides().items() if call.search(text)]
