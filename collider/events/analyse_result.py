"""What an event file looks like to an experiment."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from nucore.events import cutflow_table, exposure_row
from nucore.histograms import Spectrum
from nucore.io.template_files import Templates
from nucore.results import Result
from nucore.summaries import Table, number

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

    picture: ClassVar[str] = "nucore.plot.generated:analysed_figure"

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
        warnings : list of str
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

    def headline(self) -> str:
        """Say how many events are left."""
        return f"{self.events} through {self.experiment}: {self.n_selected} of {self.n_events} events selected"

    def tables(self) -> tuple[Table, ...]:
        """The sample and its rate, and the cutflow."""
        rows: dict[str, Any] = {
            "events": f"{self.events} ({self.generator})",
            "experiment": f"{self.experiment}, {self.flavour}, selection {self.selection}",
            "events in the file": self.n_events,
            "events selected": self.n_selected,
        }
        if self.n_effective != self.n_events:
            rows["negative weights"] = self.n_negative_weights
            rows["sum of weights"] = (
                f"{number(self.sum_of_weights, 6)}, selected {number(self.selected_sum_of_weights, 6)}"
            )
            rows["effective events"] = f"{number(self.n_effective, 6)}, selected {number(self.selected_n_effective, 6)}"
        if self.cross_section_pb is not None:
            rows["cross section"] = f"{number(self.cross_section_pb, 6)} pb"
        rows |= exposure_row(self.exposure)
        rows["W pT"] = "as in the file" if self.w_pt == "file" else "added, the experiment's table"
        notes = []
        if self.rate_ratio is not None:
            rows["rate / Standard Model"] = self.rate_ratio
            notes.append("rate / Standard Model: near 1 unless the events have cuts, or lack a k-factor")
        return Table.of(rows, notes=notes), cutflow_table(self.cutflow)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the bins."""
        s = self.spectrum
        if s.values.ndim > 1:
            return super().rows()
        columns = (s.edges[:-1].tolist(), s.edges[1:].tolist(), s.values.tolist(), s.variances.tolist())
        return [
            dict(zip(("low", "high", "value", "variance"), bin_, strict=True)) for bin_ in zip(*columns, strict=True)
        ]

    @property
    def spectra(self) -> list[Spectrum]:
        """All histograms of the output."""
        return [self.spectrum] if self.templates is None else self.templates.spectra()

    def to_hist(self) -> Any:
        """Return the spectrum as a `hist.Hist`."""
        return self.spectrum.to_hist()
