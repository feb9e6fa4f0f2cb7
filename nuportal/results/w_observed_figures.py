"""Pictures of the observed limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from collider.inference.observed_curve import WholeFit
from collider.inference.w_mass_limits import WMassLimits
from nucore.plot.flavours import flavours_figure
from nucore.plot.observed import RatioPanel, ratio_figure, significance_figure, systematics_figure
from nucore.plot.reach import conditions, limits_figure
from nucore.plot.reports import impacts_figure, pulls_figure
from nucore.plot.symbols import MIXING, observable, plain
from nuportal.results.w_observed import WObserved

#: |U|^2 of the signal that is drawn.
SIGNAL = 0.02
_CHARGE: dict[tuple[int, ...], str] = {(-1,): "$W^-$", (1,): "$W^+$"}
_LEPTON = {"e": " e", "mu": r"\mu"}


def pictures(result: WObserved) -> Iterator[tuple[str, Any]]:
    """Yield names and figures."""
    shown = result.plan.shown
    for flavour, curve in result.curves.items():
        reach, whole = curve.reach, curve.fits[shown]
        title = rf"$W\to{_LEPTON[flavour]}\nu_4$, {_first(reach.title)}"
        beside = [
            (f"observed, {_first(other.reach.title)}", other.reach.to_dict())
            for other in result.others
            if other.reach.flavour == flavour
        ]
        if flavour in result.w_mass:
            beside.append(("observed, published W masses (checked ones)", w_mass_curve(result.w_mass[flavour])))
        yield f"limit-{flavour}", limits_figure(reach.to_dict(), title, beside)
        at = [f"$m_4$ = {shown:g} GeV", *conditions(reach.to_dict())]
        axis = observable(whole.report.source.spectrum.on_last_axis())
        yield f"spectra-{flavour}", ratio_figure(ratio_panels(whole, shown), axis, title, at)
        yield f"systematics-{flavour}", systematics_figure([e.to_dict() for e in whole.effects], title, at)
        yield f"pulls-{flavour}", pulls_figure(whole.report)
        yield f"impacts-{flavour}", impacts_figure(whole.report)
    labels = {rf"$W\to{_LEPTON[flavour]}\nu_4$": curve.reach.to_dict() for flavour, curve in result.curves.items()}
    yield "significance", significance_figure(labels, "Best fit without the bound at zero")
    yield "flavours", flavours_figure(result.separate)


def _first(title: str) -> str:
    """Experiment of a title."""
    return plain(title.partition(",")[0])


def w_mass_curve(limits: WMassLimits) -> dict[str, Any]:
    """Limits from W masses as a curve: those of the numbers that were checked in their source."""
    points = [{"m4_GeV": point.m4_GeV, f"{limits.parameter}_observed": point.verified_limit} for point in limits.points]
    return {"mass": "m4_GeV", "quantity": limits.parameter, "curve": points}


def ratio_panels(whole: WholeFit, m4: float) -> list[RatioPanel]:
    """Data of each charge over the prediction, with the best fit and a signal."""
    expected, report = whole.expected, whole.report
    prediction, groups = expected.prediction, expected.measurement.charge_groups
    assert prediction is not None
    total, data = prediction.total, report.source.spectrum
    band = np.sqrt(sum((e.sigma**2 for e in prediction.errors), start=np.zeros_like(total))) / total
    signal = expected.standard_model + SIGNAL * (expected.nu4.values - expected.light.values)
    best = report.fit.best_fit[report.parameter]
    name = MIXING[report.parameter]
    drawn = {
        f"best fit, {name} = {best:.3f}": report.expected / total,
        rf"{name} = {SIGNAL:g}, $m_4$ = {m4:g} GeV": _same_sum(signal, total, len(groups)) / total,
    }
    edges, mark = np.asarray(data.axes[-1].edges if data.axes else data.edges), report.source.mark
    parts = zip(
        *(np.split(a, len(groups)) for a in (data.values / total, np.sqrt(data.variances) / total, band)), strict=True
    )
    panels = []
    for k, (values, error, width) in enumerate(parts):
        lines = {label: np.split(line, len(groups))[k] for label, line in drawn.items()}
        sign = _CHARGE.get(groups[k], "both charges")
        panels.append(RatioPanel(sign, edges, values, error, width, lines, mark))
    return panels


def _same_sum(values: Any, like: Any, n_groups: int) -> Any:
    """Scale values to the sum of others in each of the groups of bins."""
    parts = zip(np.split(values, n_groups), np.split(like, n_groups), strict=True)
    return np.concatenate([part * (other.sum() / part.sum()) for part, other in parts])
