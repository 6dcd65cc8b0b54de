"""Deduplication on the lake against a plain Python reference."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.engines.spool_records import record
from weir.core.errors import InvalidValue, LakeError
from weir.core.grains import Grain
from weir.core.landing import COLUMNS, TIERS
from weir.core.settings import Settings
from weir.engines.embedded import accepted as module
from weir.engines.embedded.accepted import EmbeddedAccepted, _Build
from weir.engines.embedded.commit import read_entries
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.records import to_arrow
from weir.engines.embedded.schema import ACCEPTED_COLUMNS, column_list

BASE = datetime(2026, 11, 1)
WEEK = timedelta(hours=168)
END = BASE + timedelta(days=60)


def landed(
    hour: int, received: float, event: str = "a", payload: str = "p", offset: int = 0, **changes
) -> dict:
    """Return a landed row: hours are counted from BASE."""
    at = BASE + timedelta(hours=received)
    row = record("normal", 1, offset, at, event_id=event, payload_hash=payload, **changes)
    landing_hour = BASE + timedelta(hours=hour)
    return {"landing_hour": landing_hour, "lane": "normal", "epoch": 1, "offset": offset, **row}


def _time(row: dict) -> datetime:
    return datetime.fromisoformat(row["received_at"])


def _order(row: dict) -> tuple:
    return row["landing_hour"], _time(row), row["lane"], row["epoch"], row["offset"]


def _near(a: dict, b: dict) -> bool:
    return abs(_time(a) - _time(b)) <= WEEK


def reference(rows: list[dict]) -> dict[int, bool]:
    """Return offset → id_conflict of the accepted rows, straight from the rule's words."""
    valid = [row for row in rows if row["verdict"] != "quarantined"]
    kept = {}
    for row in valid:
        same = [o for o in valid if o["event_id"] == row["event_id"] and _near(o, row)]
        earlier = [
            o for o in same if _order(o) < _order(row) and o["payload_hash"] == row["payload_hash"]
        ]
        if earlier and not row["id_assigned"]:
            continue
        kept[row["offset"]] = any(
            o["payload_hash"] != row["payload_hash"] and o["landing_hour"] <= row["landing_hour"]
            for o in same
        )
    return kept


def put(connection: duckdb.DuckDBPyConnection, rows: list[dict]) -> None:
    """Insert landed rows as they are, without sealing."""
    placed = ("landing_hour", "lane", "epoch", "offset")
    table = to_arrow(
        [orjson.dumps({k: v for k, v in row.items() if k not in placed}) for row in rows]
    )
    for name in placed:
        table = table.append_column(name, pa.array([row[name] for row in rows]))
    connection.register("given_rows", table)
    chosen = {"landing_day": "landing_hour::DATE", "generation": "1"}
    columns = ", ".join(chosen.get(name, f'"{name}"') for name in COLUMNS)
    connection.execute(f"INSERT INTO lake.landing.normal SELECT {columns} FROM given_rows")


ACCEPTED = 'SELECT "offset", id_conflict FROM lake.accepted.normal ORDER BY 1'


@pytest.fixture(scope="module")
def memory() -> duckdb.DuckDBPyConnection:
    """The tables in memory: the same SQL without files, for many examples."""
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS lake")
    for schema in ("landing", "accepted"):
        connection.execute(f"CREATE SCHEMA lake.{schema}")
    connection.execute(f"CREATE TABLE lake.landing.normal ({column_list(COLUMNS)})")
    connection.execute(f"CREATE TABLE lake.accepted.normal ({column_list(ACCEPTED_COLUMNS)})")
    return connection


def build(connection: duckdb.DuckDBPyConnection, start: datetime, end: datetime) -> list:
    one = _Build("normal", start, end, Grain.HOUR, {}, "", "")
    one._write_entry = lambda *_: None  # type: ignore[method-assign]
    return one.run_in(connection)


