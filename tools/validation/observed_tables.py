"""Tables of the validation of observed limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucore.prediction import Prediction
from tools.validation.observed_bands import LENGTHS_GEV, band, widths
from tools.validation.observed_coverage import Coverage, exclusion
from tools.validation.observed_fits import Analysis, Outcome, outcome, placed, weakest
from tools.validation.observed_studies import INJECTED, INJECTED_GEV, Recovery, injected
from tools.validation.observed_tuning import tuned

Array = NDArray[np.float64]

#: Treatment of the uncertainties of a prediction, by number, where a table uses a single one: 2 GeV, the weakest.
TREATMENT = 1


@dataclass(frozen=True)
class Table:
    """Rows with a head and a title.

    Attributes
    ----------
    title : str
    head : tuple of str
    rows : tuple of tuples of str
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join([self.title, "", *("| " + " | ".join(line) + " |" for line in lines), ""])


def pythia_tables(found: Analysis, events: Mapping[str, Array]) -> list[Table]:
    """Fit events of Pythia with a prediction from others, and the published prediction times the effect in Pythia.

    Parameters
    ----------
    found : Analysis
    events : mapping of float64[n]
        `pythia_events`.
    """
    scale = float(events["scale"])
    prediction = Prediction(
        scale * events["prediction"],
        np.zeros_like(events["prediction"]),
        statistical=scale * np.sqrt(events["prediction"]),
        groups=found.groups,
        origin="Pythia 8, AZ tune",
    )
    rows = []
    for m4, ours in found.ours.items():
        for name, U_sq in ((f"data {m4:g}", INJECTED), ("data", 0.0)):
            if name in events:
                one = outcome(m4, placed(ours, prediction), events[name])
                rows.append((f"{m4:g}", f"{U_sq:g}", *_fit_cells(one, U_sq), f"{one.p_value:.2f}", _cell(one.observed)))
    n_data, n_prediction = events["data"].sum(), events["prediction"].sum()
    title = f"Pythia 8: data ({n_data:.0f} selected) fitted with a prediction from other events ({n_prediction:.0f})"
    head = ("m4 / GeV", "injected", "fitted", "pull", "p", "limit")
    return [Table(title, head, tuple(rows)), _pythia_effect(found, events)]


def _pythia_effect(found: Analysis, events: Mapping[str, Array]) -> Table:
    """Fit the published prediction with the effect of nu4 as Pythia has it."""
    rows, base = [], found.predictions[0]
    for m4 in (m4 for m4 in found.ours if f"nu4 {m4:g}" in events):
        effect = events[f"nu4 {m4:g}"] / events["prediction"] - 1.0
        own = found.ours[m4].nu4.values / found.light - 1.0
        data = base.signal * (1.0 + INJECTED * effect) + base.background
        one = weakest(m4, found.ours[m4], found.predictions, data)
        apart = np.sqrt(np.average((effect - own) ** 2, weights=events["prediction"]))
        rows.append((f"{m4:g}", *_fit_cells(one, INJECTED), _cell(one.observed), f"{apart:.3f}"))
    title = f"ATLAS's prediction times 1 + {INJECTED:g} (H/L - 1), H/L of Pythia 8; without fluctuations"
    return Table(title, ("m4 / GeV", "fitted", "pull", "limit", "rms difference of H/L to ours"), tuple(rows))


def recovery_table(rows: Sequence[Recovery]) -> Table:
    """Return what comes back of an injected |U|^2."""
    head = (
        "m4 / GeV", "injected", "shift of m_W / MeV", "recovered", "limit", "recovered, m_W free", "limit, m_W free",
        "recovered, m_W of the prediction ignored", "limit then",
    )  # fmt: skip
    cells = []
    for row in rows:
        shift = ", ".join(f"{value:+.0f} ({name})" for name, value in row.shift_MeV.items())
        each = [cell for o in (row.used, row.free, row.ignored) for cell in (f"{o.U_sq:.4f}", _cell(o.observed))]
        cells.append((f"{row.m4:g}", f"{row.U_sq:g}", shift, *each))
    return Table("Prediction fitted to the data in m_W and normalisation; without fluctuations", head, tuple(cells))


