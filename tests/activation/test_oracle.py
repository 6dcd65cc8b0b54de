"""The layer against an independent program, on whole data sets: every count, and every row of a sample.

The program, `tools/activation_oracle.py` of the shared data, counts with plain loops and knows nothing
of this project. It gets the raw timestamps and converts them by itself; the layer's facts are made of
the same events with `local_date`. What needs no shared data is in `test_cdnow.py`.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from weir.core import grains
from weir.core.grains import Grain

FACT = "users_did_it"
ALWAYS = 1_000  # periods for which an Inactive key keeps its rows: more than the sample has days
GRAINS = {  # grain of the layer, first day of the week, words for the oracle
    "day": ("daily", "monday", ("--grain", "day")),
    "week": ("weekly", "monday", ("--grain", "week")),
    "weeksun": ("weekly", "sunday", ("--grain", "week", "--week-start", "sunday")),
    "month": ("monthly", "monday", ("--grain", "month")),
}
PERIODS = {"daily": Grain.DAY, "monthly": Grain.MONTH}
CHECKPOINTS = {"daily": Grain.MONTH, "weekly": Grain.QUARTER, "monthly": Grain.YEAR}


class Events(NamedTuple):
    """Who did it when: the oracle's file, and the name of its column of time."""

    file: Path
    column: str


def _cdnow(file: str) -> Callable[[Path, Path], Events]:
    return lambda shared, _folder: Events(shared / "data" / "cdnow" / file, "date")


def _git(shared: Path, folder: Path) -> Events:
    """Write the commits of people, with the author's own time and offset, as they are."""
    out = folder / "git.csv"
    with (
        gzip.open(shared / "data" / "git_activity" / "events.ndjson.gz") as events,
        out.open("w", newline="") as file,
    ):
        people = (e for e in map(json.loads, events) if not e["is_bot"])
        writer = csv.writer(file)
        writer.writerow(["user_id", "event_time"])
        writer.writerows((e["user_id"], e["event_time"]) for e in people)
    return Events(out, "event_time")


DATA = {
    "cdnow full": _cdnow("cdnow_full.csv"),
    "cdnow sample": _cdnow("cdnow_sample.csv"),
    "git": _git,
}
ZONES = {"cdnow full": ("UTC",), "cdnow sample": ("UTC",), "git": ("Asia/Seoul", "US/Pacific")}
SLOW = {("cdnow full", "day"), ("git", "day")}  # the oracle's loops take long for these
CASES = [
    pytest.param(
        data, zone, name, id=f"{data}, {zone}, {name}",
        marks=[pytest.mark.slow] if (data, name) in SLOW else [],
    )
    for data, zones in ZONES.items() for zone in zones for name in GRAINS
]  # fmt: skip


@pytest.fixture(scope="session")
def events(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Events]:
    """Return a function that gives a data set's events; each is made once."""
    made: dict[str, Events] = {}
    folder = tmp_path_factory.mktemp("events")

    def of(data: str) -> Events:
        if data not in made:
            made[data] = DATA[data](shared, folder)
        return made[data]

    return of


