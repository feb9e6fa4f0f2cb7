"""Small results, written down or made from formulas, whose pictures are looked at."""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from collider.events.analyse_result import AnalyseResult
from collider.inference.flavours import FlavourFit, FlavourLimits, FlavoursReport
from mesons.decays.lepton_spectrum import LeptonSpectrum
from mesons.decays.spectra import DecayResult
from nucore.events import GenerateResult
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.reports.fit_input import FitInput
from nucore.reports.reach import Reach, ReachPoint
from nucore.reports.toy_report import ToyReport
from nucore.stats import Contour, Likelihood, LimitChoice, Model, NormFactor, NormSys, Sample, UpperLimit
from nucore.stats.toys import ToyJob, ToyStudy
from nuportal.api.figure import FigureResult
from nuportal.api.limits import LimitsResult
from nuportal.api.model import model
from nuportal.api.scan import ScanResult
from nuportal.constraints.combine import LimitAtMass
from nuportal.figures.content import FigureContent, FigureCurve, Panel
from nuportal.verdicts.verdict import Verdict

POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, yL=1.5, Umu4=0.1)
EDGES = np.linspace(30.0, 50.0, 21)
W_CHOICES = {
    "systematics": "full", "observable": "lepton_pt", "window_GeV": [30.0, 50.0], "charges": ["+", "-"],
    "luminosity_invfb": 4.1,
}  # fmt: skip


def _band(value):
    return {name: value * 1.4**k for name, k in (("minus2", -2), ("minus1", -1), ("plus1", 1), ("plus2", 2))}


def w_reach(observed=False, **others):
    m4 = np.linspace(10.0, 50.0, 17)
    points = []
    for k, m in enumerate(m4):
        u = 2e-3 * (1.0 + ((m - 32.0) / 8.0) ** 4 / 10.0)
        more = {"Umu4_sq_observed": u * (1.0 + 0.5 * math.sin(k))} if observed else {}
        more |= {name: value(u) for name, value in others.items()}
        points.append(ReachPoint(m, u, _band(u), None, more))
    choices = W_CHOICES | ({"published_data": {"data": "mu-pt"}} if observed else {})
    return Reach(
        "atlas-2011", "ATLAS 7 TeV (2011), W -> l nu, lepton pT", "mu", "m4_GeV", "Umu4_sq", 0.9, "cls",
        tuple(points), choices,
    )  # fmt: skip


def floating_w_mass():
    made = w_reach(
        Umu4_sq_fixed_m_W=lambda u: 0.6 * u, m_W_bias_MeV=lambda u: -2e3 * u, m_W_uncertainty_MeV=lambda u: 8.0
    )
    return replace(made, choices={**made.choices, "float_mw": True})


def window_scan():
    curves = []
    for low in (25.0, 30.0, 35.0):
        made = w_reach()
        points = tuple(replace(p, value=p.value * low / 30.0) for p in made.curve[::8])
        curves.append(replace(made, curve=points, choices={**made.choices, "window_GeV": [low, 50.0]}))
    return replace(curves[0], window_scan=tuple(curves))


def kaon_reach():
    points = []
    for m in np.geomspace(1e-3, 0.08, 16):
        y = None if m > 0.07 else 1e-10 * (1.0 + (m / 0.05) ** 4)
        others = {"Y_thermal": 3e-7 * m**2, "Y_observed": None if y is None else 4.0 * y}
        points.append(ReachPoint(m, y, dict.fromkeys(_band(1.0)) if y is None else _band(y), None, others))
    choices = {"decays": 1.7e12, "ratio": 3.0, "m4": "400", "yL": 4.0 * math.pi, "background_systematic": "none"}
    return Reach("e949", "BNL E949, stopped K+", "mu", "m_chi_GeV", "Y", 0.9, "cls", tuple(points), choices)


