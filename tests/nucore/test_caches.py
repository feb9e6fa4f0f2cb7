"""Folders that are written without being asked for, where the usual ones cannot be."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from nucore import caches
from nucore.caches import CACHE_VARIABLE, cache_folder, why_elsewhere, why_unusable

if not Path("/proc/self").is_dir():
    pytest.skip("the system has no folder that nobody may write", allow_module_level=True)
NOWHERE = "/proc/nowhere"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our temporary folder; the home is one that cannot be made."""
    for name in (CACHE_VARIABLE, "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", NOWHERE)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    caches._new_temporary.cache_clear()
    return tmp_path / f"nuportal-{os.getuid()}"


def test_the_users_cache_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path / "new" / "home"))
    assert cache_folder() == platformdirs.user_cache_path("nuportal")
    assert tmp_path in platformdirs.user_cache_path("nuportal").parents
    assert why_elsewhere(cache_folder()) is None
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    assert why_elsewhere(cache_folder()) is None


@pytest.mark.parametrize("kind", ["nowhere", "file", "none", "relative"])
def test_a_temporary_folder_where_the_users_cannot_be_written(
    kind: str, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if kind == "file":
        (tmp_path / "file").touch()
        monkeypatch.setenv("HOME", str(tmp_path / "file"))
    elif kind != "nowhere":  # a user without a name and HOME
        found = Path("~/.cache/nuportal") if kind == "relative" else None

        def no_home(_: str) -> Path:
            if found is None:
                raise RuntimeError
            return found

        monkeypatch.setattr(platformdirs, "user_cache_path", no_home)
    assert cache_folder() == temporary
    assert temporary.stat().st_mode & 0o777 == 0o700
    told = why_elsewhere(cache_folder())
    assert told is not None
    assert CACHE_VARIABLE in told
    assert str(temporary) in told
    assert cache_folder() == temporary  # the next time too


def test_a_full_disk_is_no_place(tmp_path: Path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[0][1]))
    try:
        assert why_unusable(tmp_path / "cache") == "File too large"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before[0])
        signal.signal(signal.SIGXFSZ, before[1])
    assert why_unusable(tmp_path / "cache") is None


@pytest.mark.parametrize("kind", ["others may write", "a link", "a file"])
def test_what_somebody_else_may_have_made_is_not_taken(kind: str, temporary: Path, tmp_path: Path):
    if kind == "a file":
        temporary.touch()
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        temporary.symlink_to("elsewhere")
    else:
        temporary.mkdir()
        temporary.chmod(0o777)
    found = cache_folder()
    assert found is not None
    assert found.name.startswith("nuportal-")
    assert found != temporary
    assert found.stat().st_mode & 0o777 == 0o700


def test_no_folder_at_all(monkeypatch: pytest.MonkeyPatch):
    def none() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("tempfile.gettempdir", none)
    monkeypatch.setattr(caches, "_SHARED_MEMORY", NOWHERE)
    assert cache_folder() is None
    assert "cannot be resumed" in str(why_elsewhere(None))


@pytest.mark.parametrize("usable", ["package", "home", "none"])
def test_kernels_are_kept_where_numba_cannot(
    usable: str, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    if usable != "package":
        monkeypatch.setattr(caches, "__file__", f"{NOWHERE}/nucore/caches.py")
    if usable == "home":
        monkeypatch.setenv("HOME", str(tmp_path))
    caches.prepare_kernel_cache()
    assert os.environ.get("NUMBA_CACHE_DIR") == (str(temporary / "numba") if usable == "none" else None)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "chosen")
    caches.prepare_kernel_cache()
    assert os.environ["NUMBA_CACHE_DIR"] == "chosen"


def test_pictures_and_kernels_without_a_home_say_nothing(tmp_path: Path):
    """Neither numba nor matplotlib fails or warns, and each gets a folder of ours."""
    program = (
        "import nucore.caches as caches\n"
        f"caches.__file__ = '{NOWHERE}/caches.py'\n"
        "caches.prepare_kernel_cache()\n"
        "import nucore.plot.style, nucore.rng\n"
    )
    environment = {"HOME": NOWHERE, "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    (ours,) = tmp_path.iterdir()
    assert {path.name for path in ours.iterdir()} == {"numba", "matplotlib"}
