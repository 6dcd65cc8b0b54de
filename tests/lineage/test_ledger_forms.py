"""Older forms of the ledger's file: nothing is lost, and opening the present one imports no alembic."""

from __future__ import annotations

import sqlite3
import sys
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from weir.core.errors import FormatMismatch, UsageError
from weir.lineage.ledger import Ledger, Verdict
from weir.lineage.ledger.database import Database
from weir.lineage.ledger.migrations.run import upgrade
from weir.lineage.ledger.tables import metadata


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger as Weir wrote it before there were migrations."""
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as made:
        made.executescript("""
            CREATE TABLE partition (asset VARCHAR NOT NULL, "key" VARCHAR NOT NULL,
                rows BIGINT NOT NULL, hash VARCHAR NOT NULL, input VARCHAR NOT NULL,
                run VARCHAR NOT NULL, code VARCHAR NOT NULL, snapshot BIGINT NOT NULL, at DATETIME,
                PRIMARY KEY (asset, "key"));
            CREATE TABLE verdict (asset VARCHAR NOT NULL, check_name VARCHAR NOT NULL,
                "key" VARCHAR NOT NULL, passed BOOLEAN NOT NULL, blocking BOOLEAN NOT NULL,
                detail VARCHAR NOT NULL, PRIMARY KEY (asset, check_name, "key"));
            CREATE TABLE state (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
            INSERT INTO partition VALUES ('search/events', '2026-01-01-00:00', 3, 'h', 'i', 'r', '',
                -1, '2026-01-02 03:04:05.000000');
            INSERT INTO verdict VALUES ('fact/f', 'part_unique', '2026-01-01', 0, 1, '2 rows');
            INSERT INTO state VALUES ('snapshot', '7'), ('seen:landing/bulk:2026-01-01-00:00', 'g1');
            PRAGMA user_version = 1;
        """)
    made.close()
    return path


class Nothing:
    """A lake of seven commits without entries; it notes from where it was read."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def newest_snapshot(self) -> int:
        return 7

    def entries_after(self, snapshot: int) -> list:
        self.asked.append(snapshot)
        return []


def test_an_older_ledger_is_upgraded_without_loss(old: Path) -> None:
    ledger = Ledger(old)
    (built,) = ledger.built("search/events").values()
    assert (built.rows, built.hash, built.at) == (3, "h", datetime(2026, 1, 2, 3, 4, 5))
    (bad,) = ledger.failed()
    assert bad == Verdict("fact/f", "part_unique", "2026-01-01", passed=False, detail="2 rows")
    assert ledger.observed("landing/bulk") == {"2026-01-01-00:00": "g1"}
    commits = Nothing()
    ledger.sync(commits)
    Ledger(old).sync(commits)
    assert commits.asked == [-1, 7]  # once more from the start: the new tables come from there


def _form(database: Database) -> dict[str, object]:
    with database.reading() as connection:
        found = sa.inspect(connection)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
                found.get_pk_constraint(table)["constrained_columns"],
            )
            for table in sorted(metadata.tables)
        }


def test_the_migrations_lead_to_the_tables_that_a_new_ledger_has(tmp_path: Path) -> None:
    new = Database(tmp_path / "new.db")
    stepped = Database(tmp_path / "stepped.db")
    with stepped.writing() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        upgrade(connection)
    assert _form(stepped) == _form(new)
    assert Database(tmp_path / "stepped.db") is not None  # is at the newest migration


def test_a_ledger_of_the_present_form_opens_without_alembic(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "present.db"
    Ledger(path)
    for name in [n for n in sys.modules if n.partition(".")[0] == "alembic"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "weir.lineage.ledger.migrations.run")
    Ledger(path)
    Ledger(tmp_path / "fresh.db")
    with pytest.raises(ImportError):
        Ledger(old)


def test_a_step_that_fails_leaves_the_old_ledger_as_it_was(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weir.lineage.ledger.migrations import run

    real = run.upgrade

    def stopped(connection: sa.Connection) -> None:
        real(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "upgrade", stopped)
    with pytest.raises(KeyboardInterrupt):
        Ledger(old)
    with sqlite3.connect(old) as found:
        tables = {row[0] for row in found.execute("SELECT name FROM sqlite_master")}
    found.close()
    assert "history" not in tables
    assert "alembic_version" not in tables


def test_a_ledger_of_a_newer_weir_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path / "ledger.db")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(FormatMismatch, match="9999"):
        Ledger(tmp_path / "ledger.db")


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="WEIR_LEDGER_URL"):
        Ledger(tmp_path / "x.db", "nonsense")
