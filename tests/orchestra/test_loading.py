"""Definitions are made while the garbage collector rests, and it is as it was afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from weir.orchestra.loading import uncollected


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.enable()


def test_it_rests_and_is_on_again_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        assert 1 / gc.isenabled()
    assert gc.isenabled()


def test_who_turned_it_off_keeps_it_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_only_what_is_made_first_is_passed_over_for_good() -> None:
    gc.unfreeze()
    with uncollected():
        first = [[] for _ in range(10)]
    frozen = gc.get_freeze_count()
    assert frozen >= len(first)
    with uncollected():
        pass
    assert gc.get_freeze_count() == frozen
