"""Two sealers at once, in two processes, on either catalogue: nothing twice, nothing lost."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from datetime import timedelta

import pytest

from tests.engines.spool_records import T0, payloads
from weir.core.errors import FenceLost
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Batch, Position

ROUNDS, ROWS = 6, 20


def seal_all(settings: Settings, barrier, results) -> None:
    """Try to seal every round's batch, starting each round together with the other process."""
    store = EmbeddedLanding(Lake(settings))
    for turn in range(ROUNDS):
        first = turn * ROWS
        at = Position(1, first) if first else Position(-1, 0)
        batch = Batch("normal", at, 1, first, payloads("normal", 1, first, ROWS))
        barrier.wait(60)
        try:
            store.seal(batch, T0)
            results.put("sealed")
        except FenceLost:
            results.put("lost")
        barrier.wait(60)


def race(settings: Settings) -> Counter:
    Lake(settings).create()
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(2), spawn.Queue()
    workers = [spawn.Process(target=seal_all, args=(settings, barrier, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    outcomes = Counter(results.get(timeout=60) for _ in range(2 * ROUNDS))
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    return outcomes


def check(settings: Settings, outcomes: Counter) -> None:
    assert outcomes == {"sealed": ROUNDS, "lost": ROUNDS}
    with Lake(settings).read() as connection:
        (landed,) = connection.execute(
            'SELECT count(*), count(DISTINCT "offset"), sum(fp_0)::BIGINT FROM landing.normal'
        ).fetchall()
        assert landed[:2] == (ROUNDS * ROWS, ROUNDS * ROWS)
        for table in ("seal", "manifest"):
            (total,) = connection.execute(
                f"SELECT sum(rows)::BIGINT, sum(fp_0)::BIGINT FROM weir.{table}"
            ).fetchall()
            assert total == (ROUNDS * ROWS, landed[2])
        assert connection.execute(
            "SELECT generation, count(*) FROM weir.seal GROUP BY 1 ORDER BY 1"
        ).fetchall() == [(g, 1) for g in range(1, ROUNDS + 1)]


def test_on_sqlite(settings: Settings) -> None:
    check(settings, race(settings))


def test_on_postgres(postgres_settings: Settings) -> None:
    check(postgres_settings, race(postgres_settings))


def test_the_stages_work_on_postgres(postgres_settings: Settings) -> None:
    lake = Lake(postgres_settings)
    lake.create()
    store = EmbeddedLanding(lake)
    before = store.look()
    batch = Batch("bulk", Position(-1, 0), 1, 0, payloads("bulk", 1, 0, 5))
    assert store.sync(before.mark, store.seal(batch, T0)) == 1
    with pytest.raises(FenceLost):
        store.seal(batch, T0)
    (closing,) = store.close(T0.replace(minute=0) + timedelta(hours=1), T0)
    assert closing.generation == 2
    hour = closing.landing_hour
    (report,) = EmbeddedAccepted(lake).replace_hours("bulk", hour, hour + timedelta(hours=1))
    assert (report.landed, report.accepted) == (5, 5)
