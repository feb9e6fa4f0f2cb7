"""Picture of a decay: the spectrum of the charged particle, and the line of a nu4 on its mass shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, DASHES, RC, describe, log_ticks, new_figure
from nucore.plot.symbols import number, particle, point_words

#: Decades below the largest value that are drawn at most.
_DECADES = 14.0


def decay_figure(result: Any) -> Figure:
    """Draw the momentum spectrum of the charged particle of a decay, and the line of the decay to a nu4.

    Parameters
    ----------
    result : mesons.decays.spectra.DecayResult
    """
    return decays_figure([result.to_dict()], [""])


def decays_figure(results: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str = "") -> Figure:
    """Draw the spectra of one decay at several parameter points, as `decay_figure`."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        lowest, highest = np.inf, 0.0
        for k, (fields, label) in enumerate(zip(results, labels, strict=True)):
            colour, dash = COLOURS[k % len(COLOURS)], DASHES[k // len(COLOURS) % len(DASHES)]
            spectrum, name = fields["spectrum"], f"{label}: " if label else ""
            y = np.array(spectrum["dratio_dp_per_GeV"])
            if y.size:
                ratio = number(fields["three_body_ratio"])
                text = rf"{name}$\ell\,\chi\phi$, integral {ratio}"
                axes.plot(spectrum["momentum_GeV"], y, dash, color=colour, label=text)
                lowest, highest = min(lowest, float(np.percentile(y[y > 0.0], 5))), max(highest, float(y.max()))
            if fields["two_body_momentum_GeV"] is not None:
                text = rf"{name}$\ell\,\nu_4$ on shell, ratio {number(fields['two_body_ratio'])}"
                other = COLOURS[1] if len(results) == 1 else colour
                axes.axvline(fields["two_body_momentum_GeV"], lw=1.4, ls=":", color=other, label=text)
        if highest > 0.0:
            axes.set(yscale="log", ylim=(max(lowest, highest * 10.0**-_DECADES) / 3.0, highest * 3.0))
            log_ticks(axes.yaxis)
        else:
            axes.text(0.5, 0.5, "closed", transform=axes.transAxes, ha="center", va="center")
        parent, lepton = (particle(results[0][name]) for name in ("parent", "lepton"))
        axes.set_xlabel(f"$p_{{{lepton}}}$ in the rest frame of ${parent}$ [GeV]")
        axes.set_ylabel(r"$\mathrm{d}\Gamma/\mathrm{d}p\;/\;\Gamma(\ell\nu)$ [GeV$^{-1}$]")
        describe(axes, title or rf"${parent}\to{lepton}$ + invisible", _conditions(results))
        place_legend(axes)
    return figure


def _conditions(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Parameter point and rates of one result, what several have in common."""
    each = [point_words(fields["parameters"]) for fields in results]
    if len(results) > 1:
        return [text for text in each[0] if all(text in other for other in each)]
    fields = results[0]
    return [
        *each[0],
        rf"BR($\ell\,\chi\phi$) = {number(fields['branching_ratio'])}",
        f"rate of all invisible / Standard Model = {fields['rate_over_standard_model']:.6g}",
    ]
