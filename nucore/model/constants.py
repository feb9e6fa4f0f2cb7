"""Measured constants in natural units (GeV), each with its uncertainty, year and source.

A `Constant` is a `float`, so it enters formulas as it is; its origin travels with it::

    >>> M_W
    80.3625
    >>> M_W.source
    'PDG 2026 listings, LHC-TeV W-mass working group average'
"""

from __future__ import annotations

import math


class Constant(float):
    """A number with its uncertainty, unit, year and source."""

    uncertainty: float
    unit: str
    year: int
    source: str

    def __new__(cls, value: float, uncertainty: float, unit: str, year: int, source: str) -> Constant:
        """Make the float and attach its origin."""
        self = super().__new__(cls, value)
        self.uncertainty = uncertainty
        self.unit = unit
        self.year = year
        self.source = source
        return self

    def __reduce__(self) -> tuple[type[Constant], tuple[float, float, str, int, str]]:
        return Constant, (float(self), self.uncertainty, self.unit, self.year, self.source)


_PDG = "PDG 2026 listings"
_EXACT = "SI definition of c and e, h = 6.62607015e-34 J s"

HBAR_GEV_S = Constant(6.582119569e-25, 0.0, "GeV s", 2019, _EXACT)
HBARC_SQ_GEV2_PB = Constant(0.3893793721e9, 0.0, "GeV^2 pb", 2019, _EXACT)
C_CM_PER_S = Constant(2.99792458e10, 0.0, "cm/s", 2019, _EXACT)
#: <sigma v> of 1 GeV^-2 in cm^3/s.
GEV_M2_TO_CM3_PER_S = float(HBARC_SQ_GEV2_PB) * 1e-36 * float(C_CM_PER_S)

G_F = Constant(1.1663788e-5, 6e-12, "GeV^-2", 2013, "muon lifetime, MuLan, arXiv:1211.0960")
ALPHA_EM = Constant(7.2973525643e-3, 1.1e-12, "", 2022, "CODATA 2022, at zero momentum transfer")
#: <H> in the normalisation H0 = v + h/sqrt2, about 174 GeV (arXiv:1709.07001, Eq. 4).
VEV = (2.0 * math.sqrt(2.0) * float(G_F)) ** -0.5

M_E = Constant(0.51099895069e-3, 1.6e-13, "GeV", 2026, _PDG)
M_MU = Constant(0.1056583755, 2.3e-9, "GeV", 2026, _PDG)
M_TAU = Constant(1.77693, 9e-5, "GeV", 2026, _PDG)
M_PI = Constant(0.13957039, 1.8e-7, "GeV", 2026, _PDG)
M_PI0 = Constant(0.1349768, 5e-7, "GeV", 2026, _PDG)
M_K = Constant(0.493677, 1.5e-5, "GeV", 2026, _PDG)
M_D = Constant(1.86966, 5e-5, "GeV", 2026, _PDG)
M_DS = Constant(1.96835, 7e-5, "GeV", 2026, _PDG)
M_B = Constant(5.27941, 7e-5, "GeV", 2026, _PDG)
M_W = Constant(80.3625, 0.0077, "GeV", 2026, f"{_PDG}, LHC-TeV W-mass working group average")
M_Z = Constant(91.1879, 0.0020, "GeV", 2026, _PDG)
M_H = Constant(125.13, 0.11, "GeV", 2026, _PDG)
GAMMA_W = Constant(2.14, 0.05, "GeV", 2026, _PDG)
GAMMA_Z = Constant(2.4955, 0.0023, "GeV", 2026, _PDG)
GAMMA_H_SM = Constant(4.07e-3, 0.16e-3, "GeV", 2016, "LHC Higgs working group, arXiv:1610.07922, at 125.09 GeV")
ALPHA_S_MZ = Constant(0.1180, 0.0009, "", 2024, "PDG 2024 review of quantum chromodynamics, MSbar at m_Z")

M_RHO = Constant(0.77511, 3.4e-4, "GeV", 2026, f"{_PDG}, charged, tau decays and e+ e-")
M_OMEGA = Constant(0.78266, 1.3e-4, "GeV", 2026, _PDG)
M_PHI_MESON = Constant(1.019460, 1.6e-5, "GeV", 2026, f"{_PDG}, phi(1020)")
M_ETA = Constant(0.547862, 1.7e-5, "GeV", 2026, _PDG)
M_ETA_PRIME = Constant(0.95778, 6e-5, "GeV", 2026, _PDG)
M_ETA_C = Constant(2.9841, 4e-4, "GeV", 2026, _PDG)
M_ETA_B = Constant(9.3987, 2.0e-3, "GeV", 2026, _PDG)

TAU_MU = Constant(2.1969811e-6, 2.2e-12, "s", 2026, _PDG)
TAU_TAU = Constant(290.3e-15, 0.5e-15, "s", 2026, _PDG)
TAU_PI = Constant(2.6033e-8, 5e-12, "s", 2026, _PDG)
TAU_K = Constant(1.2380e-8, 2e-11, "s", 2026, _PDG)
TAU_D = Constant(1.033e-12, 5e-15, "s", 2026, _PDG)
TAU_DS = Constant(5.012e-13, 2.2e-15, "s", 2026, _PDG)
TAU_B = Constant(1.637e-12, 4e-15, "s", 2026, _PDG)