def check(connection: duckdb.DuckDBPyConnection, rows: list[dict]) -> dict[int, bool]:
    """Build everything at once and compare with the reference."""
    connection.execute("DELETE FROM lake.landing.normal")
    connection.execute("DELETE FROM lake.accepted.normal")
    put(connection, rows)
    build(connection, BASE, END)
    found = dict(connection.execute(ACCEPTED).fetchall())
    assert found == reference(rows)
    return found


CASES = {
    "the same event twice in an hour": [landed(0, 0), landed(0, 0.5, offset=1)],
    "exactly 168 hours apart": [landed(0, 0), landed(168, 168, offset=1)],
    "more than 168 hours apart": [landed(0, 0), landed(168, 168.0001, offset=1)],
    "a duplicate of a duplicate": [landed(168 * i, 168 * i, offset=i) for i in range(4)],
    "another payload": [landed(0, 0), landed(1, 1, payload="q", offset=1)],
    "another payload that comes later": [landed(0, 0), landed(0, 0.5, payload="q", offset=1)],
    "three payloads": [landed(i, i, payload=p, offset=i) for i, p in enumerate("pqr")],
    "ids of the server": [landed(0, 0, id_assigned=True), landed(0, 0, id_assigned=True, offset=1)],
    "a server's id that a sender uses": [landed(0, 0, id_assigned=True), landed(0, 0, offset=1)],
    "a quarantined row before": [landed(0, 0, verdict="quarantined"), landed(1, 1, offset=1)],
    "a flagged row before": [landed(0, 0, verdict="flagged"), landed(1, 1, offset=1)],
    "received earlier, landed later": [landed(5, 5), landed(9, 1, offset=1)],
    "an old row between two near ones": [
        landed(300, 300), landed(301, 10, offset=1), landed(302, 302, offset=2),
    ],
    "the nearest before is far, one before it is near": [
        landed(200, 200), landed(201, 1, offset=1), landed(202, 210, offset=2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_rule(memory: duckdb.DuckDBPyConnection, name: str) -> None:
    check(memory, CASES[name])


def test_a_chain_keeps_only_its_first(memory: duckdb.DuckDBPyConnection) -> None:
    assert check(memory, CASES["a duplicate of a duplicate"]) == {0: False}


def test_a_conflict_is_seen_by_the_same_and_later_hours_only(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    assert check(memory, CASES["another payload"]) == {0: False, 1: True}
    assert check(memory, CASES["another payload that comes later"]) == {0: True, 1: True}


hours = st.sampled_from([0, 1, 24, 100, 167, 168, 169, 300, 336, 337, 500])
landed_rows = st.lists(
    st.builds(
        lambda hour, late, event, payload, assigned, verdict: landed(
            hour, hour - late, event, payload, id_assigned=assigned, verdict=verdict
        ),
        hours,
        st.sampled_from([0, 0, 0, -0.5, 1, 24, 167, 168, 169, 400]),
        st.sampled_from("ab"),
        st.sampled_from("pq"),
        st.sampled_from([False, False, False, True]),
        st.sampled_from(["accepted", "accepted", "flagged", "quarantined"]),
    ),
    max_size=14,
).map(lambda rows: [{**row, "offset": i} for i, row in enumerate(rows)])


@pytest.mark.slow
@hypothesis_settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(landed_rows, st.randoms(use_true_random=False))
def test_any_split_order_and_rerun_give_the_reference(
    memory: duckdb.DuckDBPyConnection, rows: list[dict], rng: random.Random
) -> None:
    memory.execute("DELETE FROM lake.landing.normal")
    memory.execute("DELETE FROM lake.accepted.normal")
    if rows:
        put(memory, rows)
    cuts = sorted({0, 600, *(rng.randrange(1, 600) for _ in range(rng.randrange(4)))})
    spans = list(pairwise(cuts))
    rng.shuffle(spans)
    for first, last in spans + spans[:1]:
        build(memory, BASE + timedelta(hours=first), BASE + timedelta(hours=last))
    assert dict(memory.execute(ACCEPTED).fetchall()) == reference(rows)


@pytest.fixture
def store(lake: Lake) -> EmbeddedAccepted:
    return EmbeddedAccepted(lake)


def test_one_commit_with_report_and_ledger_entry(
    lake: Lake, store: EmbeddedAccepted, rows: Callable
) -> None:
    with lake.write() as connection:
        put(
            connection,
            [
                landed(0, 0),
                landed(0, 0.1, offset=1),
                landed(1, 1, "b", "q", 2),
                landed(1, 1, "b", "r", 3),
            ],
        )
    (before,) = rows("SELECT id FROM ducklake_current_snapshot('lake')")
    inputs = {"2026-11-01-00:00": "d0", "2026-11-01-02:00": "d2", "2026-11-09-00:00": "far"}
    reports = store.replace_hours(
        "normal", BASE, BASE + timedelta(hours=3), inputs=inputs, run="r1", code="c1"
    )
    counts = [(r.landed, r.accepted, r.duplicates, r.id_conflicts) for r in reports]
    assert counts == [(2, 1, 1, 0), (2, 2, 0, 2), (0, 0, 0, 0)]
    with lake.read() as connection:
        ((snapshot, _, entry),) = read_entries(connection, before[0])
    assert snapshot == before[0] + 1
    assert (entry.asset, entry.run, entry.code) == ("accepted/normal", "r1", "c1")
    assert {k: (p.rows, p.input) for k, p in entry.partitions.items()} == {
        "2026-11-01-00:00": (1, "d0"),
        "2026-11-01-01:00": (2, ""),
        "2026-11-01-02:00": (0, "d2"),
    }
    again = store.replace_hours("normal", BASE, BASE + timedelta(hours=3))
    assert [r.hash for r in again] == [r.hash for r in reports if r.landed]


def test_an_hour_of_duplicates_only_is_recorded_every_time(
    lake: Lake, store: EmbeddedAccepted, rows: Callable
) -> None:
    with lake.write() as connection:
        put(connection, [landed(0, 0), landed(1, 1, offset=1)])
    for _ in range(2):
        (before,) = rows("SELECT id FROM ducklake_current_snapshot('lake')")
        (report,) = store.replace_hours(
            "normal", BASE + timedelta(hours=1), BASE + timedelta(hours=2)
        )
        assert (report.accepted, report.duplicates) == (0, 1)
        with lake.read() as connection:
            ((_, _, entry),) = read_entries(connection, before[0])
        assert entry.partitions["2026-11-01-01:00"].rows == 0


def test_a_row_that_goes_astray_rolls_everything_back(
    lake: Lake, store: EmbeddedAccepted, rows: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lake.write() as connection:
        put(connection, [landed(0, 0), landed(0, 0.2, "b", offset=1)])
    insert = _Build._insert

    def swap(self: _Build, connection: duckdb.DuckDBPyConnection) -> None:
        insert(self, connection)
        connection.execute('UPDATE lake.accepted.normal SET fp_0 = fp_0 + 1 WHERE "offset" = 1')

    monkeypatch.setattr(module._Build, "_insert", swap)
    with pytest.raises(LakeError, match="not"):
        store.replace_hours("normal", BASE, END)
    assert rows("SELECT count(*) FROM lake.accepted.normal") == [(0,)]


def test_wrong_use(store: EmbeddedAccepted) -> None:
    with pytest.raises(InvalidValue, match="tier=quarantine"):
        store.replace_hours("quarantine", BASE, END)
    with pytest.raises(InvalidValue, match="range"):
        store.replace_hours("normal", END, BASE)


def test_a_day_grain_lake(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, project=tmp_path, landing_grain="day")
    lake = Lake(settings)
    lake.create()
    with lake.write() as connection:
        put(connection, [landed(0, 13), landed(24, 25, offset=1), landed(24, 26, "b", offset=2)])
    reports = EmbeddedAccepted(lake).replace_hours("normal", BASE, BASE + timedelta(days=2))
    assert [(r.landed, r.accepted) for r in reports] == [(1, 1), (2, 1)]
    assert TIERS == ("critical", "normal", "bulk")
