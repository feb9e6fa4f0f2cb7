"""Where the UFO model lies that MadGraph, Sherpa and Whizard load."""

from __future__ import annotations

from pathlib import Path

import nuportal
from nuportal.errors import InputError

MODEL = Path("models") / "UFO" / "NeutrinoPortal"


def ufo_path() -> Path:
    """Folder of the UFO model: beside the package in a source tree, else inside the installed package.

    Raises
    ------
    InputError
        If it is in neither place.
    """
    package = Path(nuportal.__file__).resolve().parent
    for root in (package.parent, package):
        if (root / MODEL / "particles.py").is_file():
            return root / MODEL
    raise InputError(f"the UFO model is not installed: no {MODEL} beside or in {package}")
