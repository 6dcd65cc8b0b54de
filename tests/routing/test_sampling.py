"""The draw: nesting, determinism, thresholds, floors; the interval holds what it promises."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from functools import cache
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core.errors import InvalidValue
from weir.core.estimate import estimate, variance
from weir.routing.sampling import (
    SPACE,
    Draw,
    Policy,
    randomness,
    sampling_key,
    threshold,
)

rates = st.floats(1e-6, 1.0)


@given(st.text(), rates, rates)
def test_what_is_kept_at_a_rate_is_kept_at_every_higher_one(
    key: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert threshold(high) <= threshold(low)
    if Draw(threshold(low)).keeps(key):
        assert Draw(threshold(high)).keeps(key)


def test_randomness_is_blake2b_keyed_56_bits() -> None:
    expected = hashlib.blake2b(b"u1", digest_size=7, key=b"k").digest()
    assert randomness("u1", b"k") == int.from_bytes(expected, "big") < SPACE
    assert randomness("u1", b"k") != randomness("u1", b"l")


@pytest.mark.parametrize(
    ("probability", "th"),
    [(1.0, "0"), (0.5, "8"), (0.25, "c"), (2**-56, "ffffffffffffff"), (0.125, "e")],
)
def test_thresholds_are_opentelemetrys(probability: float, th: str) -> None:
    draw = Draw(threshold(probability))
    assert draw.th == th
    assert draw.weight == 1 / probability


def test_one_percent_is_the_specifications_vector() -> None:
    assert Draw(threshold(0.01)).th.startswith("fd70a3d70a3d7")


@given(rates)
def test_the_weight_is_one_over_the_rate(rate: float) -> None:
    assert Policy(rate).draw(10).weight == pytest.approx(1 / rate, rel=1e-9)


@given(rates, st.integers(1, 10_000), st.integers(1, 10**7))
def test_a_floor_only_raises_the_probability(rate: float, floor: int, offered: int) -> None:
    plain, raised = Policy(rate).draw(offered), Policy(rate, floor).draw(offered)
    assert raised.threshold <= plain.threshold
    expected = offered / raised.weight
    assert expected >= min(floor, offered) * (1 - 1e-9)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, float("nan")])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(InvalidValue, match="probability"):
        Policy(rate)


def test_a_floor_below_one_is_refused() -> None:
    with pytest.raises(InvalidValue, match="floor"):
        Policy(0.1, 0)


def test_the_version_changes_with_the_content_only() -> None:
    assert Policy(0.1, 30).version == Policy(0.1, 30).version
    assert len({Policy(0.1).version, Policy(0.1, 30).version, Policy(0.2).version}) == 3


def test_the_key_is_the_user_then_the_device_then_the_event() -> None:
    assert [
        sampling_key("u", "d", "e"),
        sampling_key(None, "d", "e"),
        sampling_key("", "", "e"),
    ] == [
        "u",
        "d",
        "e",
    ]


def test_the_hash_is_uniform() -> None:
    buckets = Counter(randomness(f"user-{n}") * 16 >> 56 for n in range(16_000))
    chi = sum((count - 1000) ** 2 / 1000 for count in buckets.values())
    assert chi < 37.7  # 99.9 % of chi-squared with 15 degrees of freedom


POPULATION = [(f"u{n}", 1 + n % 7 if n % 50 else 60) for n in range(2000)]


@cache
def _numbers(secret: bytes) -> list[tuple[int, int]]:
    return [(randomness(user, secret), count) for user, count in POPULATION]


def _drawn(secret: bytes, draws: list[Draw]) -> tuple[int, float, dict[tuple[int, float], int]]:
    """Sample the population: each user has `count` documents in every draw's stratum."""
    cells: dict[tuple[int, float], int] = Counter()
    for (number, count), draw in product(_numbers(secret), draws):
        if number >= draw.threshold:
            cells[number, draw.weight] += count
    matched = sum(cells.values())
    return matched, sum(weight * n for (_, weight), n in cells.items()), cells


