"""The observed limits as a folder of tables, workspaces, fits, pictures, a summary and a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collider.inference.flavours import FlavoursReport
from collider.inference.observed_flavours import EqualMixing
from nucore.export.pyhf_writer import pyhf_workspace
from nucore.io.atomic import atomic_folder
from nucore.io.writers import write_json
from nucore.plot.style import save
from nucore.results import plain
from nucore.run.provenance import provenance
from nuportal.results.w_observed import WObserved
from nuportal.results.w_observed_figures import pictures
from nuportal.results.w_observed_summary import summary_text
from nuportal.results.w_observed_tables import curve_names, write_tables

PICTURE_SUFFIXES = (".png", ".pdf")
MANIFEST, KIND = "manifest.json", "folder of a result"


def write_result(result: WObserved, name: str, out: Path) -> list[str]:
    """Write all files of a result: completely, or none of them.

    Parameters
    ----------
    result : WObserved
    name : str
        Of the result.
    out : Path
        Folder; one that holds a result is replaced.

    Returns
    -------
    list of str
        The files, the summary first.
    """
    origin = provenance()
    with atomic_folder(out, MANIFEST, KIND) as folder:
        (folder / "summary.md").write_text(summary_text(result, origin), encoding="utf-8")
        write_tables(result, folder, origin)
        _write_fits(result, folder, origin)
        for stem, figure in pictures(result):
            for suffix in PICTURE_SUFFIXES:
                save(figure, folder / f"{stem}{suffix}")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        hashes = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
        content = {"result": name, "provenance": origin, "inputs": _inputs(result), "files": hashes}
        write_json(folder / MANIFEST, content)
    names = ["summary.md", MANIFEST, *(name for name in hashes if name != "summary.md")]
    return [str(out / name) for name in names]


def _write_fits(result: WObserved, folder: Path, origin: Mapping[str, Any]) -> None:
    """Write workspace and fit of each flavour and mass, and the joint fits."""
    for kind in ("workspaces", "fits"):
        (folder / kind).mkdir()
    for flavour, curve in result.curves.items():
        for m4, whole in curve.fits.items():
            stem, source = f"{flavour}-m4-{m4:g}.json", whole.report.source
            write_json(folder / "workspaces" / stem, pyhf_workspace(source.likelihood, source.spectrum.name))
            write_json(folder / "fits" / stem, {"provenance": origin, **plain(whole.report.to_dict())})
    joint: dict[str, FlavoursReport | EqualMixing] = {f"flavours-m4-{result.plan.shown:g}": result.separate}
    joint |= {f"equal-mixings-m4-{m4:g}": found for m4, found in result.equal.items()}
    for name, fields in joint.items():
        write_json(folder / "fits" / f"{name}.json", {"provenance": origin, **plain(fields.to_dict())})


def _inputs(result: WObserved) -> Sequence[Any]:
    """Data behind the curves, with the hashes of their files."""
    return [plain(curve.reach.choices["published_data"]) for curve in curve_names(result).values()]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
