"""Writing Les Houches event files, version 3.0: a header, the run, and events of one topology.

References
----------
E. Boos et al., hep-ph/0109068 (the numbers of run and event); J. Alwall et al., hep-ph/0609017 (the file);
J. R. Andersen et al., arXiv:1405.1067 (version 3.0).
"""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

import nucore
from nucore.errors import InputError
from nucore.io.atomic import atomic_path

#: Suffixes of Les Houches event files.
LHE_SUFFIXES = (".lhe", ".lhe.gz")

PROTON = 2212
#: IDWTUP: weights in pb whose mean is the cross section, as MadGraph writes them.
_WEIGHTS_IN_PB = -4
#: Value that the accord prescribes for an undefined number.
_UNDEFINED = -1
#: SPINUP of a particle that has no definite helicity.
UNPOLARISED = 9.0


@dataclass(frozen=True)
class LheRun:
    """Header and run information, written before the events.

    Attributes
    ----------
    sqrt_s_GeV : float
        Of proton-proton collisions with equal beams.
    cross_sections_pb : sequence of float
        Of the processes, which are numbered from 1 (LPRUP).
    header : mapping of str
        Text of each tag of the header, for example ``slha``.
    comment : str
        Comment at the start of the file.
    alpha : float
        Electromagnetic coupling of the events (AQEDUP).
    """

    sqrt_s_GeV: float
    cross_sections_pb: Sequence[float]
    header: Mapping[str, str]
    comment: str
    alpha: float


@dataclass(frozen=True)
class LheEvents:
    """Events of one topology with k particles.

    Attributes
    ----------
    process : int64[n]
        Number of the process (IDPRUP).
    scale : float64[n]
        Factorisation scale, GeV.
    status, mothers : sequences of k int, and of k pairs of int
        The same for all events.
    ids : int64[n, k]
        PDG numbers.
    colours : int64[n, k, 2]
    momenta : float64[n, k, 4]
        (px, py, pz, E) in GeV.
    masses, spins : float64[n, k]
    """

    process: NDArray[np.int64]
    scale: NDArray[np.float64]
    status: Sequence[int]
    mothers: Sequence[tuple[int, int]]
    ids: NDArray[np.int64]
    colours: NDArray[np.int64]
    momenta: NDArray[np.float64]
    masses: NDArray[np.float64]
    spins: NDArray[np.float64]


class LheWriter:
    """Appends blocks of events to an open file."""

    def __init__(self, stream: TextIO, run: LheRun) -> None:
        self._stream = stream
        self._weight = sum(run.cross_sections_pb)
        self._alpha = run.alpha
        stream.write(_preamble(run, self._weight))

    def extend(self, events: LheEvents) -> None:
        """Append a block of events."""
        n, k = events.ids.shape
        columns = np.concatenate(
            [events.ids[..., None], events.colours, events.momenta, events.masses[..., None], events.spins[..., None]],
            axis=2,
        ).reshape(n, -1)
        rows = np.column_stack([events.process, events.scale, columns])
        template = self._template(k, events.status, events.mothers)
        self._stream.writelines(template % tuple(row) for row in rows.tolist())

    def _template(self, k: int, status: Sequence[int], mothers: Sequence[tuple[int, int]]) -> str:
        head = f"<event>\n{k:2d} %d {self._weight:.9e} %.9e {self._alpha:.9e} {_UNDEFINED}\n"
        lines = [
            f"%9d {status[i]:2d} {mothers[i][0]} {mothers[i][1]} %3d %3d " + "%+.12e " * 4 + "%.12e 0. %g\n"
            for i in range(k)
        ]
        return head + "".join(lines) + "</event>\n"

    def finish(self) -> None:
        """Write the end of the file."""
        self._stream.write("</LesHouchesEvents>\n")


def _preamble(run: LheRun, total_pb: float) -> str:
    beam = 0.5 * run.sqrt_s_GeV
    tags = [f"<{name}>\n{escape(text.strip())}\n</{name}>" for name, text in run.header.items()]
    first = [
        PROTON,
        PROTON,
        f"{beam:.9e}",
        f"{beam:.9e}",
        *[_UNDEFINED] * 4,
        _WEIGHTS_IN_PB,
        len(run.cross_sections_pb),
    ]
    return "\n".join(
        [
            '<LesHouchesEvents version="3.0">',
            f"<!--\n{run.comment.strip().replace('--', '- -')}\n-->",
            "<header>",
            *tags,
            "</header>",
            "<init>",
            " ".join(str(x) for x in first),
            *[f"{pb:.9e} 0.0 {total_pb:.9e} {number}" for number, pb in enumerate(run.cross_sections_pb, 1)],
            f"<generator name='nuportal' version={quoteattr(nucore.__version__)}>arXiv:1709.07001</generator>",
            "</init>",
            "",
        ]
    )


def is_lhe(path: str | Path | None) -> bool:
    """Whether a path has the suffix of a Les Houches event file."""
    return path is not None and str(path).endswith(LHE_SUFFIXES)


@contextlib.contextmanager
def open_lhe(path: str | Path, run: LheRun) -> Iterator[LheWriter]:
    """Open a Les Houches event file for writing; it appears under its name when the block succeeds.

    Parameters
    ----------
    path : str or Path
        ``.lhe`` or ``.lhe.gz``.
    run : LheRun

    Raises
    ------
    InputError
        If the suffix is another one, or the place cannot be written.
    """
    if not is_lhe(path):
        raise InputError(f"output {path} is not a Les Houches event file: expected suffix {' or '.join(LHE_SUFFIXES)}")
    with atomic_path(path) as temporary, _open_text(temporary) as stream:
        writer = LheWriter(stream, run)
        yield writer
        writer.finish()


def _open_text(path: Path) -> TextIO:
    return gzip.open(path, "wt", 6, "ascii") if path.suffix == ".gz" else path.open("w", encoding="ascii")
