"""Exceptions that reach a user."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: one line that says what is wrong, where, and what is allowed.

    The command line prints the message alone and exits with status 2.
    """


class FitError(RuntimeError):
    """A minimisation that failed; its result is not returned. The command line exits with status 1."""


class CardWarning(UserWarning):
    """Something in a parameter card that is not used."""
