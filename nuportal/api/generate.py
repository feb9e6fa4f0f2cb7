"""``nuportal.generate``: pseudo-data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nucore.card_files import CardSource
from nucore.errors import InputError, unknown
from nucore.events import GenerateResult
from nucore.generation import GenerationRequest
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import current_run
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import runnable
from nuportal.notebook_progress import Progress, callback
from nuportal.searches import choose, experiment_of, exposure_given, processes, searches


@runnable
def generate(
    process: str,
    parameters: Point = None,
    *,
    experiment: CardSource | None = None,
    flavour: str | None = None,
    selection: str | None = None,
    spin: str | None = None,
    events: int | None = None,
    luminosity: float | None = None,
    decays: float | None = None,
    out: str | Path | None = None,
    histogram_only: bool = False,
    all_events: bool = False,
    seed: int = 1,
    execution: Execution | None = None,
    progress: Progress = None,
) -> Job[GenerateResult]:
    """Generate pseudo-data.

    Parameters
    ----------
    process : str
        ``w``, ``kaon``, ``pion``, ``b`` or ``tau``.
    parameters : PortalParameters or mapping, optional
        Signal and Standard Model are mixed as they say.
    experiment : str, Path or Card, optional
        Name or path of a card; by default the first of the process, such as ``atlas-2011`` for ``w``.
    flavour : str, optional
        ``e`` or ``mu``; by default the one flavour that mixes, else ``mu``. Meson cards fix it.
    spin : str, optional
        LHC: angular coefficients of the W, as in `collider.search.AnalysisOptions`.
    selection : str, optional
        Of a collider card; ``paper`` by default.
    events : int, optional
        Parents before selection; 100,000 if no size is given.
    luminosity, decays : float, optional
        A real exposure instead (fb^-1, or parent decays): the number of parents is Poisson distributed and the card's
        background is added.
    out : str or Path, optional
        ``.root``, ``.parquet`` (events), ``.json``, ``.csv`` (histogram); ``.lhe`` for ``w``.
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed : int
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Raises
    ------
    InputError
        For arguments that are not allowed or do not fit together.

    Examples
    --------
    >>> import nuportal
    >>> data = nuportal.generate("kaon", decays=1e10, seed=1)
    >>> data.exposure
    {'decays': 10000000000.0}
    >>> data.to_hist().sum().value == data.n_selected
    True
    """
    current_run().seed = seed
    default = processes()
    if process not in default:
        raise unknown("process", process, default)
    sizes = {"events": events, "luminosity": luminosity, "decays": decays}
    given = [f"--{name}" for name, value in sizes.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} exclude each other: expected one size")
    search, card = experiment_of(experiment or default[process])
    if process not in search.PROCESSES:
        raise InputError(f"experiment {card.name} does not measure process {process}")
    exposure = exposure_given(search, card.name, luminosity, decays)
    point = point_of(parameters)[0]
    chosen = {name: value for name, value in (("selection", selection), ("spin", spin)) if value is not None}
    options = choose(search, "AnalysisOptions", card.name, chosen)
    path = None if out is None else Path(out)
    request = GenerationRequest(events, exposure, path, histogram_only, all_events, seed)
    lepton = search.flavour_of(card, flavour, point)
    run = {"execution": execution or Execution(), "progress": callback(progress)}
    return search.generation_job(card, process, lepton, point, request, options, **run)


def kernel_compiles(process: str) -> bool:
    """Say whether the next generation of a process compiles its kernel first, which takes some seconds."""
    return any(process in search.PROCESSES and not is_compiled(search.kernel) for search in searches())


def is_compiled(kernel: Any) -> bool:
    """Say whether a numba kernel with ``cache=True`` is compiled, in memory or on disk."""
    pattern = f"*.{kernel.py_func.__qualname__}-*.nbi"
    return bool(kernel.signatures) or any(Path(kernel.stats.cache_path).glob(pattern))
