"""The public names, pinned: scripts depend on them."""

import inspect

import pytest

import nuportal
from nuportal import api


def test_top_level_names():
    assert sorted(nuportal.__all__) == [
        "Execution", "InputError", "PortalParameters", "Shard", "decay", "fit", "generate", "load_card",
        "load_events", "merge", "model", "project", "reproduce", "scan", "toys",
    ]  # fmt: skip
    for name in nuportal.__all__:
        assert callable(getattr(nuportal, name))
    assert set(nuportal.__all__) < set(dir(nuportal))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nuportal.nothing


def test_parameters_of_the_functions():
    def names(function):
        return list(inspect.signature(function).parameters)

    assert names(api.model) == ["parameters"]
    assert names(api.decay) == ["parent", "lepton", "parameters"]
    assert names(api.generate) == [
        "process", "parameters", "experiment", "flavour", "selection", "events", "luminosity_invfb", "decays", "out",
        "histogram_only", "all_events", "seed", "execution", "progress",
    ]  # fmt: skip
    assert names(api.fit)[:9] == [
        "data", "parameters", "experiment", "flavour", "systematics", "luminosity_invfb", "decays",
        "confidence_level", "limit",
    ]  # fmt: skip
    assert names(api.project)[:9] == [
        "experiment", "grid", "flavour", "systematics", "confidence_level", "limit", "scan_window", "out", "execution",
    ]  # fmt: skip


def test_the_readme_example():
    point = nuportal.PortalParameters(m4=30.0, Umu4=0.1)
    data = nuportal.generate("w", point, luminosity_invfb=0.01)
    reach = nuportal.project("atlas-2011", flavour="mu", grid=[20.0, 30.0, 100.0])
    assert data.to_hist().sum().value == data.n_selected
    assert [p["m4_GeV"] for p in reach.to_dict()["curve"]] == [20.0, 30.0, 100.0]
