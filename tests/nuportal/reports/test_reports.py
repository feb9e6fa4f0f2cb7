"""The page that ``--report`` writes."""

import base64
import csv
import dataclasses
import io
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

import nuportal
from nucore.errors import InputError
from nucore.results import Result
from nucore.run.chunks import Shard
from nucore.summaries import Table
from nuportal.cli import app
from nuportal.reports.calls import command_of, python_of
from nuportal.reports.chapters import Chapter, table_html, with_own_picture
from nuportal.reports.page import page

VOID = {"meta", "img", "br"}
EVIL = "<script>alert('x')</script>"


class Page(HTMLParser):
    """Tags, links, and text of a page, whose tags must be balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.parts, self.ids = [], [], [], [], set()
        self.feed(text)
        assert self.open == []
        self.text = "".join(self.parts)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        self.links += [given[name] for name in ("src", "href", "action") if name in given]
        self.ids |= {given["id"]} if "id" in given else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.parts.append(data)

    def download(self, suffix):
        (found,) = [t["href"] for _, t in self.tags if t.get("download", "").endswith(suffix)]
        return base64.b64decode(unquote(found.partition(",")[2])).decode()


@dataclasses.dataclass(frozen=True)
class Hostile(Result):
    """A result of text that an unknown file has."""

    picture = "nuportal.no_such_module:draw"
    title: str = EVIL
    data: str = f"{EVIL}.root"
    warnings: tuple[str, ...] = (f"{EVIL} warned",)

    def headline(self):
        return EVIL

    def tables(self):
        return (Table(((EVIL, 1.0),), (EVIL, "x"), title=EVIL, notes=(EVIL,)),)


@pytest.fixture(scope="module")
def reach(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reach")
    answer = CliRunner().invoke(app, ["project", "e949", "--grid", "0.01,0.02", "--report", str(folder), "--json"])
    return json.loads(answer.stdout), folder / "index.html", Page((folder / "index.html").read_text(encoding="utf-8"))


def test_page_stands_alone(reach):
    """No address but of the page itself and of content that it holds; no script at all."""
    answer, path, found = reach
    assert answer["outputs"] == [str(path)]
    assert found.links
    assert all(link.startswith(("data:", "#")) for link in found.links)
    assert {link.removeprefix("#") for link in found.links if link.startswith("#")} <= found.ids
    assert "script" not in {tag for tag, _ in found.tags}
    assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8"))


def test_page_tells_what_was_done_and_how(reach):
    answer, _, found = reach
    origin = answer["provenance"]
    for told in ("Reach of e949", origin["card_sha256"], origin["cpu"], origin["libraries"]["numpy"],
                 "nuportal.project(\n    experiment='e949',\n    grid='0.01,0.02',", "@article{arXiv:1709.07001,",
                 "{arXiv:1411.3963,"):  # fmt: skip
        assert told in found.text, told
    assert {"inputs", "call", "provenance", "cite"} <= found.ids
    pictures = [given for tag, given in found.tags if tag == "img"]
    assert len(pictures) == 1
    assert pictures[0]["src"].startswith("data:image/png;base64,")
    assert pictures[0]["alt"]
    assert "Warnings" not in found.text


def test_downloads_hold_the_numbers_and_their_provenance(reach, tmp_path):
    answer, _, found = reach
    kept = json.loads(found.download(".json"))
    assert kept["curve"] == answer["curve"]
    for told in (kept, answer):  # when the page was written, and when the answer was
        told["provenance"]["time_utc"] = ""
    assert (kept["schema"], kept["provenance"]) == (answer["schema"], answer["provenance"])
    file = tmp_path / "kept.json"
    file.write_text(found.download(".json"))
    assert nuportal.reproduce(file).identical
    rows = list(csv.DictReader(io.StringIO(found.download(".csv"))))
    result = nuportal.project("e949", grid=[0.01, 0.02])
    assert [list(row) for row in rows] == [list(row) for row in result.rows()]


def test_text_of_files_is_escaped_and_warnings_come_first():
    chapter = with_own_picture(Chapter(EVIL, Hostile()), EVIL)
    origin = {"version": EVIL, "command": ["nuportal", "fit", EVIL], "card": EVIL, "libraries": {EVIL: EVIL}}
    text = page(EVIL, [chapter, chapter], origin, Table.of({EVIL: EVIL}))
    assert "<script" not in text
    found = Page(text)
    assert found.text.count(EVIL) > 10
    assert found.text.index("Warnings") < found.text.index("Inputs")
    assert found.text.count(f"{EVIL} warned") == 1  # of both chapters
    assert found.text.count("no picture: No module named") == 2


def test_long_tables_are_folded_without_a_script_and_complete():
    rows = {n: tuple((f"row-{k}-", k) for k in range(n)) for n in (12, 13)}
    for n, folds in ((12, 0), (13, 1)):
        text = table_html(Table(rows[n], ("name", "number")))
        found = Page(text)
        assert [given.get("class") for tag, given in found.tags if tag == "details"] == ["rows"] * folds
        assert all(f"row-{k}-" in found.text for k in range(n))
    # a fold is a sibling before what it hides on a screen alone: closed details would not be printed
    assert text.index("</details>") < text.index("<table>")
    style = (files("nuportal.reports") / "page.css").read_text(encoding="utf-8")
    screen = style[style.index("@media screen") :]
    assert ".rows:not([open]) + .wide tbody tr:nth-child(n + 9) { display: none; }" in screen
    assert "display: none" not in style[: style.index("@media screen")]


def test_a_page_of_something_else_is_refused_before_the_work(tmp_path):
    place = tmp_path / "index.html"
    for content in (b"<html>mine</html>", b"\xff\xfe", b""):
        place.write_bytes(content)
        for call in (
            lambda: nuportal.project("e949", report=tmp_path),
            lambda: nuportal.quickstart(tmp_path),
            lambda: nuportal.quickstart(tmp_path / "other", report=tmp_path),
            lambda: nuportal.fit(tmp_path / "missing.root", report=tmp_path),
            lambda: nuportal.scan({"m4": "1:10:5"}, report=tmp_path),
        ):
            with pytest.raises(InputError, match="is no page of nuportal"):
                call()
        assert place.read_bytes() == content
        assert list(tmp_path.iterdir()) == [place]
    place.write_text(page("old", [], {}), encoding="utf-8")  # a report of ours is replaced
    nuportal.scan({"m4": "1:10:5"}, report=tmp_path)
    assert "nuportal.scan(" in place.read_text(encoding="utf-8")


def test_pictures_without_a_page_are_not_replaced(tmp_path):
    mine = tmp_path / "spectrum.png"
    mine.write_bytes(b"precious")
    with pytest.raises(InputError, match="holds spectrum.png, which is of no report"):
        nuportal.fit(tmp_path / "missing.root", report=tmp_path)
    assert mine.read_bytes() == b"precious"
    nuportal.scan({"m4": "1:10:5"}, report=tmp_path)  # writes the page alone
    assert mine.read_bytes() == b"precious"


def test_calls():
    request = {
        "function": "fit",
        "arguments": {
            "data": {"$file": "w'.root", "sha256": "0"},
            "parameters": {"$type": "PortalParameters", "fields": nuportal.PortalParameters(m4=30.0).to_dict()},
            "experiment": {"$card": {"name": "mine", "text": "", "sha256": "0"}},
            "variation": [{"name": "qcd", "files": [{"$file": "up.root", "sha256": "0"}]}],
            "seed": 1,
            "minos": True,
        },
    }
    text = python_of(request)
    given = {}
    exec(
        text.replace("import nuportal", "").replace("nuportal.fit(", "given.update("),
        {"nuportal": nuportal, "given": given},
    )
    assert given == {
        "data": "w'.root", "parameters": nuportal.PortalParameters(m4=30.0), "experiment": "./mine.toml",
        "variation": ["qcd=up.root"], "minos": True,
    }  # fmt: skip
    assert command_of({"command": ["/usr/bin/nuportal", "fit", "a b.root"]}) == "nuportal fit 'a b.root'"
    assert command_of({"command": ["script.py"]}) is None


def test_scan_has_a_page(tmp_path):
    result = nuportal.scan({"m4": "1:10:5"}, report=tmp_path / "report", out=tmp_path / "table.csv")
    found = Page((tmp_path / "report" / "index.html").read_text(encoding="utf-8"))
    assert result.outputs == (str(tmp_path / "table.csv"), str(tmp_path / "report" / "index.html"))
    assert "nuportal.scan(" in found.text
    with pytest.raises(InputError, match="is no folder"):
        nuportal.scan({"m4": "1:10:5"}, report=tmp_path / "table.csv")
    with pytest.raises(InputError, match="a shard has no report"):
        nuportal.scan.shard(Shard.parse("1/2"), tmp_path / "s", {"m4": "1:10:5"}, report=tmp_path)


def test_fit_keeps_its_files_and_has_a_page(tmp_path, monkeypatch):
    """Drawing them is tested with the command."""

    def write(report, folder):
        folder.mkdir()
        files = [folder / name for name in ("report.json", "pulls.png", "pulls.pdf", "spectrum.png")]
        for file in files:
            file.write_bytes(file.name.encode())
        return [str(file) for file in files]

    monkeypatch.setattr("nucore.plot.reports.write_report", write)
    nuportal.generate("kaon", decays=1e10, out=tmp_path / "kaon.root")
    result = nuportal.fit(tmp_path / "kaon.root", allow_bad_fit=True, report=tmp_path / "fit")
    names = [path.rpartition("/")[2] for path in result.outputs]
    assert names == ["index.html", "report.json", "pulls.png", "pulls.pdf", "spectrum.png"]
    found = Page((tmp_path / "fit" / "index.html").read_text(encoding="utf-8"))
    shown = [base64.b64decode(given["src"].partition(",")[2]).decode() for tag, given in found.tags if tag == "img"]
    assert shown == ["spectrum.png", "pulls.png"]  # the data first
    assert "kaon.root" in found.text
    assert "data file" in found.text  # where exposure and point come from
