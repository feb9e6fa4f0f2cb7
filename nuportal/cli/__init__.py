"""The command line: each command parses, calls one function, writes one result."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module

import typer

from nucore.caches import CACHE_VARIABLE
from nucore.errors import BadFitError, CardWarning, ExecutionError, FitError, InputError, OptionError, ResumeWarning
from nucore.run.interrupts import INTERRUPTED, announce, ending
from nucore.run.provenance import forget_run
from nuportal.cli.help_pages import SETTINGS, Commands, add_command
from nuportal.cli.running import tell_how_to_resume

#: Base of every usage error, whichever copy of click typer stands on.
_ClickException: type[Exception] = typer.BadParameter.__mro__[2]

#: Commands by heading, in the order of the help; each is a module here.
_COMMANDS = {
    "Points": ("model", "check", "scan", "limits", "decay"),
    "Simulate": ("generate", "analyse", "ufo"),
    "Fit": ("fit", "flavours", "toys", "export"),
    "Reach": ("project", "figure", "experiments"),
    "Files and long runs": ("merge", "reproduce", "reproduce-result"),
    "Learn": ("quickstart", "explore", "cite", "doctor"),
}

app = typer.Typer(
    name="nuportal",
    help="Thermal dark matter through the Dirac neutrino portal (arXiv:1709.07001): pseudo-data, fits, reach.",
    cls=Commands,
    context_settings=SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _panel, _names in _COMMANDS.items():
    for _name in _names:
        add_command(app, _name, _panel, import_module(f"nuportal.cli.{_name.replace('-', '_')}"))


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and exit.")
) -> None:
    if version:
        import nuportal

        typer.echo(nuportal.__version__)
    elif context.invoked_subcommand is None:
        raise InputError("no command given: `nuportal --help` lists them, `nuportal quickstart` shows what they do")


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {message}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and raise `SystemExit` with its status; `nuportal.__main__` starts it as a process.

    Exit status: 0 done, 2 bad input or usage (one line on stderr), 130 interrupted, 1 anything else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("always", CardWarning)
        warnings.simplefilter("always", ResumeWarning)
        warnings.showwarning = _show_warning
        sys.exit(_status(sys.argv[1:] if arguments is None else arguments))


def _status(arguments: list[str]) -> int:
    """Run a command; of a failure that left finished pieces, say how to go on."""
    forget_run()
    try:
        status = int(typer.main.get_command(app)(args=arguments, prog_name="nuportal", standalone_mode=False) or 0)
        if status == INTERRUPTED:  # typer makes it of an interrupt
            raise KeyboardInterrupt
        return status
    except BaseException as error:
        # of a library that an interrupt ends, other errors can come
        if isinstance(error, OptionError):
            error = InputError(error.told(_options(arguments)))
        told = _told(KeyboardInterrupt() if ending() else error)
        if told != 2:
            tell_how_to_resume(arguments)
        if told is None:
            raise
        return told


def _options(arguments: list[str]) -> dict[str, str]:
    """Options of the command that was given, by the name of their parameter."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    name = next(word for word in arguments if word in commands)
    return {option.name: option.opts[0] for option in commands[name].params if option.param_type_name == "option"}


def _told(error: BaseException) -> int | None:
    """Tell the user of an error in a line, and give the exit status; None for one that is not understood."""
    if isinstance(error, InputError):
        return _failure(str(error), 2)
    if isinstance(error, _ClickException):
        return _failure(_one_line(error), 2)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        announce()
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return 1
    if isinstance(error, FitError):
        return _failure(f"fit failed: {error}", 1)
    if isinstance(error, BadFitError | ExecutionError):
        return _failure(str(error), 1)
    if isinstance(error, MemoryError):
        return _failure("there is not enough memory; --chunk and --workers make a run need less", 1)
    if isinstance(error, RuntimeError) and "no locator available" in str(error):  # of numba
        return _failure(f"no folder can be written for compiled kernels: {CACHE_VARIABLE} names one", 1)
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        return _failure(f"reading or writing failed: {error.strerror or error}{place}", 1)
    return None


def _one_line(error: Exception) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    return " ".join(message.split())


def _failure(message: str, status: int) -> int:
    print(f"nuportal: {message}", file=sys.stderr)
    return status
