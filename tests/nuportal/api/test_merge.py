"""Shards joined give what the whole run gives, in every format; bad ones are refused."""

import pytest

import nuportal
from nucore.errors import InputError
from nucore.io.outputs import read_output
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Shard
from nucore.run.shards import read_shard
from nuportal.api.comparison import differences
from tests.shard_editing import edit_shard

POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.3)
N_EVENTS = 5000


def shards_of(folder, function, count, *args, out, **kwargs):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{k}.shard" for k in range(1, count + 1)]
    for k, path in enumerate(paths, 1):
        function.shard(Shard(k, count), path, *args, out=out, **kwargs)
    return paths


@pytest.fixture
def counts(tmp_path):
    """Three shards of a histogram."""
    return shards_of(tmp_path, nuportal.generate, 3, "w", POINT, events=N_EVENTS, out="w.json", histogram_only=True)


def assert_same(one, other):
    """All but time and command, and the processors are told."""
    first, second = read_output(one), read_output(other)
    assert list(differences(first.content, second.content)) == []
    assert first.provenance["cpu"] == second.provenance["cpu"]
    mine, other_ = first.provenance["request"]["arguments"], second.provenance["request"]["arguments"]
    assert {**mine, "out": None} == {**other_, "out": None}
    assert list(mine) == list(other_)


@pytest.mark.parametrize("suffix", [".root", ".parquet", ".lhe", ".lhe.gz", ".json", ".csv"])
def test_generate(tmp_path, suffix):
    arguments = {"events": N_EVENTS, "seed": 5, "histogram_only": suffix in (".json", ".csv")}
    whole = nuportal.generate("w", POINT, out=tmp_path / f"whole{suffix}", **arguments)
    paths = shards_of(tmp_path, nuportal.generate, 3, "w", POINT, out=tmp_path / f"x{suffix}", **arguments)
    merged = nuportal.merge(paths[::-1], tmp_path / f"merged{suffix}")
    assert_same(tmp_path / f"whole{suffix}", tmp_path / f"merged{suffix}")
    assert list(differences(whole.to_dict(), merged.to_dict())) == []
    assert merged.outputs == [str(tmp_path / f"merged{suffix}")]


def test_generate_kaons_with_an_exposure(tmp_path):
    whole = nuportal.generate("kaon", decays=1e9, out=tmp_path / "whole.root")
    paths = shards_of(tmp_path, nuportal.generate, 2, "kaon", decays=1e9, out="k.root")
    merged = nuportal.merge(paths, tmp_path / "merged.root")
    assert_same(tmp_path / "whole.root", tmp_path / "merged.root")
    assert merged.spectrum.values.tolist() == whole.spectrum.values.tolist()


def test_toys(tmp_path):
    whole = nuportal.toys("atlas-2011", POINT, n=9, window=(32.0, 48.0), out=tmp_path / "whole.json")
    paths = shards_of(tmp_path, nuportal.toys, 4, "atlas-2011", POINT, n=9, window=(32.0, 48.0), out="t.json")
    merged = nuportal.merge(paths, tmp_path / "merged.json")
    assert_same(tmp_path / "whole.json", tmp_path / "merged.json")
    assert list(differences(whole.to_dict(), merged.to_dict())) == []


def test_project(tmp_path):
    arguments = {"grid": [0.01, 0.02, 0.05], "m4": "10x"}
    whole = nuportal.project("e949", out=tmp_path / "whole.json", **arguments)
    paths = shards_of(tmp_path, nuportal.project, 2, "e949", out="p.json", **arguments)
    merged = nuportal.merge(paths, tmp_path / "merged.json")
    assert_same(tmp_path / "whole.json", tmp_path / "merged.json")
    assert list(differences(whole.to_dict(), merged.to_dict())) == []


def test_more_shards_than_events(tmp_path):
    paths = shards_of(tmp_path, nuportal.generate, 4, "w", POINT, events=1500, out="w.csv", histogram_only=True)
    assert nuportal.merge(paths, tmp_path / "m.csv").n_generated == 1500


