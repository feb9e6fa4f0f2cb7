"""A small collider card with published spectra of its own, for tests of observed limits."""

import numpy as np

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.response import load_experiment
from collider.inference.likelihood import expected_spectrum
from nucore.model.parameters import PortalParameters

CARD = """
name = "small"
title = "Small experiment"
sqrt_s_TeV = 7.0
beams = "pp"
luminosity_invfb = 0.1
luminosity_reference = "a test"
flavours = ["e", "mu"]
[selections.paper]
observable = "lepton_pt"
window_GeV = [30.0, 46.0]
bin_width_GeV = 2.0
charges = ["+", "-"]
separate_charges = true
abs_eta_edges = [0.0, 2.4]
reference = "a test"
[selections.paper.response.l]
resolution_relative = 0.02
efficiency = [1.0]
fsr = "none"
reference = "a test"
[selections.full]
extends = "paper"
[[nuisances]]
kind = "normalisation"
size = 0.02
reference = "a test"
[[nuisances]]
kind = "lepton_scale"
size = 0.001
reference = "a test"
[[nuisances]]
kind = "m_W"
size = 0.02
reference = "a test"
"""
BLOCK = """
[[data]]
name = "{name}"
flavour = "{flavour}"
observable = "lepton_pt"
level = "detector"
selection = "full"
unit = "events"
data = {{ "+" = "{name}+.csv:data", "-" = "{name}-.csv:data" }}
prediction = {{ "+" = "{name}+.csv:prediction", "-" = "{name}-.csv:prediction" }}
background = {{ "+" = "{name}+.csv:background", "-" = "{name}-.csv:background" }}
background_uncertainty = 0.1
m_W = {{ value_GeV = 80.38, uncertainty_GeV = 0.02, reference = "a test" }}
{window}
origin = "a test"
reference = "a test"
[[data.uncertainties]]
name = "band"
on = "prediction"
files = {{ "+" = "{name}+.csv:band", "-" = "{name}-.csv:band" }}
relative = true
correlation_GeV = [0.0, 20.0]
"""
NAMES = ("mu-pt", "mu-narrow", "e-pt")


def write_card(folder, names=NAMES, U_sq=0.0, m4=30.0):
    """Write the card, with data that hold |U|^2 of a nu4 and fluctuate by their errors; return its path."""
    path = folder / "small.toml"
    path.write_text(CARD)
    bare, text = load_experiment(path), CARD
    for k, name in enumerate(names):
        flavour = name.partition("-")[0]
        options = AnalysisOptions(systematics="full", selection="full")
        light = data = expected_spectrum(bare, flavour, PortalParameters(m4=m4, Ue4=0.0, Umu4=0.0), options=options)
        if U_sq > 0.0:
            point = PortalParameters(m4=m4, **{f"U{flavour}4": U_sq**0.5})
            data = expected_spectrum(bare, flavour, point, options=options)
        values, light = data.values.reshape(2, -1), light.values.reshape(2, -1)
        fluctuation = np.random.default_rng(k).normal(size=values.shape)
        edges = data.axes[-1].edges
        for sign, counts, expected, pull in zip("-+", values, light, fluctuation, strict=True):
            background = 0.05 * expected
            rows = ["low,high,data,prediction,background,band"]
            for low, high, n, s, b, x in zip(edges, edges[1:], counts, expected, background, pull, strict=False):
                observed = n + b + x * np.sqrt(n + b)
                rows.append(f"{low:.10g},{high:.10g},{observed:.10g},{s + b:.10g},{b:.10g},0.002")
            (folder / f"{name}{sign}.csv").write_text("\n".join(rows) + "\n")
        window = "window_GeV = [30.0, 38.0]" if name.endswith("narrow") else ""
        text += BLOCK.format(name=name, flavour=flavour, window=window)
    path.write_text(text)
    return path
