"""Make calibration.md and its pictures: ``python docs/mesons/make_calibration.py`` in the root of the repository."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from mesons.calibration import Calibration, PeakSearchToys, calibrate, check_calibration, simulate_peak_search
from mesons.experiments import Experiment, load_experiment
from mesons.prediction import predicted_invisible_limit
from mesons.reach import project
from nuportal.plot.style import new_figure, save

CALIBRATED = ("e949", "na62-2021")
SEED = 1
N_TOYS = 200

INTRODUCTION = """# Calibration of the kaon experiments

Made by `docs/mesons/make_calibration.py` from the experiment cards alone; seed {seed}, {n_toys} toys.

An experiment publishes an upper limit on $|U_{{\\mu4}}|^2$ at each $m_4$, that is on the branching ratio of
$K^+\\to\\mu^+\\nu_4$ at the muon momentum $p(m_4)$. With many background events in a window of width
$w = 2n\\sigma_p$ that holds the fraction $\\epsilon = \\mathrm{{erf}}(n/\\sqrt2)$ of the signal

$$ BR_{{UL}}(p) = \\frac{{z\\sqrt{{B(p)\\,w(p)}}}}{{N_K\\,A\\,\\epsilon}},\\qquad z = 1.645, $$

so the data fix $B/(N_K A)^2$ and nothing else is needed for the three-body reach. $\\ln B$ is a polynomial in $\\ln p$
(E949: degree 1, a power law; NA62: degree 3), fitted to $\\ln BR_{{UL}}$ of all published points by least squares with
equal weights. The published points scatter around the smooth curve by statistics; neighbouring points share most of
their window and move together.

"Toys" is a simulated peak search: background-only events, the count in the window of the card against its known
expectation, CLs limit at 90%. Its median has to give back the smooth curve.

"""

UNEVEN = (
    "The digitised points are not evenly spaced. With equal thirds of the momentum range the middle one exceeds "
    "0.25: a power law leaves a dip there, made by a few correlated downward fluctuations (about 5 independent "
    "windows in a third, each with a scatter of 0.65, so 0.29 is one standard deviation)."
)

CHOICES = """
## What the data do not fix

The same functional form floats in the fit of the three-body signal. How much freedom the background is given decides
the reach. At $m_\\chi = 10$ MeV, $m_\\phi = 3m_\\chi$, $m_4 = 400$ GeV, 90% CL, CLs, expected limits:

| experiment | background in the fit | BR($K\\to\\mu\\chi\\phi$) | Y |
| --- | --- | --- | --- |
{choices}

The thermal target there is Y = {thermal:.3g}. A floating index costs {cost:.1f} in BR for E949 against a known shape
with free normalisation: the signal rises with $p$ much as the background does. The size of the simulated counts
($A$ in the card) is arbitrary: with ten times more, Y at 10 MeV changes by {e949_size:.1%} (E949) and
{na62_size:.1%} (NA62).

## Prediction for BR($K^+\\to\\mu^+\\nu\\nu\\bar\\nu$), nothing tuned

| experiment | predicted, form as in the card | predicted, known shape | published | published / predicted |
| --- | --- | --- | --- | --- |
{predictions}

The prediction uses the whole momentum range of the card and statistical errors alone. The published limits rest on
simulated backgrounds with systematic uncertainties of their own, and on narrower windows.

## Numbers not checked against their source

