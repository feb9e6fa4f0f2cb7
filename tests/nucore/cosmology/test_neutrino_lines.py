"""The neutrino line: haloes along lines of sight, oscillation in time, kinematics, and a simulated detector."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.cosmology.neutrino_lines import (
    HALOS,
    electron_antineutrino_share,
    j_factor,
    line_flux_limit,
    positron_energy,
    sigma_v_of_flux,
)
from nucore.errors import InputError
from nucore.model import constants as c


@pytest.mark.parametrize("halo", ["einasto", "burkert", "isothermal"])
def test_halo_along_lines_of_sight(halo):
    profile = HALOS[halo]

    def toward(cosine):
        def squared(s):
            return profile.density(math.sqrt(s**2 + profile.sun_kpc**2 - 2 * s * profile.sun_kpc * cosine)) ** 2

        near = max(profile.sun_kpc * cosine, 1.0)
        return sum(quad(squared, *ends, limit=200)[0] for ends in ((0, near), (near, 2 * near), (2 * near, np.inf)))

    total = 2 * math.pi * (quad(toward, -1, 0.9)[0] + quad(toward, 0.9, 1, limit=200)[0]) * 3.0857e21
    assert j_factor(halo) == pytest.approx(total, rel=2e-3)


def test_cusped_haloes():
    # J of arXiv:1912.09486; J_avg = 5 of arXiv:0710.5420 with 0.3^2 GeV^2 cm^-6 x 8.5 kpc
    assert j_factor("gnfw") == pytest.approx(2.3e23, rel=0.01)
    assert j_factor("nfw") == pytest.approx(5 * 4 * math.pi * 0.3**2 * 8.5 * 3.0857e21, rel=0.01)
    assert all(profile.density(profile.sun_kpc) == pytest.approx(0.4) for profile in HALOS.values())
    assert min(HALOS, key=j_factor) == "burkert"
    assert max(HALOS, key=j_factor) == "gnfw"
    with pytest.raises(InputError, match="nfw, gnfw"):
        j_factor("moore")


def test_share_of_one_flavour():
    shares = electron_antineutrino_share([2.0, 0.0, 0.0], [0.0, -0.1, 0.0], [0.0, 0.0, 1e-4])
    assert shares == pytest.approx([0.550, 0.192, 0.258], abs=5e-4)
    assert shares.sum() == pytest.approx(1.0)
    s13, s12 = float(c.SIN2_THETA_13), float(c.SIN2_THETA_12)
    assert shares[0] == pytest.approx((1 - s13) ** 2 * (1 - 2 * s12 * (1 - s12)) + s13**2)
    assert np.isnan(electron_antineutrino_share(0.0, 0.0, 0.0))


@pytest.mark.parametrize("mixings", [(1.0, 0.0, 0.0), (0.3, 0.2, 0.0), (0.3, -0.2, 0.0), (0.1, 0.4, -0.6)])
@pytest.mark.parametrize("antineutrino", [False, True])
def test_share_is_the_oscillation_averaged_over_distance(mixings, antineutrino):
    delta = (-1.0 if antineutrino else 1.0) * 1.21 * math.pi
    t12, t13, t23 = (math.asin(math.sqrt(s)) for s in (0.307, 0.0217, 0.533))
    rotation_12 = np.array([[np.cos(t12), np.sin(t12), 0], [-np.sin(t12), np.cos(t12), 0], [0, 0, 1]])
    phase = np.exp(-1j * delta)
    rotation_13 = np.array([[np.cos(t13), 0, np.sin(t13) * phase], [0, 1, 0], [-np.sin(t13) / phase, 0, np.cos(t13)]])
    rotation_23 = np.array([[1, 0, 0], [0, np.cos(t23), np.sin(t23)], [0, -np.sin(t23), np.cos(t23)]])
    pmns = rotation_23 @ rotation_13 @ rotation_12
    state = pmns.conj().T @ (np.array(mixings) / np.linalg.norm(mixings))  # created as sum u_l nu_l, in mass states
    phases = np.exp(2j * math.pi * np.random.default_rng(3).random((200_000, 3)))
    seen = np.abs((phases * state) @ pmns[0]) ** 2
    assert electron_antineutrino_share(*mixings) == pytest.approx(seen.mean(), abs=5e-3)


def test_flavours_interfere():
    plus, minus = electron_antineutrino_share([1.0, 1.0], [1.0, -1.0], 0.0)
    assert plus + minus == pytest.approx(0.550 + 0.192, abs=1e-3)
    assert abs(plus - minus) > 0.02


def test_flux_against_the_published_limit():
    # 1912.09486: 0.10 cm^-2 s^-1 in the bin of 1 MeV at 28.2 MeV is its 2.5e-26 cm^3/s, for self-conjugate dark matter
    # and J = 2.3e23; a Dirac chi needs twice as much
    assert sigma_v_of_flux(0.10, 0.0282, 1 / 3, 2.3e23) == pytest.approx(2 * 2.5e-26, rel=0.07)


def test_positron_leaves_a_neutron():
    energy, cosine = np.array([2.5, 10.0, 30.0, 60.0])[:, None], np.linspace(-1, 1, 5)
    positron = positron_energy(energy, cosine)
    proton, electron = 938.27209, 0.51099895
    momentum = np.sqrt(positron**2 - electron**2)
    recoil = (energy + proton - positron) ** 2 - energy**2 - momentum**2 + 2 * energy * momentum * cosine
    assert np.sqrt(recoil) == pytest.approx(np.full_like(recoil, 939.56542), abs=1e-4)
    assert (np.diff(positron, axis=1) > 0.0).all()
    assert np.isnan(positron_energy(np.array([1.7]), np.array([0.0])))


def test_line_in_a_simulated_detector():
    edges, per_MeV, resolution = np.arange(9.29, 32.0, 2.0), np.geomspace(37.0, 0.07, 11), (-0.0839, 0.349, 0.0397)
    rng, n, energy, proton = np.random.default_rng(4), 400_000, 25.0, 938.272
    cosine = rng.uniform(-1, 1, n)
    keep = rng.random(n) < (1 + (-0.034 + 2.4 * energy / proton) * cosine) / 1.1
    positron = positron_energy(np.array([energy]), cosine[keep])
    spread = resolution[0] + resolution[1] * np.sqrt(positron) + resolution[2] * positron
    share = np.histogram(positron + 1.2933 + spread * rng.standard_normal(spread.size), edges)[0] / spread.size
    assert 0.1 < share.max() < 0.4
    # number of events in proportion to the cross section, here with E^2 for p_e E_e
    events = per_MeV * 2.0 * ((edges[1:] + edges[:-1]) / 2 - 1.2933) ** 2 / (energy - 1.2933) ** 2
    found = line_flux_limit(np.array([energy * 1e-3]), edges, per_MeV, resolution)
    populated = share > 0.01
    assert found == pytest.approx((events[populated] / share[populated]).min(), rel=0.02)
    # an ideal detector with one wide bin counts them all
    wide = line_flux_limit(np.array([0.02]), [10.0, 30.0], [1.0], (1e-3, 0.0, 0.0))
    assert wide == pytest.approx(20.0, rel=1e-6)
