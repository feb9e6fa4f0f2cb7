"""Reading the events that ``nuportal generate`` wrote to a ROOT file, in bounded memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.event_files import BLOCK_EVENTS, LARGEST, EventSource, LeptonBlock
from nucore.io.metadata import exposure_in
from nucore.io.readers import MAX_BINS
from nucore.text import one_line

_NEUTRINO = ("neutrino_energy", "neutrino_px", "neutrino_py", "neutrino_pz")
_POLAR = ("lepton_pt", "lepton_eta", "lepton_phi")
_BRANCHES = ("charge", "bin", *_POLAR, *_NEUTRINO)
#: Of nu4; 0 of light neutrinos.
_NEUTRINO_MASS = "neutrino_mass"


@contextlib.contextmanager
def open_root_events(path: Path, decays: bool = False) -> Iterator[EventSource]:
    """Open a ROOT file of ours; see `nucore.io.event_readers.open_events`."""
    from nucore.io.root_files import RootFile

    with contextlib.ExitStack() as stack:
        try:
            root = stack.enter_context(RootFile(path))
            metadata = root.metadata()
            tree = root.tree("events") if root.kinds.get("events") == "TTree" else None
            known = tree is not None and set(_BRANCHES) <= set(tree.names)
        except Exception as error:  # a damaged file can make the reader fail in any way
            raise InputError(f"events {path} is not a readable ROOT file: {one_line(error)}") from None
        if "hepmc3_tree" in root.kinds:
            raise InputError(f"events {path}: is HepMC3 in a ROOT tree: write it as HepMC3 text (Asciiv3)")
        if tree is None or not known or metadata.get("process") != "w":
            raise InputError(
                f"events {path}: not a file of `nuportal generate w` with events; of other generators: .lhe or .hepmc"
            )
        if tree.n_entries <= 0:
            raise InputError(f"events {path} has no events")
        origin = metadata.get("provenance")
        yield EventSource(
            path=path,
            read=lambda *wanted: _blocks(path, tree, metadata, decays, *wanted),
            generator=f"nuportal {origin.get('version', '') if isinstance(origin, dict) else ''}".strip(),
            metadata=metadata,
            luminosity_invfb=exposure_in(metadata).get("luminosity_invfb"),
        )


def _blocks(
    path: Path, tree: Any, metadata: dict[str, Any], decays: bool, flavour: str, experiment: str, selection: str
) -> Iterator[LeptonBlock]:
    own = not decays and experiment == metadata.get("experiment") and selection == metadata.get("selection")
    if not own and tree.n_entries != metadata.get("n_generated"):
        raise InputError(
            f"events {path}: only those that {metadata.get('experiment')} selects as {metadata.get('selection')} are "
            f"in it; for {experiment} and {selection} write all of them: nuportal generate w --all-events"
        )
    same_flavour = flavour == metadata.get("flavour")
    try:
        for arrays in tree.blocks((*_BRANCHES, _NEUTRINO_MASS) if decays else _BRANCHES, BLOCK_EVENTS):
            block = _block(arrays, own, same_flavour)
            if decays:
                block = replace(
                    block, standard=arrays[_NEUTRINO_MASS] == 0.0, variations=np.empty((0, len(block.weight)))
                )
            yield block
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"events {path} cannot be read: {one_line(error)}") from None


def _block(arrays: dict[str, NDArray[Any]], own: bool, same_flavour: bool) -> LeptonBlock:
    with np.errstate(all="ignore"):
        pt, eta, phi = (np.asarray(arrays[name], float) for name in _POLAR)
        lepton = np.array([pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
        neutrino = np.array([arrays[name] for name in _NEUTRINO], float)
        allowed = np.all(np.abs(lepton + neutrino) < LARGEST) and np.all(np.abs(neutrino) < LARGEST)
    if not allowed:
        raise ValueError(f"a momentum is not a finite number below {LARGEST:g}")
    if np.any(np.abs(arrays["charge"]) > 1) or np.any(arrays["bin"] < -1) or np.any(arrays["bin"] >= MAX_BINS):
        raise ValueError("a charge or a bin is not one")
    return LeptonBlock(
        weight=np.ones_like(pt),
        charge=np.asarray(arrays["charge"], np.int8) * same_flavour,
        lepton=lepton,
        boson=lepton + neutrino,
        measured_bin=np.asarray(arrays["bin"], np.int64) if own else None,
    )
