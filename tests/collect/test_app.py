"""The HTTP surface: every documented answer, and that 200 means durable."""

from __future__ import annotations

import asyncio
import errno
import gzip
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import httpx
import orjson
import pytest

from weir.collect.app import Collector, Limits
from weir.collect.rules import Rules
from weir.collect.segments import list_segments, read_segment
from weir.collect.spool import Rotation, Spool
from weir.core.landing import LANES

NOW = datetime(2026, 11, 21, 5, 40)
NDJSON = {"content-type": "application/x-ndjson"}
Story = Callable[[httpx.AsyncClient, Spool], Awaitable[None]]


@pytest.fixture
def played(spool_dir: Path, rules: Rules) -> Callable[[Story], dict[str, list[dict]]]:
    """Play a story against a collector and return the records it left, by lane."""

    def play(story: Story, write: Callable[[int, bytes], int] = os.write) -> dict:
        async def main() -> None:
            spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: NOW, write=write)
            app = Collector(spool, rules, Limits(10_000, 50_000, 0.2), lambda: "server-id")
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
                await story(client, spool)
            await spool.close()

        asyncio.run(main())
        return {
            lane: [
                orjson.loads(payload)
                for segment in list_segments(spool_dir, lane, complete=None)
                for _, payload in read_segment(segment.path)
            ]
            for lane in LANES
        }

    return play


