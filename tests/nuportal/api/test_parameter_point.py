"""Points given as mappings: the same as `PortalParameters`, and refused in the same way."""

import pytest

import nuportal
from nuportal import InputError, PortalParameters

CALLS = {
    "model": nuportal.model,
    "check": nuportal.check,
    "ufo": nuportal.ufo,
    "decay": lambda point: nuportal.decay("K+", "mu", point),
    "scan": lambda point: nuportal.scan({"yL": [0.5, 1.0]}, point),
    "spectrum": lambda point: nuportal.expected_spectrum("e949", point),
    "generate": lambda point: nuportal.generate("kaon", point, events=10),
    "toys": lambda point: nuportal.toys("e949", point, n=1),
    "flavours": lambda point: nuportal.flavours("atlas-2011", point),
}


@pytest.mark.parametrize("name", ["model", "check", "ufo", "decay"])
def test_a_mapping_is_the_point_of_its_values(name: str) -> None:
    changes = {"m4": 0.2, "Ue4": 0.01}
    found, expected = CALLS[name](changes), CALLS[name](PortalParameters(m4=0.2, Ue4=0.01))
    assert found.to_dict() == expected.to_dict()


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("bad", [{"M4": 3.0}, 3.0, {"m4": -1.0}])
def test_bad_points_are_refused(name: str, bad: object) -> None:
    with pytest.raises(InputError, match="M4|type float|invalid m4"):
        CALLS[name](bad)


def test_a_scan_over_a_mixing_has_no_other_beside_a_mapping() -> None:
    found = nuportal.scan({"Ue4": [0.01]}, {"m4": 0.2})
    assert (found.columns["Umu4"], found.columns["m4"]) == ([0.0], [0.2])


def test_two_results_are_drawn_as_a_list() -> None:
    result = nuportal.decay("K+", "mu")
    with pytest.raises(InputError, match="several results as a list"):
        nuportal.plot(result, result)


def test_an_unknown_halo_is_refused_without_dark_matter() -> None:
    with pytest.raises(InputError, match="halo"):
        nuportal.limits(halo="NFW")
