"""Every acknowledged event is in the lake exactly once, whatever happens to the processes.

WEIR_KILLS sets how often the long run kills: 200 by default, 3,000 in `make torture`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.torture.arena import Arena
from tests.torture.oracle import Journal, Traffic
from weir.engines.embedded.sealing import EmbeddedLanding

KILLS = 20
MANY_KILLS = int(os.environ.get("WEIR_KILLS", "200"))


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Callable[..., Arena]]:
    made: list[Arena] = []

    def make(home: Path | None = None, **environment: str) -> Arena:
        made.append(Arena(tmp_path, home, **environment))
        return made[-1]

    yield make
    for one in made:
        one.end()


def kill_at_random(arena: Arena, kills: int, chance: random.Random) -> Journal:
    """Kill worker, supervisor or sealer `kills` times under load; return what was answered."""
    arena.start().wait_ready()
    done = 0
    with Traffic(arena.port, invalid=0.05, poison=0.01) as traffic:
        while done < kills:
            time.sleep(chance.uniform(0.05, 0.4))
            assert arena.collector
            assert arena.sealer
            victim = chance.choice([*arena.writers(), arena.collector.pid, arena.sealer.pid])
            try:
                os.kill(victim, signal.SIGKILL)
            except (
                ProcessLookupError
            ):  # a worker that ended with its supervisor since it was listed
                continue
            for process in (arena.collector, arena.sealer):
                if process.pid == victim:
                    process.wait()
            done += 1
            arena.start()
            if chance.random() < 0.5:
                arena.wait_ready()
        arena.wait_ready()
    assert traffic.journal.answers[0] > 0, "a kill must have been noticed"
    return traffic.journal


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_kill_9_under_load(arena: Callable[..., Arena], workers: str) -> None:
    place = arena(WEIR_COLLECT_WORKERS=workers)
    place.verify(kill_at_random(place, KILLS // 2, random.Random(int(workers))))


@pytest.mark.slow
def test_kill_9_under_load_many_times(arena: Callable[..., Arena]) -> None:
    place = arena(WEIR_COLLECT_WORKERS="2")
    place.verify_logs(kill_at_random(place, MANY_KILLS, random.Random(7)))


@pytest.mark.parametrize(
    "invalid",
    [pytest.param(0.05, marks=pytest.mark.slow), 0.5, pytest.param(1.0, marks=pytest.mark.slow)],
)
def test_invalid_traffic_and_poison(arena: Callable[..., Arena], invalid: float) -> None:
    place = arena().start()
    place.wait_ready()
    with Traffic(place.port, invalid=invalid, poison=0.3) as traffic:
        time.sleep(2)
    place.verify(traffic.journal)
    assert traffic.journal.answers[400] > 5, "poison must have been answered"
    assert set(traffic.journal.answers) <= {200, 400, 413, 415}


@pytest.mark.slow
def test_rolling_restarts_under_load(arena: Callable[..., Arena]) -> None:
    place = arena(WEIR_COLLECT_WORKERS="2").start()
    place.wait_ready()
    with Traffic(place.port) as traffic:
        for _ in range(3):
            before = set(place.writers())
            assert place.collector
            place.collector.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 60
            while set(place.writers()) & before or len(place.writers()) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.05)
    place.verify(traffic.journal)
    assert set(traffic.journal.answers) == {200}, "no request was refused or reset"


def test_a_parquet_file_truncated_after_commit(
    arena: Callable[..., Arena], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = arena().start(sealer=False)
    place.wait_ready()
    with Traffic(place.port) as traffic:
        time.sleep(1)
    place.end()
    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedLanding, "sync", lambda *_: 0)  # the power goes before the fsync
        assert place.seal().rows > 100
    files = sorted((place.settings.lake_dir / "data" / "landing").rglob("*.parquet"))
    assert files
    for file in files[::2]:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert place.seal().relanded > 0
    place.verify(traffic.journal)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_disk_that_fills_up_and_is_freed(arena: Callable[..., Arena], tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    place = arena(small / "home", WEIR_SEGMENT_BYTES="1000000").start()
    try:
        place.wait_ready()
        with Traffic(place.port) as traffic:
            time.sleep(1)
            with (small / "somebody_elses").open("wb") as other:
                while not traffic.journal.answers[503]:
                    try:
                        other.write(b"x" * 100_000)
                        other.flush()
                    except OSError:
                        time.sleep(0.1)
                    assert place.collector
                    assert place.collector.poll() is None, place.log[-2000:]
            time.sleep(1)
            (small / "somebody_elses").unlink()
            place.start().wait_ready()
            before = traffic.journal.answers[200]
            time.sleep(1)
            assert traffic.journal.answers[200] > before, "it goes on by itself"
        place.verify(traffic.journal)
    finally:
        place.end()
        subprocess.run(["umount", str(small)], check=True)
