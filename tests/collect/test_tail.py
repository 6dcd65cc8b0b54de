"""The live tail: filters, slow listeners, limits, who may listen, and the collector's end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.collect.observed import play
from weir.collect.app import Collector
from weir.collect.judging import Judging
from weir.collect.rules import Rules
from weir.collect.tail import Filter, Listener, Tail, shown
from weir.collect.verdict import judge


class Stream:
    """One open connection to the tail, as server-sent events."""

    def __init__(self) -> None:
        self.status = 0
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._text = b""

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self._chunks.put_nowait(message.get("body", b""))

    async def next(self) -> tuple[str, Any]:
        """Return the next event; heartbeats are comments."""
        while True:
            while b"\r\n\r\n" not in self._text:
                self._text += await asyncio.wait_for(self._chunks.get(), 5)
            block, _, self._text = self._text.partition(b"\r\n\r\n")
            fields = dict(
                line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line
            )
            if "event" in fields:
                return fields["event"], orjson.loads(fields["data"])


@contextlib.asynccontextmanager
async def listening(app: Collector, query: str = "") -> AsyncIterator[Stream]:
    stream, gone = Stream(), asyncio.Event()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (first := next(asked, None)) is not None:
            return first
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "path": "/v1/tail", "method": "GET", "headers": [],
             "query_string": query.encode()}  # fmt: skip
    task = asyncio.create_task(app(scope, receive, stream.send))
    try:
        kind, _ = await stream.next()
        assert kind == "hello"
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(task, 5)


def test_what_is_received_is_shown(tmp_path: Path, rules: Rules, event: Callable) -> None:
    async def story(client, app, observer) -> None:
        async with listening(app) as stream:
            await client.post("/v1/batch", json=[event(), event(id="e2", params={})])
            kind, first = await stream.next()
            assert kind == "event"
            assert (first["verdict"], first["lane"], first["violations"]) == (
                "accepted",
                "normal",
                [],
            )
            assert first["event"]["event_id"] == "e1"
            assert first["event"]["params"] == {"item_id": 17}
            assert not {"fp_0", "raw"} & first["event"].keys()
            _, second = await stream.next()
            assert second["verdict"] == "quarantined"
            assert second["violations"][0]["pointer"] == "/params/item_id"
            await client.post("/v1/events", content=b"{")
            kind, refused = await stream.next()
            assert (kind, refused["code"], refused["status"]) == ("refused", "not_json", 400)
        assert observer.tail.listeners == set()

    play(tmp_path, rules, story)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("event=buy_item_shop", ["b"]),
        ("user=u9", ["u"]),
        ("verdict=quarantined&verdict=flagged", ["q"]),
        ("rule=type", ["q"]),
        ("event=click_item_home&verdict=accepted", ["a", "u"]),
        ("", ["a", "b", "q", "u"]),
    ],
)
def test_filters(tmp_path: Path, rules: Rules, event: Callable, query: str, ids: list[str]) -> None:
    async def story(client, app, observer) -> None:
        async with listening(app, query) as stream:
            sent = [event(id="a"), event(id="b", name="buy_item_shop"), event(id="q", params={}),
                    event(id="u", user_id="u9")]  # fmt: skip
            await client.post("/v1/batch", json=sent)
            got = [(await stream.next())[1]["event"]["event_id"] for _ in ids]
            assert got == ids

    play(tmp_path, rules, story)


@pytest.mark.parametrize(
    ("query", "code"), [("colour=red", "unknown_filter"), ("verdict=great", "unknown_verdict")]
)
def test_wrong_filters(tmp_path: Path, rules: Rules, query: str, code: str) -> None:
    async def story(client, app, observer) -> None:
        answer = await client.get(f"/v1/tail?{query}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert (await client.post("/v1/tail")).status_code == 405

    play(tmp_path, rules, story)


def test_who_may_not_listen(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app, observer) -> None:
        answer = await client.get("/v1/tail")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "tail_not_allowed")

    play(tmp_path, rules, story, may_tail=lambda headers: b"x-key" in headers)


def test_listeners_are_bounded(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app, observer) -> None:
        observer.tail._limit = 1
        async with listening(app):
            answer = await client.get("/v1/tail")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_many_tails")
            assert answer.headers["retry-after"]

    play(tmp_path, rules, story)


def test_a_slow_listener_loses_the_oldest_and_is_told(judging: Judging, event: Callable) -> None:
    async def main() -> None:
        tail = Tail(lambda _: True, most=3)
        listener = Listener(Filter(), 3)
        tail.listeners.add(listener)
        tail.publish([judge(event(id=str(n)), judging) for n in range(10)])
        assert tail.dropped == 7
        listener.close()
        told = [(kind, what) async for kind, what in listener.take()]
        assert told[0] == ("dropped", {"dropped": 7})
        assert [shown(what)["event"]["event_id"] for _, what in told[1:]] == ["7", "8", "9"]

    asyncio.run(main())


def test_the_collectors_end_ends_the_stream(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app, observer) -> None:
        async with listening(app) as stream:
            app.draining = True
            kind, _ = await stream.next()
            assert kind == "bye"
        assert (await client.get("/v1/tail")).status_code == 503

    play(tmp_path, rules, story)
