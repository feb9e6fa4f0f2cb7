"""Warnings of a fit whose best description of the data is bad: its mixing and limit cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nucore.reports.per_charge import CHARGES, PerCharge

#: A good fit is worse than this once in a thousand.
SMALLEST_P_VALUE = 1e-3
#: Standard deviations: of a nuisance parameter from its prior, and of the mixings of W+ and W- from each other.
LARGEST_PULL, LARGEST_DIFFERENCE = 4.0, 3.0


def fit_warnings(
    p_value: float | None, pulls: Mapping[str, float], charges: PerCharge | None = None
) -> tuple[str, ...]:
    """Say what is wrong with a best fit.

    Parameters
    ----------
    p_value : float or None
        Goodness of fit; None without degrees of freedom.
    pulls : mapping
        Of each constrained parameter, in standard deviations of its prior.
    charges : PerCharge, optional

    Returns
    -------
    tuple of str
        Empty for a good fit.
    """
    return tuple(_warnings(p_value, pulls, charges))


def _warnings(p_value: float | None, pulls: Mapping[str, float], charges: PerCharge | None) -> Iterator[str]:
    if p_value is not None and p_value < SMALLEST_P_VALUE:
        yield f"the best fit does not describe the data: its p-value is {p_value:.2g}, below {SMALLEST_P_VALUE:g}"
    far = ", ".join(f"{name} {pull:+.1f}" for name, pull in pulls.items() if abs(pull) > LARGEST_PULL)
    if far:
        yield f"the data pull parameters by more than {LARGEST_PULL:g} standard deviations of their priors: {far}"
    if charges is not None and abs(charges.difference_pull) > LARGEST_DIFFERENCE:
        found = " and ".join(f"{charges.best_fit[c]:.3g} +- {charges.uncertainties[c]:.2g} in W{c}" for c in CHARGES)
        yield (
            f"W+ and W- disagree by {abs(charges.difference_pull):.1f} standard deviations, more than "
            f"{LARGEST_DIFFERENCE:g}: |U|^2 = {found}; of a nu4 it is the same in both"
        )