@pytest.mark.parametrize("probabilities", [(0.1,), (0.1, 0.1), (0.1, 0.5), (0.3,)])
def test_the_interval_covers_the_truth_95_times_in_100(probabilities: tuple[float, ...]) -> None:
    draws = [Draw(threshold(p)) for p in probabilities]
    truth = sum(count for _, count in POPULATION) * len(draws)
    covered, total, rounds = 0, 0.0, 200
    for round_ in range(rounds):
        matched, value, cells = _drawn(b"%d" % round_, draws)
        found = estimate(matched, value, variance(cells))
        covered += found.low <= truth <= found.high
        total += value
    assert total / rounds == pytest.approx(truth, rel=0.02)
    assert 0.90 <= covered / rounds <= 0.99  # 95 % ± 3.2 binomial standard errors


def test_ignoring_that_strata_share_their_users_would_be_too_narrow() -> None:
    one = variance({(1, 10.0): 2, (2, 10.0): 2})
    assert variance({(1, 10.0): 4, (2, 10.0): 4}) == 4 * one
    across = variance({(1, 10.0): 2, (1, 5.0): 2})
    apart = variance({(1, 10.0): 2}) + variance({(2, 5.0): 2})
    assert across > apart


def test_the_variance_is_unbiased_over_all_thresholds() -> None:
    """Exact, by integrating over the hash: one key, cells at p = 0.5 and p = 0.2."""
    y, p = (3, 4), (0.5, 0.2)
    total = {0.2: y[0] / p[0] + y[1] / p[1], 0.3: y[0] / p[0], 0.5: 0.0}
    mean = sum(share * value for share, value in total.items())
    true = sum(share * (value - mean) ** 2 for share, value in total.items())
    both, first = variance({(1, 2.0): 3, (1, 5.0): 4}), variance({(1, 2.0): 3})
    assert 0.2 * both + 0.3 * first == pytest.approx(true)


def test_a_subsample_of_keys_gives_the_same_variance_on_average() -> None:
    draws = [Draw(threshold(0.4)), Draw(threshold(0.8))]
    full, part, share = 0.0, 0.0, 0.2
    for round_ in range(60):
        _, _, cells = _drawn(b"%d" % round_, draws)
        full += variance(cells)
        floor = threshold(share)
        part += variance({c: n for c, n in cells.items() if c[0] >= floor}, share)
    assert part / full == pytest.approx(1, abs=0.05)


def test_every_possible_sample_of_ten_keys() -> None:
    """Full enumeration: the estimate and its variance are unbiased."""
    p, count = 0.3, 2
    mean = spread = told = 0.0
    for kept in range(11):
        chance = comb(10, kept) * p**kept * (1 - p) ** (10 - kept)
        value = kept * count / p
        mean += chance * value
        spread += chance * (value - 20) ** 2
        told += chance * variance({(k, 1 / p): count for k in range(kept)})
    assert (mean, told) == (pytest.approx(20), pytest.approx(spread))


def test_nothing_sampled_means_no_width() -> None:
    assert variance({(1, 1.0): 7, (2, 1.0): 9}) == 0.0
    found = estimate(16, 16.0, 0.0)
    assert (found.low, found.high) == (16.0, 16.0)


def test_no_match_is_bounded_by_the_rule_of_three() -> None:
    assert estimate(0, 0.0, 0.0, 10.0).high == 30.0
    assert estimate(0, 0.0, 0.0).high == 0.0


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 5), st.sampled_from([1.0, 2.0, 5.0, 10.0])), st.integers(1, 50)
    )
)
def test_a_variance_is_never_negative(cells: dict[tuple[int, float], int]) -> None:
    assert variance(cells) >= 0
    seen = sum(cells.values())
    found = estimate(seen, sum(w * n for (_, w), n in cells.items()), variance(cells))
    assert seen <= found.low <= found.value <= found.high


def test_a_users_documents_are_kept_together() -> None:
    draw, rng = Policy(0.1).draw(1000), random.Random(3)
    for user in (str(rng.random()) for _ in range(50)):
        assert len({draw.keeps(sampling_key(user, f"d{n}", f"e{n}")) for n in range(5)}) == 1
