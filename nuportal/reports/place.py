"""Where a report may be written: a folder that holds no page of anything else."""

from __future__ import annotations

import os
from pathlib import Path

from nucore.errors import InputError

PAGE = "index.html"
MARK = '<meta name="generator" content="nuportal">'
"""What every page of a report has in its head, and no other file."""
_HEAD_BYTES = 1000
_WRITTEN = {".json", ".pdf", ".png", ".svg"}
"""Files beside the page that a report may replace."""


def check_place(folder: str | Path | None, *, with_files: bool = False) -> None:
    """Refuse, before the work, a place for a report where something else would be lost.

    Parameters
    ----------
    folder : path, optional
    with_files : bool
        Whether pictures and JSON are written beside the page.

    Raises
    ------
    InputError
        If the place is a file, its ``index.html`` is no page of a report, or it holds pictures or JSON without a page.
    """
    if folder is None:
        return
    path, page = Path(folder), Path(folder) / PAGE
    if os.path.lexists(path) and not path.is_dir():
        raise InputError(f"report {folder} is no folder: expected one, or a name that is free")
    if not os.path.lexists(page):
        others = sorted(one.name for one in path.iterdir() if one.suffix in _WRITTEN) if path.is_dir() else []
        if with_files and others:
            raise InputError(f"report {folder}: holds {others[0]}, which is of no report; expected another folder")
    else:
        try:
            with page.open("rb") as opened:
                ours = MARK.encode() in opened.read(_HEAD_BYTES)
        except OSError:
            ours = False
        if not ours:
            raise InputError(f"report {folder}: its {PAGE} is no page of nuportal; expected another folder")
