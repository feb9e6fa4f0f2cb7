"""Make calibration.md and its pictures: ``python -m tools.validation.meson_calibration`` in the root."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from mesons.experiments.calibration import Calibration, calibrate
from mesons.experiments.cards import Experiment, card_of, experiment_names, load_experiment, parse_card
from mesons.experiments.tracking import missing_mass_sq
from mesons.inference.reach import project
from nucore.plot.style import new_figure, save
from tools.validation.invisible_limit import predicted_invisible_limit, within_window
from tools.validation.peak_search import PeakSearchToys, check_calibration, sigma_missing_mass, simulate_peak_search

CALIBRATED = ("e949", "na62-2021")  # with pictures and tables
SEED = 1
N_TOYS = 200

INTRODUCTION = """# Calibration of the meson searches

Made by `tools/validation/meson_calibration.py` from the experiment cards alone; seed {seed}, {n_toys} toys.

An experiment publishes an upper limit on $|U_{{\\mu4}}|^2$ at each $m_4$, that is on the branching ratio of
$K^+\\to\\mu^+\\nu_4$ at the muon momentum $p(m_4)$. With many background events in a window of width
$w = 2n\\sigma_p$ that contains the fraction $\\epsilon = \\mathrm{{erf}}(n/\\sqrt2)$ of the signal

$$ BR_{{UL}}(p) = \\frac{{z\\sqrt{{B(p)\\,w(p)}}}}{{N_K\\,A\\,\\epsilon}},\\qquad z = 1.645, $$

so the data fix $B/(N_K A)^2$ and nothing else is needed for the three-body reach. $\\ln B$ is a polynomial in $\\ln p$
(E949: degree 1, a power law; NA62: degree 3), fitted to $\\ln BR_{{UL}}$ of all published points by least squares with
equal weights. The published points scatter statistically around the smooth curve; neighbouring points share most of
their window and are correlated.

"Toys" is a simulated peak search: background-only events, the count in the window of the card compared with its known
expectation, CLs limit at 90%. Its median must reproduce the smooth curve.

"""

UNEVEN = (
    "The digitised points are not evenly spaced. With equal thirds of the momentum range the middle one exceeds "
    "0.25: the points lie below a power law there, because of a few correlated downward fluctuations (about 5 "
    "independent windows in a third, each with a scatter of 0.65, so 0.29 is one standard deviation)."
)

ALL = """
## All calibrated searches

Required: mean within 0.05, thirds of the points within 0.25, toys / smooth within 5%. The degree is the lowest that
meets this. "Range" is the third of the momentum range with the largest deviation, which is not required.

| card | points | degree | mean | thirds | range | rms | toys / smooth |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

Failing: {failing}

The limits of `belle-2016-e`, `belle-2016-mu` and `belle-2020-mu` are a constant taken from an abstract (an order of
magnitude, and 1.645 times a published uncertainty), so their checks mean nothing. `psi-1987-mu` and `sin-1981-mu`
leave out the masses where the line of pi -> mu nu sets the published limit.
"""

CHOICES = """
## What the data do not fix

The same functional form floats in the fit of the three-body signal. The reach depends on the freedom of the background.
At $m_\\chi = 10$ MeV, $m_\\phi = 3m_\\chi$, $m_4 = 400$ GeV, 90% CL, CLs, expected limits:

| experiment | background in the fit | BR($K\\to\\mu\\chi\\phi$) | Y | spurious signal |
| --- | --- | --- | --- | --- |
{choices}

The thermal target there is Y = {thermal:.3g}. A floating index costs {cost:.1f} in BR for E949 against a known shape
with free normalisation: the signal rises with $p$ much as the background does. The size of the simulated counts
($A$ in the card) is arbitrary: with ten times more, Y at 10 MeV changes by {e949_size:.1%} (E949) and
{na62_size:.1%} (NA62).

"Published systematic" adds a smooth uncertainty of the shape of the background: relative size and correlation length
in ln p {systematics}. Its size was fitted once so that the prediction below equals the published limit
(`fit_background_systematic` of `tools/validation/invisible_limit.py`); the correlation length is half the logarithm
of the momentum range. It is `--background-systematic published`; without it (`none`) the reach is the optimistic one.

