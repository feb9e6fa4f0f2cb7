"""What an event file is follows from its contents: any suffix, packed or not, and what is not read by its name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import cramjam
import numpy as np
import pytest
import uproot

from nucore.errors import InputError
from nucore.io.event_readers import open_events
from tests.collider.events.test_analyse import event, lhe

LHE = lhe([event(40.0), event(35.0, lepton=13)])
START, STOP = "HepMC::{0}-START_EVENT_LISTING\n", "HepMC::{0}-END_EVENT_LISTING\n"
HEPMC3 = (
    "HepMC::Version 3.02.05\n" + START.format("Asciiv3") + "W nominal\nT Made\\|1.2\\|by hand\n"
    "E 0 1 4\nU GEV MM\nW 2.0\nA 0 GenCrossSection 5.0e3 1.0 -1 -1\n"
    "P 1 0 2212 0 0 3500 3500 0.938 4\nP 2 0 2212 0 0 -3500 3500 0.938 4\nV -1 0 [1,2]\n"
    "P 3 -1 -13 40 0 0 40 0 1\nP 4 -1 14 -40 0 0 40 0 1\n" + STOP.format("Asciiv3")
)
HEPMC2 = (
    "HepMC::Version 2.06.09\n" + START.format("IO_GenEvent") + "E 0 -1 -1 -1 -1 0 -1 1 1 2 0 1 2.0\n"
    'N 1 "0"\nU GEV MM\nC 5.0e3 1.0\nV -1 0 0 0 0 0 2 2 0\n'
    "P 1 2212 0 0 3500 3500 0.938 4 0 0 -1 0\nP 2 2212 0 0 -3500 3500 0.938 4 0 0 -1 0\n"
    "P 3 -13 40 0 0 40 0 1 0 0 0 0\nP 4 14 -40 0 0 40 0 1 0 0 0 0\n" + STOP.format("IO_GenEvent")
)
CONTENTS = {"lhe": LHE, "hepmc3": HEPMC3, "hepmc2": HEPMC2}


def read(path):
    with open_events(path) as source:
        (block,) = source.read("mu", "", "")
    return source, block


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize(
    "suffix", [".lhe", ".lhe.gz", ".hepmc", ".hepmc2", ".hepmc3.gz", ".hepmc.gz", ".lhe.zst", ".txt", ""]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, cramjam.zstd.compress], ids=["plain", "gzip", "zstd"])
def test_contents_count_and_not_the_suffix(tmp_path, kind, suffix, pack):
    path = tmp_path / f"e{suffix}"
    path.write_bytes(bytes(pack(CONTENTS[kind].encode())))
    source, block = read(path)
    assert source.cross_section_pb == 5000.0
    assert source.beams.ids == (2212, 2212)
    assert block.lepton[1].tolist()[0] == 40.0
    assert block.charge.tolist()[0] == 1


def test_parts_of_a_packed_file(tmp_path):
    """Several members, as bgzip and pzstd write them."""
    content = LHE.encode()
    for compress in (gzip.compress, lambda part: bytes(cramjam.zstd.compress(part))):
        path = tmp_path / "e"
        path.write_bytes(compress(content[:300]) + compress(b"") + compress(content[300:]))
        assert read(path)[1].weight.size == 2


@pytest.mark.parametrize("pack", [gzip.compress, cramjam.zstd.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("kind", CONTENTS)
def test_damaged_packing(tmp_path, kind, pack):
    text = CONTENTS[kind]
    mark = "\nE " if "hepmc" in kind else "<event>"
    packed = bytes(pack((text + text.partition(mark)[2] * 50).encode()))
    path = tmp_path / "e"
    for content in (packed[:-3], packed[: len(packed) // 2], packed[:40] + bytes(8) + packed[48:], packed[:5]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"is truncated|is damaged") as refused:
            read(path)
        assert "\n" not in str(refused.value)


def _tar(content):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("e.lhe")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def _zip(content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("e.lhe", content)
    return stream.getvalue()


NOT_READ = {
    "tar.gz": (gzip.compress(_tar(LHE.encode())), "is a tar archive"),
    "zip": (_zip(LHE.encode()), "is a zip archive"),
    "bzip2": (bz2.compress(LHE.encode()), "bunzip2"),
    "xz": (lzma.compress(LHE.encode()), "xz -d"),
    "twice": (gzip.compress(gzip.compress(LHE.encode())), "is packed twice"),
    "protobuf": (b"hmpb\x00\x00", "is HepMC3 protobuf: write it as HepMC3 text"),
    "HepMC of other formats": (HEPMC2.replace("IO_GenEvent", "IO_HEPEVT").encode(), "not of the formats Asciiv3"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "is HDF5"),
    "csv": (b"low,high,value\n", "holds no events, it begins with 'low,high,value'"),
    "binary": (bytes(range(200)), "holds no events"),
    "nothing packed": (gzip.compress(b""), "holds no events"),
}


@pytest.mark.parametrize("kind", NOT_READ)
def test_other_kinds_are_named(tmp_path, kind):
    content, message = NOT_READ[kind]
    path = tmp_path / "e.lhe.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        read(path)
    assert str(refused.value).isprintable()


def test_hepmc_in_a_root_tree_is_named(tmp_path):
    path = tmp_path / "e.hepmc"
    with uproot.recreate(path) as file:
        file["hepmc3_tree"] = {"x": np.arange(3.0)}
    with pytest.raises(InputError, match="is HepMC3 in a ROOT tree: write it as HepMC3 text"):
        read(path)


def test_several_listings_in_a_hepmc_file(tmp_path):
    path = tmp_path / "e.hepmc"
    for content in (HEPMC2, HEPMC3):
        path.write_text(content + "\n" + content)
        assert read(path)[1].lepton[1].tolist() == [40.0, 40.0]


def test_an_event_before_the_header(tmp_path):
    path = tmp_path / "e.hepmc"
    path.write_text("\nE 0 1 4\n" + HEPMC3)
    with pytest.raises(InputError, match="is corrupt: an event comes before the header"):
        read(path)
