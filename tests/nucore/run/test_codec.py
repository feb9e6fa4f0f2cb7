"""Pieces as bytes: exact, and no change of them goes unseen."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nucore.errors import InputError
from nucore.run.codec import pack, unpack

NUMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec="utf-8"), max_size=8)
)
DTYPES = st.one_of(
    hnp.integer_dtypes(endianness="?"), hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"), hnp.boolean_dtypes(),
)  # fmt: skip
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
TREES = st.recursive(
    st.one_of(NUMBERS, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "counts", ""]), inner)
    ),
    max_leaves=8,
)


def assert_identical(a: Any, b: Any) -> None:
    """Same types and the same bits."""
    if isinstance(a, np.ndarray):
        assert isinstance(b, np.ndarray)
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for name in a:
            assert_identical(a[name], b[name])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_identical(x, y)
    elif isinstance(a, float):
        assert isinstance(b, float)
        # JSON has one nan
        assert struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    else:
        assert type(a) is type(b)
        assert a == b


@settings(deadline=None, max_examples=200)
@given(TREES)
def test_what_is_packed_comes_back_to_the_last_bit(tree):
    assert_identical(tree, unpack(pack(tree), "piece"))


def test_awkward_numbers():
    tree = {
        "n": [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1 / 3, 2**200, -(2**63), True, None],
        "arrays": [np.array([math.nan, -0.0, math.inf]), np.zeros((0, 3)), np.array(7), np.arange(6)[::-2]],
        "big": np.array([2**64 - 1], np.uint64),
        "order": np.arange(6, dtype=">i4").reshape(2, 3).T,
    }
    assert_identical({**tree, "arrays": [np.ascontiguousarray(a).reshape(a.shape) for a in tree["arrays"]]},
                     unpack(pack(tree), "piece"))  # fmt: skip


def test_tuples_and_numpy_numbers_become_plain():
    assert unpack(pack({"a": (1, np.float32(0.5), np.int64(3), np.bool_(True))}), "piece") == {"a": [1, 0.5, 3, True]}


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        unpack(pack(np.zeros(2)), "piece")[0] = 1.0


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([object()]), np.array([1j]), {1, 2}, object(), 1j])
def test_what_cannot_be_kept_is_refused(value):
    with pytest.raises(TypeError):
        pack({"value": value})


SMALL = pack({"counts": np.arange(3), "n": 0.5})


@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_every_damaged_byte_is_found(change):
    for at in range(len(SMALL)):
        damaged = bytearray(SMALL)
        damaged[at] ^= change
        with pytest.raises(InputError, match="here.piece is damaged"):
            unpack(bytes(damaged), "here.piece")


def test_every_cut_is_found():
    for end in range(len(SMALL)):
        with pytest.raises(InputError, match="damaged"):
            unpack(SMALL[:end], "piece")
    with pytest.raises(InputError, match="damaged"):
        unpack(SMALL + b"\0", "piece")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content):
    with pytest.raises(InputError):
        unpack(content, "piece")


def signed(structure: bytes, blob: bytes = b"", length: int | None = None) -> bytes:
    """A piece as somebody who knows the format might forge it."""
    body = (len(structure) if length is None else length).to_bytes(8, "little") + structure + blob
    return b"nuportal piece 1\n" + hashlib.sha256(body).digest() + body


@pytest.mark.parametrize(
    "about",
    [
        {"$array": "<f8", "shape": [10**12], "at": 0},
        {"$array": "<f8", "shape": [1], "at": -8},
        {"$array": "<f8", "shape": [1], "at": 8},
        {"$array": "<f8", "shape": [-1], "at": 0},
        {"$array": "<f8", "shape": [-1, -1], "at": 0},
        {"$array": "<f8", "shape": 3, "at": 0},
        {"$array": "O", "shape": [1], "at": 0},
        {"$array": "|V8", "shape": [1], "at": 0},
        {"$array": "M8[s]", "shape": [1], "at": 0},
        {"$array": "f8,i4", "shape": [1], "at": 0},
        {"$array": "nothing", "shape": [1], "at": 0},
        {"$array": None, "shape": [1], "at": 0},
        {"$array": "<f8", "shape": [1]},
        {"$array": "<f8", "shape": [10**400], "at": 0},
    ],
)
def test_forged_arrays_are_refused(about):
    with pytest.raises(InputError, match="not a piece"):
        unpack(signed(json.dumps(about).encode(), bytes(8)), "piece")


@pytest.mark.parametrize("structure", [b"", b"{", b"[" * 100_000, b"\xff", b"1" * 5000])
def test_forged_structures_are_refused(structure):
    with pytest.raises(InputError, match="not a piece"):
        unpack(signed(structure), "piece")
    with pytest.raises(InputError, match="not a piece"):
        unpack(signed(b"1", length=0), "piece")
