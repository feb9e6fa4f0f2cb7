"""Files: round trips, files of other tools, damaged files, nothing half-written."""

import errno
import json
import os

import hist
import numpy as np
import pytest
import uproot
import yaml

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.atomic import atomic_path
from nucore.io.readers import read_spectrum
from nucore.io.writers import open_writer, write_json, write_spectra

SPECTRUM = Spectrum("lepton_pt", np.linspace(30, 50, 41), np.arange(40.0) + 0.5, 2 * np.arange(40.0) + 1)
METADATA = {"exposure": {"luminosity_invfb": 4.1}, "provenance": {"version": "0", "seed": 3}}


@pytest.mark.parametrize("suffix", [".root", ".json", ".csv"])
def test_a_spectrum_survives_a_round_trip(tmp_path, suffix):
    file = tmp_path / f"data{suffix}"
    write_spectra(file, [SPECTRUM], METADATA)
    for source in (f"{file}:lepton_pt", str(file)):
        back = read_spectrum(source)
        assert back.spectrum.name == "lepton_pt"
        for part in ("edges", "values", "variances"):
            assert getattr(back.spectrum, part) == pytest.approx(getattr(SPECTRUM, part))
        assert back.exposure == {"luminosity_invfb": 4.1}
        assert back.has_variances
    assert list(tmp_path.iterdir()) == [file]


def test_root_files_hold_events_histogram_and_provenance(tmp_path):
    file = tmp_path / "events.root"
    block = {"lepton_pt": np.linspace(1, 2, 5, dtype=np.float32), "charge": np.ones(5, dtype=np.int8)}
    with open_writer(file, events=True) as writer:
        for _ in range(3):
            writer.extend(block)
        writer.finish([SPECTRUM], METADATA)
    with uproot.open(file) as root:
        assert root["events"].num_entries == 15
        assert root["events"]["lepton_pt"].array(library="np")[5:10] == pytest.approx(block["lepton_pt"])
        assert json.loads(str(root["provenance"]))["provenance"]["seed"] == 3
        assert root["lepton_pt"].values() == pytest.approx(SPECTRUM.values)


