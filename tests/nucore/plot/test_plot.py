"""Pictures: what is drawn, and that files are real images."""

import numpy as np
import pytest
from nucore.plot.results import curve_figure

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import save

EDGES = np.linspace(30, 50, 41)
LIGHT = Spectrum.from_counts("lepton_pt", EDGES, np.linspace(100, 1, 40))
HEAVY = Spectrum.from_counts("lepton_pt", EDGES, np.linspace(120, 0, 40))


def test_a_spectrum_figure_shows_every_spectrum_and_the_ratio():
    others = [SpectrumLine(HEAVY, "nu4", mark=35.0)]
    figure = spectrum_figure(
        SpectrumLine(LIGHT, "SM"), others, "lepton $p_T$", "title", data=SpectrumLine(HEAVY, "data"), scale=1.0
    )
    main, ratio = figure.axes
    assert [text.get_text() for text in main.get_legend().get_texts()] == ["SM", "nu4", "data"]
    drawn = [patch.get_data().values for patch in ratio.patches]
    assert drawn[0] == pytest.approx(HEAVY.values / LIGHT.values)
    assert any(line.get_xdata()[0] == 35.0 for line in main.lines)
    assert ratio.get_xlabel() == "lepton $p_T$ (GeV)"


def test_different_binnings_are_refused():
    other = Spectrum.from_counts("lepton_pt", [0, 1], [1])
    with pytest.raises(InputError, match="the reference spectrum"):
        spectrum_figure(SpectrumLine(LIGHT, "SM"), [SpectrumLine(other, "x")], "x", "t")


def test_a_curve_figure_leaves_out_what_has_no_reach(tmp_path):
    band = {"minus2": 1e-5, "minus1": 1e-4, "plus1": 1e-2, "plus2": 1e-1}
    points = [
        {"m_chi_GeV": x, "Y": y, "Y_thermal": 1e-5 * x, **band} for x, y in ((1.0, 1e-3), (2.0, 1e-2), (3.0, None))
    ]
    curve = {"curve": points, "mass": "m_chi_GeV", "quantity": "Y", "confidence_level": 0.9}
    figure = curve_figure([curve], ["reach"], "title")
    (axes,) = figure.axes
    assert axes.get_yscale() == axes.get_xscale() == "log"
    assert len(axes.collections) == 2
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, False, True]
    assert axes.lines[1].get_color() == "0.5"
    png, pdf = save(figure, tmp_path / "a.png"), save(figure, tmp_path / "a.pdf")
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert pdf.read_bytes()[:5] == b"%PDF-"