def test_incomplete_sets_are_refused_and_leave_the_output(counts, tmp_path):
    out = tmp_path / "m.json"
    out.write_text("before")
    with pytest.raises(InputError, match="missing"):
        nuportal.merge(counts[:2], out)
    with pytest.raises(InputError, match="missing"):
        nuportal.merge(counts[1:], out)
    with pytest.raises(InputError, match="twice"):
        nuportal.merge([*counts, counts[1]], out)
    with pytest.raises(InputError, match="no shard"):
        nuportal.merge([], out)
    with pytest.raises(InputError, match="does not exist"):
        nuportal.merge([*counts, tmp_path / "no.shard"], out)
    damaged = bytearray(counts[1].read_bytes())
    damaged[len(damaged) // 3] ^= 1
    counts[1].write_bytes(damaged)
    with pytest.raises(InputError, match="2.shard"):
        nuportal.merge(counts, out)
    assert out.read_text() == "before"


def test_other_runs_are_refused(counts, tmp_path):
    (other,) = shards_of(tmp_path / "..", nuportal.generate, 1, "w", POINT, events=N_EVENTS, seed=2, out="w.json",
                         histogram_only=True)  # fmt: skip
    with pytest.raises(InputError, match="several runs.*1.shard"):
        nuportal.merge([*counts[:2], other], tmp_path / "m.json")
    foreign = tmp_path / "foreign.shard"
    foreign.write_bytes(b"not a shard")
    with pytest.raises(InputError, match="foreign.shard is not a shard"):
        nuportal.merge([*counts[:2], foreign], tmp_path / "m.json")
    with pytest.raises(InputError, match=r"m\.lhe cannot hold a histogram"):  # counts do not
        nuportal.merge(counts, tmp_path / "m.lhe")


def test_the_order_of_the_axes_of_a_scan_makes_another_run(tmp_path):
    """It says which point has which number."""
    axes = {"m4": "10:50:4", "Umu4": "1e-3:1e-1:3:log"}
    first, second = ({name: axes[name] for name in names} for names in (("m4", "Umu4"), ("Umu4", "m4")))
    (one, _), (_, two) = (
        shards_of(folder, nuportal.scan, 2, points, out="s.csv")
        for folder, points in ((tmp_path / "a", first), (tmp_path / "b", second))
    )
    with pytest.raises(InputError, match="shards of several runs"):
        nuportal.merge([one, two], tmp_path / "m.csv")
    assert nuportal.scan.job(first).key != nuportal.scan.job(second).key
    assert nuportal.generate.job("w", seed=2, events=5).key == nuportal.generate.job("w", events=5, seed=2).key


def test_versions_and_processors(counts, tmp_path):
    here = read_shard(counts[0]).cpu
    edit_shard(counts[1], cpu="another")
    with pytest.raises(InputError, match="several types of processor"):
        nuportal.merge(counts, tmp_path / "m.json")
    nuportal.merge(counts, tmp_path / "m.json", allow_mixed=True)
    assert read_output(tmp_path / "m.json").provenance["cpu"] == " + ".join(sorted([here, "another"]))
    edit_shard(counts[0], version="0.0.1+0123456789abcdef")
    with pytest.raises(InputError, match=r"0\.0\.1"):
        nuportal.merge(counts, tmp_path / "m.json")


@pytest.mark.parametrize(
    "request_",
    [
        {"function": "system", "arguments": {}},
        {"function": "fit", "arguments": {"data": {"$file": "/etc/passwd", "sha256": "0"}}},
        {"function": "generate", "arguments": {"process": "w", "execution": {}}},
        {"function": "generate", "arguments": {"process": "w", "experiment": {"$path": "/etc/passwd"}}},
        {"function": "generate", "arguments": {"process": "w"}},  # no record lacks the seed
        {"function": "generate", "arguments": {}},
        {"function": "generate", "arguments": 3},
        {},
    ],
)
def test_forged_requests_are_refused(counts, tmp_path, request_):
    for path in counts:
        edit_shard(path, request=request_)
    with pytest.raises(InputError):
        nuportal.merge(counts, tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()