def test_one_event(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        answer = await client.post("/v1/events", json=event())
        assert answer.status_code == 200
        assert answer.json() == {
            "accepted": 1, "flagged": 0, "quarantined": 0, "rejected": 0,
            "results": [{"id": "e1", "verdict": "accepted"}],
        }  # fmt: skip

    kept = played(story)
    assert [row["event_id"] for row in kept["normal"]] == ["e1"]


def test_a_wrong_event_can_be_mended_from_the_answer(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        wrong = event(name="item_click_home", time="2026-11-21 05:00", id=..., version=...)
        answer = (await client.post("/v1/events", json=wrong)).json()
        (result,) = answer["results"]
        assert (result["id"], result["id_assigned"]) == ("server-id", True)
        name, time = result["violations"]
        assert name == {
            "pointer": "/name", "rule": "unknown_event",
            "expected": "the name of a registered event", "found": '"item_click_home" (string)',
            "remedy": "Did you mean `click_item_home`? Correct the name, or register the event first.",
        }  # fmt: skip
        assert time["pointer"] == "/time"
        assert "2026-11-20T21:00:00.123Z" in time["expected"]

    assert len(played(story)["quarantine"]) == 1


def test_half_a_batch_invalid(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        items = [event(id="a"), event(id="b", params={}), "no object", event(id="c", version=...),
                 event(id="d", name="strict_item_home", params={})]  # fmt: skip
        answer = (await client.post("/v1/batch", json=items)).json()
        assert [answer[k] for k in ("accepted", "flagged", "quarantined", "rejected")] == [
            2,
            0,
            2,
            1,
        ]
        assert [r["verdict"] for r in answer["results"]] == [
            "accepted", "quarantined", "quarantined", "accepted", "rejected",
        ]  # fmt: skip
        assert answer["results"][3]["version_assumed"] == 2

    kept = played(story)
    assert [r["event_id"] for r in kept["normal"]] == ["a", "c"]
    assert [r["raw"] for r in kept["quarantine"]] == [None, '"no object"']


def test_ndjson_with_one_bad_line(played: Callable, event: Callable) -> None:
    lines = [orjson.dumps(event(id="a")), b'{"broken', b"", orjson.dumps(event(id="b"))]
    huge = orjson.dumps(event(id="c", params={"item_id": 1, "note": "x" * 20_000}))

    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        for headers in (NDJSON, {}):
            answer = await client.post(
                "/v1/batch", content=b"\n".join([*lines, huge]), headers=headers
            )
            assert answer.status_code == 200
            rules = [
                r.get("violations", [{"rule": ""}])[0]["rule"] for r in answer.json()["results"]
            ]
            assert rules == ["", "not_json", "", "too_large"]

    kept = played(story)
    assert len(kept["normal"]) == 4
    assert kept["quarantine"][0]["raw"] == '{"broken'


def test_gzip_and_several_members(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        body = gzip.compress(orjson.dumps(event(id="a")) + b"\n")
        body += gzip.compress(orjson.dumps(event(id="b")))
        headers = {**NDJSON, "content-encoding": "gzip"}
        answer = await client.post("/v1/batch", content=body, headers=headers)
        assert answer.json()["accepted"] == 2

    assert len(played(story)["normal"]) == 2


def test_an_empty_batch_is_a_batch_of_none(played: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        for content, headers in ((b"[]", {}), (b"", NDJSON), (b"\n", NDJSON)):
            answer = await client.post("/v1/batch", content=content, headers=headers)
            assert (answer.status_code, answer.json()["results"]) == (200, [])

    assert not any(played(story).values())


def test_one_pretty_printed_object_in_a_batch(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        content = orjson.dumps(event(), option=orjson.OPT_INDENT_2)
        assert (await client.post("/v1/batch", content=content)).json()["accepted"] == 1

    assert len(played(story)["normal"]) == 1


def test_replay_is_marked(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        headers = {"x-weir-origin": "replay"}
        assert (await client.post("/v1/events", json=event(), headers=headers)).status_code == 200
        refused = await client.post("/v1/events", json=event(), headers={"x-weir-origin": "import"})
        assert refused.json()["error"]["code"] == "wrong_origin"

    assert [row["origin"] for row in played(story)["normal"]] == ["replay"]


def test_numbers_beyond_64_bits_are_told_not_rounded(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        content = orjson.dumps([event(id="a"), event(id="b", params={"item_id": 7})])
        content = content.replace(b":7}", b":123456789012345678901234567890}")
        answer = (await client.post("/v1/batch", content=content)).json()
        assert [r["verdict"] for r in answer["results"]] == ["accepted", "quarantined"]
        assert answer["results"][1]["violations"][0]["rule"] == "number_out_of_range"

    assert "123456789012345678901234567890" in played(story)["quarantine"][0]["raw"]


REFUSED = [
    ("POST", "/v1/events", b"not json", {}, 400, "not_json"),
    ("POST", "/v1/events", b"", {}, 400, "not_json"),
    ("POST", "/v1/events", b"NaN", {}, 400, "not_json"),
    ("POST", "/v1/events", b'{"id": "\\ud800"}', {}, 400, "not_json"),
    ("POST", "/v1/events", b"[" * 5000, {}, 400, "not_json"),
    ("POST", "/v1/events", b"[]", {}, 400, "not_an_object"),
    ("POST", "/v1/events", b"17", {}, 400, "not_an_object"),
    ("POST", "/v1/batch", b"not json", {}, 400, "not_json"),
    ("POST", "/v1/batch", b'[{"id": "a"}, {]', {}, 400, "not_json"),
    ("POST", "/v1/batch", b"17", {}, 400, "not_a_batch"),
    ("POST", "/v1/batch", b"\x1f\x8bbroken", {"content-encoding": "gzip"}, 400, "broken_gzip"),
    ("POST", "/v1/batch", gzip.compress(b"[]", mtime=0)[:-3], {"content-encoding": "gzip"}, 400, "broken_gzip"),
    ("POST", "/v1/batch", gzip.compress(b"[]", mtime=0) + b"x", {"content-encoding": "gzip"}, 400, "broken_gzip"),
    ("POST", "/v1/batch", gzip.compress(bytes(10**7), mtime=0), {"content-encoding": "gzip"}, 413, "body_too_large"),
    ("POST", "/v1/batch", b" " * 50_001, {}, 413, "body_too_large"),
    ("POST", "/v1/batch", b"[" + b"1," * 10_000 + b"1]", {}, 413, "too_many_events"),
    ("POST", "/v1/batch", b"[]", {"content-encoding": "br"}, 415, "unknown_encoding"),
    ("POST", "/v1/batch", b"[]", {"content-type": "multipart/form-data"}, 415, "unknown_type"),
    ("GET", "/v1/events", b"", {}, 405, "wrong_method"),
    ("POST", "/healthz", b"", {}, 405, "wrong_method"),
    ("POST", "/v2/events", b"", {}, 404, "not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "content", "headers", "status", "code"), REFUSED)
def test_what_is_refused_is_counted_and_not_kept(
    played: Callable, method: str, path: str, content: bytes, headers: dict, status: int, code: str
) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        answer = await client.request(method, path, content=content, headers=headers)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code)
        assert error["message"]
        assert error["remedy"]
        assert (await client.get("/healthz")).json()["counts"] == {code: 1}

    assert not any(played(story).values())


def test_a_full_disk_is_503_and_readiness_says_so(played: Callable, event: Callable) -> None:
    full = False

    def write(fd: int, data: bytes) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        nonlocal full
        assert (await client.get("/readyz")).status_code == 200
        full = True
        answer = await client.post("/v1/events", json=event())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["error"]["code"] == "unavailable"
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")
        full = False
        assert (await client.post("/v1/events", json=event())).status_code == 200
        assert (await client.get("/readyz")).status_code == 200

    assert len(played(story, write)["normal"]) == 1


def test_a_slow_and_a_lost_sender(played: Callable) -> None:
    async def ask(app: Collector, receive: Callable) -> list[dict]:
        sent: list[dict] = []

        async def send(message: dict) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/events", "headers": []}
        await app(scope, receive, send)
        return sent

    async def slow() -> dict:
        await asyncio.sleep(5)
        return {}

    async def lost() -> dict:
        return {"type": "http.disconnect"}

    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        app = client._transport.app
        assert (await ask(app, slow))[0]["status"] == 408
        assert await ask(app, lost) == []
        assert app.counts == {"too_slow": 1, "disconnected": 1}

    played(story)


def test_a_draining_worker_says_so_and_closes_its_connections(
    played: Callable, event: Callable
) -> None:
    async def story(client: httpx.AsyncClient, spool: Spool) -> None:
        app = client._transport.app
        before = await client.post("/v1/events", json=event())
        app.draining = True
        after = await client.post("/v1/events", json=event())
        ready = await client.get("/readyz")
        assert "connection" not in before.headers
        assert (after.status_code, after.headers["connection"]) == (200, "close")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")

    played(story)
