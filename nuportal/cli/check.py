"""``nuportal check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import CardArgument, JsonOption, SetOption, answer, card_origin, parameters_of

InputsOption = Annotated[str, typer.Option(help="2017 or latest.")]
ConventionOption = Annotated[str, typer.Option(help="paper or refined.")]
InelasticOption = Annotated[
    bool, typer.Option("--inelastic", help="chi is split in mass: no limits from direct detection.")
]
IgnoreOption = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Leave a limit out (repeatable).", show_default=False)
]


def command(
    card: CardArgument = None,
    assignments: SetOption = None,
    inputs: InputsOption = "latest",
    convention: ConventionOption = "refined",
    inelastic: InelasticOption = False,
    ignore: IgnoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Is a parameter point allowed: margins of all limits (limit over prediction, below 1 excludes)."""
    from nucore.run.provenance import provenance
    from nuportal.answers import fields_of
    from nuportal.api import VerdictOptions, check

    options = VerdictOptions(inputs, convention, inelastic, tuple(ignore or ()))  # type: ignore[arg-type]
    point = parameters_of(card, assignments)
    verdict = check(point, options)
    if as_json:
        answer("check", fields_of("check", verdict, {"parameters": point}), provenance(**card_origin(card)))
        return
    typer.echo("allowed" if verdict.allowed else f"excluded by {', '.join(verdict.excluded_by)}")
    width = max(map(len, (*verdict.margins, *verdict.not_applicable)))
    for name, margin in verdict.margins.items():
        typer.echo(f"  {name:<{width}}  {margin:>9.3g}")
    for name, reason in verdict.not_applicable.items():
        typer.echo(f"  {name:<{width}}  {'-':>9}  {reason}")
