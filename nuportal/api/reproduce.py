"""A recorded run repeated, and compared."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.atomic import temporary_folder
from nucore.io.outputs import read_output
from nucore.reports.toy_report import SCHEMA as TOYS_SCHEMA
from nucore.results import Result, plain
from nucore.run.executors import Execution
from nucore.run.provenance import provenance, recording
from nucore.summaries import Table, cell
from nuportal.api.comparison import differences
from nuportal.api.requests import PLACES, arguments_of, recorded_function
from nuportal.notebook_progress import Progress

#: Differences that are listed; the others are counted.
MAX_DIFFERENCES = 20
#: Fields of an answer beside those of its result.
_FRAME = ("schema",)
_ENVIRONMENT = ("version", "sources", "cpu", "python")


@dataclass(frozen=True)
class Reproduction(Result):
    """A run that was repeated.

    Attributes
    ----------
    file : str
        Output whose run was repeated.
    function : str
        Python function that its record names.
    identical : bool
        Whether nothing differs but time, places and speed.
    differences : tuple of str
        ``where: old -> new``, the first `MAX_DIFFERENCES`.
    n_differences : int
        Number of all differences.
    environment : dict
        What has changed: version, hash of the sources, processor, libraries; ``[old, new]`` by name.
    """

    file: str
    function: str
    identical: bool
    differences: tuple[str, ...]
    n_differences: int
    environment: dict[str, list[Any]]

    def headline(self) -> str:
        """Say whether the run gave the same."""
        return f"{self.file} ({self.function}): {'identical' if self.identical else 'different'}"

    def tables(self) -> tuple[Table, ...]:
        """Differences, and what has changed in the environment."""
        more = self.n_differences - len(self.differences)
        notes = (f"and {more} more differences",) if more else ()
        tables = [Table(tuple((line,) for line in self.differences), title=self.headline(), notes=notes)]
        if self.environment:
            rows = tuple((name, cell(old), cell(new)) for name, (old, new) in self.environment.items())
            tables.append(Table(rows, ("environment", "was", "is")))
        return tuple(tables)


def reproduce(file: str | Path, *, execution: Execution | None = None, progress: Progress = None) -> Reproduction:
    """Repeat the run that an output records, in a temporary folder, and compare.

    No file of the user's is touched.

    Parameters
    ----------
    file : str or Path
        Any file with a provenance, or a JSON answer of a command.
    execution : Execution, optional
        Workers, cluster, memory.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Raises
    ------
    InputError
        If the file has no provenance, or an input has changed.

    Examples
    --------
    >>> import nuportal
    >>> _ = nuportal.scan({"m4": "1:10:3"}, out="scan.csv")
    >>> nuportal.reproduce("scan.csv").identical
    True
    """
    old = read_output(Path(file))
    request = old.provenance.get("request")
    if not isinstance(request, dict):
        raise InputError(
            f"{file} cannot be reproduced: its provenance has no request; expected the record of a function "
            "that computes (not cite or experiments), called without objects of Python"
        )
    function = recorded_function(request)
    known = inspect.signature(function).parameters
    with temporary_folder() as folder, recording(None):
        places = _places(request, folder)
        own = replace(execution or Execution(), work_folder=folder / "work")
        how = {name: how for name, how in (("execution", own), ("progress", progress)) if name in known}
        arguments = arguments_of(function, request, places, read_files=True)
        result = function(**arguments, **how)
        if old.content.get("schema", TOYS_SCHEMA) != TOYS_SCHEMA:  # an answer of a command
            before = {name: value for name, value in old.content.items() if name not in _FRAME}
            found = differences(before, {"warnings": [], **plain(result.to_dict())})
        else:
            written = read_output(_counterpart(Path(file), list(places.values())))
            found = differences(old.content, written.content)
        told = tuple(islice(found, MAX_DIFFERENCES))
        n = len(told) + sum(1 for _ in found)
        return Reproduction(str(file), request["function"], n == 0, told, n, _changed(old.provenance, provenance()))


def _places(request: dict[str, Any], folder: Path) -> dict[str, Path]:
    """Where the results go this time: names with the suffixes of the first time, in a folder."""
    places = {}
    recorded = request.get("arguments")
    for name, value in recorded.items() if isinstance(recorded, dict) else ():
        if name not in PLACES:
            continue
        before = value.get("$path") if isinstance(value, dict) else value
        if not isinstance(before, str) or not before.isprintable():
            raise InputError(f"the record has {name} = {value!r}, which is no name of a file")
        places[name] = folder / "".join([name, *Path(before).suffixes])
    return places


def _counterpart(path: Path, places: list[Path]) -> Path:
    """Find the file among those that were written this time: the only one, or the one of its name in a folder."""
    written = [place for place in places if place.is_file()]
    for folder in (place for place in places if place.is_dir()):
        inside = sorted((p.relative_to(folder) for p in folder.rglob("*") if p.is_file()), key=lambda p: -len(p.parts))
        written += [folder / p for p in inside if path.absolute().parts[-len(p.parts) :] == p.parts]
    if not written:
        raise InputError(f"{path} is not, under this name, among the files that its run writes")
    return written[0]


def _changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """What of the environment is not as it was."""
    flat = [{**p, **{f"libraries.{name}": v for name, v in dict(p.get("libraries") or {}).items()}} for p in (old, new)]
    names = [*_ENVIRONMENT, *(f"libraries.{name}" for name in new["libraries"])]
    return {name: [p.get(name) for p in flat] for name in names if flat[0].get(name) != flat[1].get(name)}
