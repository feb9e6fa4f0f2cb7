"""Pictures: what is drawn, and that files are real images."""

import math

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.plot.reach import limits_figure
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import log_ticks, new_figure, power_of_ten, save
from nucore.plot.symbols import in_symbols, measured, number, particle

EDGES = np.linspace(30, 50, 41)
LIGHT = Spectrum.from_counts("lepton_pt", EDGES, np.linspace(100, 1, 40))
HEAVY = Spectrum.from_counts("lepton_pt", EDGES, np.linspace(120, 0, 40))


def test_a_spectrum_figure_shows_every_spectrum_and_the_ratio():
    others = [SpectrumLine(HEAVY, "nu4", mark=35.0)]
    figure = spectrum_figure(
        SpectrumLine(LIGHT, "SM"), others, "lepton $p_T$ [GeV]", "title", data=SpectrumLine(HEAVY, "data")
    )
    main, ratio = figure.axes
    assert [text.get_text() for text in main.get_legend().get_texts()] == ["SM", "nu4", "kink of the signal", "data"]
    drawn = [patch.get_data().values for patch in ratio.patches]
    assert drawn[0] == pytest.approx(HEAVY.values / LIGHT.values)
    assert any(line.get_xdata()[0] == 35.0 for line in main.lines)
    assert ratio.get_xlabel() == "lepton $p_T$ [GeV]"


def test_different_binnings_are_refused():
    other = Spectrum.from_counts("lepton_pt", [0, 1], [1])
    with pytest.raises(InputError, match="the reference spectrum"):
        spectrum_figure(SpectrumLine(LIGHT, "SM"), [SpectrumLine(other, "x")], "x", "t")


def test_a_curve_leaves_out_what_has_no_reach(tmp_path):
    band = {"minus2": 1e-5, "minus1": 1e-4, "plus1": 1e-2, "plus2": 1e-1}
    points = [
        {"m_chi_GeV": x, "Y": y, "Y_thermal": 1e-5 * x, **band} for x, y in ((0.1, 1e-3), (1.0, 1e-2), (2.0, None))
    ]
    curve = {"curve": points, "mass": "m_chi_GeV", "quantity": "Y", "confidence_level": 0.9, "flavour": "mu"}
    figure = limits_figure(curve, "title")
    (axes,) = figure.axes
    assert axes.get_yscale() == axes.get_xscale() == "log"
    assert len(axes.collections) == 2
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, False, True]
    assert axes.lines[1].get_label() == "thermal target"
    png, pdf = save(figure, tmp_path / "a.png"), save(figure, tmp_path / "a.pdf")
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert pdf.read_bytes()[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (0.03, "0.03"), (4.1, "4.1"), (1234.6, "1230"), (1e-4, "$10^{-4}$"),
        (2.5e-7, r"$2.5\times10^{-7}$"), (1.7e12, r"$1.7\times10^{12}$"), (-3e-5, r"$-3\times10^{-5}$"),
        (9.999e-5, r"$10^{-4}$"), (99999.0, "100000"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "sigma", "text"),
    [
        (0.03058, 0.00098, "u = 0.03058 ± 0.00098"),
        (-0.004, 0.0123, "u = -0.004 ± 0.012"),
        (5.083e-6, 3.8e-7, r"u = (5.08 ± 0.38)$\times10^{-6}$"),
        (80.37, math.inf, "u = 80.4"),
    ],
)
def test_measured_values_have_two_digits_of_the_uncertainty(value, sigma, text):
    assert measured("u", value, sigma) == text


def test_particles_and_words_become_symbols():
    assert [particle(name) for name in ("K+", "D_s+", "tau-", "mu")] == ["K^+", "D_s^+", r"\tau^-", r"\mu"]
    assert in_symbols("W -> l nu, lepton pT") == r"W → ℓν, $p_T^\ell$"


@pytest.mark.parametrize(("low", "high", "named"), [(1e-3, 1e3, []), (1.2, 6.5, [2.0, 5.0])])
def test_log_axes_have_minor_ticks_and_names_where_decades_are_few(low, high, named):
    figure, (axes,) = new_figure()
    axes.set(yscale="log", ylim=(low, high))
    log_ticks(axes.yaxis)
    figure.draw_without_rendering()
    inside = [tick for tick in axes.yaxis.get_minor_ticks() if low <= tick.get_loc() <= high]
    assert len(inside) >= 5
    assert [round(tick.get_loc(), 6) for tick in inside if tick.label1.get_text()] == named


def test_small_numbers_are_given_in_a_power_of_ten():
    figure, (axes,) = new_figure()
    axes.set_xlim(0.0, 0.0031)
    power_of_ten(axes.xaxis, "u", 0.0031)
    figure.draw_without_rendering()
    assert axes.get_xlabel() == "u [$10^{-3}$]"
    assert "2" in [text.get_text() for text in axes.get_xticklabels()]
