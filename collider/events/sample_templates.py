"""Templates of the Standard Model and of nu4 from a Standard Model sample of any generator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from collider.events.event_response import EventResponse
from collider.events.template_sums import TemplateSums
from collider.experiments.measurement import Measurement
from collider.production.partons import DEFAULT_PDF_SET
from collider.production.spin import DEFAULT_SPIN, spin_table
from nucore.errors import InputError
from nucore.grids import GridValues, mass_grid
from nucore.histograms import Spectrum
from nucore.io.event_files import EventSource
from nucore.io.template_files import Templates, template_name, weight_names

Array = NDArray[np.float64]

ANGULAR_COEFFICIENTS = ("sample", "nominal")


@dataclass(frozen=True)
class TemplateRequest:
    """Which templates to make.

    Attributes
    ----------
    grid : str or sequence of float
        Masses of nu4, GeV, increasing.
    angular_coefficients : "sample" or "nominal"
        The W decays as in the sample, whatever its spin; or all of them, to massless neutrinos too, are redrawn with
        A0..A4 of our templates.
    """

    grid: GridValues
    angular_coefficients: str = "sample"

    def __post_init__(self) -> None:
        if self.angular_coefficients not in ANGULAR_COEFFICIENTS:
            raise InputError(
                f"unknown angular coefficients {self.angular_coefficients!r}: expected one of "
                f"{', '.join(ANGULAR_COEFFICIENTS)}"
            )
        _ = self.m4_GeV  # refuses what is no grid

    @property
    def m4_GeV(self) -> list[float]:
        """Masses of nu4."""
        return [float(m4) for m4 in mass_grid(self.grid, "--grid")]

    def sums(self, response: EventResponse, measured: Measurement, source: EventSource) -> TemplateSums:
        """Begin to add up the events of a file."""
        given = partial(_nominal, measured) if self.angular_coefficients == "nominal" else None
        return TemplateSums(str(source.path), response, self.m4_GeV, given, radiate=not source.radiated)

    def templates(self, sums: TemplateSums, measured: Measurement, source: EventSource, scale: float) -> Templates:
        """Return the histograms, in units of equivalent events.

        Parameters
        ----------
        sums : TemplateSums
            Of all events.
        measured : Measurement
        source : EventSource
        scale : float
            Of the weights.
        """
        observable, masses = measured.selection.observable, self.m4_GeV
        weights = weight_names(source.weights)

        def of(row: int, column: int) -> Spectrum:
            values, squares = scale * sums.values[row, column], scale**2 * sums.variances[row, column]
            weight = None if column == 0 else list(weights)[column - 1]
            found = measured.spectrum(values, np.maximum(squares, 0.0))  # rounding
            return replace(found, name=template_name(observable, masses[row - 1] if row else None, weight))

        def nu4(column: int) -> dict[float, Spectrum]:
            return {m4: of(row, column) for row, m4 in enumerate(masses, start=1)}

        return Templates(
            sm=of(0, 0),
            nu4=nu4(0),
            variations={name: of(0, column) for column, name in enumerate(weights, start=1)},
            nu4_variations={name: nu4(column) for column, name in enumerate(weights, start=1)},
            metadata={"m4_GeV": masses, "variations": list(weights), "weights": weights},
        )


def _nominal(measured: Measurement, charge: int, mass: Array, pt: Array, rapidity: Array) -> Array:
    """Return A0..A4 of the experiment's templates."""
    experiment = measured.experiment
    table = spin_table(experiment.sqrt_s_TeV, charge, DEFAULT_PDF_SET, experiment.beams, DEFAULT_SPIN)
    return table.along_rapidity(mass, pt, rapidity)
