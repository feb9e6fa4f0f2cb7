"""Files made to hurt: what grows, what never ends, what would run."""

import gzip
import lzma
import re
import struct
import warnings
import zlib
from pathlib import Path

import cramjam
import numpy as np
import pytest
import uproot

from collider.events.analyse import analyse
from collider.experiments.response import load_experiment
from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.io.branches import read_branches
from nucore.io.event_readers import open_events
from nucore.io.readers import read_spectrum
from nucore.io.root_files import RootFile
from nucore.io.root_objects import MAX_KEYS
from nucore.io.root_packing import unpacked
from nucore.model.card import load_card, parse_card
from nucore.text import check_values, parse_json, parse_yaml

HEAD = (
    '<LesHouchesEvents version="3.0">\n<init>\n2212 2212 3500.0 3500.0 -1 -1 -1 -1 -4 1\n5000.0 1.0 5000.0 1\n</init>\n'
)
EVENT = "<event>\n1 1 1.0 80.0 0.0078 0.118\n-13 1 0 0 0 0 40.0 0.0 0.0 40.0 0.1 0. 9.\n</event>\n"


def refused(call, *arguments, match):
    with pytest.raises(InputError, match=match) as caught:
        call(*arguments)
    assert str(caught.value).isprintable()


def events(path):
    return analyse(path, load_experiment("atlas-2011"), "mu")


# -- text -------------------------------------------------------------------------------------------------------------


def test_messages_are_one_line_of_printable_characters():
    error = InputError("histogram 'a\nb\x1b[2J\u2028\ud800'" + "x" * 10_000)
    assert str(error).startswith(r"histogram 'a\nb\x1b[2J\u2028\ud800'xxx")
    assert str(error).isprintable()
    assert len(str(error)) < 2100


@pytest.mark.parametrize("text", ["1_0", "٣", "0x10", "1e", "nan", "1e999"])
def test_numbers_of_other_notations(text, tmp_path):
    refused(parse_card, f"BLOCK MASS\n  9990012 {text}\n", match="not a number|missing|finite")
    path = tmp_path / "h.csv"
    path.write_text(f"0,1,5\n1,2,{text}\n")
    refused(read_spectrum, path, match="not a")


def test_a_particle_number_of_many_digits():
    refused(parse_card, "BLOCK MASS\n" + "9" * 5000 + " 1\n", match="not a whole number")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_a_file_without_end():
    refused(load_card, "/dev/zero", match="more than 1000000 bytes")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "1" * 5000, '{"a": [}', "\x00"],
    ids=["deep", "twice", "surrogate", "digits", "broken", "nul"],
)
def test_json(text, tmp_path):
    with pytest.raises((ValueError, RecursionError)):
        parse_json(text)
    (tmp_path / "h.json").write_text(text)
    refused(read_spectrum, tmp_path / "h.json", match="not a UHI histogram")


def test_a_pair_of_surrogates_is_a_character():
    assert parse_json('{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    "axes",
    [
        [{"lower": 0, "upper": 1, "bins": 10**12}],
        [{"lower": 0, "upper": 1, "bins": 400}] * 3,
        [{"lower": 0, "upper": 1, "bins": 1}] * 1000,
        [{"lower": 0, "upper": 10**400, "bins": 2}],
        [{"edges": [0, 0, 1]}],
        [{"edges": [-1e308, 0, 1e308]}],
        [],
    ],
)
def test_axes_without_measure(axes, tmp_path):
    import json

    (tmp_path / "h.json").write_text(json.dumps({"h": {"axes": axes, "storage": {"values": [1, 2]}}}))
    refused(read_spectrum, tmp_path / "h.json", match="h.json")


