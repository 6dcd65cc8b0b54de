"""The facts' and layers' models, run by dbt on an emulator of BigQuery, give what plain Python gives.

The emulator and dbt-bigquery need other versions than Weir does, so they live in a Python of their own,
which WEIR_BIGQUERY_PYTHON names (docs/guides/bigquery.md says how to make it). Skipped without it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from weir.activation.reference import active_rows

PYTHON = os.environ.get("WEIR_BIGQUERY_PYTHON", "")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="WEIR_BIGQUERY_PYTHON names no Python with bqemulator and dbt-bigquery"
)
DBT = Path(__file__).parents[2] / "dbt"
FACT = "users_purchased_item"
START = date(1997, 1, 1)
USERS = {"a": {0, 1, 2, 5, 40, 58, 59}, "b": {2, 3, 30, 31, 32}, "c": {10}, "d": {33, 58}}
JANUARY, MARCH = ("day", "1997-01-01", "1997-02-01"), ("day", "1997-02-01", "1997-03-02")
CHECKPOINTS = ("month", "1997-01-01", "1997-03-01")
RUNS = [
    JANUARY,
    CHECKPOINTS,
    MARCH,  # from the checkpoint of January
    MARCH,  # again: the rows are the same
    CHECKPOINTS,  # again, with all facts: months too
    ("week", "1996-12-30", "1997-03-03"),
    ("quarter", "1997-01-01", "1997-04-01"),
    ("year", "1997-01-01", "1998-01-01"),
]
RUN = """
import json, sys
from dbt.cli.main import dbtRunner
for clock, start, end in json.loads(sys.argv[1]):
    found = dbtRunner().invoke([
        "run", "--quiet", "--event-time-start", start, "--event-time-end", end,
        "--select", f"users_purchased_item+,config.clock:{clock}", *sys.argv[2:]])
    if found.exception: raise found.exception
    for one in found.result.results:
        print("RESULT", json.dumps([clock, one.node.name, str(one.status), one.message]))
        if "checkpoint_start = date" in one.node.compiled_code: print("CHECKPOINT", one.node.name)
