"""Workers of a running Dask cluster."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nucore.errors import InputError
from nucore.run.executors import Workers

_CONNECT_S = 15.0
#: Chunks to keep in flight on a cluster that has no worker yet.
_CLUSTER_WORKERS = 16


class DaskWorkers(Workers):
    """A client of a scheduler.

    Parameters
    ----------
    address : str
        ``tcp://HOST:PORT``.
    count : int, optional
        Chunks to keep busy; the threads of the cluster by default.

    Raises
    ------
    InputError
        If no scheduler answers there, or Dask is not installed.
    """

    def __init__(self, address: str, count: int | None) -> None:
        try:
            import distributed
        except ImportError:
            raise InputError("--scheduler needs Dask: install nuportal[dask]") from None
        self._handlers = [(h, h.level) for h in logging.getLogger("distributed").handlers]
        for handler, _ in self._handlers:
            handler.setLevel(logging.CRITICAL)  # a lost scheduler is told as an error of ours, not as its traceback
        try:
            # a client that fails to connect tries on while it is thrown away
            kind = _ask(address)
            if kind != "Scheduler":
                raise InputError(f"at {address} is no Dask scheduler, but a {kind}")
            self._client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
        except InputError:
            self._restore_log()
            raise
        except Exception as error:  # of the network, or of what answers there
            self._restore_log()
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"no Dask scheduler answers at {address}: {reason}") from None
        cores = sum(self._client.ncores().values())
        super().__init__(self._client.get_executor(pure=False), count or cores or _CLUSTER_WORKERS)

    def close(self, cancel: bool) -> None:
        """Leave the cluster; a scheduler that is gone has nothing left to release."""
        self._client.close(timeout=2.0)
        self._restore_log()

    def _restore_log(self) -> None:
        for handler, level in self._handlers:
            handler.setLevel(level)


def _ask(address: str) -> str:
    """What answers at an address: a Scheduler, a Worker ..."""
    with ThreadPoolExecutor(1) as thread:  # there may be an event loop in this one
        return thread.submit(asyncio.run, asyncio.wait_for(_identity(address), _CONNECT_S)).result()


async def _identity(address: str) -> str:
    from distributed import rpc

    host, _, port = address.removeprefix("tcp://").rpartition(":")
    _, stream = await asyncio.open_connection(
        host.strip("[]"), int(port)
    )  # which refuses at once, where `rpc` tries on
    stream.close()
    async with rpc(address) as remote:
        about: dict[str, Any] = await remote.identity()
        return str(about.get("type"))