@pytest.fixture
def oracle(shared: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that runs the oracle and gives the file of its counts or rows."""

    def run(events: Events, what: str, *words: str) -> Path:
        out = tmp_path / f"{what}.csv"
        program = shared / "tools" / "activation_oracle.py"
        order = [sys.executable, str(program), str(events.file), "--date", events.column]
        subprocess.run([*order, f"--{what}", str(out), *words], check=True, timeout=1200)
        return out

    return run


@pytest.fixture
def built(layer_of: Any, events: Callable[[str], Events]) -> Callable[..., Any]:
    """Return a function that builds a data set's layer, the later half before the earlier one."""

    def build(data: str, zone: str, name: str, **meta: Any) -> Any:
        grain, week_start, _ = GRAINS[name]
        layer = layer_of(FACT, grain, time_zone=zone, week_start=week_start, **meta)
        first, last = _load(layer, events(data), zone)
        layer.harness.fact(
            FACT, time_zone=zone, week_start=week_start, start=str(first), end=str(last), **meta
        )
        layer.build("firstlast", _span(CHECKPOINTS[grain], first, last))
        period = PERIODS.get(grain) or Grain.week(week_start)
        start, until = _span(period, first, last)
        middle, _ = _span(period, first + (last - first) // 2, last)
        assert start < middle < until
        for span in ((middle, until), (start, middle)):
            layer.build("activation", span)
            layer.build("summary", span)
        return layer

    return build


def _load(layer: Any, events: Events, zone: str) -> tuple[date, date]:
    """Make the fact of the raw events; return its first and last day."""
    con = layer.harness.con
    day = layer.harness.render("local_date", "instant", zone)
    con.execute(
        f"create or replace table {FACT} as select user_id, {day} as activity_date,"
        " count(*) as event_count from (select user_id, timezone('UTC',"
        f" cast({events.column} as timestamptz)) as instant from read_csv('{events.file}',"
        f" types = {{'user_id': 'varchar', '{events.column}': 'varchar'}})) as raw group by 1, 2"
    )
    first, last = con.execute(
        f"select min(activity_date), max(activity_date) from {FACT}"
    ).fetchone()
    return first, last


def _span(grain: Grain, first: date, last: date) -> tuple[date, date]:
    """Return the whole periods that hold both days, half-open."""
    label, after = (grains.floor(datetime.combine(day, time()), grain) for day in (first, last))
    return label.date(), grains.shift(after, grain, 1).date()


@pytest.mark.parametrize(("data", "zone", "name"), CASES)
def test_every_count_equals_the_oracle(
    built: Callable[..., Any], events: Any, oracle: Any, data: str, zone: str, name: str
) -> None:
    layer = built(data, zone, name)
    with oracle(events(data), "counts", "--tz", zone, *GRAINS[name][2]).open() as file:
        expected = {
            (row["period"], row["prev_state"], row["state"]): int(row["users"])
            for row in csv.DictReader(file)
        }
    rows = layer.rows("summary", "period_start, previous_state, state, users")
    found = {(str(day), before or "None", state): users for day, before, state, users in rows}
    assert len(found) == len(rows)
    assert found == expected


ROW = "user_id, period, state, prev_state, streak, interval, churned, first_period"
ROWS = """
    select
        user_id, period_start as period, state, coalesce(previous_state, 'None') as prev_state,
        streak, interval_periods as interval, churned, first_period,
        case when state = 'Inactive' then previous_period else period_start end as last_period
    from {layer}
"""


@pytest.mark.parametrize(
    "inactive",
    [
        pytest.param(False, id="active rows"),
        pytest.param(True, id="with Inactive rows", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", GRAINS)
def test_every_row_of_the_sample_equals_the_oracle(
    built: Callable[..., Any], events: Any, oracle: Any, name: str, inactive: bool
) -> None:
    layer = built("cdnow sample", "UTC", name, **({"inactive_rows": ALWAYS} if inactive else {}))
    words = (*GRAINS[name][2], *(["--inactive-rows"] if inactive else []))
    expected = oracle(events("cdnow sample"), "rows", *words)
    con = layer.harness.con
    con.execute(
        f"create or replace temp table expected as select {ROW}, last_period from read_csv("
        f"'{expected}', types = {{'user_id': 'varchar', 'interval': 'bigint', 'churned': 'bigint'}})"
    )
    found = ROWS.format(layer=layer.table("activation"))
    (total, users, states) = con.execute(
        "select count(*), count(distinct user_id), count(distinct state) from expected"
    ).fetchone()
    assert (users, states) == (2357, 4 if inactive else 3)
    assert con.execute(f"select count(*) from ({found})").fetchone() == (total,)
    for one, other in ((found, "from expected"), ("from expected", found)):
        differing = con.execute(f"({one}) except all ({other}) order by all limit 5").fetchall()
        assert differing == []
