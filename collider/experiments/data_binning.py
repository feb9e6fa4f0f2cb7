"""Data in other bins than those of a selection: added up and cropped to them, or fitted in their own.

Templates are integrals over bins of any edges, so that the bins of the data may take the place of the selection's where
they are not finer ones with the same edges; none of them may reach beyond the window of the selection.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from collider.experiments.cards import Selection
from collider.experiments.measurement import Measurement, checked
from nucore.errors import InputError
from nucore.experiment_cards import validate
from nucore.histograms import Axis, Spectrum
from nucore.rebinning import Rebinning, axes_of, rebinning

#: Distance of an edge from an end of the window that nobody means, over the width of the narrowest bin.
_BESIDE = 0.05


def in_bins_of_data(measured: Measurement, spectrum: Spectrum) -> tuple[Measurement, Rebinning]:
    """Return the measurement in bins in which data can be fitted, and how the data get there.

    Parameters
    ----------
    measured : Measurement
    spectrum : Spectrum

    Raises
    ------
    InputError
        If the data cannot be brought to the bins of the selection, and cannot take their place.
    """
    where = f"selection {measured.name} of {measured.experiment.name}"
    try:
        return measured, rebinning(spectrum, measured.axes, where)
    except InputError:
        own = None if measured.selection.fixed_bins else _own_bins(measured, spectrum)
        if own is None:
            raise
    content = {**measured.selection.model_dump(), "edges_GeV": own}
    changed = checked(replace(measured, selection=validate(Selection, content, f"bins of the data in {where}")))
    return changed, rebinning(spectrum, changed.axes, where)


def _own_bins(measured: Measurement, spectrum: Spectrum) -> tuple[float, ...] | None:
    """Return edges of the data inside the window of the observable; None if there is no bin."""
    axes = axes_of(spectrum)
    if len(axes) != len(measured.axes):
        return None
    observable = _observable_axis(axes, measured.axes[:-1])
    low, high = measured.selection.window_GeV
    edges = np.asarray(observable.edges)
    width = np.diff(edges).min()
    tolerance = 1e-6 * width
    for end in (low, high):  # an edge beside one of the window is meant to be it: no bin is left out for that
        if tolerance < np.abs(edges - end).min() < _BESIDE * width:
            return None
    inside = edges[(edges >= low - tolerance) & (edges <= high + tolerance)]
    return tuple(np.clip(inside, low, high).tolist()) if inside.size > 1 else None


def _observable_axis(axes: tuple[Axis, ...], others: tuple[Axis, ...]) -> Axis:
    """Return the axis of data that is none of charge and |eta|; the last in doubt."""
    known = {axis.edges for axis in others}
    return next((axis for axis in axes if axis.edges not in known), axes[-1])
