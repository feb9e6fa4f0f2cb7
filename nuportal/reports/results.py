"""Reports of the functions that write one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from nucore.results import Result
from nucore.run.job import Job
from nucore.run.provenance import current_run
from nuportal.reports.place import check_place

Written = TypeVar("Written", bound=Result)

#: Captions of the pictures that `nucore.plot.reports.write_report` makes.
_OF_A_FIT = {
    "spectrum": "Data, expectation before and after the fit, and their ratio; grey: uncertainty of the fit.",
    "pulls": "Best fit of each constrained parameter minus its prior value, in prior standard deviations.",
    "impacts": "Shift of the mixing for each nuisance parameter moved by one standard deviation.",
    "correlation": "Correlation matrix of the parameters at the best fit.",
    "likelihood-scan": "Profile likelihood ratio against the mixing.",
    "joint-contour": "Joint contour of the mixing and the quantity that floats with it.",
    "charges": "Mixing from W+ and from W- alone, over that of both.",
}


def with_report(job: Job[Any], folder: str | Path | None, title: str, caption: str) -> Job[Any]:
    """Let a job write a report of its result, too.

    Raises
    ------
    InputError
        If its place is taken.
    """
    if folder is None:
        return job
    check_place(folder)

    def finish(pieces: Iterator[Any]) -> Any:
        return reported(job.finish(pieces), folder, title, caption)

    return replace(job, finish=finish)


def reported(result: Written, folder: str | Path, title: str, caption: str) -> Written:
    """Write the report of a result of the current run, and return it with the file among its outputs."""
    from nuportal.reports.chapters import Chapter, with_own_picture
    from nuportal.reports.page import write_page

    chapter = with_own_picture(Chapter(title, result, request=current_run().request), caption)
    return _with_outputs(result, (write_page(folder, title, [chapter]),))


def reported_fit(result: Written, write: Callable[..., list[str]], folder: str | Path) -> Written:
    """Write the pictures and numbers of a fit, and the page that shows them.

    Parameters
    ----------
    result : FitReport
    write : callable
        `nucore.plot.reports.write_report`.
    folder : str or Path
    """
    from nuportal.reports.chapters import Chapter, pictures_of
    from nuportal.reports.page import write_page

    files = write(result, folder)
    shown = sorted(
        files, key=lambda name: list(_OF_A_FIT).index(stem) if (stem := Path(name).stem) in _OF_A_FIT else -1
    )
    source: Any = getattr(result, "source", None)
    title = f"Fit of {source.title}"
    chapter = Chapter(title, result, pictures_of(shown, _OF_A_FIT), current_run().request)
    return _with_outputs(result, (write_page(folder, title, [chapter]), *files))


def _with_outputs(result: Written, files: tuple[str, ...]) -> Written:
    outputs: Any = getattr(result, "outputs", ())
    return replace(result, outputs=(*outputs, *files))  # type: ignore[type-var]
