"""``nuportal.project``: expected reach of an experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nucore.card_files import CardSource
from nucore.errors import InputError
from nucore.grids import GridValues
from nucore.io.atomic import atomic_path
from nucore.reports.reach import Reach
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice
from nuportal.answers import answer_object
from nuportal.api.requests import runnable
from nuportal.notebook_progress import Progress, callback
from nuportal.reports.results import with_report
from nuportal.searches import choose, experiment_of

_CAPTION = "Median expected upper limit against the mass, with its band; observed limits where they were asked for."


@runnable
def project(
    experiment: CardSource,
    *,
    grid: GridValues | None = None,
    flavour: str | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    out: str | Path | None = None,
    report: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress = None,
    **options: Any,
) -> Job[Reach]:
    """Expected reach of an experiment, and observed limits of published data on its card.

    Parameters
    ----------
    experiment : str, Path or Card
        Name or path of a card.
    grid : str or sequence of float, optional
        Masses in GeV, as ``10,20,30`` or ``5:80:16``: of nu4 for a collider, of chi (or of nu4 with ``two_body=True``)
        for a meson experiment.
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    confidence_level : float
    limit : "cls", "clsb" or "delta-chi2"
    out : str or Path, optional
        ``.json``: the object that the command prints.
    report : str or Path, optional
        Folder for ``index.html``, a page of the result.
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.
    **options
        Fields of `collider.search.ReachOptions` or `mesons.search.ReachOptions`; the systematics of observed limits are
        ``full`` by default.

    Raises
    ------
    InputError
        For arguments that are not allowed or do not apply.

    Examples
    --------
    >>> import nuportal
    >>> reach = nuportal.project("e949", grid=[0.02])
    >>> print(f"Y < {reach.curve[0].value:.2g} at m_chi = 20 MeV")
    Y < 1.1e-10 at m_chi = 20 MeV
    """
    if out is not None and Path(out).suffix != ".json":
        raise InputError(f"output {out}: suffix {Path(out).suffix!r} cannot hold a reach: expected .json")
    search, card = experiment_of(experiment)
    if options.get("observed"):
        options.setdefault("systematics", "full")
    chosen = choose(search, "ReachOptions", card.name, options)
    job = search.reach_job(
        card, search.flavour_of(card, flavour, None), grid, chosen, LimitChoice(confidence_level, limit),
        execution=execution or Execution(), progress=callback(progress),
    )  # fmt: skip
    written = job if out is None else _written(job, Path(out))
    return with_report(written, report, f"Reach of {card.name}", _CAPTION)


def _written(job: Job[Reach], out: Path) -> Job[Reach]:
    """Let a job write its result to a file, too."""

    def finish(pieces: Iterator[Any]) -> Reach:
        with atomic_path(out) as temporary:
            result = replace(job.finish(pieces), outputs=(str(out),))
            content = answer_object("project", result.to_dict())
            temporary.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
        return result

    return replace(job, finish=finish, out=out)
