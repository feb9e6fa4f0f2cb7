"""Reading the events that ``nuportal generate`` wrote to a ROOT file, in bounded memory."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuportal.errors import InputError
from nuportal.io.event_files import BLOCK_EVENTS, EventSource, LeptonBlock, one_line

_NEUTRINO = ("neutrino_energy", "neutrino_px", "neutrino_py", "neutrino_pz")
_POLAR = ("lepton_pt", "lepton_eta", "lepton_phi")
_BRANCHES = ("charge", "bin", *_POLAR, *_NEUTRINO)


@contextlib.contextmanager
def open_root_events(path: Path) -> Iterator[EventSource]:
    """Open a ROOT file of ours; see `nuportal.io.event_files.open_events`."""
    import uproot

    with contextlib.ExitStack() as stack:
        try:
            root = stack.enter_context(uproot.open(path))
            if path.stat().st_size < root.file.fEND:
                raise InputError(f"events {path} is truncated: {path.stat().st_size} of {root.file.fEND} bytes")
            kinds = {key.split(";")[0]: kind for key, kind in root.classnames().items()}
            metadata = json.loads(str(root["provenance"])) if kinds.get("provenance") == "TObjString" else None
            tree = root["events"] if kinds.get("events") == "TTree" else None
            known = tree is not None and set(_BRANCHES) <= set(tree.keys())
        except InputError:
            raise
        except Exception as error:  # a damaged file can make the reader fail in any way
            raise InputError(f"events {path} is not a readable ROOT file: {one_line(error)}") from None
        if tree is None or not known or not isinstance(metadata, dict) or metadata.get("process") != "w":
            raise InputError(f"events {path}: not a file of `nuportal generate w` with events; other generators: .lhe")
        if tree.num_entries == 0:
            raise InputError(f"events {path} has no events")
        luminosity = (metadata.get("exposure") or {}).get("luminosity_invfb")
        yield EventSource(
            path=path,
            read=lambda *wanted: _blocks(path, tree, metadata, *wanted),
            generator=f"nuportal {(metadata.get('provenance') or {}).get('version', '')}".strip(),
            metadata=metadata,
            luminosity_invfb=luminosity,
        )


def _blocks(
    path: Path, tree: Any, metadata: dict[str, Any], flavour: str, experiment: str, selection: str
) -> Iterator[LeptonBlock]:
    own = experiment == metadata.get("experiment") and selection == metadata.get("selection")
    if not own and tree.num_entries != metadata.get("n_generated"):
        raise InputError(
            f"events {path}: only those that {metadata.get('experiment')} selects as {metadata.get('selection')} are "
            f"in it; for {experiment} and {selection} write all of them: nuportal generate w --all-events"
        )
    same_flavour = flavour == metadata.get("flavour")
    steps = tree.iterate(list(_BRANCHES), step_size=BLOCK_EVENTS, library="np")
    while True:
        try:
            arrays = next(steps, None)
            block = None if arrays is None else _block(arrays, own, same_flavour)
        except Exception as error:  # a damaged file can make the reader fail in any way
            raise InputError(f"events {path} cannot be read: {one_line(error)}") from None
        if block is None:
            return
        yield block


def _block(arrays: dict[str, NDArray[Any]], own: bool, same_flavour: bool) -> LeptonBlock:
    pt, eta, phi = (np.asarray(arrays[name], float) for name in _POLAR)
    lepton = np.array([pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
    neutrino = np.array([arrays[name] for name in _NEUTRINO], float)
    return LeptonBlock(
        weight=np.ones_like(pt),
        charge=np.asarray(arrays["charge"], np.int8) * same_flavour,
        lepton=lepton,
        boson=lepton + neutrino,
        measured_bin=np.asarray(arrays["bin"], np.int64) if own else None,
    )
