"""Help, examples, headings and names that are nearly right."""

import re
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
import typer

import nuportal
from nucore.errors import InputError, unknown
from nuportal.cli import _COMMANDS, app

NAMES = [name for names in _COMMANDS.values() for name in names]
TREE = typer.main.get_command(app)
#: Seconds each; others take longer, or read what earlier ones write, and are only parsed.
QUICK = ("model", "decay", "ufo", "experiments", "limits")


def examples(name):
    """Arguments of the examples of a command."""
    return [shlex.split(line)[1:] for line in import_module(f"nuportal.cli.{name.replace('-', '_')}").EXAMPLES]


@pytest.mark.parametrize("name", NAMES)
def test_help_has_headings_and_examples(run, name):
    long, short = run(name, "--help"), run(name, "-h")
    assert (long.status, short.status) == (0, 0)
    assert long.out == short.out
    assert "Output:\n" in long.out
    for example in import_module(f"nuportal.cli.{name.replace('-', '_')}").EXAMPLES:
        assert f"\n  {example}\n" in long.out
    assert len(examples(name)) == (2 if name in ("explore", "doctor") else 3)


def given_by(context, parameter):
    """Whether the command line gave a parameter."""
    return context.get_parameter_source(parameter.name).name == "COMMANDLINE"


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_to_type_and_no_types_of_python(run, name):
    shown = run(name, "--help").out
    assert not re.search(r"<(str|int|float|path|Path|list|int range)\b|list\[|\{|\[\[", shown)
    for parameter in TREE.commands[name].params:
        takes_value = parameter.param_type_name == "option" and not parameter.is_flag
        assert not takes_value or parameter.metavar, parameter.name


@pytest.mark.parametrize("name", NAMES)
def test_examples_parse(name):
    """Options and types of every example are those of its command."""
    for command, *arguments in examples(name):
        context = TREE.commands[command].make_context(command, list(arguments), parent=typer.Context(TREE))
        words = {word.split("=")[0] for word in arguments if word.startswith("--")}
        given = [p for p in TREE.commands[command].params if given_by(context, p)]
        assert words == {option for p in given for option in p.opts if option.startswith("--")}
        n_positional = sum(len(v) if isinstance(v := context.params[p.name], tuple | list) else 1
                           for p in given if p.param_type_name == "argument")  # fmt: skip
        assert (n_positional > 0) == (bool(arguments) and not arguments[0].startswith("--"))
        assert context.args == []


@pytest.mark.parametrize("name", QUICK)
def test_examples_work(run, name):
    for arguments in examples(name)[:2]:
        outcome = run(*arguments)
        assert outcome.status == 0, outcome.err


def test_options_of_one_search_stand_together(run):
    shown = run("project", "--help").out
    lhc, mesons = shown.index("Analysis: LHC:"), shown.index("Analysis: mesons:")
    assert lhc < shown.index("--window") < mesons < shown.index("--two-body") < shown.index("Limit:")
    assert "cls|clsb|delta-chi2" in shown
    assert "[default: cls]" in shown


def test_commands_stand_under_headings(run):
    shown = run("--help").out
    places = [shown.index(f"\n{panel}:\n") for panel in _COMMANDS]
    assert places == sorted(places)
    assert "--install-completion" in shown


def test_no_command_says_what_to_type(run):
    outcome = run()
    assert (outcome.status, outcome.out) == (2, "")
    assert "nuportal --help" in outcome.err


def test_help_loads_nothing_large():
    code = (
        "import sys; from nuportal.cli import main\ntry: main(['fit', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('rich', 'scipy', 'numba', 'matplotlib', 'uproot') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("project", "ATLAS-2011"), "atlas-2011"),
        (("model", "--set", "M4=3"), "m4"),
        (("scan", "--grid", "Umu=0.1"), "Umu4"),
        (("check", "--ignore", "lz-2O24"), "lz-2024"),
        (("check", "--halo", "NFW"), "nfw"),
        (("limits", "--flavour", "MU"), "mu"),
        (("limits", "--inputs", "Latest"), "latest"),
        (("decay", "k+", "mu"), "K+"),
        (("generate", "Kaon"), "kaon"),
        (("project", "atlas-2011", "--nuisance", "lepton_scal=1"), "lepton_scale"),
        (("project", "atlas-2011", "--selection", "Full"), "full"),
        (("project", "na62-full", "--scaling", "papr"), "paper"),
    ],
)
def test_the_nearest_name_is_told(run, arguments, near):
    """A name of wrong case is told, not accepted."""
    outcome = run(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.rstrip().endswith(f"; did you mean {near}?")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(("words", "near"), [(("projct",), "project"), (("model", "--sett", "m4=1"), "--set")])
def test_the_nearest_command_and_option_are_told(run, words, near):
    outcome = run(*words)
    assert outcome.status == 2
    assert near in outcome.err


@pytest.mark.parametrize(
    ("name", "hint"),
    [("E949", "did you mean e949-2015-mu or e949-2016-mu-3nu?"), ("n-eff", "did you mean n-eff-2026?"), ("q", None)],
)
def test_the_beginning_of_the_name_of_a_limit_is_told_on(run, name, hint):
    told = run("check", "--ignore", name)
    assert told.status == 2
    assert told.err.rstrip().endswith(hint or "`nuportal check` lists them")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "--set", "m4=10", "--set", "m4=20"], "--set m4 is given twice, 10 and 20: expected once"),
        (["scan", "--grid", "m4=1,2", "--set", "m4=3"], "--set m4 has no effect: --grid varies it"),
        (["project", "atlas-2011", "--nuisance", "a=1", "--nuisance", "a=2"], "--nuisance a is given twice"),
        (["project", "atlas-2011", "--two-body"],
         "option --two-body does not apply to atlas-2011: expected one of --systematics, --selection"),
        (["project", "e949", "--float-mw"], "--background-systematic, --m4, --ratio, --method, --scaling\n"),
        (["project", "e949", "--background-model", "flat"], "invalid --background-model = 'flat': expected 'floating'"),
    ],
)  # fmt: skip
def test_options_are_named_as_they_are_typed(run, arguments, told):
    outcome = run(*arguments)
    assert outcome.status == 2
    assert told in outcome.err
    assert not re.search(r"\b(two_body|float_mw|background_model|backgrounds|yL)\b", outcome.err)


def test_options_are_named_as_in_python_there():
    with pytest.raises(InputError, match=r"option two_body does not apply to atlas-2011: .*scale_systematics, .*yL"):
        nuportal.project("atlas-2011", two_body=True)


def test_long_lists_are_cut():
    error = str(unknown("limit", "abc", [f"name-{k}" for k in range(100)], listed_by="nuportal limits"))
    assert "name-0, name-1" in error
    assert "more; `nuportal limits` lists them" in error
    assert "name-99" not in error
    assert "did you mean" not in error


def test_no_picture_of_a_part(run):
    part = ("--shard", "1/2", "--out", "p.json", "--plot", "p.png")
    outcome = run("project", "atlas-2011", "--grid", "10,30", *part)
    assert (outcome.status, outcome.out) == (2, "")
    assert "merge first" in outcome.err
