"""Charged-lepton flavour violation: branching ratios that need two mixings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nucore.model.flavour_violation import PROCESSES
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, upper_limit
from nuportal.constraints.predictions import Inputs, Prediction


def _branching_ratio(process: str, p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Published upper limit on a branching ratio, or on a conversion rate over the capture rate.

    Inputs: ``branching_ratio`` (the limit).
    """
    rate = PROCESSES[process](p.m4, p.Ue4, p.Umu4, p.Utau4, p.m_W)
    return upper_limit(f"rate of {process}", rate, inputs["branching_ratio"])


PREDICTIONS: Mapping[str, Prediction] = {name: partial(_branching_ratio, name) for name in PROCESSES}
