"""A likelihood as an HS3 document (HEP Statistics Serialization Standard, version 0.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import nucore
from nucore.errors import InputError
from nucore.export.exponentials import shape_basis
from nucore.export.histfactory import ParameterRange, Variation, parameter_ranges, variations
from nucore.histograms import Spectrum
from nucore.stats import Likelihood, Model, Sample

Array = NDArray[np.float64]

HS3_VERSION = "0.2"
_STAT_RANGE = (0.0, 10.0)


def _modifier(variation: Variation, model: Model) -> dict[str, Any]:
    name, kind = variation.name, variation.kind
    base: dict[str, Any] = {"name": name, "type": kind}
    if kind in ("normfactor", "lumi"):
        return {**base, "type": "normfactor", "parameter": name}
    if kind == "staterror":
        labels = [_plain(f"{name}[{i}]") for i in range(model.n_bins)]
        return {**base, "parameters": labels, "constraint": "Gauss"}
    base |= {"parameter": name, "constraint": "Gauss"}
    low, high = variation.arrays
    if kind == "normsys":
        return base | {"data": {"lo": float(low), "hi": float(high), "interpolation": "code4"}}
    contents = {"lo": {"contents": low.tolist()}, "hi": {"contents": high.tolist()}}
    return base | {"data": {**contents, "interpolation": "code4p"}}


def _plain(label: str) -> str:
    """Parameter name without brackets: ``mc[3]`` becomes ``mc_bin3``."""
    return label.replace("[", "_bin").replace("]", "")


def _sample(sample: Sample, found: list[Variation], functions: list[str], model: Model) -> dict[str, Any]:
    stat = [v for v in found if v.kind == "staterror"]
    if len(stat) > 1:
        names = ", ".join(v.name for v in stat)
        raise InputError(f"sample {sample.name!r}: HS3 holds one staterror a sample, not {names}; expected --to pyhf")
    errors = stat[0].arrays[0] if stat else np.zeros(model.n_bins)
    modifiers = [_modifier(v, model) for v in found]
    if functions:
        modifiers.append({"name": f"{sample.name} shape", "type": "shapefactor", "parameters": functions})
    data = {"contents": np.asarray(sample.values).tolist(), "errors": errors.tolist()}
    return {"name": sample.name, "data": data, "modifiers": modifiers}


def _axis(spectrum: Spectrum) -> dict[str, Any]:
    widths = np.diff(spectrum.edges)
    if np.allclose(widths, widths[0], rtol=1e-9, atol=0.0):
        return {
            "name": spectrum.name,
            "min": float(spectrum.edges[0]),
            "max": float(spectrum.edges[-1]),
            "nbins": spectrum.n_bins,
        }
    return {"name": spectrum.name, "edges": spectrum.edges.tolist()}


def _functions(sample: Sample) -> dict[str, str]:
    """Expressions by name: the exponential of a linear function of the coefficients, one per bin."""
    base = "".join(c if c.isalnum() else "_" for c in sample.name)
    rows = np.transpose(list(shape_basis(sample).values()))
    terms = ["+".join(f"{name}*({x:.17g})" for name, x in zip(shape_basis(sample), row, strict=True)) for row in rows]
    return {f"{base}_shape_bin{i}": f"exp({term})" for i, term in enumerate(terms)}


def _ranges(likelihood: Likelihood) -> list[ParameterRange]:
    model = likelihood.model
    found = list(parameter_ranges(likelihood, physical=True).values())
    known = {p.name for p in found}
    return found + [ParameterRange(_plain(n), 1.0, *_STAT_RANGE) for n in model.names if n not in known]


def hs3_document(likelihood: Likelihood, data: Spectrum) -> dict[str, Any]:
    """Return an HS3 document: one ``histfactory_dist``, its data, a likelihood and an analysis.

    A log-linear shape is a shapefactor whose factors are functions of the coefficients.

    Parameters
    ----------
    likelihood : Likelihood
    data : Spectrum
        Gives the binning.

    Raises
    ------
    InputError
        If the model has something HistFactory cannot hold.

    References
    ----------
    https://hep-statistics-serialization-standard.github.io
    """
    model = likelihood.model
    modifiers = variations(model, exponentials=True)
    axis, name = _axis(data), f"model_{data.name}"
    functions = [_functions(sample) for sample in model.samples]
    samples = [
        _sample(sample, modifiers[sample.name], list(names), model)
        for sample, names in zip(model.samples, functions, strict=True)
    ]
    ranges = _ranges(likelihood)
    written = [
        {"name": name, "type": "generic_function", "expression": expression}
        for one in functions
        for name, expression in one.items()
    ]
    return {
        "metadata": {"hs3_version": HS3_VERSION, "packages": [{"name": "nuportal", "version": nucore.__version__}]},
        "distributions": [{"name": name, "type": "histfactory_dist", "axes": [axis], "samples": samples}],
        **({"functions": written} if written else {}),
        "data": [
            {"name": "observed", "type": "binned", "axes": [axis], "contents": likelihood.observation.counts.tolist()}
        ],
        "likelihoods": [{"name": "likelihood", "distributions": [name], "data": ["observed"]}],
        "domains": [
            {
                "name": "default_domain",
                "type": "product_domain",
                "axes": [{"name": p.name, "min": p.low, "max": p.high} for p in ranges],
            }
        ],
        "parameter_points": [
            {"name": "default_values", "parameters": [{"name": p.name, "value": p.initial} for p in ranges]}
        ],
        "analyses": [
            {
                "name": "analysis",
                "likelihood": "likelihood",
                "domains": ["default_domain"],
                "parameters_of_interest": [model.poi] if model.poi else [],
                "init": "default_values",
            }
        ],
    }
