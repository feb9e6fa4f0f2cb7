"""How well a best fit describes its data: what to warn of, and when no result can be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nucore.reports.per_charge import CHARGES, PerCharge

#: Probability of worse data below which to warn, and below which the fit does not describe the data.
P_VALUES = (1e-3, 1e-6)
#: The same for standard deviations: of a nuisance parameter from its prior, of the mixing from where it is allowed.
DEVIATIONS = (3.0, 5.0)
#: Factors between the sums of data and of their expectation, of which the rate is free: to warn, and for no result.
RATES = (3.0, 10.0)
#: Standard deviations between the mixings of W+ and W- above which to warn.
LARGEST_DIFFERENCE = 3.0


def fit_warnings(
    p_value: float | None, pulls: Mapping[str, float], outside: float = 0.0, charges: PerCharge | None = None
) -> tuple[str, ...]:
    """Say what is wrong with a best fit.

    Parameters
    ----------
    p_value : float or None
        Goodness of fit; None without degrees of freedom.
    pulls : mapping
        Of each constrained parameter, in standard deviations of its prior.
    outside : float
        Standard deviations of the parameter of interest beyond its allowed range; 0 inside.
    charges : PerCharge, optional

    Returns
    -------
    tuple of str
        Empty for a good fit.
    """
    apart = () if charges is None else tuple(_difference(charges))
    return (*_beyond(0, p_value, pulls, outside), *apart)


def not_described(p_value: float | None, pulls: Mapping[str, float], outside: float = 0.0) -> str | None:
    """Say why a best fit does not describe its data; None if it does. Arguments as of `fit_warnings`."""
    return "; ".join(_beyond(1, p_value, pulls, outside)) or None


def far_rate(data: float, expected: float, level: int) -> str | None:
    """Say that data have another rate than a model expects, whose free parameters hide it; None if they have not.

    Parameters
    ----------
    data, expected : float
        Sums over all bins.
    level : int
        0 to warn, 1 for no result.
    """
    factor = RATES[level]
    if expected / factor <= data <= expected * factor:
        return None
    return (
        f"the data hold {data:.4g} events where the card expects {expected:.4g}, farther than a factor {factor:g}: "
        f"another unit or exposure"
    )


def _beyond(level: int, p_value: float | None, pulls: Mapping[str, float], outside: float) -> Iterator[str]:
    """Say what is beyond the limits of a level: 0 to warn, 1 for no result."""
    smallest, largest = P_VALUES[level], DEVIATIONS[level]
    if p_value is not None and p_value < smallest:
        yield f"the best fit does not describe the data: its p-value is {p_value:.2g}, below {smallest:g}"
    far = ", ".join(f"{name} {pull:+.1f}" for name, pull in pulls.items() if abs(pull) > largest)
    if far:
        yield f"the data pull parameters by more than {largest:g} standard deviations of their priors: {far}"
    if outside > largest:
        yield f"the best fit is unphysical by {outside:.1f} standard deviations, more than {largest:g}"


def _difference(charges: PerCharge) -> Iterator[str]:
    if abs(charges.difference_pull) > LARGEST_DIFFERENCE:
        found = " and ".join(f"{charges.best_fit[c]:.3g} +- {charges.uncertainties[c]:.2g} in W{c}" for c in CHARGES)
        yield (
            f"W+ and W- disagree by {abs(charges.difference_pull):.1f} standard deviations, more than "
            f"{LARGEST_DIFFERENCE:g}: |U|^2 = {found}; of a nu4 it is the same in both"
        )
