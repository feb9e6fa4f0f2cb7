"""``nuportal doctor``: what is installed and whether it works."""

from __future__ import annotations

from nuportal.cli.answer import Answer, grouped

EXAMPLES: tuple[str, ...] = (
    "nuportal doctor",
    "nuportal doctor --json",
)


@grouped
def command() -> Answer:
    """Versions, threads, caches, optional extras, and a self-test; exits 1 if something is wrong."""
    from nuportal import doctor

    report = doctor()
    return Answer(report, status=0 if report.healthy else 1)
