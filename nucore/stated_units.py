"""What the words of a file say about the contents of its bins: axis titles, units of a table, names of a column."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_GEV = {"mev": 1e-3, "gev": 1.0, "tev": 1e3}
#: Markup of ROOT and LaTeX, which stands between the letters of a unit.
_MARKUP = re.compile(r"\\(?:mathrm|text|rm|left|right|[,;!])|[\\{}$#^_*~]")
_NUMBER = r"\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+"
_PER_ENERGY = re.compile(rf"(?:/|\bper\b)\s*\(?\s*({_NUMBER})?\s*([mgt]ev)|([mgt]ev)\s*-\s*1\b")
_DERIVATIVE = re.compile(
    r"\bd\s*\(?(?:n|sig|σ|events|γ|gamma)\w*\)?\s*/\s*d\s*\w|\bd\s*/\s*d\w|(?:/|per) ?(?:bin ?)?width"
)
_CROSS_SECTION = re.compile(r"\b(?:[fpnumµ]b|mub|[a-z]*barns?)\b(?!\s*-\s*1)|^b$|\bb/gev|sigma|σ|cross.?section")
_SHARE = re.compile(
    r"normali[sz]ed(?! to (?:the )?(?:\w+ )?(?:lumi|exposure|\d))|\bnorm\b|unit area|unity|arbitrary|\barb\b|a\.\s?u\.|"
    r"fraction|\bpct\b|probabilit|\bpdf\b|\bshare|percent|%|\b1\s*/\s*(?:n|sigma|σ)|densit"
)
_SCALED = re.compile(r"10\s*(?:\^|\*\*)|\bthousand|\bmillion|\blog\w*\b|\bln\b")
_NO_NUMBERS = re.compile(r"\bhz\b|^[\s(\[]*[kmgt]?ev[\s)\]]*$")
_RATIO = re.compile(
    r"ratio|efficienc|asymmetr|acceptance|\bdata\s*/\s*(?:mc|sm|pred|theo|fit|sim|exp)|significance|\bpull|k.?factor"
)


def no_counts(text: str, widths: NDArray[np.float64]) -> str | None:
    """Return what contents are that are no counts of events by the words of their file; None where these say nothing.

    Parameters
    ----------
    text : str
        Title of the axis of contents, or units, e.g. ``PB/GEV`` or ``Events / 0.5 GeV``.
    widths : float64[n]
        Of the bins, GeV; events in a width that all bins have are counts.
    """
    plain = re.sub(r"\s+", " ", _MARKUP.sub("", text)).lower()
    if _SCALED.search(text.lower()):
        return "powers or multiples of numbers"
    found = (
        ("rates or energies", _NO_NUMBERS),
        ("ratios, or numbers corrected by them", _RATIO),
        ("normalised to a sum or an area", _SHARE),
        ("cross sections", _CROSS_SECTION),
        ("a derivative", _DERIVATIVE),
    )
    per_energy = _PER_ENERGY.search(plain)
    for what, pattern in found:
        if pattern.search(plain):
            return what
    if per_energy is None:
        return None
    width = float(per_energy[1] or 1.0) * _GEV[per_energy[2] or per_energy[3]]
    return None if np.allclose(widths, width, rtol=1e-3) else f"events per {width:g} GeV in bins of other widths"
