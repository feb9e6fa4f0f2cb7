"""Loaded by the process that tests of killed commands are forked from: it has their tables and kernels in memory."""

from nuportal import generate

for process in ("w", "kaon"):
    generate(process, events=1024, histogram_only=True)
