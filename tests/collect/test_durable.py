"""The conservation checks must fail when something is lost: each loss is planted."""

from weir.collect.durable import Durable, unlike_sealed
from weir.engines.ports import Position

TOTALS = {("normal", 3): Durable(10, 10, (5, 6, 7, 8)), ("bulk", 3): Durable(4, 4, (1, 1, 1, 1))}


def test_equal_counts_and_fingerprints_are_right() -> None:
    sealed = {3: (10, (5, 6, 7, 8))}
    assert unlike_sealed(TOTALS, "normal", Position(3, 10), sealed) == []


def test_a_missing_record_is_found() -> None:
    sealed = {3: (9, (5, 6, 7, 8))}
    assert unlike_sealed(TOTALS, "normal", Position(3, 10), sealed) == [
        "epoch 3: durable 10, landed 9"
    ]


def test_a_swapped_record_is_found_though_the_counts_agree() -> None:
    sealed = {3: (10, (5, 6, 7, 9))}
    assert unlike_sealed(TOTALS, "normal", Position(3, 10), sealed) != []


def test_an_epoch_that_was_never_landed_is_found() -> None:
    assert unlike_sealed(TOTALS, "normal", Position(4, 0), {}) != []


def test_what_is_not_sealed_yet_is_not_compared() -> None:
    assert unlike_sealed(TOTALS, "normal", Position(3, 7), {3: (7, (1, 1, 1, 1))}) == []
