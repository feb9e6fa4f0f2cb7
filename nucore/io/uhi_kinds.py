"""What a JSON file is that holds no UHI histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FORMS = {
    "UHI histogram": ("uhi_schema", "axes", "storage"),
    "pyhf workspace": ("channels", "observations", "measurements"),
}
#: By a key that other kinds of JSON have.
_OTHERS = {
    "patches": "a pyhf patch set, not a workspace: expected the workspace of one signal (pyhf patchset apply)",
    "distributions": "an HS3 model: expected a histogram, or the model as a pyhf workspace",
    "_typename": "a ROOT object in JSON: expected the ROOT file itself",
    "independent_variables": "a HEPData table in JSON: expected its YAML",
    "headers": "a HEPData table in JSON: expected its YAML",
    "corrections": "a set of corrections of correctionlib: expected a histogram",
}


def no_histogram(content: Mapping[str, Any]) -> str:
    """Say what the object of a JSON file is, after its name: what it resembles, and what it lacks for that."""
    for key, what in _OTHERS.items():
        if key in content:
            return f"is {what}"
    candidates = [content, *(item for item in content.values() if isinstance(item, Mapping))]
    found = [(sum(key in one for key in keys), form, one) for one in candidates for form, keys in _FORMS.items()]
    n, form, nearest = max(found, key=lambda one: one[0])
    if n:
        missing = [key for key in _FORMS[form] if key not in nearest]
        if missing:
            return f"resembles a {form}, but has no {', '.join(missing)}"
        return f"is a {form}, no histogram: expected it alone, as DATA of fit"
    keys = ", ".join(f"{key!r:.30}" for key in list(content)[:5]) or "nothing"
    forms = " nor a ".join(f"{form} ({', '.join(keys)})" for form, keys in _FORMS.items())
    return f"has no histogram: it is neither a {forms}; it has {keys}"
