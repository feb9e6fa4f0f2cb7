"""Option of the fuzz tests, and their cache."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--fuzz-cases", type=int, default=150, help="damaged files for each reader")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    """A cache without the templates of other tests: with them a worker compiles its kernels in the time of a case."""
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path_factory.mktemp("cache")))
