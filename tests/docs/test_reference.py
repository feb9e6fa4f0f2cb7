"""The generated reference: it names every command, option, JSON field, card key and limit."""

import re
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

import nuportal
from nucore.limits.catalogue import catalogue
from nucore.model.card import _ENTRIES
from nuportal.answers import answer_object

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_extensions"))
reference_pages = pytest.importorskip("reference_pages")
from reference_pages.answers import answer_class, fields_of  # noqa: E402
from reference_pages.commands import command_names, context  # noqa: E402
from reference_pages.docstrings import entries, listed, summary  # noqa: E402
from reference_pages.markdown import prose, table, unit  # noqa: E402

POINT = nuportal.PortalParameters(m4=30.0, Umu4=0.1)


@cache
def page(name):
    return reference_pages.text_of(f"reference/{name}")


def sections(name):
    """Text of each section of a page, by its anchor."""
    parts = re.split(r"^\(([\w.-]+)\)=$", page(name), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_pages_have_every_command_with_all_its_options():
    found = sections("commands")
    assert command_names()
    for name in command_names():
        text = found[f"command-{name}"]
        for one in context(name).command.params:
            for option in (*one.opts, *one.secondary_opts) if one.param_type_name == "option" else ():
                assert re.search(rf"`[^`\n]*{re.escape(option)}(?![\w-])[^`\n]*`", text), (name, option)
            if one.param_type_name == "argument":
                shown = (one.metavar or one.name.upper()).strip("[].").replace("|", r"\|")
                assert f"| `{shown}` |" in text, (name, one.name)
    assert {f"json-{name}" for name in command_names()} <= set(sections("json"))


def test_a_default_is_that_of_the_command_line():
    text = sections("commands")["command-fit"]
    assert re.search(r"\| `--confidence-level` \| `X` \| 0\.9 \|", text)
    assert re.search(r"\| `--seed` \| `N 0<=x<=4294967295` \| 1 \|", text)


def test_synopses_are_no_console_blocks():
    for name in command_names():
        text = sections("commands")[f"command-{name}"]
        assert f"**Usage:** `nuportal {name}" in text
        for console in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
            assert not re.search(r"\[OPTIONS\]|\.\.\.", console), name


def fast_answers():
    small = nuportal.generate("kaon", decays=1e10)
    yield "model", nuportal.model(POINT)
    yield "decay", nuportal.decay("K+", "mu")
    yield "generate", small
    yield "fit", nuportal.fit(small, minos=True)
    yield "toys", nuportal.toys("e949", n=3)
    yield "project", nuportal.project("atlas-2011", grid=[30.0])
    yield "project", nuportal.project("na62-2021", grid=[0.02])
    yield "project", nuportal.project("na62-2021", grid=[0.25], two_body=True)
    yield "limits", nuportal.limits(m_chi=0.1, check=True)
    yield "check", nuportal.check(POINT)
    yield "scan", nuportal.scan({"m4": [10.0, 20.0]})
    yield "ufo", nuportal.ufo(POINT)
    yield "flavours", nuportal.flavours("atlas-2011", POINT, systematics="paper")


def undocumented(answer, cls, where):
    """Names in a JSON object, and in those inside it, that the reference does not have."""
    known = list(fields_of(cls))
    for name, value in answer.items():
        field = next((f for f in known if re.fullmatch(_pattern(f.name), name)), None)
        if field is None:
            yield f"{where}.{name}"
            continue
        inner = next(iter(field.objects), None)
        for one in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(one, dict):
                yield from undocumented(one, inner, f"{where}.{name}")


def _pattern(name):
    """Regular expression of a documented name, in which ``{l}`` stands for anything."""
    return re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(name))


def test_every_field_of_an_answer_is_documented():
    for command, result in fast_answers():
        answer = answer_object(command, result.to_dict())
        own = {name: value for name, value in answer.items() if name not in ("schema", "provenance", "warnings")}
        assert list(undocumented(own, answer_class(command), command)) == []
        for name in ("schema", "provenance", "warnings"):
            assert f"`{name}`" in sections("json")["json-common"]
        for name in answer["provenance"]:
            assert f"`{name}`" in sections("json")["json-provenance"], name


def test_a_missing_field_is_seen():
    answer = {**nuportal.model(POINT).to_dict(), "new": 1.0}
    assert list(undocumented(answer, answer_class("model"), "model")) == ["model.new"]


def test_every_documented_field_has_a_meaning():
    waiting = [cls for cls in map(answer_class, command_names()) if cls is not None]
    for cls in waiting:
        found = list(fields_of(cls))
        assert [f.name for f in found if not f.meaning] == [], cls
        waiting += [one for f in found for one in f.objects if one not in waiting]
    assert len(waiting) > len(command_names())


def test_the_cards_and_all_their_keys_are_listed():
    text = page("cards")
    for name in nuportal.experiments():
        assert f"| `{name}` |" in text
    schema = nuportal.experiments(schema=True)
    for definition in schema["$defs"].values():
        for key in definition.get("properties", {}):
            assert f"| `{key}` |" in text, key


def test_every_limit_is_listed_with_its_marks():
    text = page("limits")
    for name, curve in catalogue().items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert str(curve.year) in row
        assert f"{curve.confidence_level:.0%}" in row
        assert ("derived here" in row) == curve.derived_here
        for number in re.findall(r"arXiv:([\d.]+\d)", curve.reference):
            assert f"https://arxiv.org/abs/{number}" in row


def test_parameters_python_and_environment():
    for (block, index), name in _ENTRIES.items():
        row = next(line for line in page("parameters").splitlines() if line.startswith(f"| `{name}` |"))
        assert f"`{block} {index}`" in row
    for name in nuportal.__all__:
        assert f"nuportal.{name}\n" in page("python")
    for code in ("0", "1", "2", "130"):
        assert f"| `{code}` |" in page("environment")
    assert "`NUPORTAL_CACHE`" in page("environment")


def documented():
    """A function with a docstring for the parser.

    Attributes
    ----------
    a, b : float or None
        Two of them,
        on two lines.
    c
    **d.E : x, y

    Raises
    ------
    ValueError
        Never.
    """


def test_docstrings_are_read_as_numpy_writes_them():
    assert summary(documented) == "A function with a docstring for the parser."
    assert listed(documented, "Attributes") == [
        ("a", ("float or None", "Two of them, on two lines.")),
        ("b", ("float or None", "Two of them, on two lines.")),
        ("c", ("", "")),
        ("**d.E", ("x, y", "")),
    ]
    assert entries(documented, "Raises")["ValueError"].text == "Never."


def test_markdown_escapes_what_is_no_markup():
    assert prose("|U|^2 < 1e-3, `a|b`, see arXiv:1709.07001") == (
        r"\|U\|² \< 1e-3, `a\|b`, see [arXiv:1709.07001](https://arxiv.org/abs/1709.07001)"
    )
    assert table(("A", "B"), [("1", ""), ("2", "")]) == "| A |\n| --- |\n| 1 |\n| 2 |\n\n"
    assert [unit(n) for n in ("m4_GeV", "sigma_n_cm2", "dratio_dp_per_GeV", "Y")] == ["GeV", "cm²", "GeV⁻¹", ""]


def test_every_answer_that_is_an_object_has_its_class():
    for name in command_names():
        cls = answer_class(name)
        assert cls is None or (is_dataclass(cls) and fields(cls))
    assert {name for name in command_names() if answer_class(name) is None} <= {
        "cite",
        "doctor",
        "experiments",
        "merge",
    }
