"""Records and tables made to hurt: what unpacks without end, what costs nothing to write and all to read."""

import contextlib
import io
import resource
import struct
import tarfile
import time
import zipfile
import zlib

import pytest

from nucore.errors import InputError
from nucore.io.readers import read_matrix, read_spectrum

LAUGHS = ["a0: &a0 [1,1,1,1,1,1,1,1,1]"]
LAUGHS += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 15)]


def refused(path, match, call=read_spectrum):
    start, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=match) as caught:
        call(path)
    assert str(caught.value).isprintable()
    assert time.process_time() - start < 5.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 500_000  # kB


def _packed(blocks):
    """Gzip blocks of bytes without holding them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join([*map(packer.compress, blocks), packer.flush()])


def test_a_member_that_grows(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("submission.yaml", b" " * 30_000_000)
    refused(tmp_path / "r.zip", match="submission.yaml has more than 2000000 bytes")
    with tarfile.open(tmp_path / "r.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("submission.yaml")
        member.size = 30_000_000
        archive.addfile(member, io.BytesIO(b" " * member.size))
    refused(tmp_path / "r.tgz", match="submission.yaml has more than 2000000 bytes")


def test_an_archive_that_grows_before_its_member(tmp_path):
    head = tarfile.TarInfo("large.root")
    head.size = 2**33 - 1
    blocks = [head.tobuf(), *[bytes(2**20)] * 110]
    (tmp_path / "r.tar.gz").write_bytes(_packed(blocks))
    refused(tmp_path / "r.tar.gz", match="more than 100000000 bytes")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_names_without_end(tmp_path, kind):
    head = tarfile.TarInfo("x")
    head.size, head.type = 2**32, kind
    (tmp_path / "r.tgz").write_bytes(_packed([head.tobuf(), *[b"1" * 2**20] * 10]))
    refused(tmp_path / "r.tgz", match="names and headers of more than 4000000 bytes")


def test_many_members(tmp_path):
    heads = [tarfile.TarInfo(f"{k}.yaml").tobuf(tarfile.USTAR_FORMAT) for k in range(3000)]
    (tmp_path / "r.tgz").write_bytes(_packed(heads))
    refused(tmp_path / "r.tgz", match="more than 2000 members")
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        for k in range(2001):
            archive.writestr(f"{k}.yaml", "")
    refused(tmp_path / "r.zip", match="more than 2000 members")


def test_a_directory_of_millions_is_not_read(tmp_path):
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    entries = entry * 100_000
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(entries), 0, 0)
    (tmp_path / "r.zip").write_bytes(entries + end)
    refused(tmp_path / "r.zip", match="not an archive that can be read")


def test_links_devices_and_folders_are_no_members(tmp_path):
    with tarfile.open(tmp_path / "r.tgz", "w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo("submission.yaml")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    refused(tmp_path / "r.tgz", match="no YAML file in it")


def test_encrypted_and_doubled_members(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("t.yaml", "a: 1")
    content = bytearray((tmp_path / "r.zip").read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "r.zip").write_bytes(content)
    refused(tmp_path / "r.zip", match="encrypted")
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("t.yaml", "a: 1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("t.yaml", "a: 2")
    refused(tmp_path / "r.zip", match="two members of one name")


def _axis(bins):
    return f"{{header: {{name: x}}, values: [{bins}]}}"


def _column(values, more=""):
    return f"{{header: {{name: n}}, values: [{values}]{more}}}"


def _table(axes, columns):
    laughs = "\n".join(LAUGHS)
    return f"{laughs}\nindependent_variables: [{axes}]\ndependent_variables: [{columns}]\n"


def _bins(n):
    return _axis(",".join(f"{{low: {k}, high: {k + 1}}}" for k in range(n)))


def _many(text, n):
    return ",".join([text] * n)


MANY_ERRORS = f"&e {{value: 1, errors: [{_many('{symerror: 1}', 1000)}]}},{_many('*e', 999)}"
MANY_QUALIFIERS = f", qualifiers: [{_many('{name: a}', 1000)}]"
SOME_QUALIFIERS = f", qualifiers: [&q {{name: a}},{_many('*q', 90)}]"


@pytest.mark.parametrize(
    "text",
    [
        _table(_bins(1000), _column(MANY_ERRORS)),
        _table(_bins(2), _column("{value: 1},{value: 2}", MANY_QUALIFIERS)),
        _table(_bins(2), f"&d {_column('1,2', SOME_QUALIFIERS)},{_many('*d', 30_000)}"),
        _table(f"&i {_bins(1000)},{_many('*i', 30_000)}", _column("1")),
        _table(_bins(2), _column("&e {value: 1, errors: [{label: *a14, symerror: 1}]},*e")),
        _table(_axis("{low: *a14, high: 2}"), _column("{value: 1}")),
        _table(_axis("{value: *a14}"), _column("{value: 1}")),
        _table(_bins(1), _column("{value: *a14}")),
        _table(_bins(1), _column("{value: 1, errors: [{label: stat, symerror: *a14}]}")),
        _table(_bins(1), _column("{value: 1}", ", qualifiers: [{name: a, value: *a14}]")),
        _table(_bins(1), "{header: {name: *a14}, values: [{value: 1}]}"),
        "\n".join([*LAUGHS, "name: *a14", "data_file: *a14"]),
    ],
    ids=[
        "errors",
        "qualifiers",
        "columns",
        "axes",
        "label",
        "low",
        "centre",
        "value",
        "size",
        "qualifier",
        "name",
        "file",
    ],
)
def test_aliases_that_multiply(tmp_path, text):
    (tmp_path / "t.yaml").write_text(text)
    refused(tmp_path / "t.yaml", match="not a HEPData table")


def test_aliases_in_a_matrix(tmp_path):
    (tmp_path / "t.yaml").write_text(_table(f"&i {_axis('{value: *a14}')},*i", _column("{value: *a14}")))
    refused(tmp_path / "t.yaml", match="not a HEPData table", call=lambda path: read_matrix(path, 1))


@pytest.mark.parametrize(
    "names",
    [["n" + " ." * 3000 + "x"], ["n" + "." * 90 + "x"], ["err" * 3000], ["stat " * 40 + "x"], ["[" * 9000],
     ["(ev" * 3000],
     ["a_low"] * 900, [f"a{k}_err" for k in range(900)], [f"a{k % 450}{'_err' * (k > 449)}" for k in range(900)],
     ["n"] * 1100],
    ids=["blanks", "dots", "words", "stats", "brackets", "units", "lows", "errors", "values", "many"],
)  # fmt: skip
def test_names_that_make_expressions_slow(tmp_path, names):
    row = ",".join(["4"] * len(names))
    (tmp_path / "t.csv").write_text(f"low,high,n,{','.join(names)}\n1,2,3,{row}\n2,3,3,{row}\n")
    start = time.process_time()
    with contextlib.suppress(InputError):
        read_spectrum(tmp_path / "t.csv")
    assert time.process_time() - start < 2.0
