"""The ledger on PostgreSQL: the same content as on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from weir.core.errors import UsageError
from weir.lineage.ledger import File, Ledger, Verdict
from weir.lineage.ledger.database import Database
from weir.lineage.ledger.migrations.run import upgrade
from weir.lineage.ledger.rebuild import compare, rebuild
from weir.lineage.ledger.tables import metadata

KEYS = [f"2026-01-{day:02d}" for day in range(1, 32)]


class Lake:
    """Two builds of a fact, one of a layer in the same run, and a report."""

    def newest_snapshot(self) -> int:
        return 4

    def entries_after(self, snapshot: int) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
        parts = {key: {"rows": 1, "hash": f"h{key}", "input": "i"} for key in KEYS}
        again = {KEYS[0]: {"rows": 2, "hash": "h", "input": "j"}}
        bad = {"blocking": True, "failing": {KEYS[1]: "2 rows"}}
        said = {"grain": "day", "first": KEYS[0], "last": KEYS[-1], "checks": {"unique": bad}}
        entries: list[Mapping[str, Any]] = [
            {"asset": "fact/f", "partitions": parts, "run": "r1", "seconds": 0.5, "bytes": 9},
            {"asset": "fact/f", "partitions": again, "run": "r2"},
            {"asset": "a/f", "partitions": again, "run": "r2", "reads": {"fact/f": {KEYS[0]: ""}}},
            {"asset": "fact/f", "run": "r2", "seen": {KEYS[0]: "g1"}, **said},
        ]
        at = datetime(2026, 2, 1, 2, 3, 4, 567)
        return iter([(i, at, e) for i, e in enumerate(entries, 1) if i > snapshot])


@pytest.fixture
def url(postgres_settings: Any) -> str:
    """A fresh database, as SQLAlchemy writes its address."""
    words = dict(word.split("=") for word in postgres_settings.catalog[9:].split())
    return f"postgresql+psycopg2://{words['user']}@/{words['dbname']}?host={words['host']}"


@pytest.fixture
def there(url: str, tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "unused.db", url)


def test_it_holds_what_a_file_would(there: Ledger, tmp_path: Path) -> None:
    here = Ledger(tmp_path / "ledger.db")
    for ledger in (here, there):
        assert ledger.sync(Lake()) == 4
        ledger.record([Verdict("fact/f", "odd", "k", passed=False)] * 2)
        ledger.prune(["k"], {"fact/f": []})
        ledger.keep_files({"fact/f": [File("2026-01", "a", 1, 1, "c")]})
        ledger.keep_files({"fact/f": [File("2026-01", "b", 1, 1, "c")]})
        ledger.observe("landing/bulk", {"h_1": "g1"})
        ledger.observe("landing/bulk", {"h_1": "g2"})
    assert [d for d in compare(here.database, there.database) if d.any] == []
    assert there.detail("fact/f", KEYS[0]) == here.detail("fact/f", KEYS[0])
    assert there.timings("fact/f") == here.timings("fact/f")
    assert there.reads("a/f") == here.reads("a/f") != {}
    assert there.failed(blocking_only=True) == here.failed(blocking_only=True) != []
    assert there.observed("landing/bulk") == {"h_1": "g2"}
    assert not (tmp_path / "unused.db").exists()


def test_it_is_rebuilt_in_one_transaction(there: Ledger, url: str, tmp_path: Path) -> None:
    there.sync(Lake())
    there.record([Verdict("fact/f", "unique", KEYS[0], passed=False)])
    path = tmp_path / "unused.db"
    found = {d.table: d for d in rebuild(path, Lake(), url=url)}
    assert (found["verdict"].changed, found["partition"].any) == (1, False)
    assert [v.key for v in there.failed()] == [KEYS[1]]
    assert not [d for d in rebuild(path, Lake(), url=url) if d.any]


def test_the_migrations_lead_to_the_same_tables(there: Ledger) -> None:
    def form() -> dict[str, Any]:
        with there.database.reading() as connection:
            found = sa.inspect(connection)
            return {
                t: [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(t)]
                for t in metadata.tables
            }

    new = form()
    with there.database.writing() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        upgrade(connection)
    assert form() == new


def test_others_tables_in_its_database_are_left_alone(url: str, tmp_path: Path) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (a int)")
        connection.exec_driver_sql("INSERT INTO mine VALUES (1)")
    Database(tmp_path / "x", url)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM mine").all() == [(1,)]
    engine.dispose()


def test_many_open_and_fill_it_at_once(url: str, tmp_path: Path) -> None:
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            Ledger(tmp_path / "x", url).sync(Lake())
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(Ledger(tmp_path / "x", url).built("fact/f")) == 31


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be reached"):
        Ledger(tmp_path / "x", f"postgresql+psycopg2://weir@/weir?host={tmp_path}")
