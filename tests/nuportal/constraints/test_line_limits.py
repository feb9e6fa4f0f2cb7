"""Limits on the neutrino line: the strongest of today and of projections, for all flavours and haloes."""

import numpy as np
import pytest

from nucore.cosmology.neutrino_lines import HALOS, electron_antineutrino_share, j_factor
from nucore.cosmology.relic_abundance import relic_sigma_v
from nucore.errors import InputError
from nucore.limits.catalogue import select
from nuportal.constraints.combine import line_limit

#: m_chi (MeV), <sigma v> (cm^3/s) for a Dirac chi, NFW, equal flavours, by an independent code, and the experiment.
INDEPENDENT = [
    (12, 2.193e-24, "kamland-2012-line"),
    (16, 1.332e-24, "sk-2017-line"),
    (20, 5.041e-25, "sk-2017-line"),
    (23, 3.906e-25, "sk-iv-2021-line"),
    (27, 3.803e-25, "sk-iv-2021-line"),
    (30, 5.284e-25, "sk-iv-2021-line"),
    (40, 1.126e-24, "sk-2017-line"),
    (65, 1.244e-24, "sk-2017-line"),
    (100, 3.561e-24, "sk-2017-line"),
    (130, 3.219e-24, "sk-2017-line"),
    (170, 3.997e-24, "sk-2017-line"),
]


def test_strongest_limit_of_today():
    masses, expected, names = (np.array(column) for column in zip(*INDEPENDENT, strict=True))
    found, by = line_limit(masses * 1e-3, 1 / 3)
    assert found == pytest.approx(expected, rel=0.02)
    assert (by == names).all()


@pytest.mark.parametrize(("mass", "expected"), [(20, (3.1e-25, 8.8e-25, 6.5e-25)), (27, (2.3e-25, 6.6e-25, 4.9e-25))])
def test_flavours(mass, expected):
    shares = electron_antineutrino_share(*np.eye(3))
    assert line_limit(mass * 1e-3, shares)[0] == pytest.approx(expected, rel=0.02)


def test_no_limit_of_today_reaches_the_thermal_cross_section():
    masses = np.geomspace(3e-3, 1e3, 3000)
    thermal = relic_sigma_v(masses)
    electron = line_limit(masses, electron_antineutrino_share(1.0, 0.0, 0.0))[0] / thermal
    assert np.nanmin(electron) == pytest.approx(2.6, abs=0.2)
    assert masses[np.nanargmin(electron)] == pytest.approx(0.027, abs=0.001)
    best_share = 0.68  # sin^2 theta_12 gives 1 - s12^2 - s13^2 for a state that is nu_1
    assert all(np.nanmin(line_limit(masses, best_share, halo)[0] / thermal) > 1.3 for halo in HALOS)
    # the published 2.5e-26 would exclude it by a factor 3: it is for self-conjugate dark matter without resolution
    assert np.nanmin(line_limit(masses, 1 / 3, "gnfw")[0]) > 9 * 2.5e-26


def test_hyper_kamiokande_reaches_it_for_electron_flavour():
    projections = [c for c in select(quantity="sigma_v_cm3_per_s", projections=True) if not c.observed]
    value, name = line_limit(0.02, electron_antineutrino_share(1.0, 0.0, 0.0), curves=projections)
    assert value < relic_sigma_v(0.02)
    assert name == "hyper-k-2018-line"


def test_halo():
    nfw, gnfw = (line_limit(np.array([0.027, 0.1]), 1 / 3, halo)[0] for halo in ("nfw", "gnfw"))
    assert gnfw / nfw == pytest.approx([j_factor("nfw") / j_factor("gnfw")] * 2)
    # searches toward the Galactic centre hold for their own halo, and no flavour is better than another
    assert line_limit(50.0, [0.55, 0.2])[1].tolist() == ["deepcore-2021-line"] * 2
    assert line_limit(50.0, [0.55, 0.2])[0] == pytest.approx([2 * 4.564e-25] * 2, rel=0.05)
    assert np.isnan(line_limit(50.0, 1 / 3, "burkert")[0])
    with pytest.raises(InputError, match="moore"):
        line_limit(0.02, 1 / 3, "moore")
    assert np.isnan(line_limit([1e-4, 1e5], 1 / 3)[0]).all()
    assert line_limit(1e-4, 1 / 3)[1] == ""
