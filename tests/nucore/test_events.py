"""Event records: four-vectors from flat branches."""

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.events import GenerateResult, as_records, check_count, compact, load_events
from nucore.histograms import Spectrum
from nucore.io.writers import open_writer

ARRAYS = {
    "event": np.arange(3),
    "lepton_pt": np.array([30.0, 40.0, 50.0]),
    "lepton_eta": np.array([0.0, 1.0, -1.0]),
    "lepton_phi": np.array([0.0, 1.0, 2.0]),
    "neutrino_px": np.array([3.0, 0.0, 0.0]),
    "neutrino_py": np.array([0.0, 4.0, 0.0]),
    "neutrino_pz": np.array([0.0, 0.0, 12.0]),
    "neutrino_energy": np.array([5.0, 5.0, 13.0]),
    "selected": np.array([True, False, True]),
}


def test_branches_become_vectors():
    events = as_records(ARRAYS)
    assert np.asarray(events.lepton.pt) == pytest.approx(ARRAYS["lepton_pt"])
    assert np.asarray(events.lepton.mass) == pytest.approx(0.0)
    assert np.asarray(events.neutrino.mass) == pytest.approx([4.0, 3.0, 5.0])
    assert np.asarray((events.lepton + events.neutrino).px)[0] == pytest.approx(33.0)
    assert np.asarray(events.event).tolist() == [0, 1, 2]


def test_compact_selects_and_keeps_integers():
    block = compact(ARRAYS, ARRAYS["selected"])
    assert block["lepton_pt"].dtype == np.float32
    assert block["event"].tolist() == [0, 2]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_event_files_are_read_back(tmp_path, suffix):
    file = tmp_path / f"events{suffix}"
    with open_writer(file, events=True) as writer:
        writer.extend(compact(ARRAYS))
        writer.finish([], {})
    assert np.asarray(load_events(file).neutrino.mass) == pytest.approx([4.0, 3.0, 5.0])
    file.write_bytes(b"damaged")
    with pytest.raises(InputError, match="cannot be read as ROOT or Parquet events"):
        load_events(file)
    with pytest.raises(InputError, match="does not exist"):
        load_events(tmp_path / "absent.root")


def test_the_summary_is_plain():
    spectrum = Spectrum.from_counts("lepton_pt", [30, 40, 50], [1, 2])
    result = GenerateResult("w", "atlas-2011", 10, 10, 3, {"luminosity_invfb": 1.0}, 5.0, None, 1e6, {}, [], spectrum)
    fields = result.to_dict()
    assert fields["histogram"] == {"name": "lepton_pt", "edges": [30.0, 40.0, 50.0], "values": [1.0, 2.0]}
    assert "branching_ratio" not in fields
    assert result.to_hist().sum().value == 3


@pytest.mark.parametrize("n", [0, -5, 2**63])
def test_absurd_numbers_of_events_are_refused(n):
    with pytest.raises(InputError, match="number of events"):
        check_count(n)
