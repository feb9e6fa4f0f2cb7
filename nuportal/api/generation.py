"""Decays and pseudo-data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import collider.events.analyse
import collider.events.kernel
import collider.events.pseudodata
import collider.experiments.response
import mesons.decays.spectra
import mesons.events.kernel
import mesons.events.pseudodata
import mesons.experiments.cards
from collider.events.analyse import AnalyseResult
from collider.events.pseudodata import DEFAULT_SELECTION
from mesons.decays.spectra import DecayResult
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.kernels import is_compiled
from nuportal.api.experiments import PROCESSES, check_lepton, flavour_of, is_collider
from nuportal.api.requests import recorded, runnable

Progress = Callable[[float], None]


@recorded
def decay(parent: str, lepton: str, parameters: PortalParameters | None = None) -> DecayResult:
    """Rates and spectrum of a decay to a charged particle and invisible ones.

    Parameters
    ----------
    parent : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``, ``tau-`` or ``mu-``.
    lepton : str
        ``e``, ``mu`` or ``tau``; ``pi`` or ``K`` too for ``tau-``.
    parameters : PortalParameters, optional
        The default point if left out; yR must be 0.
    """
    point = PortalParameters() if parameters is None else parameters
    require_left_handed(point, "decay")
    return mesons.decays.spectra.decay(parent, lepton, point)


@runnable
def generate(
    process: str,
    parameters: PortalParameters | None = None,
    *,
    experiment: str | None = None,
    flavour: str | None = None,
    selection: str | None = None,
    events: int | None = None,
    luminosity_invfb: float | None = None,
    decays: float | None = None,
    out: str | Path | None = None,
    histogram_only: bool = False,
    all_events: bool = False,
    seed: int = 1,
    execution: Execution | None = None,
    progress: Progress | None = None,
) -> Job[GenerateResult]:
    """Generate pseudo-data.

    Parameters
    ----------
    process : str
        ``w``, ``kaon``, ``pion``, ``b`` or ``tau``.
    parameters : PortalParameters, optional
        Signal and Standard Model are mixed as they say.
    experiment : str, optional
        ``atlas-2011`` for ``w``, ``e949`` for ``kaon`` by default.
    flavour : str, optional
        ``e`` or ``mu``; by default the one flavour with U_l4 != 0, else ``mu``. Kaon cards fix it.
    selection : str, optional
        Of a collider card; ``paper`` by default.
    events : int, optional
        Parents before selection; 100,000 if no size is given.
    luminosity_invfb, decays : float, optional
        A real exposure instead: the number of parents is Poisson distributed and the card's background is added.
    out : str or Path, optional
        ``.root``, ``.parquet`` (events), ``.json``, ``.csv`` (histogram).
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed : int
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it.
    progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    GenerateResult

    Raises
    ------
    InputError
        For arguments that are not allowed or do not fit together.
    """
    if process not in PROCESSES:
        raise InputError(f"process {process!r} is not known; allowed: {', '.join(PROCESSES)}")
    point = PortalParameters() if parameters is None else parameters
    name = PROCESSES[process] if experiment is None else experiment
    if is_collider(name) != (process == "w"):
        raise InputError(f"experiment {name} does not measure process {process}")
    _one_size(process, events, luminosity_invfb, decays)
    if selection is not None and process != "w":
        raise InputError(f"--selection does not apply to {process}; allowed: w")
    common: dict[str, Any] = {
        "out": out, "histogram_only": histogram_only, "all_events": all_events, "seed": seed, "events": events,
        "execution": execution or Execution(), "progress": progress,
    }  # fmt: skip
    if process == "w":
        return collider.events.pseudodata.generation_job(
            collider.experiments.response.load_experiment(name), point, flavour or flavour_of(point),
            selection=selection or DEFAULT_SELECTION,
            luminosity_invfb=luminosity_invfb, **common,
        )  # fmt: skip
    require_left_handed(point, f"generate {process}")
    card = mesons.experiments.cards.load_experiment(name)
    if card.process != process:
        raise InputError(f"experiment {name} does not measure process {process}")
    check_lepton(card, flavour)
    return mesons.events.pseudodata.generation_job(card, point, decays=decays, **common)


@recorded
def analyse(
    events: str | Path,
    *,
    experiment: str = PROCESSES["w"],
    flavour: str | None = None,
    selection: str | None = None,
    out: str | Path | None = None,
    w_pt: str = "auto",
    luminosity_invfb: float | None = None,
    k_factor: float = 1.0,
    seed: int = 1,
) -> AnalyseResult:
    """Pass W events of any generator through an experiment's response and selection; see `events.analyse.analyse`.

    Parameters
    ----------
    events : str or Path
        ``.lhe``, ``.lhe.gz``, ``.hepmc``, or a ``.root`` file of `generate`.
    experiment : str
        A collider card.
    flavour : str, optional
        Of the lepton; by default what our own files say, else ``mu``.
    selection : str, optional
        On the card; ``paper`` by default.
    out : str or Path, optional
        ``.root``, ``.json`` or ``.csv``: the histogram, ready for `fit`.
    w_pt : str
        ``auto``, ``table`` or ``file``.
    luminosity_invfb : float, optional
        That the events stand for; else from the cross section in the file, times `k_factor`.
    k_factor : float
    seed : int
    """
    if not is_collider(experiment):
        allowed = ", ".join(collider.experiments.response.experiment_names())
        raise InputError(f"experiment {experiment} measures no W; allowed: {allowed}")
    card = collider.experiments.response.load_experiment(experiment)
    return collider.events.analyse.analyse(
        events, card, flavour, selection=selection or DEFAULT_SELECTION, out=out, w_pt=w_pt,
        luminosity_invfb=luminosity_invfb, k_factor=k_factor, seed=seed,
    )  # fmt: skip


def kernel_compiles(process: str) -> bool:
    """Say whether the next generation of a process compiles its kernel first, which takes some seconds."""
    if process not in PROCESSES:
        return False
    return not is_compiled(
        collider.events.kernel.generate_blocks if process == "w" else mesons.events.kernel.histogram_range
    )


def _one_size(process: str, events: int | None, luminosity: float | None, decays: float | None) -> None:
    sizes = {"events": events, "luminosity": luminosity, "decays": decays}
    given = [name for name, value in sizes.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"--{' and --'.join(given)} exclude each other; give one size")
    wrong = "decays" if process == "w" else "luminosity"
    if wrong in given:
        raise InputError(f"--{wrong} does not apply to {process}; allowed: {', '.join(n for n in sizes if n != wrong)}")
