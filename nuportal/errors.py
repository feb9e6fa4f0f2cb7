"""Exceptions a user can cause."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: one line that says what is wrong, where, and what is allowed.

    The command line prints the message alone and exits with status 2.
    """