BR_PI_MUNU = Constant(0.9998770, 4e-7, "", 2026, _PDG)
BR_K_MUNU = Constant(0.6356, 0.0011, "", 2026, _PDG)
BR_D_MUNU = Constant(4.02e-4, 0.09e-4, "", 2026, _PDG)
BR_DS_MUNU = Constant(5.37e-3, 0.11e-3, "", 2026, _PDG)
BR_TAU_MUNUNU = Constant(0.1737, 0.0004, "", 2026, _PDG)
BR_TAU_ENUNU = Constant(0.1785, 0.0004, "", 2026, _PDG)

F_B = Constant(0.1900, 0.0013, "GeV", 2019, "FLAG 2019, Nf = 2+1+1, arXiv:1902.08191")
V_UB = Constant(3.64e-3, 0.16e-3, "", 2021, "FLAG 2021, B -> pi l nu, arXiv:2111.09849")

F_PI = Constant(0.1302, 0.0008, "GeV", 2021, "FLAG 2021, arXiv:2111.09849")
F_K = Constant(0.1557, 0.0003, "GeV", 2021, "FLAG 2021, Nf = 2+1+1, arXiv:2111.09849")
_HNL = "table of decay constants in K. Bondarenko et al., arXiv:1805.08567"
#: Decay constants of the axial currents in a form with that of the pion, of the vector currents as f m.
F_ETA = Constant(0.0817, 0.0, "GeV", 2018, _HNL)
F_ETA_PRIME = Constant(0.0947, 0.0, "GeV", 2018, _HNL)
F_RHO = Constant(0.209, 0.0, "GeV", 2018, f"{_HNL}, from tau -> rho nu")
F_OMEGA = Constant(0.195, 0.0, "GeV", 2018, f"{_HNL}, from omega -> e+ e-")
F_PHI_MESON = Constant(0.229, 0.0, "GeV", 2018, f"{_HNL}, from phi -> e+ e-")
V_US = Constant(0.22431, 0.00085, "", 2024, "PDG 2024, average of K_l3 and K_l2")

M_PLANCK = Constant(1.220890e19, 1.4e14, "GeV", 2018, "CODATA 2018")
OMEGA_DM_H2 = Constant(0.1200, 0.0012, "", 2018, "Planck 2018, arXiv:1807.06209, TT,TE,EE+lowE+lensing")
#: Entropy density today, photons at 2.7255 K and three neutrinos.
ENTROPY_TODAY_PER_CM3 = Constant(2891.2, 0.0, "cm^-3", 2018, "PDG review, Astrophysical Constants, T0 = 2.7255 K")
#: Critical density over h^2.
CRITICAL_DENSITY_GEV_PER_CM3 = Constant(1.053672e-5, 2.4e-10, "GeV cm^-3", 2018, "PDG review, Astrophysical Constants")

PARSEC_CM = Constant(3.0856775814913673e18, 0.0, "cm", 2015, "definition, IAU 2015 resolution B2")
SOLAR_MASS_GEV = Constant(1.98841e33 * 5.60958860e23, 0.0, "GeV", 2018, "PDG review, Astrophysical Constants")
#: Temperature at which neutrinos decouple from electrons, 2.0 to 3.0 MeV by flavour and definition.
T_NEUTRINO_DECOUPLING = Constant(2.3e-3, 0.4e-3, "GeV", 2002, "A. D. Dolgov, hep-ph/0202122: about 2-3 MeV; chosen")
N_EFF_SM_2017 = Constant(3.046, 0.0, "", 2005, "G. Mangano et al., hep-ph/0506164")

#: Mean of proton and neutron.
M_NUCLEON = Constant(0.9389187, 1e-7, "GeV", 2018, "CODATA 2018, mean of 938.272 and 939.565 MeV")
M_PROTON = Constant(0.93827208943, 2.9e-10, "GeV", 2026, _PDG)
NEUTRON_PROTON_MASS_DIFFERENCE = Constant(1.29333251e-3, 3.8e-10, "GeV", 2026, _PDG)
ATOMIC_MASS_UNIT = Constant(0.93149410242, 2.8e-10, "GeV", 2018, "CODATA 2018")
SIN2_THETA_EFF = Constant(0.23121, 0.00004, "", 2022, "PDG 2022, MSbar at m_Z")
#: (544 + 232) km/s over the speed of light: escape speed, and speed of the Earth in the halo.
MAX_HALO_SPEED = Constant(776.0 / 299792.458, 0.0, "", 2021, "recommendations of D. Baxter et al., arXiv:2105.00599")

#: Mixing of the light neutrinos, normal mass ordering; the phase in units of pi.
SIN2_THETA_12 = Constant(0.307, 0.012, "", 2026, _PDG)
SIN2_THETA_23 = Constant(0.533, 0.018, "", 2026, f"{_PDG}, normal ordering")
SIN2_THETA_13 = Constant(0.0217, 0.0007, "", 2026, _PDG)
DELTA_CP_OVER_PI = Constant(1.21, 0.19, "", 2026, _PDG)

#: Invisible branching ratio of the Z.
BR_Z_INVISIBLE = Constant(0.20000, 0.00055, "", 2026, _PDG)
#: Thermal target of arXiv:1709.07001, "1 pb".
SIGMA_V_THERMAL_CM3_PER_S = Constant(3e-26, 0.0, "cm^3/s", 2017, "arXiv:1709.07001, below Eq. 7")
