"""Every drop has a row: from the request to `weir.drop`, once, whatever is cut off on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from tests.collect.observed import NOW, play
from weir.collect import drops as collect_drops
from weir.collect.drops import FOLDER, Drops, DropWanted, drops, land_drops
from weir.collect.rules import Rules
from weir.collect.sealer import Sealer
from weir.core.settings import Settings
from weir.engines.embedded import drops as lake_drops
from weir.engines.embedded.lake import Lake

MINUTE = NOW.replace(second=0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path)


@pytest.fixture
def landed(settings: Settings) -> Callable[[], list[tuple]]:
    def read() -> list[tuple]:
        with Lake(settings).read() as connection:
            return connection.execute(
                "SELECT code, producer, event_name, version, requests, events FROM weir.drop"
                " ORDER BY ALL"
            ).fetchall()

    return read


def test_every_drop_becomes_a_row(
    settings: Settings, rules: Rules, event: Callable, landed: Callable
) -> None:
    async def story(client, app, observer) -> None:
        big = await client.post("/v1/batch", content=b"[" + b"1," * 60_000 + b"1]")
        assert big.status_code == 413
        for _ in range(3):
            assert (await client.post("/v1/events", content=b"{")).status_code == 400
        assert (await client.post("/v1/event", json={})).status_code == 404
        assert (await client.get("/nowhere")).status_code == 404  # brings no event: no drop
        assert (await client.post("/v1/events", json=event())).status_code == 200
        wrong = [event(name="strict_item_home", params={}, id=str(i)) for i in range(4)]
        answer = await client.post("/v1/batch", json=[*wrong, event()])
        assert answer.json()["rejected"] == 4

    play(settings.spool_dir, rules, story)
    report = Sealer(settings, lambda: NOW, lambda _: None).seal()
    assert report.drops == 4
    assert report.errors == {}
    assert landed() == [
        ("body_too_large", "anonymous", None, None, 1, 0),
        ("not_found", None, None, None, 1, 0),
        ("not_json", "anonymous", None, None, 3, 0),
        ("rejected", "anonymous", "strict_item_home", 2, 0, 4),
    ]
    assert list((settings.spool_dir / FOLDER).iterdir()) == []
    assert Sealer(settings, lambda: NOW, lambda _: None).seal().drops == 0
    found = drops(settings, DropWanted(since=MINUTE))
    assert next((d.code, d.requests, d.events) for d in found) == ("rejected", 0, 4)
    assert {d.first for d in found} == {MINUTE}
    assert drops(settings, DropWanted(since=MINUTE + timedelta(minutes=1))) == []
    (only,) = drops(
        settings, DropWanted(until=MINUTE + timedelta(hours=1), events=("strict_item_home",))
    )
    assert only.events == 4
    assert drops(settings, DropWanted(producers=("nobody",)), 5) == []


def test_a_body_that_breaks_off(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app, observer) -> None:
        async def gone() -> dict:
            return {"type": "http.disconnect"}

        async def send(_message) -> None:
            raise AssertionError("there is nobody to answer")

        scope = {"type": "http", "path": "/v1/events", "method": "POST", "headers": []}
        await app(scope, gone, send)
        assert observer.metrics.refused == {"disconnected": 1}

    play(tmp_path, rules, story)
    (file,) = (tmp_path / FOLDER).iterdir()
    row = orjson.loads(file.read_bytes())
    assert (row["code"], row["producer"], row["requests"]) == ("disconnected", "anonymous", 1)


def test_a_file_that_is_left_after_the_commit_lands_once(
    settings: Settings, landed: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Lake(settings).create()
    _written(settings.spool_dir, "not_json")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_a, **_k: None)  # cut off between commit and removal
        assert land_drops(settings) == 1
    assert land_drops(settings) == 0
    assert [row[0] for row in landed()] == ["not_json"]
    assert list((settings.spool_dir / FOLDER).iterdir()) == []


def test_a_file_that_cannot_be_read_is_kept_aside(settings: Settings, landed: Callable) -> None:
    Lake(settings).create()
    _written(settings.spool_dir, "not_json")
    folder = settings.spool_dir / FOLDER
    (folder / "0000000009-000000.jsonl").write_bytes(b'{"minute": 5}\n')
    (folder / "0000000009-000001.jsonl.new").write_bytes(b"half a fi")  # a killed collector's
    assert land_drops(settings) == 1
    assert sorted(p.name for p in folder.iterdir()) == [
        "0000000009-000000.bad", "0000000009-000001.jsonl.new"
    ]  # fmt: skip


def test_many_files_are_landed_in_several_transactions(
    settings: Settings, landed: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Lake(settings).create()
    monkeypatch.setattr(lake_drops, "MOST_FILES", 2)
    for number in range(5):
        _written(settings.spool_dir, f"code_{number}", epoch=number)
    assert land_drops(settings) == 5
    assert [row[0] for row in landed()] == [f"code_{n}" for n in range(5)]


def test_what_cannot_be_written_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Drops(tmp_path, 7, lambda: NOW)
    write = collect_drops._write

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    kept.refused("not_json", "app", 10)
    monkeypatch.setattr(collect_drops, "_write", full)
    asyncio.run(kept.flush())
    asyncio.run(kept.flush())
    assert (kept.failures, kept.waiting) == (2, 1)
    kept.refused("not_json", "app", 5)
    monkeypatch.setattr(collect_drops, "_write", write)
    asyncio.run(kept.flush())
    row = orjson.loads((tmp_path / FOLDER / "0000000007-000000.jsonl").read_bytes())
    assert (row["requests"], row["bytes"], row["minute"]) == (2, 15, MINUTE.isoformat())
    assert kept.waiting == 0


def test_kinds_are_bounded_and_no_count_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect_drops, "MOST_KEYS", 3)
    kept = Drops(tmp_path, 1, lambda: NOW)
    for number in range(50):
        kept.refused("unauthorized", f"app-{number}")
    assert kept.waiting == 4
    asyncio.run(kept.flush())
    lines = (tmp_path / FOLDER / "0000000001-000000.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    assert sum(row["requests"] for row in rows) == 50
    assert [row["producer"] for row in rows] == ["app-0", "app-1", "app-2", None]


def _written(spool_dir: Path, code: str, epoch: int = 1) -> None:
    kept = Drops(spool_dir, epoch, lambda: datetime(2026, 11, 21, 5, 40))
    kept.refused(code)
    asyncio.run(kept.flush())
