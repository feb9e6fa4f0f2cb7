"""Exceptions that reach a user."""

from __future__ import annotations

from collections.abc import Iterable

#: Longest message; a quotation from a file could be as long as the file.
_MAX_MESSAGE = 2000
#: Known names that are listed where there are more.
_MAX_NAMES = 40


class InputError(ValueError):
    """Bad input: one line that says what is wrong, where, and what is expected.

    The command line prints the message alone and exits with status 2. Characters that cannot be printed, as line ends
    and the control sequences of a terminal, are escaped.
    """

    def __init__(self, message: str) -> None:
        text = message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + " ..."
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


def unknown(
    what: str, name: object, known: Iterable[str], *, of: str = "", where: str = "", listed_by: str = "", more: str = ""
) -> InputError:
    """Return the error of a name that is not known, with those that are, and the nearest of them.

    Parameters
    ----------
    what : str
        What the name should be, as ``experiment``.
    name : object
    known : iterable of str
        A long list is cut.
    of : str
        What has names of this kind, told after the name.
    where : str
        File or card with the name, told first.
    listed_by : str
        Command that lists all names.
    more : str
        What else is allowed, told after the names.
    """
    names = list(known)
    shown, left = (names, 0) if len(names) <= _MAX_NAMES else (names[: _MAX_NAMES // 3], len(names) - _MAX_NAMES // 3)
    others = f", ... {left} more" + (f"; `{listed_by}` lists them" if listed_by else "") if left else ""
    near = nearest(str(name), names)
    hint = f"; did you mean {near}?" if near else ""
    return InputError(
        f"{where}unknown {what} {name!r}{of and f' of {of}'}: expected one of {', '.join(shown)}{others}{more}{hint}"
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like a name, whatever its case; None if none is."""
    from difflib import get_close_matches

    folded = {one.lower(): one for one in reversed(list(known))}
    found = get_close_matches(name.lower(), folded, n=1)
    return folded[found[0]] if found else None


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
