"""The command line: each command parses, calls one function, writes one result."""

from __future__ import annotations

import sys
import warnings

import typer

from nuportal.cli import (
    analyse,
    check,
    decay,
    experiments,
    export,
    figure,
    fit,
    flavours,
    generate,
    limits,
    model,
    project,
    quickstart,
    scan,
    toys,
    ufo,
)
from nuportal.errors import CardWarning, FitError, InputError

#: Base of every usage error, whichever copy of click typer stands on.
_ClickException: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="nuportal",
    help="Thermal dark matter through the Dirac neutrino portal (arXiv:1709.07001): pseudo-data, fits, reach.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("model")(model.command)
app.command("decay")(decay.command)
app.command("generate")(generate.command)
app.command("fit")(fit.command)
app.command("flavours")(flavours.command)
app.command("export")(export.command)
app.command("toys")(toys.command)
app.command("project")(project.command)
app.command("figure")(figure.command)
app.command("limits")(limits.command)
app.command("check")(check.command)
app.command("scan")(scan.command)
app.command("experiments")(experiments.command)
app.command("analyse")(analyse.command)
app.command("ufo")(ufo.command)
app.command("quickstart")(quickstart.command)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and leave.")
) -> None:
    if version:
        import nuportal

        typer.echo(nuportal.__version__)
    elif context.invoked_subcommand is None:
        raise InputError("give a command; nuportal --help lists them")


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {message}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    Exit status: 0 done, 2 bad input or usage (one line on stderr), 130 interrupted, 1 anything else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("always", CardWarning)
        warnings.showwarning = _show_warning
        sys.exit(_status(arguments))


def _status(arguments: list[str] | None) -> int:
    command = typer.main.get_command(app)
    try:
        status = command(args=arguments, prog_name="nuportal", standalone_mode=False)
    except InputError as error:
        return _failure(str(error), 2)
    except _ClickException as error:
        return _failure(_one_line(error), 2)
    except FitError as error:
        return _failure(f"fit failed: {error}", 1)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _failure(f"reading or writing failed: {error.strerror or error}{place}", 1)
    return _failure("interrupted", 130) if status == 130 else int(status or 0)


def _one_line(error: Exception) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    return " ".join(message.split())


def _failure(message: str, status: int) -> int:
    print(f"nuportal: {message}", file=sys.stderr)
    return status
