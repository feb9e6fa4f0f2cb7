"""``nuportal.cite``: BibTeX of the paper, the package, and the inputs of a result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucore.results import Result
from nucore.summaries import Table
from nuportal.citations.bibtex import Entry, bibtex


@dataclass(frozen=True)
class CiteResult(Result):
    """Entries of a bibliography.

    Attributes
    ----------
    file : str or None
        Output whose inputs these are; None for all inputs of the package.
    entries : tuple of Entry
        The paper and the package first.
    """

    file: str | None
    entries: tuple[Entry, ...]

    @property
    def bibtex(self) -> str:
        """File of the entries."""
        return bibtex(self.entries)

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, with the BibTeX text."""
        return {**super().to_dict(), "bibtex": self.bibtex}

    def headline(self) -> str:
        """Say how many works there are, and of what."""
        return f"{len(self.entries)} works to cite for {self.file or 'the package and all its inputs'}"

    def tables(self) -> tuple[Table, ...]:
        """One line an entry."""
        rows = tuple((one.key, one.told, ", ".join(one.used_for)) for one in self.entries)
        return (Table(rows, ("key", "reference", "used for"), title="To cite"),)

    def rows(self) -> list[dict[str, Any]]:
        """One record an entry."""
        return [{"key": one.key, "kind": one.kind, **one.fields} for one in self.entries]


def cite(file: str | Path | Result | None = None) -> CiteResult:
    """Give BibTeX of the paper, the package and its inputs, or those of one result.

    References are those that cards, limits and data files state; a work without a title there has none here.

    Parameters
    ----------
    file : str, Path or result, optional
        An output that records its provenance (``.root``, ``.json``, ``.csv``, ``.parquet``, ``.lhe``, a JSON answer of
        a command), or what a function of this package gave; all inputs of the package if left out.

    Raises
    ------
    InputError
        If the file cannot be read or has no provenance.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.cite(nuportal.limits(30.0))
    >>> [one.key for one in found.entries][:2]
    ['arXiv:1709.07001', 'nuportal']
    """
    from nucore.io.outputs import OutputFile, read_output
    from nuportal.citations.inputs import entries_used, package_entries

    if file is None:
        return CiteResult(None, package_entries())
    if isinstance(file, Result):
        name = type(file).__name__
        return CiteResult(name, entries_used(OutputFile(_request(file), file.to_dict())))
    return CiteResult(str(file), entries_used(read_output(Path(file))))


def _request(result: Result) -> dict[str, Any]:
    """Function of the result's class, as a provenance names it."""
    module = type(result).__module__
    function = module.removeprefix("nuportal.api.") if module.startswith("nuportal.api.") else _FUNCTIONS.get(module)
    return {"request": {"function": function}}


#: Functions whose results are of another module.
_FUNCTIONS = {"nuportal.verdicts.verdict": "check", "mesons.decays.spectra": "decay"}
