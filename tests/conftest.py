"""What holds for all tests."""

import pytest

from nucore.run import stored


@pytest.fixture(scope="session")
def templates_of_session(tmp_path_factory, request):
    """Folder of the templates that all tests, and the commands they start, compute once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "shared-templates"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory, templates_of_session):
    """A cache folder for each test: finished pieces of runs in parallel tests do not meet; templates are in common."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / stored.FOLDER).symlink_to(templates_of_session)
    monkeypatch.setenv("NUPORTAL_CACHE", str(cache))
