"""The explorer as one HTML file: style, scripts and tables inlined, so that it needs no network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Any

import nuportal
from nucore.limits.catalogue import catalogue
from nucore.model.parameters import PortalParameters

#: Parts of the page after the engine, each standing on those before it.
PAGE_SCRIPTS = (
    "elements", "state", "axes", "labels", "plane", "curves", "verdict", "spectrum", "numbers", "controls", "take",
    "main",
)  # fmt: skip


def page_html(tables: Mapping[str, Any], engine: str) -> str:
    """Put the page together.

    Parameters
    ----------
    tables : mapping
        Of the engine.
    engine : str
        JavaScript that defines ``NuportalEngine``.
    """
    static = files("nuportal.explorer") / "static"

    def read(name: str) -> str:
        return (static / name).read_text(encoding="utf-8")

    scripts = "\n".join(read(f"page/{name}.js") for name in PAGE_SCRIPTS)
    return Template(read("page.html")).substitute(
        style=read("page.css"),
        script=f'"use strict";\n{engine}\n(() => {{\n{scripts}}})();',
        tables=_embedded(tables),
        about=_embedded(_about()),
    )


def _embedded(content: Mapping[str, Any]) -> str:
    """JSON that no HTML parser takes for a tag."""
    return json.dumps(content, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _about() -> dict[str, Any]:
    """Version, default point and newest year of the inputs."""
    point = PortalParameters()
    return {
        "version": nuportal.__version__,
        "through": max(curve.year for curve in catalogue().values()),
        "point": {
            "m_chi": point.m_chi,
            "ratio": point.m_phi / point.m_chi,
            "m4": point.m4,
            "yL": point.yL,
            "U_sq": float(f"{point.U_sq('mu'):.12g}"),
        },
    }
