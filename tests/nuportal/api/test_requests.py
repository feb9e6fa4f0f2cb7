"""Calls recorded as plain data, and back; records of strangers."""

import inspect
import json
import pickle
import pydoc
import typing

import pytest

import nuportal
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.run.provenance import provenance
from nuportal.api.arguments import decode, encode
from nuportal.api.requests import arguments_of, recorded_function, recorded_run, request_of

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
    decoded = arguments_of(function, request)
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
        arguments_of(nuportal.generate, {"function": "generate", "arguments": arguments}, read_files=True)


def test_only_known_functions_are_called():
    for name in ("system", "os.system", "__import__", None, ["generate"], "model"):
        with pytest.raises(InputError, match="not known"):
            recorded_run({"function": name, "arguments": {}})
    with pytest.raises(InputError, match="not known"):
        recorded_function({"function": "request_of"})
    assert recorded_function({"function": "model"}) is nuportal.model


def test_inputs_are_known_by_their_content(tmp_path):
    data = tmp_path / "d.csv"
    data.write_text("1,2,3\n")
    record = {"data": encode("data", str(data))}
    assert decode(nuportal.fit, record, read_files=True) == {"data": str(data)}
    with pytest.raises(InputError, match="does not take"):
        decode(nuportal.fit, record, read_files=False)
    data.write_text("1,2,4\n")
    with pytest.raises(InputError, match="not the file it was"):
        decode(nuportal.fit, record, read_files=True)
    data.unlink()
    with pytest.raises(InputError, match="not there"):
        decode(nuportal.fit, record, read_files=True)


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
