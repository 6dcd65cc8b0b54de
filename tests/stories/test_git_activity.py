"""59,440 real commits: replayed whole, and imported with their real arrival times."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from weir.cli import app
from weir.engines.embedded.conservation import conservation
from weir.engines.embedded.lake import Lake

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "git_activity"
SUMMARY = "users_contributed_code_activation_daily_summary"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def commits(shared: Path) -> Path:
    return shared / "data" / "git_activity" / "events.ndjson.gz"


@pytest.fixture(scope="module")
def oracle(shared: Path) -> Path:
    return shared / "tools" / "activation_oracle.py"


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) as file:
        yield from map(json.loads, file)


def day(event: dict[str, Any]) -> str:
    at = datetime.fromisoformat(event["event_time"])
    return at.astimezone(ZoneInfo("Asia/Seoul")).date().isoformat()


def expected_counts(
    oracle: Path, events: list[dict[str, Any]], last: str, tmp_path: Path
) -> dict[tuple[str, str, str], int]:
    """Return what the oracle counts for human contributors by Seoul day."""
    given, counts = tmp_path / "days.csv", tmp_path / "counts.csv"
    with given.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "date"])
        writer.writerows((e["user_id"], day(e)) for e in events if not e["is_bot"])
    order = [sys.executable, str(oracle), str(given), "--counts", str(counts), "--to", last]
    subprocess.run(order, check=True)
    with counts.open() as file:
        return {
            (r["period"], r["prev_state"], r["state"]): int(r["users"])
            for r in csv.DictReader(file)
        }


def found_counts(settings: Any) -> tuple[dict[tuple[str, str, str], int], str]:
    with Lake(settings).read() as connection:
        rows = connection.execute(
            "SELECT period_start::VARCHAR, coalesce(previous_state, 'None'), state, users"
            f" FROM activation.{SUMMARY} WHERE dim_name = 'total'"
        ).fetchall()
    return {row[:3]: row[3] for row in rows}, max(row[0] for row in rows)


def test_the_whole_log_replayed(commits: Path, oracle: Path, tmp_path: Path, new_home: Any) -> None:
    home = new_home()
    report = home.post(EXAMPLE, commits)
    assert report.verdicts["accepted"] == report.posted == 59_440
    home.bring_up_to_date()
    with Lake(home.settings).read() as connection:
        counts = conservation(connection, home.spooled)
        typed = connection.execute(
            "SELECT count(*), count(files__added), count(exts), count(top_dirs), count(_extra),"
            " sum(len(top_dirs))::BIGINT, sum(cardinality(exts))::BIGINT FROM event_log.push_commit_git"
        ).fetchone()
        facts = connection.execute("SELECT count(*) FROM fact.users_contributed_code").fetchone()
    assert (counts.landed, counts.accepted, counts.event_log, counts.holds) == (
        59_440, 59_440, 59_440, True,
    )  # fmt: skip
    events = list(lines(commits))
    pushes = [e for e in events if e["event_type"] == "commit"]
    assert typed == (
        len(pushes), len(pushes), len(pushes), len(pushes), 0,
        sum(len(e["params"]["top_dirs"]) for e in pushes),
        sum(len(e["params"]["exts"]) for e in pushes),
    )  # fmt: skip
    assert facts == (len({(e["user_id"], day(e)) for e in events if not e["is_bot"]}),)
    found, last = found_counts(home.settings)
    assert found == expected_counts(oracle, events, last, tmp_path)
    assert home.bring_up_to_date() == []


def test_the_arrivals_since_2025_imported_with_their_own_times(
    commits: Path, oracle: Path, tmp_path: Path, new_home: Any
) -> None:
    home = new_home(WEIR_LANDING_GRAIN="day", WEIR_LANDING_START="2025-01-01")
    order = [
        "--home", str(home.settings.home), "import", str(commits), "--json",
        "--mapping", str(EXAMPLE / "mapping.yml"),
        "--received-at", "received_time", "--since", "2025-01-01",
    ]  # fmt: skip
    events = [
        e
        for e in lines(commits)
        if datetime.fromisoformat(e["received_time"]).astimezone(ZoneInfo("UTC")).year >= 2025
    ]
    first = CliRunner().invoke(app, order)
    assert first.exit_code == 0, first.output
    again = CliRunner().invoke(app, order)
    assert again.exit_code == 0, again.output
    home.bring_up_to_date()
    with Lake(home.settings).read() as connection:
        counts = conservation(connection, home.spooled)
        days = connection.execute(
            "SELECT count(DISTINCT landing_hour), min(landing_hour), count(*) FROM weir.seal"
            " WHERE lane = 'bulk'"
        ).fetchone()
        late = connection.execute(
            "SELECT count(*) FROM landing.bulk WHERE received_at > event_time + INTERVAL 30 DAYS"
        ).fetchone()
    assert (counts.landed, counts.accepted, counts.event_log) == (len(events),) * 3
    assert counts.broken == ()
    assert days is not None
    assert days[0] > 300
    assert days[1] >= datetime(2025, 1, 1)
    assert late is not None
    assert late[0] > 50
    found, last = found_counts(home.settings)
    assert found == expected_counts(oracle, events, last, tmp_path)
    assert home.bring_up_to_date() == []
