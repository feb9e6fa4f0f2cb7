"""A pyhf JSON workspace as a likelihood of this package.

Channels follow one another in one spectrum. A shapesys is a free factor with one more bin, that of its auxiliary
Poisson measurement, so that every constraint of HistFactory is held exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.export.exponentials import exponential_coefficients
from nucore.export.pyhf_layout import Layout
from nucore.export.pyhf_modifiers import SampleMaker, extended
from nucore.export.pyhf_settings import DEFAULTS, Settings
from nucore.histograms import Spectrum
from nucore.io.readers import is_workspace
from nucore.reports.fit_input import FitInput
from nucore.stats import Likelihood, Model
from nucore.stats.modifiers import BinFactor, Sample
from nucore.text import LARGEST_NUMBER, SMALLEST_NUMBER, check_values, one_line

Array = NDArray[np.float64]

#: Of a workspace; a fit of more takes hours.
MAX_PARAMETERS = 2_000
#: Of a parameter of interest without bounds in the measurement; those of pyhf end at 10.
POI_BOUNDS = (0.0, np.inf)


def read_pyhf_workspace(content: Mapping[str, Any], measurement: str | None = None) -> FitInput:
    """Build the likelihood of a pyhf workspace.

    Parameters
    ----------
    content : dict
        normfactor, normsys (code 4), histosys (code 4p), staterror, shapesys, shapefactor and lumi.
    measurement : str, optional
        The first by default.

    Returns
    -------
    FitInput
        Bins of all channels, one after the other; those of auxiliary Poisson measurements follow in the likelihood
        alone. The parameter of interest has the bounds of the workspace; without any it is >= 0 with no upper bound.

    Raises
    ------
    InputError
        If the content is not a workspace, or holds something this package cannot represent.
    """
    if not is_workspace(content):
        raise InputError("not a pyhf workspace: expected channels, measurements and observations")
    check_values(content)
    try:
        with np.errstate(all="ignore"):
            return _Reader(content, measurement).fit_input()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not a valid pyhf workspace: {type(error).__name__} {one_line(error)}") from None


class _Reader:
    def __init__(self, content: Mapping[str, Any], measurement: str | None) -> None:
        self.content = content
        names = [str(m["name"]) for m in content["measurements"]]
        if not names or (measurement is not None and measurement not in names):
            raise InputError(f"workspace has no measurement {measurement!r}; it has: {', '.join(names) or 'none'}")
        self.measurement = names[0] if measurement is None else measurement
        config = content["measurements"][names.index(self.measurement)]["config"]
        self.named_poi = str(config.get("poi") or "")
        self.layout = Layout.of(content)
        settings = Settings(config.get("parameters") or [])
        self.parameters = {
            name: settings.parameter_set(
                name,
                kind,
                self.layout.size(name),
                POI_BOUNDS if (name, kind) == (self.named_poi, "normfactor") else None,
            )
            for name, kind in self.layout.kinds.items()
        }
        self.no_limit = self._no_limit()
        self.poi = "" if self.no_limit else self.named_poi
        self.maker = SampleMaker(self.parameters, self.layout.numbers, self.layout.relative)

    def fit_input(self) -> FitInput:
        samples: list[Sample] = []
        for channel in self.content["channels"]:
            place = partial(self.layout.in_all_bins, str(channel["name"]))
            samples += [self.maker.make(f"{channel['name']}/{s['name']}", s, place) for s in channel["samples"]]
        model = self._model(self._with_auxiliary(samples))
        if len(model.names) > MAX_PARAMETERS:
            raise InputError(f"workspace has {len(model.names)} parameters: expected up to {MAX_PARAMETERS}")
        observation = model.observation(self._counts(), self._measured(model))
        edges, counts = np.arange(self.layout.n_bins + 1.0), observation.counts[: self.layout.n_bins]
        fixed = {
            label: float(value)
            for found in self.parameters.values()
            for label, value, held in zip(found.labels(), found.inits, found.fixed, strict=True)
            if held
        }
        return FitInput(
            Likelihood(model, observation),
            Spectrum.from_counts("bin", edges, counts, "bin"),
            analysis={"measurement": self.measurement, "fixed_parameters": fixed},
            no_limit=self.no_limit,
            warnings=self._warnings(),
        )

    def _no_limit(self) -> str | None:
        """Say why the measurement has no parameter that can be limited; None if it has one."""
        name = self.named_poi
        if not name:
            return f"measurement {self.measurement!r} has no parameter of interest"
        found = self.parameters.get(name)
        if found is None:
            return f"the parameter of interest {name!r} is not in the model"
        if found.kind != "normfactor":
            return f"the parameter of interest {name!r} is a {found.kind}, no signal strength (normfactor)"
        if found.fixed[0]:
            return f"the parameter of interest {name!r} is fixed at {found.inits[0]:g} in the measurement"
        low, high = found.bounds[0]
        if low > 0.0 or high <= 0.0:
            return f"the bounds of the parameter of interest {name!r}, {low:g} to {high:g}, leave out 0 or all above"
        return None

    def _model(self, samples: list[Sample]) -> Model:
        bounds, starts = {}, {}
        for found in self.parameters.values():
            for k, label in enumerate(found.labels()):
                bounds[label] = float(found.bounds[k, 0]), float(found.bounds[k, 1])
                nominal = DEFAULTS[found.kind][0] if found.auxdata is None else found.auxdata[k]
                moved = found.kind != "normfactor" and found.starts_given and found.inits[k] != nominal
                if moved or label == self.poi:
                    starts[label] = float(found.inits[k])
        low, high = bounds.get(self.poi, POI_BOUNDS)
        unmeasured = exponential_coefficients(self.content, self.parameters)
        return Model(samples, self.poi, (max(0.0, low), high), bounds=bounds, starts=starts, unmeasured=unmeasured)

    def _warnings(self) -> tuple[str, ...]:
        names = dict.fromkeys([*self.layout.without_content, *self.maker.without_content])
        return tuple(f"{name}: the uncertainty of bins without content has no effect (as in pyhf)" for name in names)

    def _counts(self) -> Array:
        data: dict[str, Array] = {}
        for item in self.content["observations"]:
            if str(item["name"]) in data:
                raise InputError(f"channel {item['name']!r} has two observations; expected one")
            data[str(item["name"])] = np.asarray(item["data"], dtype=np.float64)
        missing = [name for name in self.layout.channels if name not in data]
        if missing:
            raise InputError(f"workspace has no observation for channel {missing[0]!r}")
        for name, where in self.layout.channels.items():
            sensible = (data[name] >= SMALLEST_NUMBER) & (data[name] <= LARGEST_NUMBER)
            if not np.all(sensible | (data[name] == 0.0)):
                raise InputError(f"channel {name!r}: observations must be numbers from 0 to {LARGEST_NUMBER:g}")
            if data[name].shape != (where.stop - where.start,):
                raise InputError(
                    f"channel {name!r} has {where.stop - where.start} bins, its observation {data[name].size}"
                )
        return np.concatenate([*(data[name] for name in self.layout.channels), self.maker.auxiliary_counts])

    def _measured(self, model: Model) -> Array:
        """Auxiliary measurements: nominal, or as the measurement's settings say."""
        given = {
            label: float(value)
            for found in self.parameters.values()
            if found.auxdata is not None
            for label, value in zip(found.labels(), found.auxdata, strict=True)
        }
        nominal = model.initial[model.constrained]
        return np.array([given.get(model.names[k], v) for k, v in zip(model.constrained, nominal, strict=True)])

    def _with_auxiliary(self, samples: list[Sample]) -> list[Sample]:
        """Samples with the auxiliary bins appended, and one sample per shapesys that fills them."""
        n_bins, extra = self.layout.n_bins, len(self.maker.auxiliary_counts)
        if not extra:
            return samples
        result = [
            Sample(s.name, np.append(s.values, np.zeros(extra)), [extended(m, extra) for m in s.modifiers])
            for s in samples
        ]
        for name in dict.fromkeys(name for name, _, _ in self.maker.auxiliary_samples):
            contents, numbers = np.zeros(n_bins + extra), np.full(n_bins + extra, -1.0)
            for k, (owner, number, tau) in enumerate(self.maker.auxiliary_samples):
                if owner == name:
                    contents[n_bins + k], numbers[n_bins + k] = tau, number
            result.append(Sample(f"measurement of {name}", contents, [BinFactor(name, numbers)]))
        return result
