"""BibTeX of the paper, the package, and inputs."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import nuportal
from nucore.errors import InputError
from nucore.limits.catalogue import catalogue
from nuportal.citations.bibtex import Entry, entries_of
from nuportal.cli import app

ROOT = Path(__file__).parents[3]
PACKAGES = Path(nuportal.__file__).parents[1]
PAPER, PACKAGE = "arXiv:1709.07001", "nuportal"


def parsed(text):
    """Entries of a BibTeX file by key, read by the rules of BibTeX: braces balance unless escaped."""
    found, at = {}, 0
    while (start := text.find("@", at)) >= 0:
        kind, key = re.match(r"@(\w+)\{([^,\s{}]+),", text[start:]).groups()
        depth, end = 0, start
        while True:
            c = text[end]
            if c == "\\":
                end += 2
                continue
            depth += (c == "{") - (c == "}")
            end += 1
            if c == "}" and depth == 0:
                break
        body = text[start:end]
        assert key not in found
        found[key] = {"kind": kind, **dict(re.findall(r"\n  (\w+) = \{(.*)\},?", body))}
        at = end
    return found


@pytest.fixture(scope="module")
def everything():
    return nuportal.cite()


def test_all_inputs_are_valid_bibtex(everything):
    found = parsed(everything.bibtex)
    assert list(found) == [one.key for one in everything.entries]
    assert list(found)[:2] == [PAPER, PACKAGE]
    assert len(found) > 120
    assert not [key for key in found if not key[0].isalpha()]
    uses = [use for one in everything.entries for use in one.used_for]
    assert not [use for use in uses if len(set(use.split())) < len(use.split()) or "_" in use]
    for key, entry in found.items():
        needed = {"journal", "volume", "year", "pages"} if entry["kind"] == "article" else set()
        assert needed <= entry.keys(), key
        assert entry.keys() & {"journal", "eprint", "doi", "note"}, key
        assert entry["kind"] in ("article", "misc")


def test_every_preprint_of_the_references_is_there_once(everything):
    """Found here by a plain search in the files, in place of the parser's patterns."""
    keys = [one.key for one in everything.entries]
    assert len(set(keys)) == len(keys)
    for package in ("nucore", "collider", "mesons", "nuportal"):
        for file in (PACKAGES / package).rglob("*.toml"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if re.match(r"\s*\w*reference = ", line):
                    missing = set(re.findall(r"arXiv:\d{4}\.\d{4,5}", line)) - set(keys)
                    assert not missing, f"{file}: {line}"


def test_sets_of_partons_are_those_of_the_page_beside_them(everything):
    page = (PACKAGES / "collider/production/data/partons/README.md").read_text(encoding="utf-8")
    stated = {number for row in page.splitlines() if ".npz`" in row for number in re.findall(r"arXiv:[\d.]+", row)}
    used = {one.key for one in everything.entries if "collider: references" in one.used_for}
    assert stated < used


def test_paper_and_package_are_those_of_the_citation_file(everything):
    stated = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    paper, package = (dict(one.fields) for one in everything.entries[:2])
    reference = stated["references"][0]
    names = " and ".join(f"{a['family-names']}, {a['given-names']}" for a in reference["authors"])
    assert paper["author"] == names
    assert paper["title"] == reference["title"]
    assert [paper["journal"], paper["volume"], paper["year"], paper["pages"]] == [
        reference["journal"], reference["volume"], str(reference["year"]), reference["start"],
    ]  # fmt: skip
    assert package["title"] == stated["title"]
    assert package["note"] == f"version {nuportal.__version__}"


@pytest.mark.parametrize(
    ("text", "keys", "fields"),
    [
        (
            "Belle, C.-S. Park et al., Phys. Rev. D 94 (2016) 012003, arXiv:1605.04430",
            ["arXiv:1605.04430"],
            {"author": "C.-S. Park and others", "journal": "Phys. Rev. D", "volume": "94", "pages": "012003"},
        ),
        ("W. Bertl et al., Eur. Phys. J. C 47 (2006) 337", ["Eur-Phys-J-C:47:337"], {"journal": "Eur. Phys. J. C"}),
        ("Belle II, JHEP 12 (2025) 169, doi:10.1007/JHEP12(2025)169", ["doi:10.1007/JHEP12-2025-169"],
         {"journal": "JHEP", "doi": "10.1007/JHEP12(2025)169"}),
        ("V. Cirigliano, I. Rosell, arXiv:0707.3439", ["arXiv:0707.3439"], {"author": "V. Cirigliano and I. Rosell"}),
        ("A, hep-ph/0311148, with masses", ["arXiv:hep-ph/0311148"], {"eprint": "hep-ph/0311148"}),
        ("mean of (doi:10.1038/s1-5, abstract) and arXiv:2109.01113", ["doi:10.1038/s1-5", "arXiv:2109.01113"], {}),
        ("arXiv:1010.4998; PDG 2026 listings", ["arXiv:1010.4998", "PDG:2026"], {}),
        ("momentum range of the fit, about; chosen", [], {}),
    ],
)  # fmt: skip
def test_references(text, keys, fields):
    found = entries_of(text)
    assert [one.key for one in found] == keys
    assert not fields or fields.items() <= dict(found[0].fields).items()


def test_special_characters_are_escaped():
    nasty = Entry("k", "misc", {"note": "50% {of} $x_1$ & \\evil #1 ~^|<>"}, ("a @misc{b,}",))
    found = parsed(nasty.text())
    assert found == {"k": {"kind": "misc", "note": found["k"]["note"]}}
    assert not re.search(r"(?<!\\)[%$_&#]", found["k"]["note"])


def test_inputs_of_a_file(tmp_path):
    file = tmp_path / "reach.json"
    nuportal.project("e949", grid=[0.02], out=file)
    keys = {one.key for one in nuportal.cite(file).entries}
    assert {PAPER, PACKAGE, "arXiv:1411.3963", "arXiv:0903.0030"} <= keys  # stopped kaons and resolution of the card
    assert not keys & {"arXiv:1701.07240", "arXiv:1509.02905", "arXiv:2410.17036"}  # ATLAS, partons, LZ
    answer = CliRunner().invoke(app, ["cite", str(file), "--json"])
    told = json.loads(answer.stdout)
    assert told["schema"] == "nuportal/cite/1"
    assert {one["key"] for one in told["entries"]} == keys
    assert list(parsed(told["bibtex"])) == [one["key"] for one in told["entries"]]


def test_the_page_of_explore_cites_every_limit_and_the_spectra_it_holds(tmp_path):
    answer = tmp_path / "explore.json"
    answer.write_text(json.dumps({
        "schema": "nuportal/explore/1", "outputs": ["explore.html"], "size_kB": 1.0, "warnings": [],
        "provenance": {"time_utc": "2026-11-26", "request": {"function": "explore", "arguments": {}}},
    }))  # fmt: skip
    found = {use for one in nuportal.cite(answer).entries for use in one.used_for}
    assert set(catalogue()) | {"atlas-2011", "e949", "na62-2021"} <= found


def test_inputs_of_limits_and_of_a_table(tmp_path):
    found = {one.key: one.used_for for one in nuportal.cite(nuportal.limits(30.0, m_chi=10.0)).entries}
    assert "lz-2024" in found["arXiv:2410.17036"]
    table = tmp_path / "scan.csv"
    nuportal.scan({"m4": "1,2"}, out=table)
    assert "arXiv:2410.17036" in {one.key for one in nuportal.cite(table).entries}
    with pytest.raises(InputError, match="no provenance"):
        (tmp_path / "other.csv").write_text("a,b\n1,2\n")
        nuportal.cite(tmp_path / "other.csv")