def hidden_table(found: Analysis) -> Table:
    """Return the part of |U|^2 that is recovered if the prediction had been fitted in a nuisance unknown to us."""
    base, light = found.predictions[TREATMENT], found.spectra[0].light
    shifts = {name: shift * base.signal / found.light for name, shift in light.shifts.items()}
    rows = []
    for names in [*((name,) for name in shifts), tuple(shifts)]:
        cells = []
        for constrained, m4 in ((c, m4) for c in (False, True) for m4 in INJECTED_GEV):
            data = injected(found, m4, INJECTED)
            one = outcome(m4, placed(found.ours[m4], tuned(data, base, shifts, names, constrained)), data)
            cells.append(f"{one.U_sq / INJECTED:.2f}")
        rows.append((names[0] if len(names) == 1 else "all", *cells))
    labels = [f"{kind}, {m4:g} GeV" for kind in ("data alone", "with its uncertainty") for m4 in INJECTED_GEV]
    title = f"Recovered share of |U|^2 = {INJECTED:g} if the prediction had been fitted in a nuisance, unseen"
    return Table(title, ("nuisance", *labels), tuple(rows))


def coverage_table(studies: Sequence[Coverage], treatments: Sequence[str]) -> Table:
    """Return how often the truth is excluded, and the pulls."""
    rows = []
    for one in studies:
        truth, k = one.truth, one.truth.treatment
        own, every = float(one.excluded[:, k].mean()), one.excluded_by_all
        sigma = float(np.median(one.uncertainties[:, k]))
        rows.append(
            (
                f"{truth.m4:g}", f"{truth.U_sq:g}", truth.name or treatments[k],
                "no" if truth.mass is None else "yes",
                str(len(one.excluded)), f"{one.pulls[:, k].mean():+.2f}", f"{one.pulls[:, k].std(ddof=1):.2f}",
                f"{100 * own:.1f} ± {100 * one.share_uncertainty(own):.1f}%",
                f"{100 * exclusion(truth.U_sq / sigma):.1f}%",
                " / ".join(f"{100 * share:.0f}" for share in one.excluded.mean(axis=0)),
                f"{100 * every:.1f} ± {100 * one.share_uncertainty(every):.1f}%",
            )
        )  # fmt: skip
    head = (
        "m4 / GeV", "truth", "true correlation / GeV", "m_W fitted", "toys", "mean pull", "width",
        "excluded, same correlation", "asymptotic", "with each correlation / %", "by the weakest limit",
    )  # fmt: skip
    return Table("Pseudo-experiments: share that excludes the true |U|^2 at 90% CLs", head, tuple(rows))


def band_table(found: Analysis, masses: Sequence[float]) -> Table:
    """Return what another correlation of the band would do to the fits."""
    fitted = [band(found, one.correlation_GeV or 0.0, bool(one.across_charges)) for one in found.spectra]
    rows = []
    for together, length in ((t, length) for t in (False, True) for length in LENGTHS_GEV):
        cells = []
        for m4 in masses:
            known, ratios = widths(found, m4, band(found, length, together), fitted)
            cells += [f"{known:.4f}", " / ".join(f"{ratio:.2f}" for ratio in ratios)]
        rows.append(("equal" if together else "independent", f"{length:g}", *cells))
    labels = [label for m4 in masses for label in (f"uncertainty, {m4:g} GeV", f"true/claimed width, {m4:g} GeV")]
    assumed = ", ".join(one.treatment.replace("_", " ") for one in found.spectra)
    title = f"True correlation of the band, and width of |U|^2 of fits that assume {assumed} (Gaussian limit)"
    return Table(title, ("W+ and W-", "length / GeV", *labels), tuple(rows))


def variant_table(results: Mapping[str, Sequence[Outcome]], treatments: Sequence[str]) -> Table:
    """Return best fits and limits of variants."""
    rows = []
    for name, outcomes in results.items():
        for one in outcomes:
            fitted = f"{one.U_sq:+.4f} ± {one.uncertainty:.4f}"
            rows.append(
                (name, f"{one.m4:g}", fitted, _cell(one.observed), _cell(one.expected), treatments[one.treatment],
                 f"{one.p_value:.2f}")
            )  # fmt: skip
    head = ("variant", "m4 / GeV", "fitted", "observed", "expected", "correlation / GeV", "p")
    return Table("Published data: 90% CLs limits in variants of the analysis", head, tuple(rows))


def _fit_cells(one: Outcome, truth: float) -> tuple[str, str]:
    return f"{one.U_sq:+.4f} ± {one.uncertainty:.4f}", f"{(one.U_sq - truth) / one.uncertainty:+.2f}"


def _cell(limit: float | None) -> str:
    return "none" if limit is None else f"{limit:.4f}"
