"""Bookkeeping of the UFO model: indices, charges, hermiticity, symmetry and names of every vertex."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

Tensor = Any  # complex array
POINT = {"m4": 71.0, "Ue4": 0.2, "Umu4": 0.3, "Utau4": 0.1, "yL": 0.7, "yR": 0.4}
SPIN_INDICES = {1: 0, 2: 1, 3: 1}  # open indices of a leg of spin 2S+1

_SIGMA = [np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]


def _gamma(mu: int) -> Tensor:
    """Chiral basis."""
    bar = _SIGMA[mu] if mu == 0 else -_SIGMA[mu]
    return np.block([[np.zeros((2, 2)), _SIGMA[mu]], [bar, np.zeros((2, 2))]])


METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
#: gamma with a lower index, so that contracting it with an upper vector needs no metric.
GAMMA = np.array([METRIC[mu, mu] * _gamma(mu) for mu in range(4)])
LEFT = np.diag([1.0, 1.0, 0.0, 0.0])


def _factor(text: str, momenta: Tensor) -> tuple[Tensor, list[tuple[str, int]]]:
    """Array of one factor and its indices, ``l`` Lorentz and ``s`` spinor."""
    name, arguments = re.fullmatch(r"(\w+)\(([-\d,]+)\)", text).groups()  # type: ignore[union-attr]
    index = [int(i) for i in arguments.split(",")]
    if name == "P":
        return METRIC @ momenta[index[1] - 1], [("l", index[0])]
    if name == "Metric":
        return METRIC, [("l", i) for i in index]
    if name == "Gamma":
        return GAMMA, [("l", index[0]), ("s", index[1]), ("s", index[2])]
    matrix = {"ProjM": LEFT, "ProjP": np.eye(4) - LEFT, "Identity": np.eye(4)}[name]
    return matrix, [("s", i) for i in index]


def _terms(structure: str) -> list[tuple[float, list[str]]]:
    """Signed products of a structure: coefficient and factors with indices."""
    terms = []
    for sign, product in re.findall(r"([+-]?)\s*([^\s+-](?:\([^)]*\)|[^\s])*)", structure):
        coefficient = -1.0 if sign == "-" else 1.0
        factors = []
        for factor in product.split("*"):
            if re.fullmatch(r"[\d.]+", factor):
                coefficient *= float(factor)
            else:
                factors.append(factor)
        terms.append((coefficient, factors))
    return terms


def lorentz_tensor(structure: str, spins: list[int], momenta: Tensor) -> Tensor:
    """The structure as an array over the open indices of its legs, in their order; all Lorentz indices lowered.

    A repeated negative index is summed: two lowered ones with the metric between, as for P and Gamma.
    """
    open_legs = [leg for leg, spin in enumerate(spins, start=1) if SPIN_INDICES[spin]]
    total: Tensor = 0.0
    for coefficient, factors in _terms(structure):
        arrays, letters, seen = [], {}, itertools.count()
        operands: list[Any] = []
        for factor in factors:
            array, indices = _factor(factor, momenta)
            labels = []
            for kind, number in indices:
                key = (kind, number)
                if kind == "l" and number < 0 and key in letters:
                    raised = next(seen)
                    operands += [METRIC, [letters[key], raised]]
                    labels.append(raised)
                else:
                    labels.append(letters.setdefault(key, next(seen)))
            operands += [array, labels]
            arrays.append(array)
        out = [letters[("l" if spins[leg - 1] == 3 else "s", leg)] for leg in open_legs]
        total = total + coefficient * (np.einsum(*operands, out) if operands else 1.0)
    return total


def vertex_tensor(vertex: Any, couplings: dict[str, complex], momenta: Tensor, colour: int = 0) -> Tensor:
    """Sum over the Lorentz structures of one colour structure of a vertex."""
    spins = [particle.spin for particle in vertex.particles]
    return sum(
        couplings[coupling.name] * lorentz_tensor(vertex.lorentz[j].structure, spins, momenta)
        for (i, j), coupling in vertex.couplings.items()
        if i == colour
    )


@pytest.fixture(scope="module")
def couplings(ufo: ModuleType) -> dict[str, complex]:
    values = {"Mn4" if name == "m4" else name: value for name, value in POINT.items()}
    namespace = ufo.write_param_card.evaluate(ufo.all_parameters, values)
    namespace |= {"cmath": __import__("cmath"), "complexconjugate": lambda z: complex(z).conjugate()}
    return {coupling.name: complex(eval(coupling.value, dict(namespace))) for coupling in ufo.all_couplings}


def test_names_are_unique_and_used(ufo: ModuleType) -> None:
    for name in ("particles", "parameters", "couplings", "lorentz", "vertices", "orders", "decays"):
        names = [item.name for item in getattr(ufo, f"all_{name}")]
        assert len(set(names)) == len(names), name
    # Fortran does not tell upper from lower case
    lower = [parameter.name.lower() for parameter in ufo.all_parameters]
    assert len(set(lower)) == len(lower)
    for module, name in ((ufo.couplings, "couplings"), (ufo.lorentz, "lorentz"), (ufo.parameters, "parameters")):
        for item in getattr(ufo, f"all_{name}"):
            assert getattr(module, item.name) is item
    assert {c.name for v in ufo.all_vertices for c in v.couplings.values()} == {c.name for c in ufo.all_couplings}
    assert {lorentz.name for v in ufo.all_vertices for lorentz in v.lorentz} == {x.name for x in ufo.all_lorentz}


def test_expressions_know_every_name(ufo: ModuleType) -> None:
    known = {"cmath", "complex", "complexconjugate", "sqrt", "pi"}
    order = [parameter.name for parameter in ufo.all_parameters]
    expressions = [(p.value, set(order[:i])) for i, p in enumerate(ufo.all_parameters) if p.nature == "internal"]
    expressions += [(coupling.value, set(order)) for coupling in ufo.all_couplings]
    expressions += [(text, set(order)) for decay in ufo.all_decays for text in decay.partial_widths.values()]
    for expression, names in expressions:
        used = set(re.findall(r"[A-Za-z_]\w*", expression))
        assert used <= names | known, (expression, used - names - known)
    everything = " ".join(text for text, _ in expressions)
    needed = {name for name in order if re.search(rf"\b{name}\b", everything)}
    masses_widths = {particle.mass.name for particle in ufo.all_particles} | {p.width.name for p in ufo.all_particles}
    assert set(order) - needed - masses_widths <= {"aEW"}


def test_particles(ufo: ModuleType) -> None:
    by_code = {particle.pdg_code: particle for particle in ufo.all_particles}
    assert len(by_code) == len(ufo.all_particles)
    for particle in ufo.all_particles:
        anti = by_code[-particle.pdg_code] if not particle.selfconjugate else particle
        assert (anti.name, anti.antiname) == (particle.antiname, particle.name)
        assert anti.charge == -particle.charge or particle.selfconjugate
        assert anti.mass is particle.mass
        assert anti.width is particle.width
    assert {by_code[i].name for i in (9990012, 52, 51, 211, 321)} == {"n4", "chi", "phi", "pi+", "K+"}
    standard = {11: "e-", 12: "ve", 13: "mu-", 14: "vm", 15: "ta-", 16: "vt", 23: "Z", 24: "W+", 25: "H"}
    assert {code: by_code[code].name for code in standard} == standard


def test_indices_of_every_vertex(ufo: ModuleType) -> None:
    for vertex in ufo.all_vertices:
        spins = [particle.spin for particle in vertex.particles]
        coloured = {leg for leg, particle in enumerate(vertex.particles, start=1) if particle.color != 1}
        assert {i for i, _ in vertex.couplings} == set(range(len(vertex.color))), vertex
        assert {j for _, j in vertex.couplings} == set(range(len(vertex.lorentz))), vertex
        for colour in vertex.color:
            numbers = [int(i) for group in re.findall(r"\(([-\d,]+)\)", colour) for i in group.split(",")]
            assert sorted(i for i in numbers if i > 0) == sorted(coloured), vertex
            assert all(numbers.count(i) == 2 for i in numbers if i < 0), vertex
        for lorentz in vertex.lorentz:
            assert lorentz.spins == spins, vertex
            for _, factors in _terms(lorentz.structure):
                indices = [pair for factor in factors for pair in _factor(factor, np.zeros((4, 4)))[1]]
                legs = sorted(number for _, number in indices if number > 0)
                assert legs == [leg for leg, spin in enumerate(spins, start=1) if SPIN_INDICES[spin]], vertex
                assert all(indices.count(pair) == 2 for pair in indices if pair[1] < 0), vertex


@pytest.mark.parametrize("number", ["charge", "LeptonNumber"])
def test_additive_quantum_numbers_are_conserved(ufo: ModuleType, number: str) -> None:
    for vertex in ufo.all_vertices:
        assert abs(sum(getattr(particle, number) for particle in vertex.particles)) < 1e-12, vertex


def test_fermions_come_in_pairs_of_field_and_barred_field(ufo: ModuleType) -> None:
    for vertex in ufo.all_vertices:
        fermions = [particle for particle in vertex.particles if particle.spin == 2]
        if fermions:
            assert len(fermions) == 2
            assert vertex.particles[:2] == fermions
            assert fermions[0].pdg_code < 0 < fermions[1].pdg_code, vertex


def _conjugate_leg_order(vertex: Any, other: Any) -> list[int] | None:
    """Positions in `other` of the antiparticles of the legs of `vertex`; the pair of fermions changes places."""
    if len(vertex.particles) != len(other.particles):
        return None
    wanted = [particle.antiname for particle in vertex.particles]
    names = [particle.name for particle in other.particles]
    if sorted(wanted) != sorted(names):
        return None
    order, free = [], list(range(len(names)))
    for name in wanted:
        position = next(i for i in free if names[i] == name)
        free.remove(position)
        order.append(position)
    return order


def test_lagrangian_is_hermitian(ufo: ModuleType, couplings: dict[str, complex]) -> None:
    """Each vertex equals minus the Dirac conjugate of the vertex of its antiparticles at opposite momenta."""
    rng = np.random.default_rng(1)
    gamma0 = _gamma(0)
    for vertex in ufo.all_vertices:
        partners = [
            (other, order) for other in ufo.all_vertices if (order := _conjugate_leg_order(vertex, other)) is not None
        ]
        assert len(partners) == 1, vertex
        other, order = partners[0]
        n = len(vertex.particles)
        momenta = rng.normal(size=(n, 4))
        conjugate_momenta = np.empty_like(momenta)
        conjugate_momenta[order] = -momenta
        for colour in range(len(vertex.color)):
            first = np.asarray(vertex_tensor(vertex, couplings, momenta, colour))
            second = np.asarray(vertex_tensor(other, couplings, conjugate_momenta, colour)).conj()
            spins = [particle.spin for particle in vertex.particles]
            if spins[0] == 2:
                # slots are (column, row): a conjugate spinor matrix is gamma0 M^dagger gamma0
                second = np.einsum("ab,ca...,dc->bd...", gamma0, second, gamma0)
            else:
                carrying = [i for i, spin in enumerate(spins) if spin == 3]
                second = np.transpose(second, [order[i] for i in carrying]) if carrying else second
            np.testing.assert_allclose(first, -second, rtol=1e-12, atol=1e-12, err_msg=str(vertex))


def test_vertices_of_identical_bosons_are_symmetric(ufo: ModuleType, couplings: dict[str, complex]) -> None:
    rng = np.random.default_rng(2)
    checked = 0
    for vertex in ufo.all_vertices:
        names = [particle.name for particle in vertex.particles]
        if vertex.color != ["1"] or len(set(names)) == len(names):
            continue
        momenta = rng.normal(size=(len(names), 4))
        tensor = np.asarray(vertex_tensor(vertex, couplings, momenta))
        for i, j in itertools.combinations(range(len(names)), 2):
            if names[i] == names[j]:
                exchanged = momenta.copy()
                exchanged[[i, j]] = momenta[[j, i]]
                other = np.asarray(vertex_tensor(vertex, couplings, exchanged))
                if vertex.particles[i].spin == 3:
                    other = np.swapaxes(other, i, j)
                np.testing.assert_allclose(tensor, other, rtol=1e-12, atol=1e-12, err_msg=str(vertex))
                checked += 1
    assert checked >= 10


def test_coupling_orders(ufo: ModuleType) -> None:
    orders = {order.name: (order.hierarchy, order.expansion_order) for order in ufo.all_orders}
    assert orders == {"QCD": (1, 99), "QED": (2, 99), "NP": (2, 99), "MES": (10, 99)}
    for vertex in ufo.all_vertices:
        names = {particle.name for particle in vertex.particles}
        kind = "MES" if names & {"K+", "K-", "pi+", "pi-"} else "NP" if names & {"chi", "chi~"} else None
        for coupling in vertex.couplings.values():
            assert sum(coupling.order.values()) == len(vertex.particles) - 2
            assert kind is None or set(coupling.order) == {kind}


def test_no_meson_couples_to_the_tau(ufo: ModuleType) -> None:
    """Else tau -> nu mu nubar, for which MadGraph minimises no order, would go through on-shell mesons."""
    for vertex in ufo.all_vertices:
        names = {particle.name for particle in vertex.particles}
        if names & {"K+", "K-", "pi+", "pi-"}:
            assert not names & {"ta-", "ta+"}


def test_the_model_stands_alone(model_path: Path) -> None:
    for file in model_path.glob("*.py"):
        assert not re.search(r"^\s*(from|import)\s+(nuportal|numpy|scipy)", file.read_text(), re.MULTILINE), file


@pytest.mark.skipif(shutil.which("python2.7") is None, reason="no Python 2.7 here")
def test_python_2_writes_the_same_card(model_path: Path, ufo: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "NeutrinoPortal"
    shutil.copytree(model_path, copy, ignore=shutil.ignore_patterns("__pycache__"))
    command = ["python2.7", str(copy / "write_param_card.py"), str(tmp_path / "card.dat")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode == 127:
        pytest.skip("python2.7 is a name without a program here")
    assert run.returncode == 0, run.stderr
    expected = ufo.write_param_card.card_text(ufo.all_parameters, ufo.all_particles)
    assert (tmp_path / "card.dat").read_text() == expected
