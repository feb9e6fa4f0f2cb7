"""Long runs: chunks of numbered items -> any executor -> results in order, kept on disk until the run is done.

A result depends on the number of an item alone, so it is the same bit for bit for any number of workers, on this
machine or a cluster, for any chunks and shards, interrupted and resumed or not.
"""

from nuportal.execution.chunks import Chunk, Shard, cut
from nuportal.execution.engine import CHUNKS_IN_FLIGHT_PER_WORKER, Outcome, Progress, run_chunks
from nuportal.execution.executors import Execution, open_workers, single_threaded_blas
from nuportal.execution.job import Job, complete
from nuportal.execution.kernels import is_compiled
from nuportal.execution.memory import parse_memory, show_memory
from nuportal.execution.shards import ShardResult, join_shards, merge_shards, write_shard
from nuportal.execution.threads import local_map, preparing

__all__ = [
    "CHUNKS_IN_FLIGHT_PER_WORKER",
    "Chunk",
    "Execution",
    "Job",
    "Outcome",
    "Progress",
    "Shard",
    "ShardResult",
    "complete",
    "cut",
    "is_compiled",
    "join_shards",
    "local_map",
    "merge_shards",
    "open_workers",
    "parse_memory",
    "preparing",
    "run_chunks",
    "show_memory",
    "single_threaded_blas",
    "write_shard",
]
