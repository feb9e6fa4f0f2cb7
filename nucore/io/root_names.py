"""Which histogram of a ROOT file is meant, and what an object is that is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from nucore.errors import InputError
from nucore.io.root_files import RootFile
from nucore.io.root_hepdata import values_of_errors
from nucore.io.root_objects import FOLDERS, HISTOGRAMS

#: Names in a message, and characters of one.
_MAX_LISTED, _MAX_SHOWN = 20, 80
#: Points beside the histogram of a HEPData table.
_GRAPH = re.compile(r"\bGraph(?=[12]D_y[0-9]+$)")
#: What objects hold that are no histograms of events, and how their classes begin.
_HOLDS = {
    "means of a quantity in bins of another, no counts": ("TProfile",),
    "the ratio of two histograms, no counts; write its passed or its total histogram by itself": ("TEfficiency",),
    "points, not contents of bins": ("TGraph", "TMultiGraph", "TScatter"),
    "a function, not contents of bins": ("TF1", "TF2", "TF3", "TFormula", "TSpline"),
    "several histograms on one another; write their sum, or each, by itself": ("THStack",),
    "a histogram of any number of axes; write its projection by itself": ("THn",),
    "a density of nearest neighbours, no counts": ("TH1K",),
    "a histogram in polygons, without axes of bins": ("TH2Poly",),
    "events, not binned; fill a histogram of them": (
        "TTree",
        "TNtuple",
        "TChain",
        "ROOT::RNTuple",
        "ROOT::Experimental::RN",
    ),
    "a drawing; write the histogram in it by itself": ("TCanvas", "TPad", "RooPlot"),
    "a statistical model; convert it to a pyhf workspace, or write its histograms by themselves": ("RooW", "RooStats"),
    "a data set of RooFit; write a histogram of it by itself (createHistogram)": ("RooData",),
    "a collection; write the histograms in it by themselves": (
        "TList",
        "THashList",
        "TObjArray",
        "TMap",
        "TClonesArray",
    ),
    "numbers without bins": ("TMatrix", "TVector", "TArray", "TParameter"),
    "a text": ("TObjString", "TNamed", "string"),
}


def find_histogram(root: RootFile, asked: str | None, file: Path) -> tuple[str, int | None]:
    """Return name and cycle (None for the newest) of the histogram that is named, or of the only one.

    Raises
    ------
    InputError
        If it is not in the file, not in that cycle, or no histogram.
    """
    histograms = [name for name, kind in root.kinds.items() if kind in HISTOGRAMS]
    if asked is None:
        values = [name for name in histograms if values_of_errors(root, name) is None]
        if len(values) != 1:
            what = "name the histogram as FILE:NAME" if values else "no TH1, TH2 or TH3 in it"
            raise InputError(f"data {file}: {what}; {_contents(root, values)}")
        return values[0], None
    name, cycle = root.find(asked)
    if name not in root.kinds:
        raise InputError(f"data {file}: histogram {_shown(name)!r} is not in it; {_contents(root, histograms, name)}")
    if cycle is not None and cycle not in root.cycles(name):
        cycles = ", ".join(map(str, root.cycles(name)[-_MAX_LISTED:]))
        raise InputError(f"data {file}: no cycle {cycle} of {_shown(name)!r}; it has: {cycles} (the newest last)")
    kind = root.kind(name, cycle)
    if kind not in HISTOGRAMS:
        raise InputError(f"data {file}: {_shown(name)!r} is a {_shown(kind)}{_instead(root, name, kind, histograms)}")
    return name, cycle


def _instead(root: RootFile, name: str, kind: str, histograms: Sequence[str]) -> str:
    """Say what an object holds that is no histogram, and what to take."""
    if kind in FOLDERS:
        inside = [other for other in histograms if other.startswith(f"{name}/")]
        return f", a folder; name a histogram in it: {_listed(inside, '') or 'there is none'}"
    found = next((holds for holds, starts in _HOLDS.items() if kind.startswith(starts)), "")
    beside = _GRAPH.sub("Hist", name)
    if beside != name and beside in root.kinds:
        return f": {found}; expected a histogram, as {_shown(beside)} beside it"
    return f"{': ' if found else ''}{found}; expected a TH1, TH2 or TH3 of events"


def _contents(root: RootFile, histograms: Sequence[str], wanted: str = "") -> str:
    """List the histograms, or else what there is instead."""
    if histograms:
        return f"it has: {_listed(histograms, wanted)}"
    others = {name: kind for name, kind in root.kinds.items() if kind not in FOLDERS}
    if len(others) == 1:
        ((name, kind),) = others.items()
        return f"it has: {_shown(name)!r}, a {_shown(kind)}{_instead(root, name, kind, histograms)}"
    kinds = [f"{_shown(name)} ({_shown(kind)})" for name, kind in others.items()]
    return f"it has: {_listed(kinds, wanted) or 'no histogram'}"


def _listed(names: Sequence[str], wanted: str) -> str:
    """Name some objects, those most like the wanted one first."""
    if wanted:
        names = sorted(names, key=_Likeness(wanted), reverse=True)
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return ", ".join(map(_shown, names[:_MAX_LISTED])) + more


class _Likeness:
    """How much a name is like the wanted one: its last part, then its letters."""

    def __init__(self, wanted: str) -> None:
        self._letters = SequenceMatcher(None, "", wanted[-_MAX_SHOWN:].lower(), autojunk=False)
        self._last = wanted.lower().rpartition("/")[2]

    def __call__(self, name: str) -> tuple[bool, float]:
        self._letters.set_seq1(name[-_MAX_SHOWN:].lower())
        return name.lower().rpartition("/")[2] == self._last, self._letters.quick_ratio()


def _shown(name: str) -> str:
    """Cut a name that is long, and spell out characters that cannot be printed."""
    text = name if name.isprintable() else repr(name)[1:-1]
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
