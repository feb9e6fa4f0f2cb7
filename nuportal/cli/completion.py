"""Completion of values in the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Complete = Callable[[str], list[str]]


def of(known: Iterable[str]) -> Complete:
    """Return a completion by fixed names."""
    names = tuple(known)

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return complete


def experiment(incomplete: str) -> list[str]:
    """Names of the experiments that begin so."""
    from nuportal.searches import searches

    return of(name for search in searches() for name in search.CARDS.names())(incomplete)


def parameter(incomplete: str) -> list[str]:
    """Names of the parameters that begin so, ready for a value."""
    from nucore.model.parameters import PARAMETER_NAMES

    return of(f"{name}=" for name in PARAMETER_NAMES)(incomplete)


def limit(incomplete: str) -> list[str]:
    """Names of the limits that begin so."""
    from nucore.limits.catalogue import catalogue

    return of(catalogue())(incomplete)
