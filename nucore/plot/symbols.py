"""How quantities, units, particles and conditions are written in pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum

Array = NDArray[np.float64]

MIXING = {
    "Ue4_sq": "$|U_{e4}|^2$",
    "Umu4_sq": r"$|U_{\mu4}|^2$",
    "Utau4_sq": r"$|U_{\tau4}|^2$",
    "Ul4_sq": r"$|U_{\ell4}|^2$",
    "U_sq": r"$|U_{\ell4}|^2$",
}
#: Quantities on axes, with their units.
AXIS = {
    **MIXING,
    "Y": r"$Y = y_L^4\,|U_{\ell4}|^4\,(m_\chi/m_\phi)^4$",
    "m_W_GeV": "$m_W$ [GeV]",
    "m4_GeV": "$m_4$ [GeV]",
    "m_chi_GeV": r"$m_\chi$ [GeV]",
    "m4": "$m_4$ [GeV]",
    "m_chi": r"$m_\chi$ [GeV]",
    "m_phi": r"$m_\phi$ [GeV]",
    "m_W": "$m_W$ [GeV]",
    "m_Z": "$m_Z$ [GeV]",
    "m_h": "$m_h$ [GeV]",
    "G_F": r"$G_F$ [GeV$^{-2}$]",
    "yL": "$y_L$",
    "yR": "$y_R$",
    "Ue4": "$U_{e4}$",
    "Umu4": r"$U_{\mu4}$",
    "Utau4": r"$U_{\tau4}$",
    "sigma_n_cm2": r"$\sigma_n$ [cm$^2$]",
    "sigma_v_cm3_per_s": r"$\langle\sigma v\rangle$ [cm$^3$/s]",
}
OBSERVABLE = {
    "lepton_pt": r"$p_T^\ell$",
    "transverse_mass": "$m_T$",
    "missing_momentum": r"$p_T^\mathrm{miss}$",
    "muon_momentum": r"$p_\mu$",
    "electron_momentum": "$p_e$",
    "tau_momentum": r"$p_\tau$",
    "lepton_energy": r"$E_\ell$",
    "missing_mass_sq": r"$m_\mathrm{miss}^2$",
}
_METHOD = {
    "cls": r"CL$_\mathrm{s}$",
    "clsb": r"CL$_\mathrm{s+b}$",
    "delta-chi2": r"$\Delta\chi^2$",
    "published": "recast of a published limit",
}
#: Numbers in this range are written without a power of ten.
_PLAIN = (1e-3, 1e5)
_SYMBOLS = {"pi": "π", "mu": "μ", "tau": "τ", "nu": "ν", "chi": "χ", "phi": "φ"}
_TEX = {"pi": r"\pi", "mu": r"\mu", "tau": r"\tau"}


def plain(text: Any, most: int = 160) -> str:
    """Text of a card or a file, of which nothing is read as TeX, on one line of at most some letters."""
    words = " ".join(str(text).split())
    if len(words) > most:
        words = words[: most - 1] + "…"
    return words.replace("$", r"\$")


def observable(spectrum: Spectrum, experiment: bool = True) -> str:
    """Label of the axis of a spectrum; outside of an experiment the unit is not known."""
    if not experiment:
        return plain(spectrum.label or spectrum.name, 60)
    unit = "GeV$^2$" if spectrum.name == "missing_mass_sq" else "GeV"
    return f"{OBSERVABLE.get(spectrum.name, plain(spectrum.name, 60))} [{unit}]"


def number(value: float, digits: int = 3) -> str:
    """A number in some digits, large and small ones with a power of ten."""
    if value == 0.0 or _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return f"{float(f'{value:.{digits}g}'):g}"
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    head = "" if mantissa == "1" else rf"{mantissa}\times"
    return rf"${head}10^{{{int(power)}}}$"


def measured(name: str, value: float, uncertainty: float) -> str:
    """``name = value ± uncertainty`` with two digits of the uncertainty."""
    if not math.isfinite(uncertainty) or uncertainty <= 0.0:
        return f"{name} = {number(value)}"
    decimals = max(0, 1 - math.floor(math.log10(uncertainty)))
    power = math.floor(math.log10(max(abs(value), uncertainty)))
    if power >= -3:
        return f"{name} = {value:.{decimals}f} ± {uncertainty:.{decimals}f}"
    scale, decimals = 10.0**-power, max(0, decimals + power)
    return rf"{name} = ({value * scale:.{decimals}f} ± {uncertainty * scale:.{decimals}f})$\times10^{{{power}}}$"


def yukawa(value: float) -> str:
    """The coupling yL."""
    return r"$y_L = 4\pi$" if math.isclose(value, 4.0 * math.pi) else f"$y_L$ = {value:.3g}"


def particle(name: str) -> str:
    """A particle of PDG name such as ``D_s+``, as TeX without dollars."""
    base, charge = (name[:-1], name[-1]) if name[-1] in "+-" else (name, "")
    base, _, index = base.partition("_")
    return _TEX.get(base, base) + (f"_{index}" if index else "") + (f"^{charge}" if charge else "")


def in_symbols(label: str) -> str:
    """Write the names of particles of a text as symbols, outside of TeX."""
    if "$" in label:
        return label
    label = re.sub(r"\^(-?\d+)", r"$^{\1}$", label)
    label = re.sub(r"\b(pi|mu|tau|K|B|e)([+-])(?![\w-])", lambda found: f"${particle(found[0])}$", label)
    label = re.sub(r"\bnu_(mu|tau|e)\b", lambda found: rf"$\nu_{{\{found[1]}}}$".replace(r"\e}", "e}"), label)
    label = re.sub(r"\bl nu\b", "ℓν", label).replace("lepton pT", r"$p_T^\ell$")
    parts = re.split(r"(\$[^$]*\$)", label)
    names = re.compile(r"(?<![A-Za-z])(3?)(pi|mu|tau|nu|chi|phi)(?![A-Za-z])")
    plain = [names.sub(lambda found: found[1] + _SYMBOLS[found[2]], part).replace("->", "→") for part in parts[::2]]
    parts[::2] = plain
    return "".join(parts)


def level(fields: Mapping[str, Any]) -> str:
    """Confidence level and method of a limit."""
    text = f"{fields['confidence_level']:.0%} CL"
    return f"{text} ({_METHOD[fields['limit']]})" if fields.get("limit") in _METHOD else text


def exposure(fields: Mapping[str, Any]) -> str:
    """Luminosity or decays, of the fields themselves or their ``exposure``; empty where they do not say."""
    found = {**fields, **(fields.get("exposure") or {})}
    if found.get("luminosity_invfb") is not None:
        return rf"{number(found['luminosity_invfb'])} fb$^{{-1}}$"
    return f"{number(found['decays'])} decays" if found.get("decays") is not None else ""


def systematics(fields: Mapping[str, Any]) -> str:
    """Which systematic uncertainties count."""
    if fields.get("systematics"):
        return f"{fields['systematics']} systematics"
    published = fields.get("background_systematic")
    return "" if published is None else f"background systematic: {published}"


def mixings(point: Mapping[str, float]) -> list[str]:
    """Mixings of a parameter point that are not zero."""
    names = [name for name in ("Ue4", "Umu4", "Utau4") if point.get(name)]
    return [f"{MIXING[f'{name}_sq']} = {number(point[name] ** 2)}" for name in names]


def point_words(point: Mapping[str, float], leave_out: Sequence[str] = ()) -> list[str]:
    """Masses, coupling and mixings of a parameter point."""
    masses = [name for name in ("m4", "m_chi", "m_phi") if name in point and name not in leave_out]
    words = [f"{AXIS[name].removesuffix(' [GeV]')} = {number(point[name])} GeV" for name in masses]
    if "yL" in point and "yL" not in leave_out:
        words.append(yukawa(point["yL"]))
    if point.get("yR") and "yR" not in leave_out:
        words.append(f"$y_R$ = {number(point['yR'])}")
    return words + mixings({name: value for name, value in point.items() if name not in leave_out})


def column(points: Sequence[Mapping[str, Any]], name: str) -> Array:
    """One quantity at the points of a curve, NaN where it is not known."""
    return np.array([np.nan if p.get(name) is None else p[name] for p in points], dtype=float)
