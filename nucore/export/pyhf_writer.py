"""A likelihood as a pyhf JSON workspace (HistFactory, schema 1.0.0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nucore.export.exponentials import without_exponentials
from nucore.export.histfactory import Variation, parameter_ranges, stat_errors, variations
from nucore.stats import Likelihood

PHYSICAL, UNBOUNDED = "physical", "unbounded"
"""Measurements of a workspace: the parameter of interest within its physical bounds (for limits), or free."""


def _modifier(variation: Variation) -> dict[str, Any]:
    data: Any = None
    if variation.kind == "normsys":
        data = dict(zip(("lo", "hi"), map(float, variation.arrays), strict=True))
    elif variation.kind == "histosys":
        data = {key: values.tolist() for key, values in zip(("lo_data", "hi_data"), variation.arrays, strict=True)}
    elif variation.kind == "staterror":
        data = variation.arrays[0].tolist()
    return {"name": variation.name, "type": variation.kind, "data": data}


def _auxiliary(likelihood: Likelihood) -> dict[str, dict[str, list[float]]]:
    """Auxiliary measurements that are not nominal, as pyhf parameter settings."""
    model = likelihood.model
    names = [model.names[k] for k in model.constrained]
    measured = dict(zip(names, likelihood.observation.auxiliary.tolist(), strict=True))
    nominal = dict(zip(names, model.initial[model.constrained].tolist(), strict=True))
    widths = dict(zip(names, model.widths.tolist(), strict=True))
    found: dict[str, dict[str, list[float]]] = {}
    for error, carriers in stat_errors(model).items():
        labels = [max(of_bin) for of_bin in zip(*(m.labels() for _, m in carriers), strict=True)]
        if any(label and measured[label] != 1.0 for label in labels):
            found[error] = {"auxdata": [measured[label] if label else 1.0 for label in labels]}
        for label in filter(None, labels):
            del measured[label]
    for name, value in measured.items():
        if name == "lumi" or value != nominal[name]:
            found.setdefault(name, {})["auxdata"] = [value]
        if name == "lumi":
            found[name]["sigmas"] = [widths[name]]
    return found


def _measurement(likelihood: Likelihood, name: str) -> dict[str, Any]:
    settings: dict[str, dict[str, Any]] = {
        p.name: {"bounds": [[p.low, p.high]], "inits": [p.initial]}
        for p in parameter_ranges(likelihood, physical=name == PHYSICAL).values()
    }
    for parameter, more in _auxiliary(likelihood).items():
        settings.setdefault(parameter, {}).update(more)
    parameters = [{"name": parameter, **values} for parameter, values in settings.items()]
    return {"name": name, "config": {"poi": likelihood.model.poi, "parameters": parameters}}


def pyhf_workspace(likelihood: Likelihood, channel: str = "spectrum") -> dict[str, Any]:
    """Return a pyhf workspace with the same likelihood, up to a constant.

    Log-linear shapes become normsys of single bins (see `nucore.export.exponentials`). The first measurement,
    ``physical``, bounds the parameter of interest as limits with q_mu tilde need it; ``unbounded`` leaves it free.

    Parameters
    ----------
    likelihood : Likelihood
    channel : str
        Name of the one channel.

    Raises
    ------
    InputError
        If the model has something HistFactory cannot hold.

    References
    ----------
    HistFactory, CERN-OPEN-2012-016; L. Heinrich et al., pyhf, JOSS 6 (2021) 2823.
    """
    work = without_exponentials(likelihood)
    modifiers = variations(work.model)
    samples = [
        {
            "name": sample.name,
            "data": np.asarray(sample.values).tolist(),
            "modifiers": [_modifier(v) for v in modifiers[sample.name]],
        }
        for sample in work.model.samples
    ]
    return {
        "channels": [{"name": channel, "samples": samples}],
        "observations": [{"name": channel, "data": work.observation.counts.tolist()}],
        "measurements": [_measurement(work, PHYSICAL), _measurement(work, UNBOUNDED)],
        "version": "1.0.0",
    }
