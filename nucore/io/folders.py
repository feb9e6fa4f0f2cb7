"""Folders of the user's that this package writes to."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

#: Folder of the cache, in place of the user's.
CACHE_VARIABLE = "NUPORTAL_CACHE"


def cache_folder() -> Path:
    """Folder of what can be computed again: that of the environment variable `CACHE_VARIABLE`, else the user's."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else user_cache_path("nuportal")