def test_parquet_files_hold_events_and_provenance(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "events.parquet"
    with open_writer(file, events=True) as writer:
        for _ in range(2):
            writer.extend({"x": np.arange(4.0)})
        writer.finish([SPECTRUM], METADATA)
    metadata = parquet.read_metadata(file)
    assert metadata.num_rows == 8
    assert json.loads(metadata.metadata[b"provenance"])["exposure"] == {"luminosity_invfb": 4.1}


def test_a_th1_of_another_program_is_read(tmp_path):
    file = tmp_path / "other.root"
    with uproot.recreate(file) as root:
        root["folder/h"] = hist.Hist.new.Reg(40, 30, 50).Double().fill(np.full(7, 33.3))
        root["second"] = np.histogram([1.0, 2.0], bins=4)
    back = read_spectrum(f"{file}:folder/h")
    assert back.spectrum.integral == 7
    assert back.spectrum.variances == pytest.approx(back.spectrum.values)
    assert not back.has_variances
    assert back.exposure == {}
    with pytest.raises(InputError, match="name the histogram as FILE:NAME; it has: folder/h, second"):
        read_spectrum(file)
    with pytest.raises(InputError, match="histogram 'third' is not in it"):
        read_spectrum(f"{file}:third")


def test_uhi_written_by_hist_is_read(tmp_path):
    import uhi.io.json

    histogram = hist.Hist.new.Reg(4, 0, 4, name="p").Weight().fill([0.5, 1.5, 1.6], weight=[1, 2, 2])
    file = tmp_path / "h.json"
    file.write_text(json.dumps({"p": histogram}, default=uhi.io.json.default))
    back = read_spectrum(f"{file}:p").spectrum
    assert back.edges == pytest.approx([0, 1, 2, 3, 4])
    assert back.values == pytest.approx([1, 4, 0, 0])
    assert back.variances == pytest.approx([1, 8, 0, 0])
    file.write_text(json.dumps(histogram, default=uhi.io.json.default))
    assert read_spectrum(file).spectrum.values == pytest.approx([1, 4, 0, 0])


def test_a_hepdata_table_is_read(tmp_path):
    table = {
        "independent_variables": [
            {"header": {"name": "pT"}, "values": [{"low": 30, "high": 31}, {"low": 31, "high": 33}]}],
        "dependent_variables": [
            {"header": {"name": "events"}, "values": [
                {"value": 10, "errors": [{"symerror": 4.0, "label": "stat"}, {"symerror": 9, "label": "sys"}]},
                {"value": "20"}]}],
    }  # fmt: skip
    file = tmp_path / "table.yaml"
    file.write_text(yaml.safe_dump(table))
    back = read_spectrum(file).spectrum
    assert back.edges == pytest.approx([30, 31, 33])
    assert back.values == pytest.approx([10, 20])
    assert back.variances == pytest.approx([16, 20])


def test_a_csv_without_variance_gets_poisson_errors(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("# decays = 1.7e12\nlow,high,value\n0.13,0.14,9\n0.14,0.15,16\n")
    back = read_spectrum(file)
    assert back.exposure == {"decays": 1.7e12}
    assert back.spectrum.variances == pytest.approx([9, 16])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "low,high,value\n0,1,2\n2,3,4\n", "without gaps"),
        ("a.csv", "low,high,value\n1,2,4\n0,1,2\n", "the edges of the bins do not increase; expected rows in order"),
        ("a.csv", "low,high,value\n0,1,nan\n", "line 2: 'nan' is not a finite number"),
        ("a.csv", "low,high,value\n0,1,two\n", "line 2: 'two' is not a number"),
        ("a.csv", "low,high,value\n0,1\n", "line 2: needs low,high,value"),
        ("a.csv", "low,high,value\n", "has no bins"),
        ("a.csv", b"\xff\xfe\x81", "not a text file"),
        ("a.json", "{", "not a UHI histogram"),
        ("a.json", "[" * 100_000, "not a UHI histogram"),
        ("a.json", '{"h": {"axes": [{}], "storage": {}}}', "not a UHI histogram"),
        ("a.json", "{}", "no histogram"),
        ("a.yaml", "a: [", "not a HEPData table"),
        ("a.yaml", "just text", "not a HEPData table"),
        ("a.root", "not a ROOT file at all", "not a readable ROOT file"),
        ("a.root", "", "not a readable ROOT file"),
        ("a.foo", "x", "suffix '.foo'"),
    ],
)
def test_damaged_files_end_in_one_clear_line(tmp_path, name, content, words):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=words) as caught:
        read_spectrum(file)
    assert "\n" not in str(caught.value)


def test_truncated_root_files_end_in_one_clear_line(tmp_path):
    whole = tmp_path / "whole.root"
    write_spectra(whole, [SPECTRUM], METADATA)
    content = whole.read_bytes()
    for fraction in (0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        cut = tmp_path / "cut.root"
        cut.write_bytes(content[: int(fraction * len(content))])
        with pytest.raises(InputError) as caught:
            read_spectrum(f"{cut}:lepton_pt")
        assert "\n" not in str(caught.value)


def test_nan_bins_are_refused(tmp_path):
    file = tmp_path / "nan.root"
    with uproot.recreate(file) as root:
        root["h"] = (np.array([1.0, np.nan]), np.array([0.0, 1.0, 2.0]))
    with pytest.raises(InputError, match="values must be finite"):
        read_spectrum(f"{file}:h")


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_spectrum(tmp_path / "absent.root")
    with pytest.raises(InputError, match="is a folder"), atomic_path(tmp_path):
        pass
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / "no" / "file.root"):
        pass


def test_a_failed_run_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "data.root"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), open_writer(file, events=True) as writer:
        writer.extend({"x": np.arange(3.0)})
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_suffix_that_cannot_hold_the_content_is_refused(tmp_path):
    with (
        pytest.raises(InputError, match="cannot hold events.*.root, .parquet"),
        open_writer(tmp_path / "a.csv", True),
    ):
        pass
    with pytest.raises(InputError, match="cannot hold a histogram alone"), open_writer(tmp_path / "a.parquet", False):
        pass
    with pytest.raises(InputError, match="holds one histogram"):
        write_spectra(tmp_path / "a.csv", [SPECTRUM, SPECTRUM], METADATA)
    assert list(tmp_path.iterdir()) == []


def test_json_is_written_whole(tmp_path):
    write_json(tmp_path / "a.json", {"x": 1})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 1}


def test_a_full_disk_is_no_bad_input(tmp_path, monkeypatch):
    """It ends a run that `--resume` takes up, where a name that cannot be written refuses it."""

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(tmp_path / "x.json", {})
