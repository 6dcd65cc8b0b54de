"""What commands say of live and dead collectors, and how `weir up` watches its services."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from weir.cli.up import _watch
from weir.collect.ownership import LOCK_FILE, Owner, live_url, try_lock
from weir.core.errors import WeirError
from weir.core.settings import Settings
from weir.orchestra.health import CHECKS

DEAD = '{"pid":1,"epoch":1,"url":"http://127.0.0.1:1"}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "spool").mkdir()
    return Settings(home=tmp_path, project=tmp_path)


def test_a_dead_collectors_lock_file_is_not_believed(settings: Settings) -> None:
    (settings.spool_dir / LOCK_FILE).write_text(DEAD)
    assert live_url(settings.spool_dir) is None


def test_a_live_collector_is_found(settings: Settings) -> None:
    lock = try_lock(settings.spool_dir)
    assert lock is not None
    with lock:
        lock.describe(Owner(os.getpid(), 1, ""))  # it does not listen yet
        assert live_url(settings.spool_dir) is None
        lock.describe(Owner(os.getpid(), 1, "http://127.0.0.1:1"))
        assert live_url(settings.spool_dir) == "http://127.0.0.1:1"


def test_asking_makes_no_spool(settings: Settings) -> None:
    settings.spool_dir.rmdir()
    assert live_url(settings.spool_dir) is None
    assert not settings.spool_dir.exists()


def test_the_doctor_sees_taken_ports_beside_a_dead_collector(settings: Settings) -> None:
    (settings.spool_dir / LOCK_FILE).write_text(DEAD)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finding = CHECKS["ports"](settings.model_copy(update={"collect_port": port}))
    assert (finding.ok, f"collector {port}" in finding.found) == (False, True)


class Stop(Exception):
    """Ends the watch."""


class Fake:
    """A service that ends at given seconds; the clock is the sum of what was slept."""

    def __init__(self, name: str, ends: Callable[[float], bool], world: SimpleNamespace) -> None:
        self.name, self.log, self._ends, self._world = name, Path("x.log"), ends, world
        self.starts: list[float] = []
        self.started, self.wanted = True, lambda: True

    @property
    def exit_code(self) -> int | None:
        return 3 if self._ends(self._world.now) else None

    def start(self) -> None:
        self.started = True
        self.starts.append(self._world.now)

    def tail(self) -> str:
        return "No room."


def watch(
    seconds: float, *, later: float | None = None, **ends: Callable[[float], bool]
) -> dict[str, Fake]:
    world = SimpleNamespace(now=0.0)
    services = {name: Fake(name, when, world) for name, when in ends.items()}
    for service in services.values() if later is not None else ():
        service.started, service.wanted = False, lambda: world.now >= later

    def sleep(pause: float) -> None:
        world.now += pause
        if world.now > seconds:
            raise Stop

    try:
        _watch(list(services.values()), lambda: world.now, sleep)  # type: ignore[arg-type]
    except Stop:
        return services
    raise AssertionError("a watch ends by an error only")


def test_a_service_that_ends_now_and_then_is_started_each_time() -> None:
    found = watch(1000, sealer=lambda now: now % 100 == 0)
    assert found["sealer"].starts == [100.0 * n for n in range(1, 11)]


def test_the_others_are_watched_while_one_waits_for_its_restart() -> None:
    found = watch(10, dagster=lambda now: now <= 7, sealer=lambda now: now == 4)
    assert found["dagster"].starts == [1.0, 7.0]
    assert found["sealer"].starts == [4.0]


def test_a_service_that_ends_at_once_again_and_again_is_given_up() -> None:
    with pytest.raises(WeirError, match=r"ended 4 times in a row. Its last words:\nNo room."):
        watch(1000, sealer=lambda _: True)


def test_a_service_is_started_once_somebody_wants_it_and_then_watched() -> None:
    found = watch(100, later=7, viewers=lambda now: now == 50)
    assert found["viewers"].starts == [7.0, 50.0]
