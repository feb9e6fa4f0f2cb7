"""The public names, pinned: scripts depend on them."""

import dataclasses
import inspect

import pytest
import typer

import nuportal
from nuportal.api.prediction_options import PredictionOptions
from nuportal.cli import app
from nuportal.searches import searches


def test_top_level_names():
    assert sorted(nuportal.COMMANDS) == [
        "analyse", "check", "cite", "decay", "doctor", "experiments", "explore", "export", "figure", "fit",
        "flavours", "generate", "limits", "merge", "model", "project", "quickstart", "reproduce",
        "reproduce_result", "scan", "toys", "ufo",
    ]  # fmt: skip
    assert sorted(set(nuportal.__all__) - set(nuportal.COMMANDS)) == [
        "Card", "Execution", "InputError", "PortalParameters", "Shard", "expected_spectrum", "load_card", "load_events",
        "plot",
    ]  # fmt: skip
    for name in nuportal.__all__:
        assert callable(getattr(nuportal, name))
    assert set(nuportal.__all__) < set(dir(nuportal))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nuportal.nothing


def test_every_command_is_a_function_with_its_options():
    """A command has the options of its function, but for what only a command line has."""
    commands = typer.main.get_command(app).commands
    assert sorted(name.replace("-", "_") for name in commands) == sorted(nuportal.COMMANDS)
    run = {"workers", "scheduler", "chunk", "resume", "max_memory", "shard"}
    for name, command in commands.items():
        function = inspect.signature(getattr(nuportal, name.replace("-", "_"))).parameters
        variadic = any(p.kind is p.VAR_KEYWORD for p in function.values())
        ours = {p.name for p in command.params} - {"help", "as_json", "card", "assignments", "plot"} - run
        python = set(function) - {"parameters", "execution", "progress", "workers"}
        if variadic:
            options = (*(s.ReachOptions for s in searches()), PredictionOptions)
            python |= {f.name for one in options for f in dataclasses.fields(one)} & ours
        special = {"ufo": {"path"}, "project": {"yL"}}
        assert ours - special.get(name, set()) <= python, name
        assert {p for p in function if p in python and function[p].kind is not inspect.Parameter.VAR_KEYWORD} <= ours, (
            name
        )


def test_the_readme_example():
    point = nuportal.PortalParameters(m4=30.0, Umu4=0.1)
    data = nuportal.generate("w", point, luminosity=0.01)
    reach = nuportal.project("atlas-2011", flavour="mu", grid=[20.0, 30.0, 100.0])
    assert data.to_hist().sum().value == data.n_selected
    assert [p["m4_GeV"] for p in reach.to_dict()["curve"]] == [20.0, 30.0, 100.0]
