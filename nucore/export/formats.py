"""Writing an export under its name: one file, or a folder for HEPData."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.export.content import ExportContent
from nucore.export.hepdata import hepdata_submission
from nucore.export.hs3 import hs3_document
from nucore.export.pyhf_writer import pyhf_workspace
from nucore.io.writers import write_json, write_spectra


def _write_pyhf(content: ExportContent, out: Path) -> list[str]:
    write_json(out, pyhf_workspace(content.likelihood, content.data.name))
    return [str(out)]


def _write_hs3(content: ExportContent, out: Path) -> list[str]:
    write_json(out, hs3_document(content.likelihood, content.data))
    return [str(out)]


def _write_uhi(content: ExportContent, out: Path) -> list[str]:
    write_spectra(out, [h.spectrum for h in content.histograms()], content.metadata, suffix=".json")
    return [str(out)]


def _write_root(content: ExportContent, out: Path) -> list[str]:
    write_spectra(out, [h.spectrum for h in content.histograms()], content.metadata, suffix=".root")
    return [str(out)]


def _write_hepdata(content: ExportContent, out: Path) -> list[str]:
    """Write the folder completely or not at all; replace an existing one only if it is a submission."""
    import yaml

    if out.exists() and not (out / "submission.yaml").is_file():
        raise InputError(f"output {out} exists and is not a HEPData submission: choose another name")
    documents = hepdata_submission(content)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError(f"output {out} cannot be written: {error.strerror}") from None
    try:
        for name, parts in documents.items():
            (folder / name).write_text(yaml.safe_dump_all(parts, sort_keys=False, allow_unicode=True), encoding="utf-8")
        folder.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        folder.rename(out)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return [str(out), *(str(out / name) for name in documents)]


_WRITERS: dict[str, Callable[[ExportContent, Path], list[str]]] = {
    "pyhf": _write_pyhf,
    "hs3": _write_hs3,
    "hepdata": _write_hepdata,
    "uhi": _write_uhi,
    "root": _write_root,
}
FORMATS = tuple(_WRITERS)


def check_format(to: str) -> str:
    """Return the name of a known format."""
    if to not in FORMATS:
        raise InputError(f"unknown format {to!r}: expected one of {', '.join(FORMATS)}")
    return to


@dataclass(frozen=True)
class ExportResult:
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

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types."""
        return {**asdict(self), "outputs": list(self.outputs)}


def write_export(content: ExportContent, to: str, out: str | Path) -> ExportResult:
    """Write a likelihood or its spectra for another tool.

    Parameters
    ----------
    content : ExportContent
    to : str
        ``pyhf``, ``hs3``, ``hepdata`` (a folder), ``uhi`` or ``root``.
    out : str or Path
        Used as it is, whatever its suffix.

    Returns
    -------
    ExportResult
    """
    outputs = _WRITERS[check_format(to)](content, Path(out))
    return ExportResult(to, content.report.experiment, tuple(outputs))
