"""Calls recorded as plain data, and back; records of strangers."""

import inspect
import json
import pickle
import pydoc
import typing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import nuportal
from nucore.card_files import Card
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Chunk, Shard
from nucore.run.job import Job
from nucore.run.provenance import provenance
from nuportal.api import requests
from nuportal.api.arguments import decode, encode
from nuportal.api.requests import arguments_of, recorded_function, request_of, runnable
from nuportal.searches import card_of

POINT = PortalParameters(m4=30.0, Umu4=0.3)


def through_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        (nuportal.generate, ("w", POINT), {"events": 1000, "seed": 3}),
        (nuportal.check, (POINT,), {"ignore": ["e949-2015-mu"], "inelastic": True}),
        (nuportal.toys, ("atlas-2011", POINT), {"n": 3, "window": [32.0, 48.0], "nuisance": {"luminosity": 0.5}}),
        (nuportal.limits, (0.25,), {"observed_by": 2017}),
        (nuportal.project, ("e949",), {"grid": [0.01, 0.02], "m4": "10x", "two_body": False}),
    ],
)
def test_a_call_comes_back_from_its_record(function, args, kwargs):
    request = through_json(request_of(function, args, kwargs))
    decoded = arguments_of(function, request, {})
    names = list(inspect.signature(function).parameters)[: len(args)]
    given = dict(zip(names, args, strict=True)) | kwargs
    assert {name: decoded[name] for name in given} == given
    assert request_of(function, (), decoded) == request


def test_objects_of_the_caller_are_not_recorded():
    data = SpectrumFile(nuportal.expected_spectrum("atlas-2011"))
    assert request_of(nuportal.fit, (data,), {}) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"process": "w", "executor": 1},
        {"process": "w", "execution": {"workers": 3}},
        {"process": "w", "events": "1000"},
        {"process": "w", "events": True},
        {"process": "w", "seed": [1]},
        {"process": {"$path": "/etc/passwd"}},
        {"process": {"$file": "/etc/passwd", "sha256": "0"}},
        {"process": "w", "parameters": {"$type": "Popen", "fields": {"args": "true"}}},
        {"process": "w", "parameters": {"$type": "PortalParameters", "fields": {"m4": {}}}},
        {"process": "w", "parameters": {"$type": "PortalParameters", "fields": {"__class__": 1}}},
        {"process": "w", "parameters": {"$type": "PortalParameters", "fields": {"m4": -1.0}}},
        {"process": "w", "parameters": 3},
        None,
        [],
    ],
)
def test_a_forged_record_builds_nothing(arguments):
    with pytest.raises(InputError):
        arguments_of(nuportal.generate, {"function": "generate", "arguments": arguments}, {}, read_files=True)


def test_only_known_functions_are_called():
    for name in ("system", "os.system", "__import__", None, ["generate"], "request_of"):
        with pytest.raises(InputError, match="unknown function"):
            recorded_function({"function": name, "arguments": {}})
    assert recorded_function({"function": "model"}) is nuportal.model


def test_inputs_are_known_by_their_content(tmp_path):
    data = tmp_path / "d.csv"
    data.write_text("1,2,3\n")
    record = {"data": encode("data", str(data))}
    assert decode(nuportal.fit, record, read_files=True) == {"data": str(data)}
    with pytest.raises(InputError, match="does not take"):
        decode(nuportal.fit, record, read_files=False)
    data.write_text("1,2,4\n")
    with pytest.raises(InputError, match="has changed"):
        decode(nuportal.fit, record, read_files=True)
    data.unlink()
    with pytest.raises(InputError, match="missing"):
        decode(nuportal.fit, record, read_files=True)


TEXT = 'name = "mine"\nsqrt_s_TeV = 1\n'


def card_job(experiment: str | Path | Card, n: int = 30, out: Path | None = None, execution: Any = None) -> "Job[str]":
    """A run whose result depends on a card."""
    card = card_of(experiment)
    task = partial(text_of, card.text)
    return Job(task, Chunk(0, n), lambda pieces: "".join(p["text"] for p in pieces), "toys", 10, out=out,
               serial_below=99)  # fmt: skip


def text_of(text: str, chunk: Chunk) -> dict[str, str]:
    return {"text": "".join(f"{text} {i}\n" for i in range(chunk.first, chunk.stop))}


def test_a_card_of_the_users_travels_with_the_record(tmp_path, monkeypatch):
    """`merge` and `reproduce` need no file, and another text is another run."""
    monkeypatch.setattr(requests, "_recorded", dict(requests._recorded))
    run = runnable(card_job)
    path = tmp_path / "mine.toml"
    path.write_text(TEXT)
    whole = run(path)
    assert provenance()["request"]["arguments"]["experiment"]["$card"]["text"] == TEXT
    shards = [tmp_path / f"{k}.shard" for k in (1, 2, 3)]
    for k, shard in enumerate(shards, 1):
        run.shard(Shard(k, 3), shard, str(path))
    key = run.job(path).key
    request = through_json(request_of(card_job, (path,), {}))
    path.write_text(TEXT.replace("1", "2"))
    assert run.job(path).key != key
    path.unlink()
    assert nuportal.merge(shards, tmp_path / "out") == whole
    decoded = arguments_of(card_job, request, {})
    assert decoded["experiment"] == Card("mine", TEXT)
    assert request_of(card_job, (), decoded) == request
    assert run.job(**decoded).key == key


@pytest.mark.parametrize(
    "experiment",
    [
        "./mine.toml", "mine.toml", "cards/mine", {"$path": "mine.toml"}, {"$card": {"name": "a"}}, {"$card": "a"},
        {"$card": {"name": "a", "text": "b", "sha256": "0"}}, {"$card": {"name": 1, "text": "b", "sha256": "0"}},
    ],
)  # fmt: skip
def test_a_forged_card_is_refused(experiment):
    with pytest.raises(InputError):
        arguments_of(card_job, {"function": "card_job", "arguments": {"experiment": experiment}}, {}, read_files=True)


def test_recorded_functions_are_functions_with_their_documentation():
    shown = pydoc.render_doc(nuportal.generate, renderer=pydoc.plaintext)
    assert "function generate" in shown
    assert "Generate pseudo-data." in shown
    assert "'GenerateResult'" in shown
    assert typing.get_type_hints(nuportal.generate)["return"] is GenerateResult
    for function in (nuportal.generate, nuportal.toys, nuportal.project, nuportal.fit, nuportal.model):
        assert inspect.isfunction(function)
        assert function.__doc__
        assert pickle.loads(pickle.dumps(function)) is function


def test_the_last_call_is_what_provenance_tells():
    nuportal.check(POINT)
    request = provenance()["request"]
    assert request["function"] == "check"
    assert request["arguments"]["parameters"]["fields"]["m4"] == 30.0
