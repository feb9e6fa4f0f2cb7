"""Derive the shipped tables of parton densities from the PDF grids carried by the pythia8mc wheel.

Usage: ``tabulate_partons.py OUTPUT_FOLDER`` (needs the extra ``pdf``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import distribution, version
from pathlib import Path

import numpy as np

from collider.production.partons import PartonDensity, PartonTable, tabulate_partons

#: Shipped name -> (grid file in the wheel, order in alpha_s, reference).
SETS = {
    "NNPDF31_nnlo_as_0118_luxqed": (
        "NNPDF31_nnlo_as_0118_luxqed_0000.dat",
        "NNLO",
        "arXiv:1706.00428, arXiv:1712.07053",
    ),
    "CT14qed_proton": ("CT14qed_proton_0000.dat", "NLO", "arXiv:1509.02905"),
    "NNPDF23_nnlo_as_0119_qed": ("NNPDF23_nnlo_as_0119_qed_0000.dat", "NNLO", "arXiv:1308.0598"),
}


def grid_file(name: str) -> Path:
    """Return the path of a PDF grid inside the installed wheel."""
    for entry in distribution("pythia8mc").files or []:
        if entry.name == name:
            return Path(str(entry.locate())).resolve()
    raise SystemExit(f"the installed pythia8mc does not carry {name}")


def parton_density(name: str) -> PartonDensity:
    """Return xf(pdg_id, x, Q) of a grid of the wheel, read by Pythia's own interpolation."""
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in ("Print:quiet = on", f"PDF:pSet = LHAGrid1:{name}"):
        pythia.readString(line)
    pdf = pythia.getPDFPtr(2212)

    def xf(pdg_id: int, x: float, q: float, _keep: object = pythia) -> float:
        return float(pdf.xf(pdg_id, x, q * q))

    return xf


def save(path: Path, table: PartonTable, metadata: Mapping[str, object]) -> None:
    """Write a table to a compressed file that `collider.production.partons.load_partons` reads."""
    values, about = table.values.astype(np.float32), json.dumps(dict(metadata), sort_keys=True)
    np.savez_compressed(path, x=table.x, q=table.q, values=values, metadata=np.array(about))


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for set_name, (file_name, order, reference) in SETS.items():
        pdf = parton_density(file_name)
        metadata = {
            "pdf_set": set_name,
            "order": order,
            "reference": reference,
            "member": 0,
            "source_file": file_name,
            "source_sha256": hashlib.sha256(grid_file(file_name).read_bytes()).hexdigest(),
            "source_package": f"pythia8mc {version('pythia8mc')}",
            "recipe": "tools/recipes/tabulate_partons.py",
        }
        save(folder / f"{set_name}.npz", tabulate_partons(pdf, set_name), metadata)


if __name__ == "__main__":
    main()
