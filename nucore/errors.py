"""Exceptions that reach a user."""

from __future__ import annotations

#: Longest message; a quotation from a file could be as long as the file.
_MAX_MESSAGE = 2000


class InputError(ValueError):
    """Bad input: one line that says what is wrong, where, and what is expected.

    The command line prints the message alone and exits with status 2. Characters that cannot be printed, as line ends
    and the control sequences of a terminal, are escaped.
    """

    def __init__(self, message: str) -> None:
        text = message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + " ..."
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


class FitError(RuntimeError):
    """A minimisation that failed; its result is not returned. The command line exits with status 1."""


class BadFitError(RuntimeError):
    """A best fit that does not describe its data; its result is not returned. The command line exits with status 1."""


class ExecutionError(RuntimeError):
    """Failure of workers, a scheduler or a disk; finished pieces are kept. The command line exits with status 1."""


class ResumeWarning(UserWarning):
    """Finished pieces of an interrupted run cannot be used."""


class CardWarning(UserWarning):
    """Part of a parameter card is not used."""
