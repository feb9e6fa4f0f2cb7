"""Toys of one fit on many workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, open_workers, single_threaded_blas
from nucore.stats.ensembles import ToyMap, ToyTask, in_this_thread

CHUNK_TOYS = 50
#: Starting processes takes as long as so many toys per tested value.
_MIN_TOYS_FOR_PROCESSES = 200


@dataclass(frozen=True)
class _Rows:
    """A task of the engine; picklable if the toys are."""

    task: ToyTask

    def __call__(self, toys: Chunk) -> NDArray[np.float64]:
        return self.task(toys.first, toys.n)


@contextmanager
def open_toy_map(execution: Execution, n_toys: int) -> Iterator[ToyMap]:
    """Open the workers of a fit, and give what computes its toys there.

    Parameters
    ----------
    execution : Execution
    n_toys : int
        Per ensemble; few are done in this thread, unless a cluster is asked for.

    Raises
    ------
    InputError
        If no Dask scheduler answers.
    """
    with single_threaded_blas():
        if not execution.remote and (n_toys < _MIN_TOYS_FOR_PROCESSES or execution.local_workers == 1):
            yield in_this_thread
            return
        with open_workers(execution, "processes") as workers:

            def run(task: ToyTask, n: int) -> NDArray[np.float64]:
                step = execution.chunk or min(CHUNK_TOYS, -(-n // (2 * workers.count)))
                chunks = cut(Chunk(0, n), step)
                return np.concatenate(list(run_chunks(_Rows(task), chunks, execution, workers)))

            yield run
