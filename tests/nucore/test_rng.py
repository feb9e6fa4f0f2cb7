"""Random numbers: known answers, independence of blocks, distribution, and the float32 functions built on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nucore import random_streams, rng
from nucore.errors import InputError

# Known-answer vectors of philox4x32-10 distributed with Random123 (kat_vectors): counter, key, output.
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]

WORD = st.integers(0, 2**32 - 1)
EVENT = st.integers(0, 2**63 - 2**20)


def philox_of_python_integers(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox4x32-10 in Python's own integers, round by round as in Salmon et al., figure 2."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for n in range(10):
        r0 = (k0 + n * 0x9E3779B9) % 2**32
        r1 = (k1 + n * 0xBB67AE85) % 2**32
        high0, low0 = divmod(0xD2511F53 * x0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * x2, 2**32)
        x0, x1, x2, x3 = high1 ^ x1 ^ r0, low1, high0 ^ x3 ^ r1, low0
    return x0, x1, x2, x3


def as_words(values: tuple[int, ...]) -> list[np.uint64]:
    return [np.uint64(value) for value in values]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
@pytest.mark.parametrize("function", [rng.philox4x32, rng.philox4x32.py_func])
def test_philox_known_answers(function, counter, key, answer):
    assert tuple(int(w) for w in function(*as_words(counter), *as_words(key))) == answer


@settings(deadline=None, max_examples=50)
@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_philox_equals_integer_arithmetic(counter, key):
    words = rng.philox4x32(*as_words(counter), *as_words(key))
    assert tuple(int(w) for w in words) == philox_of_python_integers(counter, key)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**64 - 1), WORD, EVENT, st.integers(0, 1023), st.integers(0, 11))
def test_words_are_philox_of_seed_stream_event_call(seed, stream, first, i, j):
    words = np.empty((12, rng.BLOCK), np.uint32)
    rng.fill_words(words, np.uint64(seed), stream, first)
    event = first + i
    counter = (event % 2**32, event >> 32, j // 4, seed >> 32)
    assert int(words[j, i]) == philox_of_python_integers(counter, (seed % 2**32, stream))[j % 4]


@settings(deadline=None, max_examples=25)
@given(EVENT, st.integers(1, 3000), st.integers(0, 2999), st.sampled_from([np.float32, np.float64]))
def test_uniforms_do_not_depend_on_the_range(first, n_events, offset, dtype):
    offset = min(offset, n_events - 1)
    whole = random_streams.uniforms(7, random_streams.Stream.W, first, n_events, 5, dtype)
    part = random_streams.uniforms(7, random_streams.Stream.W, first + offset, n_events - offset, 3, dtype)
    assert whole.shape == (5, n_events)
    np.testing.assert_array_equal(whole[:3, offset:], part)


def test_python_and_kernel_uniforms_are_equal():
    words, out = np.empty((8, rng.BLOCK), np.uint32), np.empty((8, rng.BLOCK), np.float32)
    rng.fill_words(words, np.uint64(3), 2, 5 * rng.BLOCK)
    rng.words_to_uniforms(words, out)
    np.testing.assert_array_equal(out, random_streams.uniforms(3, 2, 5 * rng.BLOCK, rng.BLOCK, 8, np.float32))
    # The two precisions drop different numbers of bits of the same word: they differ by less than 2**-23.
    wide = random_streams.uniforms(3, 2, 5 * rng.BLOCK, rng.BLOCK, 8)
    assert np.abs(out - wide).max() < 2.0**-23


def test_uniforms_are_open_at_both_ends():
    words = np.zeros((2, rng.BLOCK), np.uint32)
    words[1] = 0xFFFFFFFF
    out = np.empty((2, rng.BLOCK), np.float32)
    rng.words_to_uniforms(words, out)
    assert np.all(out[0] == 2.0**-24)
    assert np.all(out[1] == 1.0 - 2.0**-24)


def test_plain_python_forms_agree():
    words, compiled = np.empty((4, rng.BLOCK), np.uint32), np.empty((4, rng.BLOCK), np.uint32)
    rng._fill_call.py_func(words, 5, 1, 2**40, 0)
    rng.fill_words(compiled, np.uint64(5), 1, 2**40)
    np.testing.assert_array_equal(words, compiled)
    rng.fill_words.py_func(words, 5, 1, 0)
    u, expected = np.empty((4, rng.BLOCK), np.float32), np.empty((4, rng.BLOCK), np.float32)
    rng.words_to_uniforms.py_func(words, u)
    rng.words_to_uniforms(words, expected)
    np.testing.assert_array_equal(u, expected)
    rng.fill_word_table.py_func(words, 5, 1, 0)
    np.testing.assert_array_equal(words, random_streams.uniforms(5, 1, 0, rng.BLOCK, 4) * 2.0**32 - 0.5)
    out, reference = np.empty(rng.BLOCK, np.float32), np.empty(rng.BLOCK, np.float32)
    one = (rng.fill_log, rng.fill_cos_two_pi, rng.fill_sin_two_pi)
    for function, arguments in [*((f, u[:1]) for f in one), (rng.fill_normals, u[:2])]:
        function.py_func(out, *arguments)
        function(reference, *arguments)
        # Vector instructions may fuse a multiplication and an addition: a few roundings of float32 (6e-8).
        np.testing.assert_allclose(out, reference, rtol=1e-6, atol=1e-6)


def test_uniforms_are_uniform_and_uncorrelated():
    n = 400_000
    u = np.concatenate(
        [
            random_streams.uniforms(11, stream, 0, n, 4)
            for stream in (random_streams.Stream.W, random_streams.Stream.KAON)
        ]
    )
    for row in u:
        assert stats.kstest(row, "uniform").pvalue > 1e-4
    shifted = np.roll(u, 1, axis=1)
    correlation = np.corrcoef(np.concatenate([u, shifted])) - np.eye(16)
    # 120 correlations, each of standard deviation 1/sqrt(n); beyond 5 of them is a probability of 7e-5.
    assert np.abs(correlation).max() < 5.0 / np.sqrt(n)
    cells = np.bincount((u[0] * 32).astype(int) * 32 + (u[1] * 32).astype(int), minlength=1024)
    assert stats.chisquare(cells).pvalue > 1e-4


def every_uniform() -> np.ndarray:
    return ((np.arange(2**23) + 0.5) * 2.0**-23).astype(np.float32).reshape(-1, rng.BLOCK)


@pytest.mark.parametrize(
    ("function", "exact", "relative", "absolute"),
    [
        # Bounds stated by the functions; the fits contribute 3.4e-8 and 3.4e-9, float32 rounding the rest.
        (rng.fill_log, np.log, 3e-7, 0.0),
        (rng.fill_cos_two_pi, lambda u: np.cos(2.0 * np.pi * u), 0.0, 3e-7),
        (rng.fill_sin_two_pi, lambda u: np.sin(2.0 * np.pi * u), 0.0, 3e-7),
    ],
)
def test_float32_functions_on_every_uniform(function, exact, relative, absolute):
    u = every_uniform()
    out = np.empty_like(u)
    for block, result in zip(u, out, strict=True):
        function(result, block)
    reference = exact(u.astype(float))
    assert np.all(np.abs(out - reference) <= absolute + relative * np.abs(reference))


def test_log_holds_over_the_normal_range():
    u = np.geomspace(1e-37, 1e37, rng.BLOCK).astype(np.float32)
    out = np.empty_like(u)
    rng.fill_log(out, u)
    # Near u = 1 the logarithm is small but f = u - 1 is exact, so the relative bound holds there too.
    np.testing.assert_allclose(out, np.log(u.astype(float)), rtol=3e-7)


def test_normals_have_normal_moments():
    n_blocks = 1000
    out = np.empty((n_blocks, rng.BLOCK), np.float32)
    for block in range(n_blocks):
        u = random_streams.uniforms(1, random_streams.Stream.TOYS, block * rng.BLOCK, rng.BLOCK, 4, np.float32)
        rng.fill_normals(out[block], u[0], u[1])
    sample = out.ravel().astype(float)
    assert stats.kstest(sample, "norm").pvalue > 1e-4
    # Standard errors of the first four moments of a unit normal: sqrt(1, 2, 15, 96) / sqrt(n); 4 of them.
    error = np.sqrt([1.0, 2.0, 15.0, 96.0]) / np.sqrt(sample.size)
    moments = [np.mean(sample**k) for k in (1, 2, 3, 4)]
    assert np.all(np.abs(np.subtract(moments, [0.0, 1.0, 0.0, 3.0])) < 4.0 * error)


def test_pairs_of_normals_are_the_two_of_box_and_muller():
    u = np.random.default_rng(4).uniform(1e-3, 1.0 - 1e-3, (2, rng.BLOCK)).astype(np.float32)
    for function in (rng.fill_normal_pairs, rng.fill_normal_pairs.py_func):
        first, second = np.empty((2, rng.BLOCK), np.float32)
        function(first, second, *u)
        radius, angle = np.sqrt(-2.0 * np.log(u[0].astype(float))), 2.0 * np.pi * u[1].astype(float)
        np.testing.assert_allclose(first, radius * np.cos(angle), atol=3e-6)
        np.testing.assert_allclose(second, radius * np.sin(angle), atol=3e-6)


def test_generator_depends_on_seed_and_stream_alone():
    first = random_streams.generator(1, random_streams.Stream.TOYS).random(8)
    np.testing.assert_array_equal(first, random_streams.generator(1, random_streams.Stream.TOYS).random(8))
    assert not np.any(first == random_streams.generator(1, random_streams.Stream.EXPOSURE).random(8))
    assert not np.any(first == random_streams.generator(2, random_streams.Stream.TOYS).random(8))


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_bad_seed_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        random_streams.generator(seed, random_streams.Stream.W)


@pytest.mark.parametrize(
    ("stream", "first", "n_events"), [(-1, 0, 1), (2**32, 0, 1), (1, -1, 1), (1, 0, -1), (1, 2**63 - 1, 1)]
)
def test_bad_range_is_refused(stream, first, n_events):
    with pytest.raises(InputError):
        random_streams.uniforms(1, stream, first, n_events, 1)


def test_streams_keep_their_numbers():
    # Changing one would change every published sample made with a seed.
    assert {s.name: int(s) for s in random_streams.Stream} == {
        "W": 1, "KAON": 2, "PION": 3, "TAU": 4, "MESON": 5, "EXPOSURE": 16, "BACKGROUND": 17, "TOYS": 18,
        "RESPONSE": 19,
    }  # fmt: skip