"""


def _anonymous() -> Any:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bigquery.Client]:
    """A client of an empty emulator, which needs DuckDB's spatial extension in its home."""
    folder = tmp_path_factory.mktemp("emulator")
    log, port = folder / "log", _port()
    command = [PYTHON, "-W", "ignore", "-m", "bqemulator", "start", "--project", "weir-test"]
    command += ["--rest-port", str(port), "--grpc-port", str(_port()), "--log-level", "error"]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text()[-2000:]
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        options = ClientOptions(api_endpoint=f"http://127.0.0.1:{port}")
        yield bigquery.Client("weir-test", _anonymous(), client_options=options)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def built(client: bigquery.Client, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The history in the emulator, and every run of `RUNS` over it: (runs, read, from checkpoint)."""
    for dataset in ("main", "weir", "event_log", "fact", "activation"):
        client.create_dataset(dataset)
    _history(client)
    _checkpoints(client)
    folder = tmp_path_factory.mktemp("dbt")
    profile = {
        "type": "bigquery", "method": "oauth-secrets", "token": "none", "project": "weir-test",
        "dataset": "main", "threads": 1, "api_endpoint": client._connection.API_BASE_URL,
    }  # fmt: skip
    (folder / "profiles.yml").write_text(
        json.dumps({"weir": {"target": "bigquery", "outputs": {"bigquery": profile}}})
    )
    places = {"project-dir": DBT, "profiles-dir": folder, "target-path": folder, "log-path": folder}
    flags = [word for name, path in places.items() for word in (f"--{name}", str(path))]
    done = subprocess.run(
        [PYTHON, "-W", "ignore", "-c", RUN, json.dumps(RUNS), *flags],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return {
        "runs": [json.loads(rest) for word, _, rest in lines if word == "RESULT"],
        "continued": {rest for word, _, rest in lines if word == "CHECKPOINT"},
        "error": done.stderr[-2000:],
    }


def _history(client: bigquery.Client) -> None:
    """Write the event log that the fact reads, and what landing knows of it."""
    days = [(user, START + timedelta(day)) for user in USERS for day in sorted(USERS[user])]
    noon = [f"'{user}', timestamp '{day} 12:00:00', date '{day}'" for user, day in days]
    for sql in (
        "create table event_log.purchase_item_shop (user_id string, event_time timestamp,"
        " landing_day date, event_id string, quantity int64, price float64)",
        "insert into event_log.purchase_item_shop values "
        + ", ".join(f"({row}, 'e{i}', 2, 3.5)" for i, row in enumerate(noon)),
        "create table weir.manifest (event_name string, landing_hour timestamp, event_hour timestamp)",
        "insert into weir.manifest values "
        + ", ".join(
            f"('purchase_item_shop', timestamp '{d} 12:00:00', timestamp '{d} 12:00:00')"
            for _, d in days
        ),
        "create table weir.lane_owner (lane string, closed_until timestamp)",
        "insert into weir.lane_owner values ('normal/0', timestamp '2020-01-01')",
    ):
        client.query(sql).result()


def _checkpoints(client: bigquery.Client) -> None:
    """Make the table of daily checkpoints: the emulator lists no partitions of one made by SQL."""
    name = f"weir-test.activation.{FACT}_firstlast_daily"
    columns = {
        "checkpoint_start": "DATE",
        "user_id": "STRING",
        **dict.fromkeys(("first_period", "last_period", "streak_start"), "DATE"),
        "longest_streak": "INTEGER",
        "birth": "DATE",
    }
    table = bigquery.Table(name, [bigquery.SchemaField(*column) for column in columns.items()])
    table.time_partitioning = bigquery.TimePartitioning("MONTH", "checkpoint_start")
    client.create_table(table)


def rows(client: bigquery.Client, sql: str) -> list[tuple[Any, ...]]:
    """Return a query's rows."""
    return [tuple(row.values()) for row in client.query(sql).result()]


def test_every_model_of_the_fact_runs(built: dict[str, Any]) -> None:
    failed = [run for run in built["runs"] if run[2] != "success"]
    if failed or built["error"]:
        pytest.fail("\n".join([*(f"{run[1]}: {run[3]}" for run in failed), built["error"]]))
    paths = (DBT / "models" / "activation").glob(f"{FACT}*.sql")
    assert {run[1] for run in built["runs"]} == {FACT, *(path.stem for path in paths)}
    assert f"{FACT}_activation_daily" in built["continued"], "no run began at a checkpoint"


@pytest.mark.parametrize("grain", ["daily", "weekly", "monthly"])
def test_the_layer_equals_the_reference(
    client: bigquery.Client, built: dict[str, Any], grain: str
) -> None:
    assert built["runs"], built["error"]
    until = date(1997, 3, 1) if grain == "monthly" else date(1997, 3, 3)
    wanted = sorted(
        (
            user,
            _first(grain, row.period),
            row.state,
            row.previous_state,
            row.streak,
            row.longest_streak,
        )
        for user, days in USERS.items()
        for row in active_rows({_index(grain, START + timedelta(day)) for day in days})
        if _first(grain, row.period) < until
    )
    assert wanted
    found = rows(
        client,
        "select user_id, period_start, state, previous_state, streak, longest_streak"
        f" from activation.{FACT}_activation_{grain} order by 1, 2",
    )
    assert found == wanted


@pytest.mark.parametrize("grain", ["daily", "weekly", "monthly"])
def test_the_identities_hold(client: bigquery.Client, built: dict[str, Any], grain: str) -> None:
    summary = f"activation.{FACT}_activation_{grain}_summary"
    seen = rows(
        client,
        f"select period_start, sum(users), countif(not is_complete) from {summary} group by 1"
        " order by 1",
    )
    assert len(seen) > 1
    first = {user: START + timedelta(min(days)) for user, days in USERS.items()}
    for period, users, open_rows in seen:
        end = _first(grain, _index(grain, period) + 1)
        assert (users, open_rows) == (sum(day < end for day in first.values()), 0), period


def _index(grain: str, day: date) -> int:
    if grain == "daily":
        return day.toordinal()
    return (day.toordinal() - 1) // 7 if grain == "weekly" else day.year * 12 + day.month - 1


def _first(grain: str, index: int) -> date:
    if grain == "daily":
        return date.fromordinal(index)
    if grain == "weekly":
        return date.fromordinal(index * 7 + 1)
    return datetime(index // 12, index % 12 + 1, 1).date()
