"""Lines of the two searches, computed by `nuportal.project` and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nuportal
from nucore.io.folders import cache_folder
from nucore.io.writers import write_json
from nucore.run.provenance import provenance, sources_version

Array = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class SearchLine:
    """Points of `project` with the provenance of the run that made them.

    Attributes
    ----------
    result : dict
        Fields of `nuportal.api.project`.
    provenance : dict
    """

    result: dict[str, Any]
    provenance: dict[str, Any]

    def columns(self, x: str, y: str) -> tuple[Array, Array]:
        """Return two columns of the curve, NaN where a point has no value."""
        points = self.result["curve"]
        table = [[np.nan if point[name] is None else point[name] for name in (x, y)] for point in points]
        values = np.array(table, dtype=np.float64)
        return values[:, 0], values[:, 1]


def search_line(experiment: str, grid: Sequence[float] | None = None, **options: Any) -> SearchLine:
    """Reach of an experiment, from the cache if the same sources have computed it before.

    Parameters
    ----------
    experiment : str
    grid, **options
        As in `nuportal.api.project`.
    """
    key = {"experiment": experiment, "grid": None if grid is None else list(map(float, grid)), **options}
    text = json.dumps([key, sources_version()], sort_keys=True)
    path = cache_folder() / "curves" / f"{experiment}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"
    if path.is_file():
        try:
            return SearchLine(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            path.unlink()  # not written by this package: made again
    line = SearchLine(
        json.loads(nuportal.project(experiment, grid=grid, **options).to_json()), provenance(card=experiment)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"result": line.result, "provenance": line.provenance})
    return line