def test_names_that_a_terminal_obeys(tmp_path):
    (tmp_path / "h.json").write_text('{"a\\u001b]0;b\\u0007": {"axes": [], "storage": {}}}')
    refused(read_spectrum, tmp_path / "h.json", match="cannot be printed")


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\nb: {<<: *a}",
        "!!python/object/apply:os.system ['true']",
        "[" * 1000,
        "a: " + ":1" * 2000,
        "a: " + "1" * 5000,
        "x" * 3_000_000,
    ],
    ids=["merged", "tag", "deep", "sexagesimal", "digits", "long"],
)
def test_yaml(text, tmp_path):
    import yaml

    with pytest.raises((yaml.YAMLError, ValueError)):
        parse_yaml(text)
    (tmp_path / "t.yaml").write_text(text)
    refused(read_spectrum, tmp_path / "t.yaml", match="not a HEPData table")


def test_yaml_aliases_are_not_copied(tmp_path):
    laughs = ["a0: &a0 [1,1,1,1,1,1,1,1,1]"]
    laughs += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 15)]
    (tmp_path / "t.yaml").write_text("\n".join(laughs) + "\nindependent_variables: [*a14]\ndependent_variables: *a14\n")
    refused(read_spectrum, tmp_path / "t.yaml", match="not a HEPData table")


def test_csv_of_many_rows_and_of_long_lines(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("".join(f"{i},{i + 1},1\n" for i in range(100_001)))
    refused(read_spectrum, path, match="more than 100000 rows")
    path.write_text("0,1," + "1" * 200_000)
    refused(read_spectrum, path, match="10000 characters")
    path.write_bytes(b"0,1,\x005\n")
    refused(read_spectrum, path, match="not a number")


@pytest.mark.parametrize("value", [1e200, -1e101, float("nan"), 1e-320, "a\x1bb", 10**400])
def test_values_of_a_workspace(value):
    with pytest.raises(InputError):
        check_values({"a": [value]})
    with pytest.raises(InputError):
        read_pyhf_workspace({"channels": [], "measurements": [{"name": value}], "observations": []})


# -- events in XML ----------------------------------------------------------------------------------------------------

ENTITIES = '<!DOCTYPE l [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'


def test_entities_are_not_expanded(tmp_path):
    path = tmp_path / "e.lhe"
    head = HEAD.replace(
        "<init>", "<header><nuportal>{&quot;flavour&quot;: &quot;&b;&x;&quot;}</nuportal></header>\n<init>"
    )
    path.write_text(ENTITIES + head + EVENT + "</LesHouchesEvents>")
    assert events(path).n_events == 1
    with open_events(path) as source:
        assert source.metadata == {"flavour": "&b;&x;"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp037"])
def test_other_encodings(tmp_path, encoding):
    path = tmp_path / "e.lhe"
    path.write_bytes((ENTITIES + HEAD + EVENT + "</LesHouchesEvents>").encode(encoding))
    refused(events, path, match="holds no events")


@pytest.mark.parametrize(
    "tag", ["<nuportal>", "<initrwgt>", "<weight id=", "<init>", "<init ", "<generator ", "<!--", "<event", "</init>"]
)
def test_tags_without_end_take_linear_time(tmp_path, tag):
    path = tmp_path / "e.lhe"
    path.write_text(HEAD.replace("<init>", f"<header><initrwgt>{tag * (2_000_000 // len(tag))}</header><init>") + EVENT)
    refused(events, path, match="truncated|not readable|<init>")


@pytest.mark.parametrize(
    "filling",
    ["<a>" * 1000, "<a/>" * 200_000, "<!--</event-->" + "<a/>" * 200_000, "<b>" + EVENT * 60_000, "x" * 9_000_000],
    ids=["deep", "many", "hidden", "inside", "long"],
)
def test_elements_without_end(tmp_path, filling):
    path = tmp_path / "e.lhe.gz"
    path.write_bytes(gzip.compress((HEAD + filling).encode()))
    refused(events, path, match="without an event|truncated")


def test_packed_files_that_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("nucore.io.event_streams._MAX_UNPACKED", 1_000_000)
    path = tmp_path / "e.lhe.gz"
    path.write_bytes(gzip.compress((HEAD + EVENT * 60_000).encode(), 9))
    refused(events, path, match="unpacks to more than 200 times its size")


def test_zstd_is_unpacked_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("nucore.io.event_streams._MAX_ZSTD", 1_000_000)
    path = tmp_path / "e.lhe.zst"
    path.write_bytes(cramjam.zstd.compress((HEAD + EVENT * 60_000).encode()))
    refused(events, path, match="unpacks to more than 1 MB: unpack it first with `zstd -d")


def test_packed_files_in_several_members(tmp_path):
    path = tmp_path / "e.lhe.gz"
    parts = [HEAD, EVENT[:20], EVENT[20:], "", EVENT, "</LesHouchesEvents>\n"]
    path.write_bytes(b"".join(gzip.compress(part.encode()) for part in parts) + b"\0" * 100)
    assert events(path).n_events == 2
    path.write_bytes(gzip.compress(b"") * 100_000 + path.read_bytes())
    assert events(path).n_events == 2
    path.write_bytes(path.read_bytes()[:-110])
    refused(events, path, match="truncated")


# -- ROOT -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(tmp_path):
    """A ROOT file whose bytes can be changed: not packed."""
    path = tmp_path / "plain.root"
    with uproot.recreate(path, compression=None) as root:
        root["h"] = (np.arange(1.0, 5.0), np.linspace(0.0, 1.0, 5))
    return path


def changed(path, old, new, count=-1):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, count))


