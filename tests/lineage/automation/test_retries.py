"""Failed work: how often and when it is tried again, and what the memory of it holds."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.lineage.automation.memory import Memory
from weir.lineage.automation.retries import (
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    Attempts,
    Failed,
    Past,
    Streak,
    Wait,
    jitter_of,
    next_try,
    pause,
    wait_of,
)
from weir.lineage.failures import SORTS

NOW, DAY = datetime(2026, 5, 1, 12), datetime(2026, 4, 30)
LATER = NOW + timedelta(days=1)


def past(sort: str, attempts: int = 1, digest: str = "d", code: str = "c") -> Past:
    failed = {"fact/a": {DAY: Failed(digest, attempts, sort, "r")}}
    return Past(failed, {"fact/a": Streak(attempts, code, NOW)}, {})


def wait(known: Past, now: datetime, digest: str = "d", code: str = "c") -> Wait | None:
    return wait_of(known, "fact/a", DAY, digest, code, now)


@given(st.sampled_from([s for s in SORTS if not s.transient]), st.timedeltas(timedelta(0)))
def test_what_failed_for_good_never_asks_again(sort: object, after: timedelta) -> None:
    now = NOW + min(after, timedelta(days=10_000))
    assert wait(past(sort.name), now) is Wait.PERMANENT  # type: ignore[attr-defined]


def test_another_input_or_code_may_be_tried() -> None:
    assert wait(past("sql"), LATER, digest="other") is None
    assert wait(past("sql"), NOW, digest="other") is Wait.PAUSE  # an open hour changes every 30 s
    assert wait(past("sql"), NOW, digest="other", code="mended") is None


def test_what_may_pass_is_tried_again_after_a_pause_and_a_few_times() -> None:
    assert wait(past("lock"), NOW) is Wait.PAUSE
    assert wait(past("lock"), LATER) is None
    assert wait(past("lock", MAX_ATTEMPTS), LATER) is Wait.GIVEN_UP
    assert wait(past("never heard of"), LATER) is Wait.PERMANENT


def test_what_is_under_way_is_not_asked_for() -> None:
    assert wait(Past({}, {}, {"fact/a": frozenset({DAY})}), NOW) is Wait.UNDER_WAY
    assert wait(Past({}, {}, {"fact/b": frozenset({DAY})}), NOW) is None


@given(st.integers(1, 60), st.floats(0, 1))
def test_pauses_double_up_to_six_hours_and_lose_half_at_most(count: int, jitter: float) -> None:
    whole = min(timedelta(minutes=2 ** min(count - 1, 30)), LONGEST_PAUSE)
    assert whole / 2 <= pause(count, jitter) <= whole
    assert pause(0, jitter) == timedelta(0)


def test_what_failed_together_does_not_come_back_together() -> None:
    streak = Streak(5, "c", NOW)
    assert len({next_try(f"fact/{n}", streak) for n in range(20)}) > 15
    assert 0 <= jitter_of("a") < 1


def test_attempts_of_a_request_say_why_they_wait() -> None:
    assert Attempts().wait(NOW) is None
    assert Attempts(1, running=True).wait(NOW) is Wait.UNDER_WAY
    assert Attempts(MAX_ATTEMPTS, last_end=NOW).wait(LATER) is Wait.GIVEN_UP
    assert Attempts(1, last_end=NOW).wait(NOW) is Wait.PAUSE
    early = NOW + timedelta(seconds=40)
    assert Attempts(1, last_end=NOW, jitter=0.9).wait(early) is None


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "home" / "automation.db")


ROWS = [("fact/a", "2026-04-30", "d"), ("fact/b", "2026-04-30", "e")]


def test_a_failed_run_counts_once_however_often_it_is_told(memory: Memory) -> None:
    assert (memory.attempts(), memory.streaks()) == ({}, {})
    memory.asked("q", ROWS, NOW)
    assert memory.attempts() == {}
    for _ in range(3):
        memory.failed("q", "r1", "lock", NOW, lambda _: "c")
    assert memory.attempts()["fact/a"] == {"2026-04-30": Failed("d", 1, "lock", "r1")}
    assert memory.streaks()["fact/b"] == Streak(1, "c", NOW)
    memory.failed("q", "r2", "io", NOW, lambda _: "c")
    assert memory.attempts()["fact/a"]["2026-04-30"].attempts == 2
    assert memory.streaks()["fact/a"].count == 2


def test_attempts_are_counted_on_for_the_same_state_only(memory: Memory) -> None:
    memory.asked("q", ROWS, NOW)
    memory.failed("q", "r1", "lock", NOW, lambda _: "c")
    memory.asked("wider", [ROWS[0], ("fact/b", "2026-04-30", "changed")], NOW)
    assert memory.attempts() == {"fact/a": {"2026-04-30": Failed("d", 1, "lock", "r1")}}
    memory.failed("wider", "r2", "lock", NOW, lambda _: "mended")
    assert memory.attempts()["fact/a"]["2026-04-30"].attempts == 2
    assert memory.attempts()["fact/b"]["2026-04-30"].attempts == 1
    assert memory.streaks()["fact/a"] == Streak(1, "mended", NOW)


def test_what_was_built_before_the_run_failed_does_not_count(memory: Memory) -> None:
    memory.asked("q", ROWS, NOW)
    left = memory.failed("q", "r", "sql", NOW, lambda row: None if row[0] == "fact/a" else "c")
    assert left == 1
    assert set(memory.attempts()) == set(memory.streaks()) == {"fact/b"}


def test_success_forgets(memory: Memory) -> None:
    memory.asked("q", ROWS, NOW)
    memory.failed("q", "r", "lock", NOW, lambda _: "c")
    memory.succeeded("q", ["fact/a"])
    assert memory.attempts() == {}
    assert set(memory.streaks()) == {"fact/b"}
