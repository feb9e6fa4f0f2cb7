"""Picture of the limits that the published W masses give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from nucore.plot.results import MIXING, column
from nucore.plot.style import COLOURS, RC, new_figure

_LINES = (
    ("limit", "-", "observed"),
    ("expected_limit", "--", "expected"),
    ("verified_limit", ":", "without recalled numbers"),
)


def w_mass_figure(results: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw limits from published W masses against the nu4 mass, a colour for each flavour.

    Parameters
    ----------
    results : sequence of mappings
        ``to_dict()`` of results of `collider.inference.w_mass_limits.w_mass_limits`.
    """
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for result, colour in zip(results, COLOURS, strict=False):
            x = column(result["points"], "m4_GeV")
            for name, style, words in _LINES:
                label = f"{MIXING[result['parameter']]}, {words}"
                axes.plot(x, column(result["points"], name), color=colour, ls=style, lw=1.6, label=label)
        level = f"{results[0]['confidence_level']:.0%} CL"
        axes.set(yscale="log", xlabel=r"$m_4$ (GeV)", ylabel=rf"$|U_{{\ell4}}|^2$, {level}")
        axes.set_title(r"$W \to \ell\nu_4$: published $W$ masses")
        axes.margins(y=0.3)  # for the legend
        axes.legend(ncols=2, loc="upper center")
    return figure
