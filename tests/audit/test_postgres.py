"""The audit log in PostgreSQL: the same chain, also of several processes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.engines.conftest import postgres_server as postgres_server  # noqa: PLC0414 - a fixture
from tests.engines.conftest import postgres_settings as postgres_settings  # noqa: PLC0414
from weir.audit import Wanted, audited, log_of, verify
from weir.audit.reading import find
from weir.core.settings import Settings


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    """The audit log beside a ledger in a fresh database."""
    words = dict(
        w.split("=", 1) for w in postgres_settings.catalog.removeprefix("postgres:").split()
    )
    url = f"postgresql+psycopg2://{words['user']}@/{words['dbname']}?host={words['host']}"
    return postgres_settings.model_copy(update={"ledger_url": url})


def _write(home: Path, url: str, count: int) -> None:
    settings = Settings(home=home, project=home, ledger_url=url)
    for number in range(count):
        with audited(settings, "settings", number=number):
            pass


def test_writers_of_several_processes_keep_one_chain(settings: Settings) -> None:
    _write(settings.home, settings.ledger_url, 1)  # makes the table
    context = multiprocessing.get_context("spawn")
    given = (settings.home, settings.ledger_url, 20)
    workers = [context.Process(target=_write, args=given) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    log = log_of(settings)
    found = verify(log)
    assert (found.problems, found.entries) == ((), 41)
    assert {entry.result for entry in find(log, Wanted(limit=100))} == {"ok"}
    with log.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET name = 'eve' WHERE seq = 3")
    assert "Row 3" in verify(log).problems[0]
    log.engine.dispose()