def decay(m4=0.2, peak=0.19):
    p = np.unique(np.concatenate([np.linspace(0.0, 0.235, 200), peak + np.geomspace(1e-6, 0.01, 40)]))
    y = 1e-3 * p**2 * (1.0 + 1e-4 / ((p - peak) ** 2 + 1e-8)) * np.maximum(1.0 - (p / 0.235) ** 20, 0.0)
    point = replace(POINT, m_chi=0.01, m_phi=0.03, m4=m4)
    return DecayResult(
        "K+", "mu", point, 3.6e-4, 3.6e-4, 0.6356, 2.3e-4, 1.00026, peak, LeptonSpectrum(p, y, p, y)
    )  # fmt: skip


def limits():
    def one(name, value, quantity="U_sq", year=2016, derived=False, observed=True):
        reference = "arXiv:1709.07001"
        return LimitAtMass(name, name, quantity, value, 0.9, reference, year, True, derived, observed, None, True, "")

    rows = [
        one("electroweak-2026", 1.6e-3, year=2026), one("w-atlas-2011-mu", 1.7e-2, derived=True),
        one("h-invisible-0.05", 2.6e-2, observed=False), one("z-invisible-lep", 0.85, year=2006),
        one("kek-1982-mu", None, year=1982),
    ]  # fmt: skip
    dark = [
        one("supercdms-snolab", 1.2e-42, "sigma_n_cm2", observed=False), one("sk-line", 2e-24, "sigma_v_cm3_per_s"),
    ]  # fmt: skip
    return LimitsResult("mu", 30.0, tuple(rows), 1.0, "nfw", tuple(dark))


def verdict():
    margins = {
        "omega-2018": 0.02, "e949-2016-mu-3nu": 0.7, "n-eff-2026": 1.03, "perturbativity": 9.3,
        "electroweak-2026": 15.8, "w-atlas-2011-mu": 159.0, "delphi-1997-visible": 1.5e10, "sk-iv-2021-line": math.inf,
    }  # fmt: skip
    return Verdict(
        POINT, False, ("omega-2018", "e949-2016-mu-3nu"), margins, {"belle-2016-e": "no mixing with e"}, (), 0.7, 1.0,
        "nfw", 0.04, (),
    )  # fmt: skip


def _scan(m4, mixing):
    m4, mixing = (a.ravel() for a in np.meshgrid(m4, mixing))
    margins = {"universality": (0.04 / mixing) ** 2, "peaks": np.where(m4 < 1.0, (1e-3 / mixing) ** 2, np.nan)}
    table = np.array(list(margins.values()))
    best = np.nanmin(table, axis=0)
    strongest = np.array(list(margins))[np.nanargmin(table, axis=0)]
    fixed = {name: [value] * m4.size for name, value in POINT.to_dict().items()}
    undecided = (m4 > 40.0) & (best > 1.0)
    columns = fixed | {"m4": m4.tolist(), "Umu4": mixing.tolist(), "margin": best.tolist()}
    columns["allowed"] = [None if u else bool(b >= 1.0) for u, b in zip(undecided, best, strict=True)]
    columns["excluded_by"] = [str(s) if b < 1.0 else None for s, b in zip(strongest, best, strict=True)]
    columns |= {
        f"margin:{name}": [None if math.isnan(v) else v for v in values.tolist()] for name, values in margins.items()
    }
    return ScanResult(tuple(columns), columns, m4.size, 0, 0, 0, 1.0)


def scan_plane():
    return _scan(np.geomspace(0.1, 100.0, 25), np.geomspace(1e-4, 0.3, 21))


def scan_line():
    return _scan([10.0], np.geomspace(1e-4, 0.3, 21))


def generated():
    counts = np.round(1000.0 * np.exp(-0.5 * ((EDGES[1:] - 38.0) / 5.0) ** 2))
    spectrum = Spectrum.from_counts("lepton_pt", EDGES, counts, "lepton pT [GeV]")
    cutflow = {"generated": 30000, "abs_eta": 20000, "pt_window": int(counts.sum())}
    return GenerateResult(
        "w", "atlas-2011", 30000, 30000, int(counts.sum()), {"luminosity_invfb": 0.1}, 6000.0, None, 1e6, cutflow, [],
        spectrum, POINT.to_dict(),
    )  # fmt: skip


