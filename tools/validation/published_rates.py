"""Rates of the package against published ones: fiducial cross sections, and candidates of the experiment cards.

``python -m tools.validation.published_rates`` prints both as tables.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import Field

from collider.decay.tau_background import LeptonicTauDecay
from collider.events.generator import generate_histogram
from collider.experiments.analysis_options import ALL_NUISANCES, AnalysisOptions
from collider.experiments.cards import CHARGES, Cited, Published
from collider.experiments.measurement import PB_PER_INVFB, Measurement, measurement
from collider.experiments.response import Experiment, experiment_names, load_experiment
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.production.w_production import w_component
from nucore.smearing import Resolution

#: W bosons generated for a rate: 0.2% of it, at the acceptances that occur.
N_EVENTS = 1_000_000
#: Stands for no upper end of the lepton pT, GeV.
_PT_END_GEV = 1e4
#: Resolution of leptons (relative) and recoil (GeV) that changes nothing at the accuracy of the rates.
_SHARP = 1e-5


class FiducialMeasurement(Cited):
    """A measured cross section of W -> l nu in a fiducial region.

    Attributes
    ----------
    name : str
    sqrt_s_TeV : float
    abs_eta : (float, float)
    pt_min_GeV, pt_max_GeV, missing_momentum_min_GeV, transverse_mass_min_GeV : float or None
    hemispheres : int
        2, or 1 for a detector on one side.
    value_pb, uncertainty_pb : (float, float)
        Of W+ and of W-.
    """

    name: str
    sqrt_s_TeV: float
    abs_eta: tuple[float, float]
    pt_min_GeV: float
    pt_max_GeV: float | None = None
    missing_momentum_min_GeV: float | None = None
    transverse_mass_min_GeV: float | None = None
    hemispheres: int = Field(ge=1, le=2)
    value_pb: tuple[float, float]
    uncertainty_pb: tuple[float, float]

    @property
    def selection(self) -> LeptonSelection:
        """The region, for leptons and neutrinos before any detector."""
        cuts = Cuts(
            missing_momentum_min_GeV=self.missing_momentum_min_GeV, transverse_mass_min_GeV=self.transverse_mass_min_GeV
        )
        return LeptonSelection(
            (self.pt_min_GeV, self.pt_max_GeV or _PT_END_GEV),
            self.abs_eta,
            Resolution(relative=_SHARP),
            recoil=Recoil(response=1.0, resolution_GeV=_SHARP) if cuts.on_recoil else None,
            cuts=cuts,
        )


@dataclass(frozen=True)
class Comparison:
    """A rate of the package beside a published one.

    Attributes
    ----------
    name : str
    charge : str
        ``+``, ``-`` or ``both``.
    expected, published : float
        pb, or events.
    uncertainty : float
        Of ``published``, 0 where none is quoted.
    calibrated : bool
        The efficiency on the card was chosen for this number: agreement says nothing.
    """

    name: str
    charge: str
    expected: float
    published: float
    uncertainty: float = 0.0
    calibrated: bool = False

    @property
    def ratio(self) -> float:
        """Expected over published."""
        return self.expected / self.published


@cache
def fiducial_measurements() -> tuple[FiducialMeasurement, ...]:
    """Return the measured fiducial cross sections that are shipped."""
    path = Path(__file__).parent / "data" / "w_fiducial_cross_sections.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["measurement"]
    return tuple(FiducialMeasurement.model_validate(entry) for entry in entries)


def compare_fiducial(measured: FiducialMeasurement, n_events: int = N_EVENTS) -> Iterator[Comparison]:
    """Compute a fiducial cross section for W+ and W-, without a lepton efficiency."""
    for (charge, sign), value, error in zip(CHARGES.items(), measured.value_pb, measured.uncertainty_pb, strict=True):
        component = w_component(measured.sqrt_s_TeV, sign, 0.0)
        counts = generate_histogram([component], [1.0], measured.selection, n_events, seed=1).component_counts
        rate = component.cross_section_pb * counts.sum() / n_events * measured.hemispheres / 2.0
        yield Comparison(measured.name, charge, float(rate), value, error)


def compare_candidates(experiment: Experiment, published: Published, n_events: int = N_EVENTS) -> Comparison:
    """Compute the events that an experiment selects beside its published candidates.

    They are W -> l nu, W -> tau nu -> l and the multijet fraction of the card; Z -> l l with a lost lepton is left out.
    """
    options = AnalysisOptions(
        "full", selection=published.selection, charge=published.charge, nuisance={ALL_NUISANCES: 0.0}
    )
    measured = measurement(experiment, published.flavour, options)
    backgrounds, selection = measured.selection.backgrounds, measured.lepton_selection
    events = _w_events(measured, selection, n_events)
    if backgrounds.multijet is not None:
        events *= 1.0 + backgrounds.multijet.fraction
    if backgrounds.tau is not None:
        decay = LeptonicTauDecay(published.flavour)  # radiation of so soft a lepton is left out
        events += decay.branching_ratio * _w_events(measured, replace(selection, fsr=decay), n_events)
    name = f"{experiment.name}, {published.flavour}"
    return Comparison(name, published.charge, events, published.count, calibrated="calibrated" in published.reference)


def _w_events(measured: Measurement, selection: LeptonSelection, n_events: int) -> float:
    """Expected W -> l nu of all charges in the fitted bins of the measurement."""
    experiment, total = measured.experiment, 0.0
    kept = measured.kept.reshape(len(measured.charge_groups), -1)[0]
    for sign in measured.selection.charge_signs:
        component = w_component(experiment.sqrt_s_TeV, sign, 0.0, beams=experiment.beams)
        counts = generate_histogram([component], [1.0], selection, n_events, seed=1).component_counts[0]
        total += component.cross_section_pb * float(counts[kept].sum()) / n_events
    return total * PB_PER_INVFB * measured.luminosity_invfb


def _table(title: str, comparisons: Iterable[Comparison], digits: str) -> str:
    lines = [f"| {title} | charge | expected | published | ratio |", "| --- | --- | --- | --- | --- |"]
    for c in comparisons:
        error = f" ± {c.uncertainty:{digits}}" if c.uncertainty else ""
        note = " (calibrated)" if c.calibrated else ""
        published = f"{c.published:{digits}}{error}"
        lines.append(f"| {c.name} | {c.charge} | {c.expected:{digits}} | {published} | {c.ratio:.3f}{note} |")
    return "\n".join(lines)


def main() -> None:
    """Print both comparisons as Markdown tables."""
    fiducial = (c for measured in fiducial_measurements() for c in compare_fiducial(measured))
    print(_table("cross section / pb", fiducial, ".1f"))
    cards = map(load_experiment, experiment_names())
    candidates = (compare_candidates(card, published) for card in cards for published in card.published)
    print("\n" + _table("candidates", candidates, ".3g"))


if __name__ == "__main__":
    main()
