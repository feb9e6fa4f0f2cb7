"""What a limit on the neutrino line of chi chibar -> nu nubar rests on, and its value for any flavour and halo."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from nucore.cosmology.neutrino_lines import DIRAC, EQUAL_FLAVOURS, j_factor, line_flux_limit, sigma_v_of_flux
from nucore.experiment_cards import CardModel

Array = NDArray[np.float64]


class FluxBins(CardModel):
    """Upper limits on a smooth flux of nubar_e in bins of energy, from inverse beta decay.

    Attributes
    ----------
    edges_MeV : tuple of float
        Of positron energy + 1.29 MeV as reconstructed; increasing.
    per_MeV : tuple of float
        One per bin, cm^-2 s^-1 MeV^-1.
    resolution : (float, float, float)
        a, b, c of sigma = a + b sqrt(E) + c E, E the total energy of the positron in MeV.
    resolution_reference : str
    resolution_verified : bool
    """

    edges_MeV: tuple[float, ...]
    per_MeV: tuple[float, ...]
    resolution: tuple[float, float, float]
    resolution_reference: str
    resolution_verified: bool = True

    @model_validator(mode="after")
    def _table(self) -> FluxBins:
        if len(self.edges_MeV) != len(self.per_MeV) + 1 or len(self.per_MeV) < 1:
            raise ValueError("edges_MeV needs one number more than per_MeV, which needs at least 1")
        if np.any(np.diff(self.edges_MeV) <= 0.0) or min(self.edges_MeV) <= 0.0 or min(self.per_MeV) <= 0.0:
            raise ValueError("edges_MeV must increase, and all numbers be positive")
        return self


class LineSearch(CardModel):
    """What a search for the line assumes.

    Attributes
    ----------
    electron : bool
        It sees nubar_e or nu_e alone; else the limit holds for equal flavours and is used for any.
    all_sky : bool
        Its signal scales with J of the whole sky; else the limit is for the halo of its reference (NFW), and there is
        none for another halo.
    self_conjugate : bool
        The points are for self-conjugate dark matter, a factor 2 below those for a Dirac chi.
    J : float
        That the points assume, GeV^2 cm^-5.
    flux : FluxBins, optional
        In place of points.
    verified : bool
    """

    electron: bool
    all_sky: bool = True
    self_conjugate: bool = True
    J: float | None = Field(default=None, gt=0.0)
    flux: FluxBins | None = None
    verified: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> LineSearch:
        if (self.J is not None) != (self.all_sky and self.flux is None):
            raise ValueError("J belongs to points of the whole sky, and only to them")
        if self.flux is not None and not (self.electron and self.all_sky):
            raise ValueError("flux is one of nubar_e from the whole sky")
        return self

    def standard(self, m_chi: Array, published: Array | None) -> Array:
        """Limit on <sigma v> (cm^3/s) of a Dirac chi, for equal flavours and the halo ``nfw``.

        Parameters
        ----------
        m_chi : array, shape (n,)
            GeV.
        published : array, shape (n,), or None
            Value of the points; None for ``flux``.
        """
        if self.flux is not None:
            flux = line_flux_limit(m_chi, self.flux.edges_MeV, self.flux.per_MeV, self.flux.resolution)
            return sigma_v_of_flux(flux, m_chi, EQUAL_FLAVOURS, j_factor())
        assert published is not None
        halo = 1.0 if self.J is None else self.J / j_factor()
        return published * (DIRAC if self.self_conjugate else 1.0) * halo

    def factor(self, electron_share: ArrayLike, halo: str) -> Array:
        """What takes the `standard` limit to a flavour and a halo; NaN where it does not apply.

        Parameters
        ----------
        electron_share : float or array
            `nucore.cosmology.neutrino_lines.electron_antineutrino_share`.
        halo : str
            One of `nucore.cosmology.neutrino_lines.HALOS`.
        """
        share = np.asarray(electron_share, dtype=np.float64)
        flavour = EQUAL_FLAVOURS / share if self.electron else np.ones_like(share)
        density = j_factor() / j_factor(halo)  # refuses an unknown halo
        return flavour * (density if self.all_sky else 1.0 if halo == "nfw" else np.nan)
