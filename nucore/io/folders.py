"""Folders of the user that this package writes to."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

#: Environment variable that names another cache folder.
CACHE_VARIABLE = "NUPORTAL_CACHE"


def cache_folder() -> Path:
    """Folder of results that can be recomputed: that of `CACHE_VARIABLE`, else the cache folder of the user."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else user_cache_path("nuportal")
