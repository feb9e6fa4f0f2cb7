from __future__ import annotations

import numpy as np
import pytest

from nucore.stated_units import no_counts

WIDTHS = np.full(40, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "", "N", "Events", "Entries", "Number of events", "Events / 0.5 GeV", "Entries / (0.5 GeV)", "Muons / 500 MeV",
        "Candidates / ( 0.5 GeV/#it{c} )", "Events, 4.1 fb^{-1}", "Events (36.1 fb$^{-1}$) / bin", "Data / 0.5 GeV",
        "mu+ yield", "lepton pT [GeV]", "Sum of weights", "b jets",
        "Events normalised to the integrated luminosity", "Events normalized to 4.1 fb^{-1}",
    ],
)  # fmt: skip
def test_counts(text: str) -> None:
    assert no_counts(text, WIDTHS) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("PB/GEV", "cross sections"), ("FB", "cross sections"), ("NB", "cross sections"), ("#mub", "cross sections"),
        ("d#sigma/dp_{T} [pb/GeV]", "cross sections"), (r"$\frac{d\sigma}{dp_T}$", "cross sections"),
        ("DSIG/DPT (PB/GEV)", "cross sections"), ("Events / GeV", "per 1 GeV"), ("Events / 2 GeV", "per 2 GeV"),
        ("Candidates / (2 MeV/c^{2})", "per 0.002 GeV"), ("dN/dpT", "derivative"), ("1/N dN/dpT", "normalised"),
        ("1/#sigma d#sigma/dp_{T}", "normalised"), ("a.u.", "normalised"), ("Arbitrary units", "normalised"),
        ("Fraction of events", "normalised"), ("Normalised entries", "normalised"),
        ("Events / bin width", "derivative"),
        ("D(N)/DPT", "derivative"),
        ("DSIG/DPT", "derivative"), ("10**3 EVENTS", "multiples"), ("log10(events)", "powers"),
        ("Events / 10^20 POT", "multiples"), ("PCT", "normalised"), ("Hz", "rates"), ("GEV", "energies"),
        ("Data/MC", "ratios"), ("Efficiency", "ratios"), ("Charge asymmetry", "ratios"),
    ],
)  # fmt: skip
def test_no_counts(text: str, what: str) -> None:
    assert what in (no_counts(text, WIDTHS) or "")


def test_bins_as_wide_as_the_unit() -> None:
    assert no_counts("Events / GeV", np.ones(20)) is None
    assert no_counts("Events / 1 GeV", np.array([1.0, 1.0, 2.0])) is not None