{unverified}
"""


def draw(calibration: Calibration, toys: PeakSearchToys, path: Path) -> None:
    """Draw published points, smooth curve and toys, with ln(published/smooth) below."""
    figure, (top, bottom) = new_figure(ratio=True)
    p = np.linspace(*calibration.experiment.momentum_GeV, 300)
    low, high = np.quantile(toys.toys, [0.16, 0.84], axis=0)
    top.fill_between(toys.momentum * 1e3, low, high, color="0.85", label="toys, central 68%")
    top.plot(calibration.momentum * 1e3, calibration.published, ".", ms=4, label="published (90% CL)")
    top.plot(p * 1e3, calibration.smooth_limit(p), "-", color="C3", label="smooth curve of the calibration")
    top.plot(toys.momentum * 1e3, toys.median, "x", ms=4, color="k", label=f"toys, median of {len(toys.toys)}")
    top.set_yscale("log")
    top.set_ylabel(r"upper limit on BR($K^+\to\mu^+\nu_4$)")
    top.set_title(calibration.experiment.title)
    top.legend(fontsize="small")
    bottom.axhline(0.0, color="C3")
    bottom.plot(calibration.momentum * 1e3, calibration.residuals(), ".", ms=4)
    bottom.plot(toys.momentum * 1e3, np.log(toys.median / toys.smooth), "x", ms=4, color="k")
    bottom.set_ylabel("ln(./smooth)")
    bottom.set_xlabel("muon momentum in the kaon rest frame [MeV]")
    save(figure, path)


def experiment_section(name: str, folder: Path) -> str:
    """Heading, picture, coefficients, checks and table of one experiment."""
    calibration = calibrate(load_experiment(name))
    checks = check_calibration(calibration)
    toys = simulate_peak_search(calibration, N_TOYS, SEED)
    picture = f"calibration-{name}.png"
    draw(calibration, toys, folder / picture)
    card = calibration.experiment
    coefficients = ", ".join(f"{c:.3f}" for c in calibration.coefficients)
    ratio = toys.median / toys.smooth
    uneven = "within 0.25" if max(map(abs, checks.thirds_of_range)) <= 0.25 else "see below"
    lines = [
        f"## {card.title} (`{name}`)",
        "",
        f"![Published limits, smooth curve and toys]({picture})",
        "",
        f"Published limits: {card.peak_limit.reference}; {card.peak_limit.obtained_from}.",
        "",
        f"ln(B GeV) in powers of ln(p / {card.background.reference_momentum_GeV:g} GeV): {coefficients} "
        f"(for N_K = {card.n_parent.value:.3g}, A = {card.acceptance.value:g}).",
        "",
        "| check | value | required |",
        "| --- | --- | --- |",
        f"| mean of ln(published/smooth), {calibration.momentum.size} points | {checks.mean:+.3f} | within 0.05 |",
        f"| the same, thirds of the points by momentum | {_list(checks.thirds)} | within 0.25 |",
        f"| the same, equal thirds of the momentum range | {_list(checks.thirds_of_range)} | {uneven} |",
        f"| rms of ln(published/smooth) | {checks.rms:.2f} | |",
        f"| toys / smooth, mean over {toys.momentum.size} momenta | {toys.mean_ratio:.3f} | within 5% |",
        f"| toys / smooth, smallest and largest (scatter of a median: 5%) | {ratio.min():.3f}, {ratio.max():.3f} | |",
        "",
        *(() if max(map(abs, checks.thirds_of_range)) <= 0.25 else (UNEVEN, "")),
        "| m4 [MeV] | p [MeV] | published BR | smooth BR | ln(published/smooth) |",
        "| --- | --- | --- | --- | --- |",
    ]
    m4 = np.array(card.peak_limit.m4_MeV)[::-1]  # the calibration orders by momentum
    residuals, smooth = calibration.residuals(), calibration.smooth_limit(calibration.momentum)
    step = max(1, m4.size // 20)
    lines += [
        f"| {m4[i]:.1f} | {calibration.momentum[i] * 1e3:.1f} | {calibration.published[i]:.3g} | {smooth[i]:.3g} "
        f"| {residuals[i]:+.2f} |"
        for i in range(0, m4.size, step)
    ]
    return "\n".join(lines) + "\n"


def _list(values: tuple[float, ...]) -> str:
    return ", ".join(f"{v:+.3f}" for v in values)


def _y_at_10_mev(experiment: Experiment, **options: object) -> tuple[float, float, float]:
    point = project(experiment, grid=[0.01], **options).curve[0]  # type: ignore[arg-type]
    assert point.br is not None
    assert point.value is not None
    assert point.thermal is not None
    return point.br, point.value, point.thermal


def _size_effect(experiment: Experiment) -> float:
    larger = experiment.acceptance.model_copy(update={"value": 10.0 * experiment.acceptance.value})
    changed = experiment.model_copy(update={"acceptance": larger})
    return abs(_y_at_10_mev(changed)[1] / _y_at_10_mev(experiment)[1] - 1.0)


def choices_section() -> str:
    """Tables of what the answer depends on, and what is not verified."""
    cards = {name: load_experiment(name) for name in CALIBRATED}
    choices, predictions, unverified = [], [], []
    cost = {}
    for name, card in cards.items():
        degree = card.background.degree
        for text, options in (
            (f"degree {degree} in ln p, as in the card", {}),
            (f"degree {degree + 1 if degree == 1 else degree - 1}", {"background_degree": 2}),
            ("known shape, free normalisation", {"background_degree": 0}),
        ):
            br, y, thermal = _y_at_10_mev(card, **options)
            cost[name, text] = br
            choices.append(f"| {name} | {text} | {br:.3g} | {y:.3g} |")
        floating, known = predicted_invisible_limit(card), predicted_invisible_limit(card, degree=0)
        assert card.window_limit is not None
        assert floating is not None
        published = card.window_limit.branching_ratio
        predictions.append(f"| {name} | {floating:.2g} | {known:.2g} | {published:.2g} | {published / floating:.1f} |")
        for label, source in (
            ("number of decays", card.n_parent),
            ("resolution", card.resolution),
        ):
            if not source.verified:
                unverified.append(f"- {name}, {label}: {source.reference}.")
    scaled = load_experiment("na62-full", "trigger")
    unverified.append(f"- na62-full: {scaled.notes[0]}.")
    e949 = cards["e949"]
    return CHOICES.format(
        choices="\n".join(choices),
        thermal=thermal,
        cost=cost["e949", "degree 1 in ln p, as in the card"] / cost["e949", "known shape, free normalisation"],
        e949_size=_size_effect(e949),
        na62_size=_size_effect(cards["na62-2021"]),
        predictions="\n".join(predictions),
        unverified="\n".join(unverified),
    )


def main(folder: Path) -> None:
    """Write calibration.md and the pictures into a folder."""
    sections = [experiment_section(name, folder) for name in CALIBRATED]
    text = INTRODUCTION.format(seed=SEED, n_toys=N_TOYS) + "\n".join(sections) + choices_section()
    (folder / "calibration.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
