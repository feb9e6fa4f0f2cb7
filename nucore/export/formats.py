"""Writing an export under its name: one file, or a folder for HEPData."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucore.errors import unknown
from nucore.export.content import spectra
from nucore.export.hepdata import hepdata_submission
from nucore.export.hs3 import hs3_document
from nucore.export.pyhf_writer import pyhf_workspace
from nucore.io.atomic import atomic_folder
from nucore.io.writers import write_json, write_spectra
from nucore.reports.fit_report import FitReport
from nucore.run.provenance import provenance
from nucore.stats.results import Result
from nucore.summaries import Table

FORMATS = ("pyhf", "hs3", "hepdata", "uhi", "root")


def write_documents(documents: Mapping[str, list[Any]], folder: Path) -> None:
    """Write the YAML documents of a HEPData submission into a folder."""
    import yaml

    for name, parts in documents.items():
        (folder / name).write_text(yaml.safe_dump_all(parts, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _write_hepdata(report: FitReport, out: Path) -> list[str]:
    """Write the folder; replace an existing one only if it is a submission."""
    documents = hepdata_submission(report)
    with atomic_folder(out, "submission.yaml", "HEPData submission") as folder:
        write_documents(documents, folder)
    return [str(out / name) for name in documents]


def check_format(to: str) -> str:
    """Return the name of a known format."""
    if to not in FORMATS:
        raise unknown("format", to, FORMATS)
    return to


@dataclass(frozen=True)
class ExportResult(Result):
    """What was written.

    Attributes
    ----------
    format, experiment : str
        `experiment` is None for a pyhf workspace.
    outputs : tuple of str
        Files; the name asked for first.
    """

    format: str
    experiment: str | None
    outputs: tuple[str, ...]

    def headline(self) -> str:
        """Say what was written."""
        return f"{self.format}: {self.outputs[0] if self.outputs else 'nothing'}"

    def tables(self) -> tuple[Table, ...]:
        """Format and experiment."""
        return (Table.of({"format": self.format, "experiment": self.experiment or "none, a pyhf workspace"}),)


def write_export(report: FitReport, to: str, out: str | Path) -> ExportResult:
    """Write a likelihood or its spectra for another tool.

    Parameters
    ----------
    report : FitReport
        Of the likelihood.
    to : str
        ``pyhf``, ``hs3``, ``hepdata`` (a folder), ``uhi`` or ``root``.
    out : str or Path
        Used as it is, whatever its suffix.

    Returns
    -------
    ExportResult
    """
    source, path, parts = report.source, Path(out), []
    match check_format(to):
        case "pyhf":
            write_json(path, pyhf_workspace(source.likelihood, source.spectrum.name))
        case "hs3":
            write_json(path, hs3_document(source.likelihood, source.spectrum))
        case "hepdata":
            parts = _write_hepdata(report, path)
        case _:
            metadata = {
                "experiment": source.experiment,
                "flavour": source.flavour,
                "exposure": source.exposure,
                "parameters": source.analysis.get("point"),
                "provenance": provenance(),
            }
            write_spectra(path, spectra(report), metadata, suffix={"uhi": ".json", "root": ".root"}[to])
    return ExportResult(to, source.experiment, (str(path), *parts))
