"""Files that are gone are taken out of the catalogue, and only those."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.lost import forget_lost

COUNT = "SELECT month(day), count(*) FROM lake.fact.visits GROUP BY 1 ORDER BY 1"
FEBRUARY = "day >= DATE '2024-02-01' AND day < DATE '2024-03-01'"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(tmp_path, tmp_path / "home")


@pytest.fixture
def lake(settings: Settings) -> Lake:
    """A table of two months, a file each, and three rows of February deleted."""
    lake = Lake(settings)
    lake.create()
    with lake.write() as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS lake.fact")
        connection.execute("CREATE TABLE lake.fact.visits (day DATE, n INTEGER)")
        connection.execute("ALTER TABLE lake.fact.visits SET PARTITIONED BY (month(day))")
    with lake.write() as connection:
        days = "SELECT DATE '2024-01-01' + i::INT, i FROM range(60) AS r(i)"
        connection.execute(f"INSERT INTO lake.fact.visits {days}")
    with lake.write() as connection:
        connection.execute(f"DELETE FROM lake.fact.visits WHERE {FEBRUARY} AND n < 34")
    return lake


@pytest.fixture
def february(lake: Lake) -> Path:
    (found,) = [
        f for f in lake.data_dir.glob("fact/visits/month=2/*.parquet") if "delete" not in f.name
    ]
    return found


def counts(lake: Lake) -> list[tuple[int, int]]:
    with lake.read() as connection:
        return connection.execute(COUNT).fetchall()


def replace(lake: Lake) -> None:
    with lake.write() as connection:
        connection.execute(f"DELETE FROM lake.fact.visits WHERE {FEBRUARY}")
        days = "SELECT DATE '2024-02-01' + i::INT, i FROM range(29) AS r(i)"
        connection.execute(f"INSERT INTO lake.fact.visits {days}")


def gone(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [gone, cut])
def test_what_is_lost_can_be_built_again(
    lake: Lake, february: Path, damage: Callable[[Path], None]
) -> None:
    path = str(february.relative_to(lake.data_dir))
    damage(february)
    with pytest.raises(duckdb.Error):
        replace(lake)
    assert forget_lost(lake, [path]) == [path]
    assert counts(lake) == [(1, 31)]
    replace(lake)
    assert counts(lake) == [(1, 31), (2, 29)]
    assert forget_lost(lake, [path]) == []


def test_a_commit_before_fails_and_does_not_tell_less(lake: Lake, february: Path) -> None:
    with lake.read() as connection:
        (before,) = connection.execute(
            "SELECT id FROM ducklake_current_snapshot('lake')"
        ).fetchone()
    february.unlink()
    forget_lost(lake, [str(february.relative_to(lake.data_dir))])
    with lake.read() as connection, pytest.raises(duckdb.IOException):
        connection.execute(
            f"SELECT sum(n) FROM lake.fact.visits AT (VERSION => {before})"
        ).fetchall()


def test_what_is_as_it_was_written_stays(lake: Lake, february: Path) -> None:
    assert forget_lost(lake, [str(february.relative_to(lake.data_dir)), "no/such.parquet"]) == []
    assert forget_lost(lake, []) == []
    assert counts(lake) == [(1, 31), (2, 26)]