def older_axis(path):
    """Make the axes of a file those of an older version, whose layout only the file knows."""
    changed(path, b"\x05TAxis\x00ZInp\x00\x00\x00\n", b"\x05TAxis\x00ZInp\x00\x00\x00\t")
    head = re.compile(rb"(@\x00..)\x00\x0a(@\x00..\x00\x01)", re.DOTALL)
    content, n = head.subn(lambda m: m[1] + b"\x00\x09" + m[2], path.read_bytes())
    assert n == 3
    path.write_bytes(content)


def test_a_layout_that_only_the_file_knows(plain):
    older_axis(plain)
    assert read_spectrum(f"{plain}:h").spectrum.values == pytest.approx([1, 2, 3, 4])
    # and it is forgotten with the file
    assert 9 not in uproot.classes["TAxis"].known_versions


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x06fNbins", b"\x06f'+x#("),
        (b"\x06fXbins", b"\x06f{x}\n\t"),
        (b"\x07TArrayD", b"\x07os.a();"),
        (b"\x06TNamed*", b"\x06TH1;x #"),
        (b"TStreamerBasicType\x00", b"TStreamerLoop'+x#(\x00"),
    ],
)
def test_a_layout_with_other_names_is_not_made_a_class(plain, monkeypatch, old, new):
    older_axis(plain)
    changed(plain, old, new)

    def compiled(file, classes, code, name):
        pytest.fail(f"made a class of {code}")

    monkeypatch.setattr(uproot.deserialization, "compile_class", compiled)
    refused(read_spectrum, f"{plain}:h", match="not a readable ROOT file")


def test_a_formula_in_a_tree_is_not_evaluated(tmp_path, monkeypatch):
    path = tmp_path / "t.root"
    with uproot.recreate(path) as root:
        root.mktree("events", {"x": "f8", "n": "i4", "flag": "?"}, title="x")
        for _ in range(3):
            root["events"].extend({"x": np.arange(5.0), "n": np.arange(5), "flag": np.ones(5, bool)})
    monkeypatch.setattr("uproot.interpretation.identify.interpretation_of", lambda *_: pytest.fail("interpreted"))
    branches = read_branches(path)
    assert branches["x"].tolist() == [0, 1, 2, 3, 4] * 3
    assert branches["n"].dtype == np.int32
    assert branches["flag"].dtype == np.bool_
    with RootFile(path) as root:
        assert [block["x"].size for block in root.tree("events").blocks(("x",), 7)] == [7, 7, 1]


