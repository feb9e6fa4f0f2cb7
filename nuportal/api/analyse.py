"""``nuportal.analyse``: events of any generator as an experiment sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nucore.card_files import CardSource
from nucore.run.provenance import current_run
from nuportal.api.requests import recorded
from nuportal.searches import experiment_of


@recorded
def analyse(
    events: str | Path,
    *,
    experiment: CardSource = "atlas-2011",
    flavour: str | None = None,
    selection: str | None = None,
    out: str | Path | None = None,
    w_pt: str = "auto",
    luminosity: float | None = None,
    k_factor: float = 1.0,
    seed: int = 1,
) -> Any:
    """Pass W events of any generator through an experiment's response and selection.

    Parameters
    ----------
    events : str or Path
        ``.lhe``, ``.lhe.gz``, ``.hepmc``, or a ``.root`` file of `nuportal.generate`.
    experiment : str, Path or Card
        Name or path of a collider card.
    flavour : str, optional
        Of the lepton; by default what our own files say, else ``mu``.
    selection : str, optional
        On the card; ``paper`` by default.
    out : str or Path, optional
        ``.root``, ``.json`` or ``.csv``: the histogram, ready for `nuportal.fit`.
    w_pt : "auto", "table" or "file"
        ``table``: add the W transverse momentum that leading-order events lack; ``file``: keep them as they are.
    luminosity : float, optional
        fb^-1 that the events stand for; else from the cross section in the file, times `k_factor`.
    k_factor : float
    seed : int

    Returns
    -------
    collider.events.analyse.AnalyseResult

    Raises
    ------
    InputError
        For arguments that are not allowed, or events that cannot be read.
    """
    current_run().seed = seed
    search, card = experiment_of(experiment, having="analyse")
    analysed: Any = search
    return analysed.analyse(
        events, card, flavour, selection=selection or "paper", out=out, w_pt=w_pt, luminosity_invfb=luminosity,
        k_factor=k_factor, seed=seed,
    )  # fmt: skip
