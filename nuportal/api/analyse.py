"""``nuportal.analyse``: events of any generator as an experiment sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from nucore.card_files import CardSource
from nucore.errors import InputError
from nucore.grids import GridValues
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
    templates: bool = False,
    grid: GridValues | None = None,
    angular_coefficients: str | None = None,
    progress: Literal[False] | None = None,
) -> Any:
    """Pass W events of any generator through an experiment's response and selection.

    Parameters
    ----------
    events : str or Path
        Les Houches events or HepMC text of version 2 or 3, plain or packed with gzip or zstd, or a ``.root`` file of
        `nuportal.generate`; recognised by the contents.
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
    templates : bool
        Make templates of a massive neutrino too, one per mass of `grid`, from events of the Standard Model, with
        their weights and weight variations; `out` (``.root`` or ``.json``) is ready for ``nuportal.fit(...,
        prediction=...)``, and for `nucore.io.template_files.read_templates`.
    grid : str or sequence of float, optional
        Masses of nu4, GeV, increasing, as in `nuportal.project`; needed with `templates`.
    angular_coefficients : "sample" or "nominal", optional
        ``sample`` (default): the W keeps the spin it has in the events; ``nominal``: all its decays, to massless
        neutrinos too, are redrawn with the angular coefficients of our templates.
    progress : False, optional
        No bar in a notebook.

    Returns
    -------
    collider.events.analyse_result.AnalyseResult

    Raises
    ------
    InputError
        For arguments that are not allowed, or events that cannot be read.

    Examples
    --------
    >>> import nuportal
    >>> result = nuportal.analyse("events.lhe.gz", out="w.root")  # a file of yours  # doctest: +SKIP
    >>> nuportal.fit("w.root")  # doctest: +SKIP
    """
    current_run().seed = seed
    search, card = experiment_of(experiment, having="analyse")
    analysed: Any = search
    more: dict[str, Any] = {}
    if templates:
        if grid is None:
            raise InputError("--templates needs the masses of nu4: expected --grid, e.g. --grid 20,30,40")
        more = {"templates": analysed.TemplateRequest(grid, angular_coefficients or "sample")}
    elif grid is not None or angular_coefficients is not None:
        raise InputError("--grid and --angular-coefficients are options of --templates: expected --templates too")
    return analysed.analyse(
        events, card, flavour, selection=selection or "paper", out=out, w_pt=w_pt, luminosity_invfb=luminosity,
        k_factor=k_factor, seed=seed, **more,
    )  # fmt: skip
