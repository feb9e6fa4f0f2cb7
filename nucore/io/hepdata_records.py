"""Which table of a HEPData file, submission or record is meant."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.archives import Record, is_record, read_packed_text
from nucore.text import check_name, parse_json, parse_yaml, parse_yaml_documents, read_text

_SUBMISSION = "submission.yaml"
#: Tables that a message lists.
_LISTED = 40
#: Columns of a table in JSON, and their cells.
_MAX_COLUMNS, _MAX_CELLS = 1000, 1_000_000


@dataclass(frozen=True)
class _Table:
    """A table of a submission: its title and the file with its numbers, or the numbers themselves."""

    name: str
    data_file: str
    content: dict[str, Any] | None

    def __str__(self) -> str:
        return f"{self.name} ({self.data_file})" if self.data_file else self.name

    @property
    def keys(self) -> set[str]:
        """What it may be called."""
        plain = posixpath.basename(self.data_file)
        return {self.name, self.data_file, plain, plain.removesuffix(".yaml").removesuffix(".yml")} - {""}


def find_table(file: Path, selector: str | None) -> tuple[dict[str, Any], str | None]:
    """Return the content of a table and the rest of the selector, which is that of its column.

    Parameters
    ----------
    file : Path
        A table in YAML or in the JSON of hepdata.net, a submission in one YAML file, ``submission.yaml``, or a folder,
        ``.zip``, ``.tar.gz`` or ``.tgz`` of a record.
    selector : str or None
        ``[TABLE:]COLUMN`` where TABLE is title, data file or number of a table; or TABLE alone. One table needs none.

    Raises
    ------
    InputError
        If several tables, or none, are meant.
    yaml.YAMLError, ValueError, TypeError, KeyError or AttributeError
        If it is nothing of that.
    """
    if file.suffix == ".json":
        return json_table(parse_json(read_text(file))), selector
    record, folder = None, ""
    if is_record(file):
        record = Record(file)
        found = sorted((n for n in record.names if posixpath.basename(n) == _SUBMISSION), key=lambda n: n.count("/"))
        if not found and len(record.names) != 1:
            tables = [_Table(name, name, None) for name in record.names]
            if not tables:
                raise InputError(f"data {file}: no YAML file in it; expected the YAML download of a HEPData record")
            return _chosen(tables, selector, file, record, folder)
        folder = posixpath.dirname((found or record.names)[0])
        text = record.read((found or record.names)[0])
    else:
        text = read_packed_text(file)
    documents = parse_yaml_documents(text)
    tables = [table for count, document in enumerate(documents) if (table := _listed(document, count))]
    if not tables:
        keys = ", ".join(map(str, documents[0]))[:100] if documents and isinstance(documents[0], dict) else "no mapping"
        raise ValueError(f"no independent_variables; it has {keys}")
    if record is None and any(table.content is None for table in tables):
        record = Record(file.parent)
    return _chosen(tables, selector, file, record, folder)


def _listed(document: Any, count: int) -> _Table | None:
    """Return the table of a document, or None if it has none."""
    if not isinstance(document, dict):
        return None
    texts = [document.get("name") or f"document {count + 1}", document.get("data_file") or ""]
    if not all(isinstance(text, str | int | float) for text in texts):
        raise ValueError("a name of a table is no text")
    name, data_file = (check_name(str(text).strip()) for text in texts)
    if "independent_variables" in document or "dependent_variables" in document:
        return _Table(name, "", document)
    return _Table(name, data_file, None) if data_file else None


def _chosen(
    tables: Sequence[_Table], selector: str | None, file: Path, record: Record | None, folder: str
) -> tuple[dict[str, Any], str | None]:
    table, rest = _pick(tables, selector, file)
    if table.content is not None:
        return table.content, rest
    assert record is not None
    path = posixpath.normpath(posixpath.join(folder, table.data_file))
    content = parse_yaml(record.read(path))
    if not isinstance(content, dict):
        raise ValueError(f"{path} is no table")
    return content, rest


def _pick(tables: Sequence[_Table], selector: str | None, file: Path) -> tuple[_Table, str | None]:
    """Return the table that a selector begins with, and the rest."""
    if len(tables) == 1:
        (table,) = tables
        for key in sorted(table.keys, key=len, reverse=True):
            if selector is not None and (selector == key or selector.startswith(f"{key}:")):
                return table, selector[len(key) + 1 :] or None
        return table, selector
    listed = ", ".join(map(str, tables[:_LISTED])) + (f" and {len(tables) - _LISTED} more" * (len(tables) > _LISTED))
    if selector is None:
        raise InputError(f"data {file}: several tables; expected FILE:TABLE[:COLUMN], one of {listed}")
    meant: dict[str, list[_Table]] = {}
    for count, table in enumerate(tables, start=1):
        for key in table.keys | {str(count)}:
            if selector == key or selector.startswith(f"{key}:"):
                meant.setdefault(key, []).append(table)
    longest = max(meant, key=len, default="")
    found = meant.get(longest, [])
    if len({(table.data_file, id(table.content)) for table in found}) != 1:
        raise InputError(f"data {file}: {len(found) or 'no'} tables {selector!r}; expected one of {listed}")
    return found[0], selector[len(longest) + 1 :] or None


def is_hepdata_json(file: Path) -> bool:
    """Whether a JSON file looks like what hepdata.net gives of a table or a record."""
    try:
        text = read_text(file)
        content = parse_json(text) if '"headers"' in text or '"data_tables"' in text else None
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and ({"headers", "values"} <= set(content) or "data_tables" in content)


def json_table(content: dict[str, Any]) -> dict[str, Any]:
    """Return a table in the JSON of hepdata.net as it is in YAML."""
    if "values" not in content:
        raise InputError("data: a HEPData record in JSON has no numbers; expected its YAML, or the JSON of a table")
    names = [header["name"] for header in content["headers"] for _ in range(min(int(header["colspan"]), _MAX_COLUMNS))]
    rows, n_variables = content["values"], int(content["x_count"])
    if len(names) > _MAX_COLUMNS or len(names) * len(rows) > _MAX_CELLS:
        raise ValueError(f"{len(names)} columns of {len(rows)} rows")
    variables = [
        {"header": {"name": name}, "values": [row["x"][k] for row in rows]}
        for k, name in enumerate(names[:n_variables])
    ]
    qualifiers = [q for row in (content.get("qualifiers") or {}).values() for q in row][:_MAX_COLUMNS]
    cells = [{y["group"]: y for y in row["y"]} for row in rows]
    dependents = []
    for group, name in enumerate(names[n_variables:]):
        own = [q for q in qualifiers if q["group"] <= group < q["group"] + q["colspan"]]
        values = [row.get(group, {}) for row in cells]
        dependents.append(
            {
                "header": {"name": name},
                "qualifiers": [{"name": q["type"], "value": q["value"]} for q in own],
                "values": [{**y, "errors": [e for e in y.get("errors") or [] if not e.get("hide")]} for y in values],
            }
        )
    return {"independent_variables": variables, "dependent_variables": dependents}
