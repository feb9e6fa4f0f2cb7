"""The engine of the explorer: JavaScript without DOM or dependencies, in parts that make one script."""

from __future__ import annotations

from importlib.resources import files

#: Files of ``static/engine`` in the order in which they stand in the script.
PARTS = (
    "numbers",
    "widths",
    "dark-decays",
    "dark-matter",
    "relic",
    "predictions",
    "constraints",
    "curves",
    "coupling-plane",
    "spectra",
    "api",
)


def engine_source() -> str:
    """Return the script: global ``NuportalEngine`` in a browser, ``module.exports`` under node."""
    folder = files("nuportal.explorer") / "static" / "engine"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in PARTS]
    return '(function () {\n"use strict";\n' + "\n".join(parts) + "})();\n"