@pytest.mark.parametrize("pack", ["zlib", "old", "lzma", "zstd", "lz4"])
def test_blocks_that_unpack_to_more_than_they_say(pack):
    import cramjam
    import xxhash

    zeros = b"\0" * 15_000_000
    packed, name = {
        "zlib": lambda: (zlib.compress(zeros), b"ZL"),
        "old": lambda: (zlib.compress(zeros, wbits=-15), b"CS"),
        "lzma": lambda: (lzma.compress(zeros), b"XZ"),
        "zstd": lambda: (bytes(cramjam.zstd.compress(zeros)), b"ZS"),
        "lz4": lambda: (bytes(cramjam.lz4.compress_block(zeros, store_size=False)), b"L4"),
    }[pack]()
    if pack == "lz4":
        packed = xxhash.xxh64_digest(packed) + packed

    def block(says):
        return name + b"\x08" + struct.pack("<I", len(packed))[:3] + struct.pack("<I", says)[:3] + packed

    assert unpacked(block(len(zeros)), len(zeros)) == zeros
    for says in (1000, len(zeros) - 1):
        with pytest.raises(Exception, match=r"size it announces|write whole buffer|too long|[Dd]ecomp"):
            unpacked(block(says), says)
    with pytest.raises(ValueError, match="inconsistent"):
        unpacked(block(len(zeros)), 1000)


def test_a_histogram_of_bins_without_measure(plain):
    content = plain.read_bytes()
    bins = struct.pack(">idd", 4, 0.0, 1.0)
    assert content.count(bins) == 1
    plain.write_bytes(content.replace(bins, struct.pack(">idd", 2**31 - 1, 0.0, 1.0)))
    refused(read_spectrum, f"{plain}:h", match="2147483647 bins")


def test_folders_in_circles(tmp_path):
    path = tmp_path / "f.root"
    with uproot.recreate(path, compression=None) as root:
        root.mkdir("aa")
        root.mkdir("bb")
        root["aa/h"] = (np.ones(2), np.arange(3.0))
    with uproot.open(path) as root:
        seek = {key.fName: key.fSeekKey for key in root._keys}
    # both folders at the place of the file's own
    with uproot.open(path) as root:
        places = [struct.pack(">i", seek[name]) for name in ("aa", "bb")]
    content = path.read_bytes()
    top = struct.pack(">i", 100)
    for place in places:
        content = content.replace(place, top)
    path.write_bytes(content)
    refused(read_spectrum, path, match="not a readable ROOT file|no histogram")


def test_a_folder_of_too_many_objects(plain):
    content = plain.read_bytes()
    with uproot.open(plain) as root:
        at = content.index(struct.pack(">i", 1), root.fSeekKeys + 30)
    plain.write_bytes(content[:at] + struct.pack(">i", MAX_KEYS + 1) + content[at + 4 :])
    refused(read_spectrum, f"{plain}:h", match=f"{MAX_KEYS + 1} objects")


def test_functions_of_a_histogram_are_passed_over(plain):
    # an entry of a class that the file does not describe, in the list of functions
    with RootFile(plain) as root:
        assert type(root.get("h").member("fFunctions")).__name__.startswith("Unknown")


def test_parquet_of_too_many_numbers(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "e.parquet"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pyarrow.table({"x": pyarrow.array(np.zeros(1_000_000))})
        with parquet.ParquetWriter(path, table.schema) as writer:
            for _ in range(201):
                writer.write_table(table)
    refused(read_branches, path, match="201000000 events of 1 branches")


# -- HepMC ------------------------------------------------------------------------------------------------------------


def test_a_hepmc_event_is_not_what_it_announces(tmp_path):
    path = tmp_path / "e.hepmc"
    start = "HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\nE 0 2147483647 2147483647\nU GEV MM\n"
    path.write_text(start + "HepMC::Asciiv3-END_EVENT_LISTING\n")
    refused(events, path, match="corrupt")
