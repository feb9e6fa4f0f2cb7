"""What an event file looks like to an experiment."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from nucore.histograms import Spectrum
from nucore.io.template_files import Templates
from nucore.results import Result

#: What the result says about weights.
WEIGHT_FIELDS = (
    "n_negative_weights", "sum_of_weights", "sum_of_squared_weights", "n_effective", "selected_sum_of_weights",
    "selected_n_effective", "lepton_origins",
)  # fmt: skip


@dataclass(frozen=True)
class AnalyseResult(Result):
    """Spectrum and cutflow of an event file.

    Attributes
    ----------
    experiment, selection, flavour : str
        Whose response and cuts the events passed, and the lepton.
    events, generator : str
        The file and what made it.
    n_events, n_selected : int
        Events in the file and in the histogram, whatever their weights.
    n_negative_weights : int
        Events of negative weight.
    sum_of_weights, sum_of_squared_weights : float
        Of all events, as in the file.
    n_effective : float
        Number of unweighted events with the same relative uncertainty, the square of the first over the second.
    selected_sum_of_weights, selected_n_effective : float
        The same of the events in the histogram.
    lepton_origins : dict
        Share of the leptons, by absolute weight, of each `nucore.io.lepton_origin.Origin` (its name in lower case).
    cutflow : dict
        Events left after each step of `EventResponse.steps`.
    w_pt : str
        ``table`` where the experiment's W transverse momentum was added, else ``file``.
    cross_section_pb : float or None
        Of the events, as the file says, times the k factor.
    exposure : dict or None
        ``{"luminosity_invfb": L}`` that the histogram stands for; None where neither the file nor an option tells.
    rate_ratio : float or None
        Rate of leptons of the experiment's charges in the file over that of the Standard Model in the templates of
        a fit (NNLO): near 1 unless the file is of leading order and lacks its k factor, or has cuts.
    warnings : list of str
        What to know before the histogram is fitted.
    outputs : list of str
        Files.
    spectrum : Spectrum
        Numbers of events; of weighted events the sums of weights, scaled to the equivalent number of unweighted ones.
    angular_coefficients : dict or None
        With templates: whose were used, and those of the sample (`TemplateSums.coefficient_table`).
    templates : Templates or None
        With templates: all histograms, the spectrum among them.
    metadata : dict
        What the output file records, so that a fit of the result is one of the file.
    """

    experiment: str
    selection: str
    flavour: str
    events: str
    generator: str
    n_events: int
    n_selected: int
    n_negative_weights: int
    sum_of_weights: float
    sum_of_squared_weights: float
    n_effective: float
    selected_sum_of_weights: float
    selected_n_effective: float
    lepton_origins: dict[str, float]
    cutflow: dict[str, int]
    w_pt: str
    cross_section_pb: float | None
    exposure: dict[str, float] | None
    rate_ratio: float | None
    warnings: list[str]
    outputs: list[str]
    spectrum: Spectrum
    angular_coefficients: dict[str, Any] | None = None
    templates: Templates | None = None
    metadata: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, the histogram as ``edges``, ``values`` and ``variances``.

        Keys
        ----
        experiment, selection, flavour
        events, generator
        n_events, n_selected
        n_negative_weights
        sum_of_weights, sum_of_squared_weights
        n_effective
        selected_sum_of_weights, selected_n_effective
        lepton_origins
        cutflow
        w_pt
        cross_section_pb
        exposure
        rate_ratio
        warnings
        outputs
        angular_coefficients
        m4_GeV : list of float
            With templates: masses of the nu4 histograms.
        variations : list of str
            With templates: names of the varied histograms.
        weights : dict
            With templates: how the events were weighted.
        histogram : dict
            ``name``, ``edges`` in GeV, ``values`` and ``variances`` of the spectrum.
        """
        left_out = ("spectrum", "templates", "metadata")
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        if self.templates is None:
            del plain["angular_coefficients"]
        else:
            plain |= {name: self.templates.metadata[name] for name in ("m4_GeV", "variations", "weights")}
        s = self.spectrum
        columns = {"edges": s.edges.tolist(), "values": s.values.tolist(), "variances": s.variances.tolist()}
        return plain | {"histogram": {"name": s.name, **columns}}

    @property
    def spectra(self) -> list[Spectrum]:
        """All histograms of the output."""
        return [self.spectrum] if self.templates is None else self.templates.spectra()

    def to_hist(self) -> Any:
        """Return the spectrum as a `hist.Hist`."""
        return self.spectrum.to_hist()
