"""Pages of the documentation: the modules, files and pages they name exist."""

import importlib
import re
from pathlib import Path

import pytest

import nucore

ROOT = Path(__file__).parents[2]
#: Where the packages are: beside the tests, or where a wheel has put them.
PACKAGES = Path(nucore.__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Names at `nuportal` itself are pinned by the tests of the public interface.
NAME = re.compile(r"`((?:collider|mesons|nucore|tools)(?:\.\w+)+)`")
PATH = re.compile(r"`((?:benchmarks|collider|docs|mesons|models|nucore|nuportal|samples|tests|tools)/[\w./*-]+)`")
LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")


def found(name: str) -> bool:
    """Say whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            thing = getattr(thing, part, None)
        return thing is not None
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    missing = [name for name in NAME.findall(text) if not found(name)]
    paths = [path for path in PATH.findall(text) if "NAME" not in path]
    missing += [path for path in paths if not any(list(place.glob(path)) for place in (ROOT, PACKAGES))]
    missing += [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing


def test_the_patterns_find_names_paths_and_links():
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    assert all(sum(len(pattern.findall(text)) for text in texts) > 20 for pattern in (NAME, PATH, LINK))
    assert not found("nucore.no_such_module")
    assert not found("nucore.model.constants.no_such_constant")
