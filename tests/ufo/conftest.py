"""The UFO model, as its own package and as the independent evaluator of amplitudes reads it."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import ufoamp.ufo_model

MODEL = Path(__file__).resolve().parents[2] / "models" / "UFO" / "NeutrinoPortal"


@pytest.fixture(scope="session")
def model_path() -> Path:
    return MODEL


@pytest.fixture(scope="session")
def ufo() -> Iterator[ModuleType]:
    """The UFO model imported as a package."""
    name = "NeutrinoPortalUnderTest"
    spec = importlib.util.spec_from_file_location(name, MODEL / "__init__.py", submodule_search_locations=[str(MODEL)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    for loaded in [key for key in sys.modules if key.split(".")[0] == name]:
        del sys.modules[loaded]


@pytest.fixture(scope="session")
def amplitudes() -> ufoamp.ufo_model.Model:
    """The UFO model as `ufoamp` loads it, on its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves the closing of files to the interpreter
        return ufoamp.ufo_model.load(str(MODEL))
