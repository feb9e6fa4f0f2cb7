"""Connection to a running Dask cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from nucore.errors import InputError

_CONNECT_S = 15.0
#: Pieces to keep busy on a cluster that has no worker yet.
_CLUSTER_WORKERS = 16


@contextmanager
def connected(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to the scheduler at ``tcp://HOST:PORT``; give its executor and the number of cores of the cluster.

    Raises
    ------
    InputError
        If no scheduler answers there, or Dask is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise InputError("--scheduler needs Dask: install nuportal[dask]") from None
    handlers = [(handler, handler.level) for handler in logging.getLogger("distributed").handlers]
    for handler, _ in handlers:
        handler.setLevel(logging.CRITICAL)  # a lost scheduler is an error of ours, not a traceback in Dask's log
    try:
        # a Client that fails to connect goes on trying in the background, so ask without one first
        try:
            with ThreadPoolExecutor(1) as thread:  # there may be an event loop in this one
                kind = thread.submit(asyncio.run, asyncio.wait_for(_kind(address), _CONNECT_S)).result()
            client = (
                distributed.Client(address, timeout=_CONNECT_S, set_as_default=False) if kind == "Scheduler" else None
            )
        except Exception as error:  # of the network, or of what answers there
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise InputError(f"no Dask scheduler answers at {address}: {reason}") from None
        if client is None:
            raise InputError(f"no Dask scheduler answers at {address}: found a {kind}")
        try:
            yield client.get_executor(pure=False), sum(client.ncores().values()) or _CLUSTER_WORKERS
        finally:
            client.close(timeout=2.0)  # a scheduler that is gone has nothing to release
    finally:
        for handler, level in handlers:
            handler.setLevel(level)


async def _kind(address: str) -> str:
    """What answers at an address: a Scheduler, a Worker ..."""
    from distributed import rpc

    host, _, port = address.removeprefix("tcp://").rpartition(":")
    _, stream = await asyncio.open_connection(host.strip("[]"), int(port))  # refused at once, where `rpc` tries again
    stream.close()
    async with rpc(address) as remote:
        return str((await remote.identity()).get("type"))
