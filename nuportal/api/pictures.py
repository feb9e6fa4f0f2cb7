"""``nuportal.plot``: the picture of a result, or the curves of several in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nucore.errors import InputError
from nucore.reports.reach import Reach
from nucore.results import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    results: Result | Sequence[Result],
    path: str | Path | None = None,
    *,
    labels: Sequence[str] | None = None,
    title: str = "",
) -> Figure:
    r"""Draw a result, or the curves of several results in one picture.

    Parameters
    ----------
    results : result or sequence of results
        Of any function that has a picture; several of `nuportal.project`, on the same quantity against the same mass,
        or of `nuportal.decay`, of the same decay.
    path : str or Path, optional
        File to write to: ``.png``, ``.pdf`` or ``.svg``.
    labels : sequence of str, optional
        Names of several results; by default what they differ in.
    title : str, optional
        Of several results.

    Returns
    -------
    matplotlib.figure.Figure
        The first of its axes hold the curves, so that more can be drawn.

    Raises
    ------
    InputError
        If there is nothing to draw, the results do not belong in one picture, or for another suffix.

    Examples
    --------
    >>> import nuportal
    >>> figure = nuportal.plot(nuportal.decay("K+", "mu"))
    >>> figure.axes[0].get_xlabel()
    '$p_{\\mu}$ in the rest frame of $K^+$ [GeV]'
    """
    from nucore.plot.style import check_picture, save

    if isinstance(path, Result):
        raise InputError("a result in place of the file: expected several results as a list, nuportal.plot([r1, r2])")
    if path is not None:
        check_picture(path)
    if isinstance(results, Result):
        if labels is not None or title:
            raise InputError("labels and title are for several results: expected a sequence of results")
        figure = results.plot()
    else:
        figure = _together(results, labels, title)
    if path is not None:
        save(figure, path)
    return figure


def _together(results: Sequence[Any], labels: Sequence[str] | None, title: str) -> Figure:
    """Draw several results of one kind."""
    from mesons.decays.spectra import DecayResult
    from nucore.plot.decay import decays_figure
    from nucore.plot.reach import overlay_figure
    from nucore.plot.symbols import plain

    found = list(results)
    if not found:
        raise InputError("nothing to draw: expected at least one result")
    if labels is not None and len(labels) != len(found):
        raise InputError(f"{len(labels)} labels for {len(found)} results: expected as many")
    fields = [result.to_dict() for result in found if isinstance(result, Result)]
    if all(isinstance(result, Reach) for result in found):
        return overlay_figure(fields, labels or _names([plain(result.title, 60) for result in found]), title)
    if all(isinstance(result, DecayResult) for result in found):
        if len({(result.parent, result.lepton) for result in found}) > 1:
            raise InputError("different decays: expected results of the same parent and lepton")
        return decays_figure(fields, labels or _differences([result.parameters.to_dict() for result in found]), title)
    kinds = ", ".join(sorted({type(result).__name__ for result in found}))
    raise InputError(f"no common picture of {kinds}: expected results of nuportal.project, or of nuportal.decay")


def _names(titles: Sequence[str]) -> list[str]:
    """Titles, numbered where they are the same."""
    return [title if titles.count(title) == 1 else f"{title} ({k + 1})" for k, title in enumerate(titles)]


def _differences(points: Sequence[dict[str, float]]) -> list[str]:
    """The parameters that are not the same at all points."""
    from nucore.plot.symbols import point_words

    names = [name for name in points[0] if len({point[name] for point in points}) > 1]
    return [", ".join(point_words({name: point[name] for name in names})) for point in points]
