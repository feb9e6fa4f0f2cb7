"""Answers of commands: one JSON object each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nucore.results import plain


def answer_object(command: str, fields: Mapping[str, Any], **known: Any) -> dict[str, Any]:
    """Object that a command prints: its schema, where it comes from, and its fields.

    Parameters
    ----------
    command : str
    fields : mapping
    **known
        As in `nucore.run.provenance.provenance`.
    """
    from nucore.run.provenance import provenance

    content = {"schema": f"nuportal/{command}/1", "provenance": provenance(**known), "warnings": [], **fields}
    found: dict[str, Any] = plain(content)
    return found
