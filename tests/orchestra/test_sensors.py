"""The sensors on a real instance and a real lake: what they ask for, when, and how often."""

import importlib.util
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.instance import ENVIRONMENT, open_instance
from weir.orchestra.project import Project
from weir.orchestra.requests import MAX_ATTEMPTS, REQUEST_TAG, Attempts, attempts_of

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 5, 40)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {**ENVIRONMENT, "WEIR_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    settings = load(ROOT, tmp_path)
    Lake(settings).create()
    return settings


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with open_instance(settings) as instance:
        yield instance


@pytest.fixture
def definitions(settings: Settings) -> dg.Definitions:
    spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build_defs(project=Project(settings, now=lambda: NOW))  # type: ignore[no-any-return]


@pytest.fixture
def tick(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Callable[..., Any]:
    def evaluate(name: str, cursor: str | None = None) -> Any:
        repository = definitions.get_repository_def()
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=repository, definitions=None
        )
        return repository.get_sensor_def(name).evaluate_tick(context)

    return evaluate


def land(settings: Settings, lane: str, hour: datetime, rows: int) -> None:
    """Put one seal and its manifest into the lake, as the sealer would."""
    with Lake(settings).write() as connection:
        connection.execute(
            "UPDATE weir.lane_owner SET first_hour = ?, closed_until = ? WHERE first_hour IS NULL",
            [hour, hour],
        )
        connection.execute(
            "INSERT INTO weir.seal VALUES (?, ?, 1, 1, 0, ?, 'live', ?, 1, 1, 1, 1, ?, false, true)",
            [lane, hour, rows, rows, hour],
        )
        connection.execute(
            "INSERT INTO weir.manifest VALUES (?, ?, 1, 'purchase_item_shop', 1, ?, ?, 1, 1, 1, 1)",
            [lane, hour, datetime(1997, 5, 5, 12), rows],
        )


def test_nothing_landed_asks_for_nothing_and_then_waits_for_a_commit(
    tick: Callable[..., Any],
) -> None:
    first = tick("arrivals")
    assert first.run_requests == []
    assert first.cursor != ""
    again = tick("arrivals", first.cursor)
    assert "Nothing new in the lake" in again.skip_message


def test_an_arrival_asks_for_its_lane_and_hour_once(
    settings: Settings, tick: Callable[..., Any], instance: dg.DagsterInstance
) -> None:
    land(settings, "normal", datetime(2026, 11, 21, 5), 3)
    first = tick("arrivals")
    (request,) = first.run_requests
    assert [key.to_user_string() for key in request.asset_selection] == [
        "landing/normal",
        "accepted/normal",
    ]
    assert request.tags["dagster/partition"] == "2026-11-21-05:00"
    assert request.tags["weir/tier"] == "normal"
    assert (
        "unsettled" in first.cursor
    )  # there is still something to do: look again at the next tick
    instance.add_run(_run(request, dg.DagsterRunStatus.STARTED))
    assert tick("arrivals").run_requests == []


def test_a_fact_waits_for_its_event_log(settings: Settings, tick: Callable[..., Any]) -> None:
    land(settings, "normal", datetime(2026, 11, 21, 5), 3)
    assert tick("completeness").run_requests == []


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED])
def test_a_run_that_failed_is_asked_for_again_after_a_pause_and_not_for_ever(
    settings: Settings,
    tick: Callable[..., Any],
    instance: dg.DagsterInstance,
    status: dg.DagsterRunStatus,
) -> None:
    land(settings, "normal", datetime(2026, 11, 21, 5), 3)
    (request,) = tick("arrivals").run_requests
    instance.add_run(_run(request, status))
    past = attempts_of(instance, request.tags[REQUEST_TAG])
    assert (past.count, past.running) == (1, False)
    assert past.last_end is not None
    assert not past.may_start(past.last_end + timedelta(seconds=30))
    assert past.may_start(past.last_end + timedelta(seconds=61))


def test_attempts_end_and_their_pauses_double() -> None:
    def after(count: int, seconds: int) -> bool:
        return Attempts(count, last_end=NOW).may_start(NOW + timedelta(seconds=seconds))

    assert Attempts().may_start(NOW)
    assert (after(2, 119), after(2, 121)) == (False, True)
    assert (after(3, 239), after(3, 241)) == (False, True)
    assert not after(MAX_ATTEMPTS, 10**6)
    assert not Attempts(0, running=True).may_start(NOW)


def _run(request: dg.RunRequest, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    return dg.DagsterRun(job_name="__ASSET_JOB", status=status, tags=dict(request.tags))
