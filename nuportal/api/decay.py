"""``nuportal.decay``: rates and spectrum of a decay to a charged particle and invisible ones."""

from __future__ import annotations

from mesons.decays.spectra import DecayResult
from mesons.decays.spectra import decay as decay_result
from nucore.model.parameters import require_left_handed
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import recorded


@recorded
def decay(parent: str, lepton: str, parameters: Point = None) -> DecayResult:
    """Compute rates and spectrum of a decay to a charged particle and invisible ones.

    Parameters
    ----------
    parent : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``, ``tau-`` or ``mu-``.
    lepton : str
        ``e``, ``mu`` or ``tau``; ``pi`` or ``K`` too for ``tau-``.
    parameters : PortalParameters or mapping, optional
        The default point if left out; yR must be 0.

    Raises
    ------
    InputError
        For a decay that is not known, or yR not zero.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.decay("K+", "mu", nuportal.PortalParameters(m_chi=0.02, m_phi=0.06, m4=10.0))
    >>> print(f"{found.three_body_ratio:.3g}")  # over K -> mu nu
    3.94e-06
    >>> found.two_body_ratio  # nu4 is too heavy
    0.0
    """
    point = point_of(parameters)[0]
    require_left_handed(point, "decay")
    return decay_result(parent, lepton, point)
