"""Exceptions that reach a user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Longest message; a quotation from a file could be as long as the file.
_MAX_MESSAGE = 2000
#: Known names that are listed where there are more.
_MAX_NAMES = 40
#: Known names that are suggested where only their beginning was given.
_MAX_NEAR = 5


class InputError(ValueError):
    """Bad input: one line that says what is wrong, where, and what is expected.

    The command line prints the message alone and exits with status 2. Characters that cannot be printed, as line ends
    and the control sequences of a terminal, are escaped.
    """

    def __init__(self, message: str) -> None:
        text = message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + " ..."
        super().__init__("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


class OptionError(InputError):
    """Bad option, named as in Python; `told` gives the names of the command line instead.

    Parameters
    ----------
    before, option, after : str
        The message; `option` is the name in it.
    known : iterable of str
        Options that are allowed, told at its end.
    """

    def __init__(self, before: str, option: str, after: str, known: Iterable[str] = ()) -> None:
        self._parts, self._known = (before, option, after), tuple(known)
        super().__init__(self.told({name: name for name in self._known}))

    def told(self, names: Mapping[str, str]) -> str:
        """Message with the options as `names` has them; allowed ones that it does not have are left out."""
        before, option, after = self._parts
        known = ", ".join(names[name] for name in self._known if name in names)
        return before + names.get(option, option) + after + (f": expected one of {known}" if known else "")


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
    near = nearest(str(name), names) or " or ".join(_beginning_with(str(name), names))
    hint = f"; did you mean {near}?" if near else ""
    return InputError(
        f"{where}unknown {what} {name!r}{of and f' of {of}'}: expected one of {', '.join(shown)}{others}{more}{hint}"
    )


def _beginning_with(name: str, known: Iterable[str]) -> list[str]:
    """Return the first known names that begin with a name of two letters or more, whatever its case."""
    found = [one for one in known if one.lower().startswith(name.lower())] if len(name) > 1 else []
    return found[:_MAX_NEAR]


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
