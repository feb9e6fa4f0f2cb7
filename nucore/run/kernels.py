"""State of compiled kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def is_compiled(kernel: Any) -> bool:
    """Say whether a numba kernel is compiled, in memory or on disk, so that its next call does not compile it.

    Parameters
    ----------
    kernel : numba dispatcher
        With ``cache=True``.
    """
    pattern = f"*.{kernel.py_func.__qualname__}-*.nbi"
    return bool(kernel.signatures) or any(Path(kernel.stats.cache_path).glob(pattern))
