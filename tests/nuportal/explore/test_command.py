"""``nuportal explore``: writes one file, or none."""

from __future__ import annotations

import json

import pytest

import nuportal
from nuportal.cli import main

_EXPLORE = "nuportal.api.explore.explorer_tables"


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    return ended.value.code


def test_the_command_names_the_page_it_wrote(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(_EXPLORE, lambda progress: {"text": "</script><!-- é"})
    out = tmp_path / "mine.html"
    assert run("explore", "--out", out, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["outputs"]) == ("nuportal/explore/1", [str(out)])
    page = out.read_text(encoding="utf-8")
    assert answer["size_kB"] == pytest.approx(len(page.encode()) / 1000)
    held = page.split('id="tables">')[1].split("</script>")[0]
    assert json.loads(held) == {"text": "</script><!-- é"}
    assert run("explore", "--out", out) == 0
    assert str(out) in capsys.readouterr().out


def test_it_writes_html_only(tmp_path, capsys):
    assert run("explore", "--out", tmp_path / "page.pdf") == 2
    assert "expected a file that ends with .html" in capsys.readouterr().err
    assert run("explore", "--out", tmp_path / "nowhere" / "page.html") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_no_page(monkeypatch, tmp_path):
    def fails(progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(_EXPLORE, fails)
    with pytest.raises(KeyboardInterrupt):
        nuportal.explore(tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_the_function_is_not_hidden_by_a_package_of_its_name():
    import nuportal.explorer.page

    assert callable(nuportal.explore)
    assert nuportal.explorer.page.PAGE_SCRIPTS[-1] == "main"
