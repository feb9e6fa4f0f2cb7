"""Write the reach and the spectra of the explorer: nuportal/explorer/data/searches.json.

Usage: ``tabulate_searches.py``. Half a minute; again after a change of a card of atlas-2011, e949, na62-2021 or
na62-full, of the templates or of the statistics.
"""

from __future__ import annotations

import json
from pathlib import Path

from nuportal.explorer import searches

OUTPUT = Path(searches.__file__).parent / "data" / "searches.json"


def main() -> None:
    """Write the file, a table a line."""
    tables = searches.searches().items()
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(table, allow_nan=False)}" for name, table in tables)
    OUTPUT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
