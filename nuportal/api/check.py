"""``nuportal.check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from collections.abc import Sequence

from nucore.model.parameters import PortalParameters
from nuportal.api.requests import recorded
from nuportal.verdicts.judgement import Convention, VerdictOptions
from nuportal.verdicts.verdict import Verdict, verdict


@recorded
def check(
    parameters: PortalParameters | None = None,
    *,
    inputs: str = "latest",
    convention: Convention = "refined",
    inelastic: bool = False,
    halo: str = "nfw",
    ignore: Sequence[str] = (),
) -> Verdict:
    """Compare a parameter point with every limit.

    Parameters
    ----------
    parameters : PortalParameters, optional
        The default point if left out.
    inputs, convention, inelastic, halo, ignore
        Fields of `nuportal.verdicts.judgement.VerdictOptions`.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    point = parameters or PortalParameters()
    return verdict(point, VerdictOptions(inputs, convention, inelastic, halo, tuple(ignore)))
