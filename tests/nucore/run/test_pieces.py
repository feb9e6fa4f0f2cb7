"""Pieces as bytes: exact, and every change of them is found."""

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
from nucore.run.chunks import Chunk
from nucore.run.pieces import pack, unpack

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


CHUNK = Chunk(10, 5)


def there_and_back(value: Any) -> Any:
    return unpack(pack(value, CHUNK, "key"), CHUNK, "key", "piece").value


@settings(deadline=None, max_examples=200)
@given(TREES)
def test_what_is_packed_comes_back_to_the_last_bit(tree):
    assert_identical(tree, there_and_back(tree))


def test_awkward_numbers():
    tree = {
        "n": [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1 / 3, 2**200, -(2**63), True, None],
        "arrays": [np.array([math.nan, -0.0, math.inf]), np.zeros((0, 3)), np.array(7), np.arange(6)[::-2]],
        "big": np.array([2**64 - 1], np.uint64),
        "order": np.arange(6, dtype=">i4").reshape(2, 3).T,
    }
    plain = {**tree, "arrays": [np.ascontiguousarray(a).reshape(a.shape) for a in tree["arrays"]]}
    assert_identical(plain, there_and_back(tree))
    plain = {"a": (1, np.float32(0.5), np.int64(3), np.bool_(True))}
    assert there_and_back(plain) == {"a": [1, 0.5, 3, True]}


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([object()]), np.array([1j]), {1, 2}, object(), 1j])
def test_what_cannot_be_kept_is_refused(value):
    with pytest.raises(TypeError):
        pack({"value": value}, CHUNK, "key")


SMALL = pack({"counts": np.arange(3), "n": 0.5}, CHUNK, "key")


def test_every_damaged_byte_and_every_cut_is_found():
    damaged = [
        SMALL[:at] + bytes([SMALL[at] ^ change]) + SMALL[at + 1 :] for at in range(len(SMALL)) for change in (1, 128)
    ]
    for content in (*damaged, *(SMALL[:end] for end in range(len(SMALL))), SMALL + b"\0"):
        with pytest.raises(InputError, match="damaged"):
            unpack(content, CHUNK, "key", "here.piece")


@pytest.mark.parametrize(("chunk", "key"), [(Chunk(10, 4), "key"), (Chunk(11, 5), "key"), (CHUNK, "other")])
def test_pieces_of_other_items_and_runs_are_refused(chunk, key):
    with pytest.raises(InputError, match="of another run, or of other items"):
        unpack(SMALL, chunk, key, "piece")


def forged(*parts: bytes) -> bytes:
    """A piece as somebody who knows the format might forge it."""
    body = b"".join(parts)
    return hashlib.sha256(body).digest() + body


def text(content: str, length: int | None = None) -> bytes:
    return (len(content.encode()) if length is None else length).to_bytes(8, "little") + content.encode()


def array(**about: Any) -> bytes:
    value = {"$array": "<f8", "shape": [1], **about}
    return text(json.dumps({"key": "key", "chunk": [10, 5], "cpu": "", "value": value}))


@pytest.mark.parametrize(
    "parts",
    [
        (), (bytes(40),), (text(""),), (text("{"),), (text("[" * 100_000),), (text("[]"),), (text("{}"),),
        (text("{}", 2**60),), (array(),), (array(shape=[10**12]), bytes(8)), (array(shape=[-1]), bytes(8)),
        (array(shape=[-1, -1]), bytes(8)), (array(shape=3), bytes(8)), (array(shape=[10**400]), bytes(8)),
        (array(shape=None), bytes(8)), (array(**{"$array": "O"}), bytes(8)), (array(**{"$array": "|V8"}), bytes(8)),
        (array(**{"$array": "M8[s]"}), bytes(8)), (array(**{"$array": "f8,i4"}), bytes(8)),
        (array(**{"$array": "nothing"}), bytes(8)), (array(**{"$array": None}), bytes(8)),
    ],
)  # fmt: skip
def test_forged_pieces_are_refused(parts):
    with pytest.raises(InputError, match="not a piece"):
        unpack(forged(*parts), CHUNK, "key", "piece")
    assert unpack(forged(array(), np.ones(1).tobytes()), CHUNK, "key", "piece").value.tolist() == [1.0]
