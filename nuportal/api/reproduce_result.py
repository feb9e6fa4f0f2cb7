"""``nuportal.reproduce_result``: a published result made again, with all tables and pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from collider.experiments.analysis_options import AnalysisOptions
from nucore.errors import unknown
from nucore.io.atomic import check_folder
from nucore.results import Result
from nucore.run.executors import Execution
from nucore.stats import LimitChoice
from nucore.summaries import Table
from nuportal.api.requests import recorded
from nuportal.notebook_progress import Progress, callback
from nuportal.results.w_observed import W_OBSERVED, compute
from nuportal.results.w_observed_files import KIND, MANIFEST, write_result
from nuportal.results.w_observed_summary import headlines, problems

PLANS = {"w-observed": W_OBSERVED}


@dataclass(frozen=True)
class ReproducedResult(Result):
    """A result and where it was written.

    Attributes
    ----------
    result : str
        Name of the result.
    summary : dict
        Main numbers, as text.
    warnings : tuple of str
        Fits that do not describe their data, and numbers that are not those of the catalogue of limits.
    outputs : tuple of str
        Files, the summary first.
    seconds : float
        Wall-clock time.
    """

    result: str
    summary: dict[str, str]
    warnings: tuple[str, ...]
    outputs: tuple[str, ...]
    seconds: float

    def headline(self) -> str:
        """Say how many files were written."""
        return f"{self.result}: {len(self.outputs)} files in {self.seconds:.0f} s"

    def tables(self) -> tuple[Table, ...]:
        """Main numbers."""
        notes = (f"{len(self.outputs)} files; start with {self.outputs[0]}",) if self.outputs else ()
        return (Table.of(self.summary, f"done in {self.seconds:.0f} s", notes),)


@recorded
def reproduce_result(
    result: str,
    *,
    out: str | Path,
    workers: int | None = None,
    progress: Progress = None,
) -> ReproducedResult:
    """Make a result of this package again: fits, tables, workspaces, pictures and a summary in a folder.

    Parameters
    ----------
    result : str
        ``w-observed``: limits on |U_l4|^2 from published spectra of W -> l nu.
    out : str or Path
        Folder, which appears when all of it is there; an earlier one of a result is replaced.
    workers : int, optional
        Threads; all cores by default. No number depends on it.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Raises
    ------
    InputError
        For an unknown result, or a name that cannot be written.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.reproduce_result("w-observed", out="w")  # minutes  # doctest: +SKIP
    """
    if result not in PLANS:
        raise unknown("result", result, PLANS)
    start = time.perf_counter()
    check_folder(out, MANIFEST, KIND)
    found = compute(
        PLANS[result], AnalysisOptions(systematics="full"), LimitChoice(), Execution(workers=workers),
        callback(progress),
    )  # fmt: skip
    outputs = write_result(found, result, Path(out))
    seconds = time.perf_counter() - start
    return ReproducedResult(result, headlines(found), tuple(problems(found)), tuple(outputs), seconds)
