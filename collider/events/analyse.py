"""Events of any generator as an experiment sees them: response, selection, histogram and cutflow.

The hardest charged lepton of the flavour is smeared and selected (`collider.events.event_response`). Events of the
leading-order hard process, in which the W has no transverse momentum, are given that of the experiment's table first,
as the generator and the templates have it; otherwise their spectrum could not be fitted.

A Standard Model sample becomes templates of nu4 too (`collider.events.sample_templates`).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.events.analyse_checks import check_process, known_cross_section, rates, sample_warnings
from collider.events.analyse_result import WEIGHT_FIELDS, AnalyseResult
from collider.events.beams import check_beams
from collider.events.event_response import EventResponse
from collider.events.event_sums import EventSums
from collider.events.sample_templates import TemplateRequest
from collider.events.template_sums import N_TEMPLATE_UNIFORMS, TemplateSums
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import PB_PER_INVFB, Measurement, measurement
from collider.experiments.response import Experiment
from collider.production.w_pt import pt_rows
from nucore.errors import InputError, unknown
from nucore.io.event_files import EventSource, LeptonBlock
from nucore.io.event_readers import open_events
from nucore.io.template_files import TEMPLATES
from nucore.io.writers import open_writer
from nucore.random_streams import Stream, check_seed, uniforms
from nucore.run.provenance import provenance

BoolArray = NDArray[np.bool_]

DEFAULT_FLAVOUR = "mu"
DEFAULT_SELECTION = "paper"
W_PT_MODELS = ("auto", "table", "file")
#: A W with less transverse momentum than this share of its mass has none; files have 7 digits or more.
_NO_PT = 1e-4


def analyse(
    events: str | Path,
    experiment: Experiment,
    flavour: str | None = None,
    *,
    selection: str = DEFAULT_SELECTION,
    out: str | Path | None = None,
    w_pt: str = "auto",
    luminosity_invfb: float | None = None,
    k_factor: float = 1.0,
    seed: int = 1,
    templates: TemplateRequest | None = None,
) -> AnalyseResult:
    """Pass the events of a file through an experiment's response and selection.

    Memory does not grow with the file.

    Parameters
    ----------
    events : str or Path
        See `nucore.io.event_readers.open_events`.
    experiment : Experiment
    flavour : str, optional
        ``e`` or ``mu``; by default what our own files say, else ``mu``.
    selection : str
        Name on the experiment's card.
    out : str or Path, optional
        ``.root``, ``.json`` or ``.csv`` for the histogram.
    w_pt : str
        ``table`` adds the experiment's W transverse momentum to events that have none, ``file`` takes them as they
        are, ``auto`` decides by the first events: the table's, if none of them has any.
    luminosity_invfb : float, optional
        That the events stand for, fb^-1; by default it follows from the cross section in the file.
    k_factor : float
        Multiplies the cross section in the file.
    seed : int
        Of resolution, efficiency, W transverse momentum and the directions of new decays.
    templates : TemplateRequest, optional
        Make templates of nu4 too.

    Raises
    ------
    InputError
        For arguments that are not allowed, a file that cannot be read to its end, other beams than the experiment's,
        W transverse momentum where the table's is to be added, no lepton of the flavour in any event, or leptons that
        mostly come from something else than W -> l nu; with templates also for particles beyond the Standard Model.
    """
    experiment.check_flavour(flavour or DEFAULT_FLAVOUR)
    _check_options(w_pt, luminosity_invfb, k_factor)
    if out is not None and Path(out).resolve() == Path(events).resolve():
        raise InputError(f"output {out} is the event file itself: expected another name")
    experiment.analysis(selection)
    check_seed(seed)
    if templates is not None and out is not None and Path(out).suffix == ".csv":
        raise InputError(f"output {out}: .csv holds one histogram: expected .root or .json for templates")
    decays = templates is not None
    with (
        nullcontext() if out is None else open_writer(out, events=False) as writer,
        open_events(events, decays) as source,
    ):
        check_beams(source, experiment)
        flavour = experiment.check_flavour(flavour or source.metadata.get("flavour", DEFAULT_FLAVOUR))
        measured = measurement(experiment, flavour, AnalysisOptions(selection=selection))
        response = EventResponse(measured.charge_groups, measured.lepton_selection, w_pt_tables(experiment), seed)
        more = None if templates is None else templates.sums(response, measured, source)
        sums, boosted = _add_up(source, response, measured, w_pt, more)
        check_process(source, sums, flavour, decays)
        cross_section, exposure = _exposure(source, sums, luminosity_invfb, k_factor)
        found = None if exposure is None else rates(measured, sums, exposure)
        correction = k_factor if luminosity_invfb is None else None
        cutflow = {name: int(n) for name, n in zip(response.steps, sums.passed, strict=True)}
        result = AnalyseResult(
            experiment=experiment.name,
            selection=measured.name,
            flavour=flavour,
            events=str(events),
            generator=source.generator,
            n_events=int(sums.passed[0]),
            n_selected=int(sums.passed[-1]),
            n_negative_weights=sums.n_negative,
            sum_of_weights=sums.sum_w,
            sum_of_squared_weights=sums.sum_w_sq,
            n_effective=sums.n_equivalent,
            selected_sum_of_weights=sums.sum_w_kept,
            selected_n_effective=sums.n_equivalent_kept,
            lepton_origins=sums.lepton_origins,
            cutflow=cutflow,
            w_pt="table" if boosted else "file",
            cross_section_pb=cross_section,
            exposure=None if exposure is None else {"luminosity_invfb": exposure},
            rate_ratio=None if found is None else found.ratio,
            warnings=list(sample_warnings(source, sums, measured, cutflow, found, correction)),
            outputs=[] if out is None else [str(out)],
            spectrum=measured.spectrum(*map(measured.data_bins, sums.contents)),
        )
        if templates is not None and more is not None:
            made = templates.templates(more, measured, source, sums.n_equivalent / sums.sum_w)
            about = {"used": templates.angular_coefficients, **more.coefficient_table()}
            result = replace(result, spectrum=made.sm, angular_coefficients=about, templates=made)
        result = replace(result, metadata=_metadata(result, measured.experiment, seed))
        if writer is not None:
            writer.finish(result.spectra, result.metadata)
    return result


def _check_options(w_pt: str, luminosity_invfb: float | None, k_factor: float) -> None:
    if w_pt not in W_PT_MODELS:
        raise unknown("W pT", w_pt, W_PT_MODELS)
    if luminosity_invfb is not None and k_factor != 1.0:
        raise InputError("--luminosity and --k-factor exclude each other: expected one of them")
    for name, value in (("luminosity", luminosity_invfb), ("k factor", k_factor)):
        if value is not None and not 0.0 < value < np.inf:
            raise InputError(f"invalid {name} {value:g}: expected a positive number")


def w_pt_tables(experiment: Experiment) -> NDArray[np.float64]:
    """Return the W transverse momentum at an experiment as `EventResponse` takes it."""
    return np.stack([pt_rows(experiment.sqrt_s_TeV, charge, beams=experiment.beams) for charge in (1, -1)])


def _add_up(
    source: EventSource, response: EventResponse, measured: Measurement, w_pt: str, more: TemplateSums | None
) -> tuple[EventSums, bool]:
    """Read all blocks; return the sums and whether the W was given a transverse momentum."""
    sums = EventSums(response.n_bins, len(response.steps))
    boost, first = None if w_pt == "auto" else w_pt == "table", 0
    for block in source.read(measured.flavour, measured.experiment.name, measured.name):
        moving = _moving(block)
        if boost is None and block.charge.any():
            boost = not moving.any()
        if block.boson is None and block.measured_bin is None and response.selection.recoil is not None:
            raise InputError(
                f"events {source.path} do not tell the transverse momentum of the W, which the recoil of selection "
                f"{measured.name} needs: expected Les Houches events or .root"
            )
        if boost and moving.any():
            raise InputError(
                f"events {source.path}: the W of event {first + int(moving.argmax()) + 1} has transverse momentum, "
                f"which --w-pt table would add: expected --w-pt file"
            )
        n = block.weight.size
        u = np.asarray(uniforms(response.seed, Stream.RESPONSE, first, n, N_TEMPLATE_UNIFORMS), float)
        sums.add(block.weight, *response.pass_through(block, u, bool(boost), not source.radiated), block.origin)
        if more is not None:
            more.add(block, u, bool(boost))
        first += n
    return sums, bool(boost)


def _moving(block: LeptonBlock) -> BoolArray:
    """Events whose W has a transverse momentum of its own, or may have one."""
    if block.boson is None:
        return block.charge != 0
    e, x, y, z = block.boson
    return np.asarray((np.hypot(x, y) >= _NO_PT * np.sqrt(np.maximum(e**2 - z**2, 0.0))) & (block.charge != 0))


def _exposure(
    source: EventSource, sums: EventSums, luminosity_invfb: float | None, k_factor: float
) -> tuple[float | None, float | None]:
    """Cross section (pb) and luminosity (fb^-1) of the events; None where not known."""
    if not sums.sum_w > 0.0:
        raise InputError(f"events {source.path}: invalid sum of weights {sums.sum_w:g}: expected a positive number")
    known = known_cross_section(source, sums)
    cross_section = None if known is None else k_factor * known
    if luminosity_invfb is not None:
        return cross_section, luminosity_invfb
    if source.luminosity_invfb is not None:
        return None, source.luminosity_invfb / k_factor
    return cross_section, None if cross_section is None else sums.n_equivalent / (cross_section * PB_PER_INVFB)


def _metadata(result: AnalyseResult, experiment: Experiment, seed: int) -> dict[str, Any]:
    not_kept = ("n_selected", "rate_ratio", "outputs", "histogram", "warnings", *WEIGHT_FIELDS)
    process = "analyse" if result.templates is None else TEMPLATES
    return {
        "process": process,
        "observable": result.spectrum.name,
        "backgrounds": False,
        **{name: value for name, value in result.to_dict().items() if name not in not_kept},
        "provenance": provenance(seed=seed, **experiment.origin),
    }
