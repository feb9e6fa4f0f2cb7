"""What a fit makes of Standard Model events of Pythia 8, which hold no nu4.

``python -m tools.validation.pythia_fit SAMPLE.npz ...`` passes files of ``tools/recipes/simulate_w_spin.py`` through
the response of a card and fits W+ and W- with a nu4 of each mass, systematics full, backgrounds off.  With
``--weights ours`` the events have our rapidity, transverse momentum, mass and decay angles
(`tools.validation.reweighting`), with ``production`` all but the last, with ``none`` they are as Pythia makes them;
``--shower 1`` lets the fit move to the coefficients of a shower, one standard deviation being all of the way.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_momenta
from collider.events.analyse import w_pt_tables
from collider.events.event_response import N_UNIFORMS, EventResponse
from collider.events.event_sums import EventSums
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import PB_PER_INVFB, Measurement, measurement
from collider.experiments.response import load_experiment
from collider.inference.likelihood import expectation
from collider.production.w_production import w_component
from collider.templates.systematics import shapes
from nucore.io.event_files import BLOCK_EVENTS, LeptonBlock
from nucore.random_streams import Stream, uniforms
from nucore.stats import Likelihood, fit
from tools.validation.reweighting import Sample, decay_weights, expected_cells, simulated_cells

Array = NDArray[np.float64]
Weights = Callable[[Sample], Array]

SHOWER = "parton_shower_spin"
WEIGHTS = ("ours", "production", "none")
M4_GEV = (20.0, 30.0, 40.0)
_SIGNS = {"+": 1, "-": -1}
_BLOCK = 20 * BLOCK_EVENTS


@dataclass(frozen=True)
class PseudoFit:
    """Fit of pseudo-data without nu4.

    Attributes
    ----------
    charge : {"+", "-"}
    m4 : float
        GeV.
    luminosity_invfb : float
        That the events, or as many unweighted ones, stand for.
    U_sq, uncertainty : float
    p_value : float
        Of the goodness of fit.
    largest_pull : tuple of str and float
        Of the nuisances.
    shower_pull : float or None
    """

    charge: str
    m4: float
    luminosity_invfb: float
    U_sq: float
    uncertainty: float
    p_value: float
    largest_pull: tuple[str, float]
    shower_pull: float | None

    @property
    def significance(self) -> float:
        """|U|^2 over its uncertainty; nothing but 0 is in the data."""
        return self.U_sq / self.uncertainty


def read(paths: Sequence[Path], charge: int) -> Iterator[Sample]:
    """Yield the W bosons of one charge in each file."""
    for path in paths:
        with np.load(path) as content:
            kept = content["charge"] == charge
            yield {name: content[name][kept] for name in content.files if content[name].shape == kept.shape}


def event_weights(paths: Sequence[Path], charge: int, weights: str, sqrt_s_TeV: float) -> Weights:
    """Return the function that weights the events of a sample."""
    if weights == "none":
        return lambda sample: np.ones(sample["w_pt"].size)
    component = w_component(sqrt_s_TeV, charge, 0.0)
    ratio = expected_cells(component) / simulated_cells(read(paths, charge))
    if weights == "production":
        return ratio.at
    return lambda sample: ratio.at(sample) * decay_weights(sample, component, sqrt_s_TeV)


def measured_sums(samples: Iterable[Sample], measured: Measurement, weights: Weights, seed: int) -> EventSums:
    """Pass the W bosons of one charge through the response of a measurement.

    A sample may have a column ``m4``, the mass (GeV) of the neutral lepton each W decays to.
    """
    response = EventResponse(measured.charge_groups, measured.lepton_selection, w_pt_tables(measured.experiment), seed)
    sums = EventSums(response.n_bins, len(response.steps))
    first = 0
    for sample in samples:
        weight = weights(sample)
        for start in range(0, weight.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            block = _block({name: values[part].astype(np.float64) for name, values in sample.items()}, weight[part])
            n = block.weight.size
            u = np.asarray(uniforms(seed, Stream.RESPONSE, first, n, N_UNIFORMS), float)
            sums.add(block.weight, *response.pass_through(block, u, boost=False, radiate=True))
            first += n
    return sums


def _block(event: dict[str, Array], weight: Array) -> LeptonBlock:
    """Momenta of a sample on the axis ``up``; the direction of the W about the beams does not matter."""
    zero = np.zeros_like(weight)
    momenta = decay_momenta(
        event["w_mass"],
        event.get("m4", zero),
        event["w_pt"],
        event["up"] * event["w_rapidity"],
        zero,
        1.0 - event["cos_theta"],
        event["phi"],
    )
    boson = momenta.lepton + momenta.neutrino
    return LeptonBlock(weight, event["charge"].astype(np.int8), momenta.lepton, boson)


def fit_pseudo_data(
    paths: Sequence[Path],
    charge: str,
    *,
    weights: str = "ours",
    shower: float = 0.0,
    m4: Sequence[float] = M4_GEV,
    experiment: str = "atlas-2011",
    selection: str = "full",
    flavour: str = "mu",
    seed: int = 1,
) -> list[PseudoFit]:
    """Fit W bosons of one charge with a nu4 of each mass.

    Parameters
    ----------
    paths : sequence of Path
        Files of ``tools/recipes/simulate_w_spin.py`` at the energy of the experiment.
    charge : {"+", "-"}
    weights : {"ours", "production", "none"}
    shower : float
        Standard deviation of the nuisance that moves to the coefficients of a shower: the part of the way.
    m4 : sequence of float
        GeV.
    experiment, selection, flavour : str
    seed : int
        Of the response.
    """
    card = load_experiment(experiment)
    factors = {SHOWER: shower} if shower > 0.0 else None
    options = AnalysisOptions(
        systematics="full", selection=selection, charge=charge, backgrounds=False, nuisance=factors
    )
    sign = _SIGNS[charge]
    weight = event_weights(paths, sign, weights, card.sqrt_s_TeV)
    sums = measured_sums(read(paths, sign), measurement(card, flavour, options), weight, seed)
    rate = w_component(card.sqrt_s_TeV, sign, 0.0).cross_section_pb
    luminosity = sums.n_equivalent / (rate * PB_PER_INVFB)
    measured = measurement(card, flavour, options, luminosity)
    data = measured.fitted(measured.spectrum(*sums.contents)).values
    light, found = shapes(measured, 0.0), []
    for mass in m4:
        templates = expectation(measured, mass, light=light)
        best = fit(Likelihood(templates.model(), data))
        worst = max(best.pulls, key=lambda name: abs(best.pulls[name]))
        assert best.p_value is not None  # there are more bins than free parameters
        found.append(
            PseudoFit(
                charge=charge,
                m4=mass,
                luminosity_invfb=luminosity,
                U_sq=best.best_fit[templates.parameter],
                uncertainty=best.uncertainties[templates.parameter],
                p_value=best.p_value,
                largest_pull=(worst, best.pulls[worst]),
                shower_pull=best.pulls.get(SHOWER),
            )
        )
    return found


def charge_pulls(fits: Sequence[PseudoFit]) -> dict[float, float]:
    """Return, by nu4 mass, the difference of |U|^2 from W+ and W- over its uncertainty, where both were fitted."""
    plus, minus = ({f.m4: f for f in fits if f.charge == charge} for charge in _SIGNS)
    return {
        m4: (plus[m4].U_sq - minus[m4].U_sq) / math.hypot(plus[m4].uncertainty, minus[m4].uncertainty)
        for m4 in plus.keys() & minus.keys()
    }


def main() -> None:
    """Fit and print a table, and JSON where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", type=Path, nargs="+")
    parser.add_argument("--weights", choices=WEIGHTS, default="ours")
    parser.add_argument("--shower", type=float, default=0.0, help="standard deviation of the shower nuisance")
    parser.add_argument("--m4", type=float, nargs="+", default=M4_GEV)
    parser.add_argument("--charge", choices=tuple(_SIGNS), nargs="+", default=tuple(_SIGNS))
    parser.add_argument("--experiment", default="atlas-2011")
    parser.add_argument("--selection", default="full")
    parser.add_argument("--flavour", default="mu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    chosen = {name: getattr(args, name) for name in ("weights", "shower", "m4", "experiment", "selection", "flavour")}
    found = [one for charge in args.charge for one in fit_pseudo_data(args.samples, charge, seed=args.seed, **chosen)]
    print("W    m4/GeV  fb^-1   |U|^2               sigma   p       largest pull")
    for f in found:
        name, pull = f.largest_pull
        shower = "" if f.shower_pull is None else f"  shower {f.shower_pull:+.2f}"
        print(
            f"W{f.charge}   {f.m4:5.1f}  {f.luminosity_invfb:5.2f}  {f.U_sq:+.4f} +- {f.uncertainty:.4f}  "
            f"{f.significance:+6.2f}  {f.p_value:.1e}  {name} {pull:+.2f}{shower}"
        )
    for m4, pull in sorted(charge_pulls(found).items()):
        print(f"W+ - W- at {m4:g} GeV: {pull:+.2f} sigma")
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(f) for f in found], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
