"""What holds for all tests."""

import pytest


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    """A cache folder for each test: finished pieces of runs in parallel tests do not meet."""
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path_factory.mktemp("cache")))
