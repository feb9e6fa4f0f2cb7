"""``nuportal.check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from collections.abc import Sequence

from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import recorded
from nuportal.verdicts.judgement import Convention, VerdictOptions
from nuportal.verdicts.verdict import Verdict, verdict


@recorded
def check(
    parameters: Point = None,
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
    parameters : PortalParameters or mapping, optional
        The default point if left out.
    inputs, convention, inelastic, halo, ignore
        Fields of `nuportal.verdicts.judgement.VerdictOptions`.

    Raises
    ------
    InputError
        For arguments that are not allowed.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.check(nuportal.PortalParameters(m4=30.0, Umu4=0.1))
    >>> found.allowed, found.excluded_by[0]
    (False, 'e949-2016-mu-3nu')
    >>> print(f"{found.margins['na62-2021-mu-3nu']:.2g}")  # limit / prediction
    0.012
    """
    point = point_of(parameters)[0]
    return verdict(point, VerdictOptions(inputs, convention, inelastic, halo, tuple(ignore)))
