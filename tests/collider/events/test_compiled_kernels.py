"""Kernels that are compiled and kernels that come from the cache of compiled ones give the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_RESPONSE = """
import hashlib
import numpy as np
from collider.templates.angular_response import IntegrationGrid, angular_response
from collider.production.w_production import w_component

grid = IntegrationGrid(n_angles=12, n_across=8, n_tail=8, n_replicas=1)
found = angular_response(w_component(7.0, 1, 0.0), np.array([60.0, 80.0, 100.0]), (0.0, 1.2, 2.4), 30.0, grid)
print(hashlib.sha256(b"".join(density.tobytes() for density in found.density)).hexdigest())
"""


_EVENTS = """
import hashlib
from collider.events import kernel
from collider.events.generator import generate_events
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.production.w_production import w_component

selection = measurement(load_experiment("atlas-2011"), "mu", AnalysisOptions("full")).lepton_selection
(found,) = generate_events([w_component(7.0, 1, 30.0)], [1.0], selection, 5000, 1)
print(hashlib.sha256(b"".join(column.tobytes() for _, column in sorted(found.arrays.items()))).hexdigest())
"""


@pytest.mark.parametrize(("program", "kernel"), [(_RESPONSE, "fill_edges"), (_EVENTS, "generate_measured_blocks")])
def test_the_first_run_after_an_installation_gives_what_later_ones_give(tmp_path, program, kernel):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    first, second = (
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout
        for _ in range(2)
    )
    assert list(tmp_path.rglob(f"*{kernel}*.nbc"))
    assert first == second
