"""Folders that are written without being asked for: the user's cache, or a temporary folder where there is none.

Compiled kernels, the font list of matplotlib and pieces of long runs are kept there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

#: Environment variable that names a folder in place of the user's cache.
CACHE_VARIABLE = "NUPORTAL_CACHE"
#: Written to see whether a disk is full, bytes.
_PROBE = 4096
_SHARED_MEMORY = "/dev/shm"  # which has a folder of ours alone


def chosen_cache() -> Path | None:
    """Return the folder that `CACHE_VARIABLE` names."""
    name = os.environ.get(CACHE_VARIABLE)
    return Path(name).absolute() if name else None


def cache_places() -> list[Path]:
    """Return the folders that may be our cache, the first choice first; none need exist."""
    chosen = chosen_cache()
    return [*_of_user("cache", "nuportal"), temporary_place()] if chosen is None else [chosen]


def cache_folder() -> Path | None:
    """Make and return the first of our places that can be written, or a new temporary folder; None without any."""
    places = (*cache_places(), temporary_place())
    return next((place for place in places if why_unusable(place) is None), None) or _new_temporary()


def why_elsewhere(cache: Path | None) -> str | None:
    """Return why finished pieces are kept in a temporary folder or not at all; None if they are in the usual one."""
    usual = chosen_cache() or next(iter(_of_user("cache", "nuportal")), None)
    if cache is not None and cache == usual:
        return None
    why = "the user has no home folder" if usual is None else f"{usual} cannot be written: {why_unusable(usual)}"
    where = "an interrupted run cannot be resumed" if cache is None else f"finished pieces are kept in {cache}"
    return f"{why}; {where} ({CACHE_VARIABLE} names another folder)"


def temporary_place() -> Path:
    """Return our folder among the temporary ones: the same each time, so that a later run finds what is there."""
    try:
        base = tempfile.gettempdir()
    except OSError:  # in a container whose disk is read-only
        base = _SHARED_MEMORY
    return Path(base, f"nuportal-{os.getuid()}")


def why_unusable(folder: Path) -> str | None:
    """Try to make a folder and a file in it: what is against it, or None."""
    try:
        if folder == temporary_place():
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
                return "others may write there"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def prepare_kernel_cache() -> None:
    """Have numba keep compiled kernels in our cache if it can write neither beside the source nor in its own."""
    if "NUMBA_CACHE_DIR" in os.environ or "numba" in sys.modules:
        return
    beside = Path(__file__).with_name("__pycache__")
    if why_unusable(beside) is not None and not any(why_unusable(own) is None for own in _of_user("cache", "numba")):
        _use_ours("NUMBA_CACHE_DIR", "numba")


def prepare_matplotlib() -> None:
    """Have matplotlib keep its list of fonts in our cache if it cannot write its own folders."""
    if "MPLCONFIGDIR" in os.environ or "matplotlib" in sys.modules or not sys.platform.startswith("linux"):
        return
    own = [_of_user(kind, "matplotlib") for kind in ("config", "cache")]
    if not all(places and why_unusable(places[0]) is None for places in own):
        _use_ours("MPLCONFIGDIR", "matplotlib")


def _use_ours(variable: str, name: str) -> None:
    ours = cache_folder()
    if ours is not None:
        os.environ[variable] = str(ours / name)  # worker processes inherit it


def _of_user(kind: str, name: str) -> list[Path]:
    """Return a folder of the user's own, if there is a home: a user without a name may have none."""
    import platformdirs  # not for --help

    try:
        place = platformdirs.user_cache_path(name) if kind == "cache" else platformdirs.user_config_path(name)
    except RuntimeError:
        return []
    return [place] if place.is_absolute() else []


@lru_cache(maxsize=1)
def _new_temporary() -> Path | None:
    """Folder of this process alone, where somebody else has taken the name of ours."""
    try:
        return Path(tempfile.mkdtemp(prefix="nuportal-", dir=temporary_place().parent))
    except OSError:
        return None
