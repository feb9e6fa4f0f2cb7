"""Where a report may be written: a folder that holds no page of anything else."""

from __future__ import annotations

from pathlib import Path

from nucore.errors import InputError

PAGE = "index.html"
MARK = '<meta name="generator" content="nuportal">'
"""What every page of a report has in its head, and no other file."""
_HEAD_BYTES = 1000


def check_place(folder: str | Path | None) -> None:
    """Refuse, before the work, a place for a report where something else would be lost.

    Raises
    ------
    InputError
        If the place is a file, or its ``index.html`` is no page of a report.
    """
    if folder is None:
        return
    path, page = Path(folder), Path(folder) / PAGE
    if path.exists() and not path.is_dir():
        raise InputError(f"report {folder} is no folder: expected one, or a name that is free")
    if page.is_symlink() or page.exists():
        try:
            with page.open("rb") as opened:
                ours = MARK.encode() in opened.read(_HEAD_BYTES)
        except OSError:
            ours = False
        if not ours:
            raise InputError(f"report {folder}: its {PAGE} is no page of nuportal; expected another folder")