def analysed():
    made = generated()
    return AnalyseResult(
        "atlas-2011", "paper", "mu", "events.lhe", "MadGraph5", 30000, 9000, 0, 3e4, 3e4, 3e4, 9e3, 9e3, {"w": 1.0},
        made.cutflow, "table", 6000.0, {"luminosity_invfb": 0.1}, 1.0, [], [], made.spectrum,
    )  # fmt: skip


def flavours():
    def upper(name, value):
        return UpperLimit(name, "cls", 0.9, value, value, dict(_band(value)), None, None)

    angle = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    contour = Contour(
        ("Ue4_sq", "Umu4_sq"), 0.9, 4.6, 2e-3 + 8e-3 * np.cos(angle), 1e-3 + 9e-3 * np.sin(angle), (2e-3, 1e-3)
    )
    both = tuple(
        FlavourLimits(name, best, 5e-3, upper(name, value), upper(name, 0.9 * value))
        for name, best, value in (("Ue4_sq", 2e-3, 8e-3), ("Umu4_sq", 1e-3, 7e-3))
    )
    fit = FlavourFit(0.4, both, contour, 0.5, {})
    return FlavoursReport(
        "atlas-2011", 30.0, {"e": 4.6, "mu": 4.1}, {"e": None, "mu": None}, False, 0.9, "cls",
        {"systematics": "full"}, fit,
    )  # fmt: skip


@cache
def _input():
    centers = 0.5 * (EDGES[1:] + EDGES[:-1])
    light = 1e4 * np.exp(-0.5 * ((centers - 38.0) / 5.0) ** 2)
    heavy = 1e4 * np.exp(-0.5 * ((centers - 34.0) / 5.0) ** 2)
    signal = Sample("signal", heavy - light, [NormFactor("Umu4_sq")])
    systematics = [NormSys("normalisation", 0.98, 1.02), NormSys("efficiency", 0.99, 1.01)]
    likelihood = Likelihood(Model([Sample("light", light, systematics), signal], "Umu4_sq"), np.round(light + 0.01 * (
        heavy - light) + 60.0 * np.cos(7.0 * centers)))  # fmt: skip
    data = Spectrum.from_counts("lepton_pt", EDGES, likelihood.observation.counts)
    return FitInput(
        likelihood, data, "atlas-2011", "mu", {"luminosity_invfb": 4.1},
        analysis={"systematics": "full", "point": POINT.to_dict()}, mark=34.5,
    )  # fmt: skip


@cache
def fit():
    return _input().report(LimitChoice())


def toys():
    rng = np.random.default_rng(5)
    best = 0.01 + 2e-3 * rng.standard_normal(400)
    study = ToyStudy(0.01, best, np.full(400, 2e-3), best + 2.6e-3, 0)
    job = ToyJob(_input().likelihood.model, {"Umu4_sq": 0.01}, "cls", 0.9, 1)
    return ToyReport(_input(), job, study)


def point():
    return model(POINT)


def paper():
    x = np.geomspace(1e-3, 1e3, 61)
    curves = (
        FigureCurve("a", "K -> mu nu (E949)", x[20:30], 1e-6 * x[20:30] ** -0.5, "limit"),
        FigureCurve("b", "first CKM row", x, np.full(61, 4e-4), "universality"),
        FigureCurve("c", "Z -> inv", x[40:], 8e-3 * (1.0 + 300.0 / x[40:] ** 2), "z"),
    )
    return FigureResult(FigureContent(2, "latest", "paper", (Panel("mu", r"$|U_{\mu4}|^2$", curves),)), ())


#: Results by the name of their picture.
EXAMPLES = {
    "reach": w_reach, "reach-observed": lambda: w_reach(observed=True), "reach-w-mass": floating_w_mass,
    "reach-window": window_scan, "reach-kaon": kaon_reach, "decay": decay, "limits": limits, "check": verdict,
    "scan": scan_plane, "scan-line": scan_line, "generate": generated, "analyse": analysed, "flavours": flavours,
    "fit": fit, "toys": toys, "model": point, "figure-2": paper,
}  # fmt: skip