"Spurious signal" is what the fit finds in background of the card's alternative model, K -> mu nu gamma with a lost
photon, in statistical standard deviations of the simulated counts. It grows with the square root of the counts, i.e.
with $A$, which no publication fixes: read it as a comparison of models, not as a size. Where it is large the two
forms differ by more than the simulated statistics allow, and the reach without systematic uncertainty is too
optimistic.

## Prediction for BR($M^+\\to\\ell^+\\nu\\nu\\bar\\nu$), without tuning

| experiment | published | predicted, whole range | factor | predicted, window | factor | known shape | systematic |
| --- | --- | --- | --- | --- | --- | --- | --- |
{predictions}

"Factor" is published / predicted. From the whole momentum range of the card the factor is {e949_factor:.1f} (E949) and
{na62_factor:.1f} (NA62), above 3. The reasons:

- E949: the publication uses 130 to 175 MeV/c. In that window, with the same power law floating, the factor is
  {e949_window:.1f}; the data between 175 and 200 MeV/c fix the index of the power law better than a search without
  them can.
- NA62: in its window (missing mass above 316 MeV) a cubic in ln p can imitate the signal, and the prediction is
  weaker than the published limit, which relies on simulated backgrounds; with a quadratic the factor is
  {na62_quadratic:.1f}. The resolution of the card (12 MeV at 195 MeV, from memory) is four times that of the detector's
  tracking; a narrower peak window means more background behind the same published peak limit, and with the
  detector's own resolution the whole-range factor is {na62_sharp:.1f}.
- PIENU pi -> e: the limit of arXiv:2006.00389 is predicted within 5 to 20% (its window is not known here; the
  range of the card replaces it). PIENU pi -> mu: the calibration covers kinetic energies above 1.2 MeV alone, where a
  power law that floats imitates most of the signal; the prediction is 40 times weaker than the published limit and
  does not test it.

The reach with the published systematic includes the factor by construction.

## E949 data for any muon spectrum

According to the abstract of arXiv:1606.09054 its data allow rates for any muon spectrum. Its tables were not found
(HEPData, public compilations, text copies of the paper); only the abstract was available.
`--method window` recasts its limit instead.

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
    assert card.peak_limit is not None
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
    point = project(experiment, grid=[0.01], **options).curve[0]
    br, thermal = point.others["br"], point.others["Y_thermal"]
    assert br is not None
    assert point.value is not None
    assert thermal is not None
    return br, point.value, thermal


def _size_effect(experiment: Experiment) -> float:
    larger = experiment.acceptance.model_copy(update={"value": 10.0 * experiment.acceptance.value})
    changed = experiment.model_copy(update={"acceptance": larger})
    return abs(_y_at_10_mev(changed)[1] / _y_at_10_mev(experiment)[1] - 1.0)


def _sharper(card: Experiment) -> Experiment:
    """NA62 with the angular resolution of its spectrometer, and the peak window that goes with it."""
    assert card.tracking is not None
    tracking = card.tracking.model_copy(update={"angle_rad": 5e-5})
    sharp = card.model_copy(update={"tracking": tracking})
    p = np.array(card.resolution.momentum_GeV)
    m4 = np.sqrt(missing_mass_sq(card, p))
    energy = np.hypot(p, card.masses[1])
    sigma = sigma_missing_mass(sharp, m4) * m4 * energy / (card.masses[0] * p)
    return sharp.model_copy(
        update={"resolution": card.resolution.model_copy(update={"sigma_GeV": tuple(sigma.tolist())})}
    )


def all_section() -> str:
    """Checks of every calibrated search."""
    rows, failing = [], []
    cards = [parse_card(card_of(name)) for name in experiment_names()]
    for card in cards:
        if not isinstance(card, Experiment) or card.peak_limit is None:
            continue
        calibration = calibrate(card)
        checks, toys = check_calibration(calibration), simulate_peak_search(calibration, N_TOYS, SEED)
        largest = max(checks.thirds_of_range, key=abs)
        rows.append(
            f"| `{card.name}` | {calibration.momentum.size} | {card.background.degree} | {checks.mean:+.3f} "
            f"| {_list(checks.thirds)} | {largest:+.2f} | {checks.rms:.2f} | {toys.mean_ratio:.3f} |"
        )
        wrong = abs(checks.mean) > 0.05 or max(map(abs, checks.thirds)) > 0.25 or abs(toys.mean_ratio - 1.0) > 0.05
        if wrong:
            failing.append(card.name)
    return ALL.format(rows="\n".join(rows), failing=", ".join(failing) or "none")


