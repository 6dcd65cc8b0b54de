"""Every key's state in one period, against the reference, and what cannot be asked."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.activation.reference import active_rows
from weir.activation.status import Status, Wanted, status_of
from weir.activation.tables import Tables
from weir.core.errors import InvalidValue, NotReady, UsageError

FACT, START, DAYS = "users_did_it", date(2024, 1, 1), 75
Asked = Any


@pytest.fixture(scope="module")
def users() -> dict[str, set[int]]:
    chance = random.Random(11)
    return {
        f"u{n}": set(chance.sample(range(DAYS), chance.choice([1, 2, 9, 40]))) for n in range(30)
    }


@pytest.fixture(scope="module")
def ask(layer_of: Any, users: dict[str, set[int]]) -> Asked:
    """Return a function that asks for states, on a layer with checkpoints of two months."""
    layer = layer_of(FACT, "daily", start=str(START))
    layer.facts((u, START + timedelta(day)) for u, days in users.items() for day in days)
    layer.build("firstlast", ("2024-01-01", "2024-03-01"))
    for kind in ("activation", "summary"):
        layer.build(kind, (START, START + timedelta(DAYS)))
    harness = layer.harness

    def compiled(fact: str, grain: str, at: date) -> str:
        return str(harness.render("activation_status_asof", fact, grain, str(at)))

    def asked(limit: int = 100, target: Path | None = None, **wanted: Any) -> Status:
        tables = Tables(FACT, "daily", schema="")
        return status_of(
            harness.con, tables, Wanted(**wanted), compiled, limit=limit, target=target
        )

    return asked


def expected(users: dict[str, set[int]], at: int) -> dict[str, tuple[str, int]]:
    found = {}
    for user, days in users.items():
        past = [row for row in active_rows(days) if row.period <= at]
        if past:
            away = at - past[-1].period
            found[user] = (past[-1].state.value if away == 0 else "Inactive", away)
    return found


@pytest.mark.parametrize("at", [0, 1, 30, 31, 59, 60, 74])
def test_every_user_has_the_state_of_the_reference(
    ask: Asked, users: dict[str, set[int]], at: int
) -> None:
    status = ask(as_of=START + timedelta(at))
    got = {row[0]: (row[1], row[2]) for row in status.rows}
    assert status.columns[:3] == ["user_id", "state", "inactive_periods"]
    assert got == expected(users, at)
    assert sum(status.counts.values()) == status.matched == len(got)


def test_a_segment_is_chosen_by_state_and_absence(ask: Asked, users: dict[str, set[int]]) -> None:
    all_of_them = expected(users, 40)
    away = {user for user, (_, periods) in all_of_them.items() if periods == 3}
    status = ask(as_of=START + timedelta(40), away=3)
    assert {row[0] for row in status.rows} == away != set()
    active = ask(as_of=START + timedelta(40), state="Retained")
    assert {row[1] for row in active.rows} == {"Retained"}
    assert active.counts == status.counts


def test_the_last_period_is_the_default_and_few_rows_are_shown(ask: Asked) -> None:
    status = ask(limit=3)
    assert status.period == START + timedelta(DAYS - 1)
    assert len(status.rows) == 3 < status.matched


def test_all_rows_go_to_a_file(ask: Asked, tmp_path: Path) -> None:
    status = ask(state="Inactive", target=tmp_path / "away.csv")
    with (tmp_path / "away.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == status.matched == status.counts["Inactive"]
    assert status.as_dict()["file"] == str(tmp_path / "away.csv")


def test_what_cannot_be_asked_is_told(ask: Asked, layer_of: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2024-03-16 is not built yet: the last one is 2024-03-15"):
        ask(as_of=date(2024, 3, 16))
    with pytest.raises(InvalidValue, match="--state"):
        ask(state="Dormant")
    with pytest.raises(InvalidValue, match=r"\.parquet"):
        ask(target=tmp_path / "away.txt")
    empty = layer_of("users_did_nothing", "daily", start=str(START))
    with pytest.raises(NotReady):
        status_of(empty.harness.con, Tables("users_did_nothing", "daily", schema=""), Wanted(), str)
