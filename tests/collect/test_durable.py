"""The conservation checks must fail when something is lost: each loss is planted."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engines.spool_records import payloads, write_segment
from weir.collect import durable as module
from weir.collect.acknowledged import Acknowledged
from weir.collect.durable import RETIRED_FILE, Durable, durable, retire, unlike_sealed
from weir.collect.frames import Footer
from weir.collect.segments import footer_of

CLOSED, DUE = "2026-11-21T05:40:00.000000", datetime(2026, 11, 21, 6)
TOTALS = {
    ("normal", 3): Durable(10, 10, (5, 6, 7, 8), CLOSED),
    ("bulk", 3): Durable(4, 4, (1, 1, 1, 1), CLOSED),
}


def test_equal_counts_and_fingerprints_are_right() -> None:
    sealed = {3: (10, (5, 6, 7, 8))}
    assert unlike_sealed(TOTALS, "normal", {3: 10}, sealed, DUE) == []


def test_a_missing_record_is_found() -> None:
    sealed = {3: (9, (5, 6, 7, 8))}
    assert unlike_sealed(TOTALS, "normal", {3: 10}, sealed, DUE) == [
        "epoch 3: durable 10, landed 9"
    ]


def test_a_swapped_record_is_found_though_the_counts_agree() -> None:
    sealed = {3: (10, (5, 6, 7, 9))}
    assert unlike_sealed(TOTALS, "normal", {3: 10}, sealed, DUE) != []


def test_an_epoch_that_was_never_landed_is_found() -> None:
    assert unlike_sealed(TOTALS, "normal", {4: 0}, {}, DUE) != []


def test_an_epoch_whose_writer_has_just_ended_is_waited_for() -> None:
    assert unlike_sealed(TOTALS, "normal", {4: 0}, {}, datetime(2026, 11, 21, 5, 30)) == []


def test_an_epoch_that_lost_segments_is_found() -> None:
    assert unlike_sealed(TOTALS, "normal", {3: 12}, {3: (12, (1, 1, 1, 1))}, DUE) != []


def test_what_is_not_sealed_yet_is_not_compared() -> None:
    assert unlike_sealed(TOTALS, "normal", {3: 7}, {3: (7, (1, 1, 1, 1))}, DUE) == []


LATER = datetime(2100, 1, 1)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for first in (0, 5, 10):
        write_segment(tmp_path, "normal", 1, payloads("normal", 1, first, 5), first)
    return tmp_path


def retire_all(spool: Path) -> int:
    return retire(spool, {"normal": {1: 15}}, [], LATER)


def once_before(name: str, act: Callable[[], object], patch: pytest.MonkeyPatch) -> None:
    """Let another sealer act right before the first call of one of the module's functions."""
    itself = getattr(module, name)

    def first_act(*arguments: Any) -> Any:
        patch.undo()
        act()
        return itself(*arguments)

    patch.setattr(module, name, first_act)


@pytest.mark.parametrize("step", ["_is_old", "read_footer", "_note", "_remove"])
def test_two_sealers_remove_the_same_segments(
    spool: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = durable(spool)
    removed: list[int] = []
    once_before(step, lambda: removed.append(retire_all(spool)), monkeypatch)
    removed.append(retire_all(spool))
    assert removed == [3, 0]
    assert len((spool / RETIRED_FILE).read_bytes().splitlines()) == 3
    assert durable(spool) == before
    assert before["normal", 1].records == 15


@pytest.mark.parametrize("step", ["list_segments", "footer_of", "retired_footers"])
def test_what_is_removed_while_it_is_counted_is_counted_once(
    spool: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = durable(spool)
    once_before(step, lambda: retire_all(spool), monkeypatch)
    assert durable(spool) == before


def test_what_was_acknowledged_is_counted_by_day_and_each_footer_read_once(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Acknowledged(spool)
    (day,) = {footer.closed_at[:10] for footer in map(footer_of, spool.glob("normal/*.seg"))}
    assert counted.on(date.fromisoformat(day)) == 15
    assert counted.on(date(1999, 1, 1)) == 0
    write_segment(spool, "bulk", 1, payloads("bulk", 1, 0, 4), 0)
    read: list[Path] = []

    def noting(path: Path) -> Footer:
        read.append(path)
        return footer_of(path)

    monkeypatch.setattr("weir.collect.acknowledged.footer_of", noting)
    assert counted.on(date.fromisoformat(day)) == 19
    assert [path.parent.name for path in read] == ["bulk"]
    next(spool.glob("normal/*.seg")).unlink()
    assert counted.on(date.fromisoformat(day)) == 19  # it was taken, wherever it is now