def _factor(published: float, predicted: float | None) -> str:
    return "-" if predicted is None else f"{published / predicted:.2g}"


def choices_section() -> str:
    """Tables of what the answer depends on, and what is not verified."""
    cards = {name: load_experiment(name) for name in CALIBRATED}
    choices, predictions, unverified, systematics = [], [], [], []
    cost, factors = {}, {}
    for name, card in cards.items():
        degree = card.background.degree
        assert card.background_systematic is not None
        shape = card.background_systematic
        systematics.append(f"{shape.relative:.3g} and {shape.correlation_length:.3g} ({name})")
        for text, options in (
            (f"degree {degree} in ln p, as in the card", {}),
            (f"degree {degree + 1 if degree == 1 else degree - 1}", {"background_degree": 2}),
            ("known shape, free normalisation", {"background_degree": 0}),
            ("M -> l nu gamma, free normalisation", {"background_model": "radiative"}),
            ("as in the card, published systematic", {"background_systematic": "published"}),
        ):
            point = project(card, grid=[0.01], **options).curve[0]  # type: ignore[arg-type]
            br, y, thermal = _y_at_10_mev(card, **options)
            spurious = point.others["spurious_signal"]
            cost[name, text] = br
            choices.append(f"| {name} | {text} | {br:.3g} | {y:.3g} | {spurious:.3g} |")
    for name in (*CALIBRATED, "pienu-2017-e", "pienu-2019-mu"):
        card = load_experiment(name)
        assert card.window_limit is not None
        published = card.window_limit.branching_ratio
        inside = within_window(card)
        whole, window = predicted_invisible_limit(card), predicted_invisible_limit(inside)
        known = predicted_invisible_limit(card, degree=0)
        systematic = predicted_invisible_limit(card, systematic=card.background_systematic)
        assert whole is not None
        assert window is not None
        factors[name] = published / whole, published / window
        last = "-" if card.background_systematic is None else f"{systematic:.2g}"
        predictions.append(
            f"| {name} | {published:.2g} | {whole:.2g} | {_factor(published, whole)} | {window:.2g} "
            f"| {_factor(published, window)} | {known:.2g} | {last} |"
        )
    for name in experiment_names():
        found = parse_card(card_of(name))
        if not isinstance(found, Experiment):
            continue
        sources = (("decays", found.n_parent), ("resolution", found.resolution), ("tracking", found.tracking))
        for label, source in sources:
            if source is not None and not source.verified:
                unverified.append(f"- {name}, {label}: {source.reference}.")
    scaled = load_experiment("na62-full", "trigger")
    unverified.append(f"- na62-full: {scaled.notes[0]}.")
    e949, na62 = cards["e949"], cards["na62-2021"]
    sharp = predicted_invisible_limit(_sharper(na62))
    quadratic = predicted_invisible_limit(within_window(na62), degree=2)
    assert sharp is not None
    assert quadratic is not None
    return CHOICES.format(
        choices="\n".join(choices),
        thermal=thermal,
        cost=cost["e949", "degree 1 in ln p, as in the card"] / cost["e949", "known shape, free normalisation"],
        e949_size=_size_effect(e949),
        na62_size=_size_effect(na62),
        systematics=", ".join(systematics),
        predictions="\n".join(predictions),
        e949_factor=factors["e949"][0],
        na62_factor=factors["na62-2021"][0],
        e949_window=factors["e949"][1],
        na62_quadratic=1.0e-6 / quadratic,
        na62_sharp=1.0e-6 / sharp,
        unverified="\n".join(unverified),
    )


def main(folder: Path) -> None:
    """Write calibration.md and the pictures into a folder."""
    sections = [experiment_section(name, folder) for name in CALIBRATED]
    text = INTRODUCTION.format(seed=SEED, n_toys=N_TOYS) + "\n".join(sections) + all_section() + choices_section()
    (folder / "calibration.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs") / "explanation" / "validation" / "mesons")
