"""Picture of a decay: the spectrum of the charged particle, and the line of a nu4 on its mass shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, DASHES, RC, describe, log_ticks, new_figure
from nucore.plot.symbols import AXIS, number, particle, point_words

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
            if (y > 0.0).any():
                ratio = number(fields["three_body_ratio"])
                text = rf"{name}$\ell\,\chi\phi$, integral {ratio}"
                axes.plot(spectrum["momentum_GeV"], y, dash, color=colour, label=text)
                lowest, highest = min(lowest, float(np.percentile(y[y > 0.0], 5))), max(highest, float(y.max()))
            if fields["two_body_ratio"] > 0.0:
                text = rf"{name}$\ell\,\nu_4$ on shell, ratio {number(fields['two_body_ratio'])}"
                other = COLOURS[1] if len(results) == 1 else colour
                axes.axvline(fields["two_body_momentum_GeV"], lw=1.4, ls=":", color=other, label=text)
        if highest > 0.0:
            axes.set(yscale="log", ylim=(max(lowest, highest * 10.0**-_DECADES) / 3.0, highest * 3.0))
            log_ticks(axes.yaxis)
        else:
            _tell_closed(axes, results)
        parent, lepton = (particle(results[0][name]) for name in ("parent", "lepton"))
        axes.set_xlabel(f"$p_{{{lepton}}}$ in the rest frame of ${parent}$ [GeV]")
        axes.set_ylabel(r"$\mathrm{d}\Gamma/\mathrm{d}p\;/\;\Gamma(\ell\nu)$ [GeV$^{-1}$]")
        describe(axes, title or rf"${parent}\to {lepton}$ + invisible", _conditions(results))
        place_legend(axes)
    return figure


def _tell_closed(axes: Axes, results: Sequence[Mapping[str, Any]]) -> None:
    """Say why there is no spectrum, beside the lines of nu4 if there are any."""
    axes.set_yticks([])
    momenta = [fields["two_body_momentum_GeV"] for fields in results if fields["two_body_ratio"] > 0.0]
    if momenta:
        axes.set_xlim(0.0, 2.0 * max(momenta))
        place: dict[str, Any] = {"xy": (0.03, 0.04)}
    else:
        axes.set_xticks([])
        place = {"xy": (0.5, 0.5), "ha": "center", "va": "center"}
    point = results[0]["parameters"]
    flavours = [results[0][name].rstrip("+-") for name in ("parent", "lepton")]
    mixings = [f"U{flavour}4" for flavour in flavours if f"U{flavour}4" in point]
    if not any(fields["parameters"][name] for fields in results for name in mixings):
        reason = "no decay: " + ", ".join(f"{AXIS[name]} = 0" for name in mixings)
    elif not any(fields["parameters"]["yL"] for fields in results):
        reason = r"no $\ell\,\chi\phi$: $y_L$ = 0"
    else:
        what = r"$\ell\,\chi\phi$ closed" if momenta else r"$\ell\,\chi\phi$ and $\ell\,\nu_4$ closed"
        reason = f"{what}: too heavy for this decay"
    axes.annotate(reason, xycoords="axes fraction", **place)


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
