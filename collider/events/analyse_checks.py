"""Whether events are what the templates of a fit describe, W -> l nu, and what a user should know about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from collider.events.event_sums import EventSums, FloatArray
from collider.experiments.measurement import PB_PER_INVFB, Measurement
from collider.production.w_production import w_component
from nucore.errors import InputError
from nucore.io.event_files import EventSource
from nucore.io.lepton_origin import Origin

#: Of the leptons that come from no hadron, at least this share comes from W -> l nu. An inclusive sample of all that
#: has leptons is above: tau decays are 17%, Z about 9%, top quarks and W pairs about 2% of W -> l nu.
LEAST_W_SHARE = 2.0 / 3.0
#: A smaller share of other selected events is not told.
_NOTED_SHARE = 0.01
#: A rate that differs from that of the templates by more, five times their uncertainty, is worth a note.
_UNLIKE_TEMPLATES = 0.1
#: NNLO over leading order is smaller, for any process with the W of this one.
_LARGEST_K_FACTOR = 2.0
#: The mean weight may differ from the cross section in the file by this share, beside its statistical error: generators
#: round, and count trials.
_MEAN_TOLERANCE, _MEAN_SIGMAS = 0.1, 5.0
_FLAVOURS = ("e", "mu", "tau")
_OTHER_ORIGINS = {
    Origin.PAIR: "with a lepton of the opposite charge (Z, gamma*, dark photon: lepton charges sum to 0)",
    Origin.TOP: "from top quarks or W pairs",
    Origin.TAU: "from heavier leptons (tau)",
    Origin.HADRON: "from hadron decays",
    Origin.ALONE: "without a neutrino or other invisible particle",
}


def check_process(source: EventSource, sums: EventSums, flavour: str, from_w: bool) -> None:
    """Refuse samples whose leptons mostly come from something else than W -> l nu.

    Parameters
    ----------
    source : EventSource
    sums : EventSums
        Of all events.
    flavour : str
    from_w : bool
        Whether only leptons that come from a W were read.

    Raises
    ------
    InputError
        If there is no lepton of the flavour, or fewer than `LEAST_W_SHARE` of those that come from no hadron come
        from a W, by absolute weights.
    """
    if sums.passed[0] == 0:
        raise InputError(f"events {source.path} has no events")
    if sums.passed[1] == 0:
        raise InputError(
            f"events {source.path}: none of the {sums.passed[0]} events has a charged lepton {flavour}"
            f"{' that comes from a W in its record' if from_w else ''}{_other_leptons(source, flavour)}"
        )
    weights = sums.origins[0]
    prompt = weights.sum() - weights[Origin.HADRON]
    if weights.sum() > 0.0 and not weights[Origin.W] >= LEAST_W_SHARE * prompt > 0.0:
        raise InputError(
            f"events {source.path} are not W -> {flavour} nu: of the leptons {flavour}, {_shares(weights)}; expected "
            f"at least {LEAST_W_SHARE:.0%} from a W"
        )


def _other_leptons(source: EventSource, flavour: str) -> str:
    """Tell which other leptons the first events have."""
    found = []
    for other in _FLAVOURS:
        block = None if other == flavour else next(source.read(other, "", ""), None)
        if block is not None and block.charge.any():
            found.append(f"{np.count_nonzero(block.charge)} of the first {block.charge.size} have {other}")
    return f" ({', '.join(found)})" if found else ""


def _shares(weights: FloatArray) -> str:
    shares = {origin: weights[origin] / weights.sum() for origin in _OTHER_ORIGINS}
    return ", ".join(f"{share:.1%} are {_OTHER_ORIGINS[origin]}" for origin, share in shares.items() if share > 0.0)


def known_cross_section(source: EventSource, sums: EventSums) -> float | None:
    """Cross section in pb that a file gives; None where its weights contradict it.

    With IDWTUP of 1 or 4 the mean weight is the cross section, or, as some write it, their sum; so it is with 3 if the
    weights differ in size, which that rules out: some generators then write 1 for the cross section. With 2 they may
    have any unit.

    References
    ----------
    E. Boos et al., hep-ph/0109068, Table 1.
    """
    value, strategy = source.cross_section_pb, abs(source.weighting)
    if value is None or not (strategy in (1, 4) or (strategy == 3 and sums.size_range[0] != sums.size_range[1])):
        return value
    n = sums.passed[0]
    errors = np.sqrt(sums.sum_w_sq) * np.array([1.0 / n, 1.0])
    differences = np.abs(sums.sum_w * np.array([1.0 / n, 1.0]) - value)
    return value if np.any(differences < _MEAN_TOLERANCE * value + _MEAN_SIGMAS * errors) else None


@dataclass(frozen=True)
class Rates:
    """Rate of the leptons of the measured charges that come from a W.

    Attributes
    ----------
    seen_pb : float
        Of the events.
    standard_pb : float
        Of W -> l nu in the Standard Model, as the templates have it (NNLO).
    """

    seen_pb: float
    standard_pb: float

    @property
    def ratio(self) -> float:
        """Of the events over the Standard Model."""
        return self.seen_pb / self.standard_pb


def rates(measured: Measurement, sums: EventSums, luminosity_invfb: float) -> Rates:
    """Compare the rate of the events with that of the Standard Model."""
    n_charged = sums.n_equivalent * sums.sum_w_charged / sums.sum_w
    experiment = measured.experiment
    standard = sum(
        w_component(experiment.sqrt_s_TeV, charge, 0.0, beams=experiment.beams).cross_section_pb
        for charge in measured.selection.charge_signs
    )
    return Rates(n_charged / (luminosity_invfb * PB_PER_INVFB), float(standard))


def sample_warnings(
    source: EventSource,
    sums: EventSums,
    measured: Measurement,
    cutflow: dict[str, int],
    found: Rates | None,
    k_factor: float | None,
) -> Iterator[str]:
    """Yield what a user should know of a sample.

    ``found`` is None where its luminosity is not known, ``k_factor`` where it was given.
    """
    kept = sums.origins[1]
    if cutflow and not list(cutflow.values())[-1]:
        steps = ", ".join(f"{name} {n}" for name, n in cutflow.items())
        yield f"no event is selected; events left after each step: {steps}"
    elif kept.sum() - kept[Origin.W] > _NOTED_SHARE * kept.sum():
        yield f"not all selected events are W -> {measured.flavour} nu, as the templates of a fit are: {_shares(kept)}"
    if found is None:
        yield _unknown_luminosity(source, sums)
    elif found.ratio > 0.0 and abs(found.ratio - 1.0) > _UNLIKE_TEMPLATES:  # 0: no event of the measured charge
        yield _unlike_templates(measured, found, k_factor)


def _unknown_luminosity(source: EventSource, sums: EventSums) -> str:
    mean, given = sums.sum_w / sums.passed[0], source.cross_section_pb
    why = "the file has no cross section"
    if given is not None:
        why = f"the cross section in the file, {given:.4g} pb, is not that of its weights, with a mean of {mean:.4g}"
    hint = ""
    if given is not None or abs(source.weighting) in (1, 4):
        luminosity = sums.n_equivalent / (mean * PB_PER_INVFB)
        hint = f" ({luminosity:.6g} if the mean weight is the cross section in pb)"
    return (
        f"the luminosity of the events is not known: {why}; give --luminosity in fb^-1{hint}, here or to `fit`, which "
        "refuses the histogram without"
    )


def _unlike_templates(measured: Measurement, found: Rates, k_factor: float | None) -> str:
    start = f"the events stand for {found.ratio:.3g} times the rate the fit expects"
    needed = 0.0 if k_factor is None else k_factor / found.ratio
    if 1.0 < needed <= _LARGEST_K_FACTOR:
        return f"{start}; of leading order, give --k-factor {needed:.2f}, or --luminosity"
    return (
        f"{start}: the cross section of their leptons is {found.seen_pb:.4g} pb, that of W -> {measured.flavour} nu "
        f"at {measured.experiment.sqrt_s_TeV:g} TeV {found.standard_pb:.4g} pb: another process, other cuts, or "
        "another luminosity"
    )
