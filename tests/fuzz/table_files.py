"""What reads tables of columns and records of HEPData, and small whole files of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np

_EDGES = np.linspace(30.0, 33.0, 7)
_COUNTS = np.round(3e5 * np.exp(-0.5 * ((_EDGES[:-1] - 38.0) / 8.0) ** 2))


def read_table(path: Path) -> object:
    """Read the first table and column of a file of several, and its errors."""
    from nucore.io.readers import read_errors, read_spectrum

    return read_spectrum(f"{path}:1:1"), read_errors(f"{path}:1:1")


def read_column(path: Path) -> object:
    from nucore.io.readers import read_errors, read_spectrum

    return read_spectrum(f"{path}:N"), read_errors(f"{path}:N")


def column_seeds(folder: Path) -> None:
    rows = [[f"{low:g}", f"{high:g}", f"{n:g}", f"{n**0.5:g}", "2%"] for low, high, n in zip(*_bins(), strict=True)]
    for name, separator in (("a", ","), ("b", ";"), ("c", "\t"), ("d", "  ")):
        lines = [separator.join(row) for row in [["low", "high", "N", "N_stat", "N_sys"], *rows]]
        (folder / f"{name}.txt").write_text("# luminosity = 4.1 fb^-1\n" + "\n".join(lines) + "\n")
    (folder / "e.txt").write_text("\n".join(["x,N", *(f"{row[0]},{row[2]}" for row in rows)]))


def hepdata_csv_seeds(folder: Path) -> None:
    head = "PT [GEV],PT [GEV] LOW,PT [GEV] HIGH,N [EVENTS],stat +,stat -"
    rows = [f"{0.5 * (low + high)},{low},{high},{n},{n**0.5},-{n**0.5}" for low, high, n in zip(*_bins(), strict=True)]
    block = "\n".join([head, *rows])
    about = "#: table_doi: 10.17182/hepdata.1\n#: name: Table 1\n#: keyword reactions: P P --> W X\n"
    (folder / "a.csv").write_text(f"{about}#: LUMINOSITY [FB-1],,,4.1\n{block}\n")
    (folder / "b.csv").write_text(f"{about}#: CHARGE,,,+\n{block}\n".replace(",", ";"))


def _bins() -> tuple[list[float], list[float], list[float]]:
    return _EDGES[:-1].tolist(), _EDGES[1:].tolist(), _COUNTS.tolist()


def _charges() -> dict[str, object]:
    """A table of two columns of one name."""
    bins = [{"low": low, "high": high} for low, high, _ in zip(*_bins(), strict=True)]
    columns = [
        {
            "header": {"name": "N", "units": "EVENTS"},
            "qualifiers": [{"name": "CHARGE", "value": charge}, {"name": "LUMINOSITY", "units": "FB-1", "value": 4.1}],
            "values": [
                {
                    "value": n,
                    "errors": [
                        {"asymerror": {"plus": n**0.5, "minus": -(n**0.5)}, "label": "stat"},
                        {"symerror": "2%", "label": "sys"},
                    ],
                }
                for n in _bins()[2]
            ],
        }
        for charge in "+-"
    ]
    return {
        "independent_variables": [{"header": {"name": "PT", "units": "GEV"}, "values": bins}],
        "dependent_variables": columns,
    }


def submission_seeds(folder: Path) -> None:
    import yaml

    tables = [{"comment": "abstract"}, {"name": "Table 1", **_charges()}, {"name": "Table 2", **_charges()}]
    (folder / "a.yaml").write_text(yaml.safe_dump_all(tables, default_flow_style=True))


def _record_files() -> dict[str, bytes]:
    import yaml

    tables = [{"comment": "abstract"}, *({"name": f"Table {k}", "data_file": f"data{k}.yaml"} for k in (1, 2))]
    table = yaml.safe_dump(_charges(), default_flow_style=True).encode()
    return {"r/submission.yaml": yaml.safe_dump_all(tables).encode(), "r/data1.yaml": table, "r/data2.yaml": table}


def zip_seeds(folder: Path) -> None:
    for name, compression in (("a", zipfile.ZIP_DEFLATED), ("b", zipfile.ZIP_STORED)):
        with zipfile.ZipFile(folder / f"{name}.zip", "w", compression) as archive:
            for member, content in _record_files().items():
                archive.writestr(zipfile.ZipInfo(member), content, compression)


def tar_seeds(folder: Path) -> None:
    for name, layout in (("a", tarfile.USTAR_FORMAT), ("b", tarfile.GNU_FORMAT), ("c", tarfile.PAX_FORMAT)):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=layout) as archive:
            for member, content in _record_files().items():
                info = tarfile.TarInfo(member if layout == tarfile.USTAR_FORMAT else "long" * 40 + f"/{member}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        (folder / f"{name}.tar.gz").write_bytes(gzip.compress(packed.getvalue(), mtime=0))


def hepdata_json_seeds(folder: Path) -> None:
    rows = [
        {
            "x": [{"low": low, "high": high}],
            "y": [
                {
                    "value": n,
                    "group": group,
                    "errors": [{"symerror": n**0.5, "label": "stat"}, {"symerror": 0, "hide": True}],
                }
                for group in (0, 1)
            ],
        }
        for low, high, n in zip(*_bins(), strict=True)
    ]
    headers = [{"name": "PT [GEV]", "colspan": 1}, {"name": "N [EVENTS]", "colspan": 1}, {"name": "B", "colspan": 1}]
    charge = [{"type": "CHARGE", "value": "+", "colspan": 2, "group": 0}]
    content = {"name": "T", "headers": headers, "x_count": 1, "values": rows, "qualifiers": {"CHARGE": charge}}
    (folder / "a.json").write_text(json.dumps(content))
