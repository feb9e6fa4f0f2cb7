"""Searches for decays of mesons to a lepton and several unseen particles."""

from __future__ import annotations

from collections.abc import Mapping

from mesons.decays.three_neutrinos import window_branching
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, upper_limit
from nuportal.constraints.predictions import Inputs, Prediction


def rare_window(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Published upper limit on the branching ratio of M -> l nu nu nubar, from one momentum window of the lepton.

    M -> l chi phi and an on-shell nu4 in the window count; the limit is corrected for the share of the Standard Model
    spectrum that it assumes there.

    Inputs: ``parent``, ``lepton``; ``branching_ratio`` (the limit), ``momentum_low_GeV``, ``momentum_high_GeV`` in the
    rest frame of the meson.
    """
    parent, lepton = inputs["parent"], inputs["lepton"]
    window = inputs["momentum_low_GeV"], inputs["momentum_high_GeV"]
    predicted = window_branching(parent, lepton, p, *window)
    return upper_limit(
        f"BR({parent} -> {lepton} + unseen) as one to three neutrinos",
        predicted,
        inputs["branching_ratio"],
        lambda k: "the rate to chi phi is known for yR = 0 only",
    )


PREDICTIONS: Mapping[str, Prediction] = {"rare-window": rare_window}
