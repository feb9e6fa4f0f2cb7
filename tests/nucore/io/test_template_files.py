"""Files of templates: what is written is read, in both formats; names; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.template_files import Templates, holds_templates, read_templates, template_name, weight_names
from nucore.io.writers import write_spectra

AXES = (Axis("charge", (-2.0, 0.0, 2.0)), Axis("lepton_pt", (30.0, 40.0, 50.0)))
METADATA = {"process": "templates", "observable": "lepton_pt", "m4_GeV": [20.0, 37.5], "variations": ["muR_0.5"]}


def templates(axes):
    n = int(np.prod([axis.n_bins for axis in axes]))

    def one(factor, m4=None, weight=None):
        return Spectrum.on_axes(
            template_name("lepton_pt", m4, weight), axes, factor * np.arange(-1.0, n - 1.0), np.ones(n)
        )

    masses = METADATA["m4_GeV"]
    return Templates(
        one(1.0), {m4: one(m4, m4) for m4 in masses}, {"muR_0.5": one(2.0, None, "muR_0.5")},
        {"muR_0.5": {m4: one(3.0 * m4, m4, "muR_0.5") for m4 in masses}},
    )  # fmt: skip


@pytest.mark.parametrize("suffix", [".root", ".json"])
@pytest.mark.parametrize("axes", [AXES, AXES[1:]])
def test_what_is_written_is_read(tmp_path, suffix, axes):
    path, written = tmp_path / f"t{suffix}", templates(axes)
    write_spectra(path, written.spectra(), METADATA)
    found = read_templates(path)
    assert holds_templates(path)
    assert found.metadata["m4_GeV"] == [20.0, 37.5]
    assert [s.name for s in found.spectra()] == [
        "lepton_pt", "lepton_pt_nu4_20", "lepton_pt_nu4_37.5", "lepton_pt_weight_muR_0.5",
        "lepton_pt_nu4_20_weight_muR_0.5", "lepton_pt_nu4_37.5_weight_muR_0.5",
    ]  # fmt: skip
    for one, other in zip(found.spectra(), written.spectra(), strict=True):
        np.testing.assert_allclose(one.values, other.values)
        np.testing.assert_allclose(one.variances, other.variances)
        one.require_axes(axes, "here")


@pytest.mark.parametrize("suffix", [".root", ".json"])
def test_what_is_refused(tmp_path, suffix):
    path, spectra = tmp_path / f"t{suffix}", templates(AXES[1:]).spectra()
    cases = {
        "holds no templates": (spectra, {**METADATA, "process": "analyse"}),
        "m4_GeV or variations are missing": (spectra, {k: v for k, v in METADATA.items() if k != "m4_GeV"}),
        "'lepton_pt_nu4_20' is not in it": (spectra[:1], METADATA),
        "needs 3 bins": ([Spectrum.from_counts("lepton_pt", np.arange(4.0), np.ones(3)), *spectra[1:]], METADATA),
    }
    for message, (given, metadata) in cases.items():
        write_spectra(path, given, metadata)
        with pytest.raises(InputError, match=message):
            read_templates(path)
    path.write_text("no file")
    with pytest.raises(InputError, match="not a readable file"):
        read_templates(path)
    with pytest.raises(InputError, match=r"expected \.root or \.json"):
        read_templates("t.csv")


def test_names_of_weights():
    assert weight_names(["muR=0.5 muF=1", "a/b:c"]) == {"muR_0.5_muF_1": "muR=0.5 muF=1", "a_b_c": "a/b:c"}
    with pytest.raises(InputError, match="names that differ"):
        weight_names(["a b", "a=b"])
