"""Kernels that are compiled and kernels that come from the cache of compiled ones give the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

_RESPONSE = """
import hashlib
import numpy as np
from collider.templates.angular_response import IntegrationGrid, angular_response
from collider.production.w_production import w_component

grid = IntegrationGrid(n_angles=12, n_across=8, n_tail=8, n_replicas=1)
found = angular_response(w_component(7.0, 1, 0.0), np.array([60.0, 80.0, 100.0]), (0.0, 1.2, 2.4), 30.0, grid)
print(hashlib.sha256(b"".join(density.tobytes() for density in found.density)).hexdigest())
"""


def test_the_first_run_after_an_installation_gives_what_later_ones_give(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    first, second = (
        subprocess.run([sys.executable, "-c", _RESPONSE], env=environment, check=True, capture_output=True).stdout
        for _ in range(2)
    )
    assert list(tmp_path.rglob("*fill_edges*.nbc"))
    assert first == second
