"""Uses damaged files one after the other, in a process of its own, and tells after each how it ended.

    python -m tests.fuzz.worker READER SEED CASE...

in an empty folder. A case is a file, or a number: damage number i of a seed is always the same.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

from tests.fuzz.mutate import mutated
from tests.fuzz.readers import READERS, Reader

MEMORY_BYTES = 1_000_000_000


def seeds_of(reader: Reader) -> list[bytes]:
    """Whole files of a kind."""
    with tempfile.TemporaryDirectory() as folder:
        reader.seeds(Path(folder))
        return [path.read_bytes() for path in sorted(Path(folder).iterdir())]


def damaged(reader: Reader, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Damage a file; of packed ones every second is damaged inside."""
    if not (reader.packed and number % 2):
        return mutated(seeds, seed, number, reader.text)
    if reader.suffix.endswith(".zst"):
        import cramjam

        inside = [bytes(cramjam.zstd.decompress(content)) for content in seeds]
        return bytes(cramjam.zstd.compress(mutated(inside, seed, number, text=True)))
    inside = [gzip.decompress(content) for content in seeds]
    return gzip.compress(mutated(inside, seed, number, text=True), 1, mtime=0)


def outcome(reader: Reader, content: bytes) -> str:
    """``ok``, ``refused``, or what is wrong with how the file was taken."""
    from nucore.errors import CardWarning, InputError

    path, ended = Path(f"input{reader.suffix}"), "ok"
    path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", CardWarning)
            reader.use(path)
    except InputError as error:
        ended = "refused" if str(error).isprintable() and str(error) else f"not one line: {error!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    written = {p.name for p in Path().iterdir()} - {path.name}
    if path.read_bytes() != content or (ended != "ok" and written):
        return f"written: {written}"
    for name in written:
        Path(name).unlink()
    return ended


def content_of(reader: Reader, seeds: list[bytes], seed: int, case: str) -> bytes:
    """File of a case."""
    return damaged(reader, seeds, seed, int(case)) if case.isdigit() else Path(case).read_bytes()


def main(name: str, seed: str, *cases: str) -> None:
    """Run the cases."""
    told, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # libraries print there
    reader = READERS[name]
    seeds = seeds_of(reader)
    if any(outcome(reader, content) != "ok" for content in seeds):
        sys.exit(f"{name}: {[outcome(reader, content) for content in seeds]}")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    with os.fdopen(told, "w", buffering=1) as pipe:
        start_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
        print(json.dumps({"start_mb": start_mb}), file=pipe)
        for case in cases:
            content = content_of(reader, seeds, int(seed), case)
            began = time.monotonic()
            ended = outcome(reader, content)
            seconds = time.monotonic() - began
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
            print(json.dumps({"case": case, "outcome": ended, "seconds": seconds, "mb": memory}), file=pipe)


if __name__ == "__main__":
    main(*sys.argv[1:])
