"""The live tail over several writers: all is seen, whoever serves; ends, stale sockets, slow readers; tokens."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import httpx
import orjson
import pytest

from tests.collect.observed import play
from tests.collect.test_gate import Clock, bearer, clock, gate, tokens
from tests.collect.test_metrics_workers import ITEM, one_of_each
from tests.collect.test_supervisor import Collector, start, wait_until
from tests.collect.test_tail import listening
from weir.collect import passing as passing_module
from weir.collect.gate import Gate
from weir.collect.judging import Judging
from weir.collect.listeners import Filter, Listener, text
from weir.collect.passing import FOLDER, Passing, clear, remove
from weir.collect.rules import Rules
from weir.collect.tokens import Grant, TokenFile
from weir.collect.verdict import judge
from weir.core.errors import InvalidValue

__all__ = ["clock", "gate", "start", "tokens"]


async def taken(listener: Listener, number: int) -> list[tuple[str, object]]:
    """Return the next things that a listener is shown."""
    found = []
    async with asyncio.timeout(10):
        async for kind, what in listener.take():
            found.append((kind, orjson.loads(text(what))))
            if len(found) == number:
                break
    return found


@pytest.mark.parametrize("deep", [0, 200])
def test_another_writer_passes_on_what_a_listener_wants(
    tmp_path: Path, judging: Judging, event: Callable, deep: int
) -> None:
    """Paths of any length: those of sockets may have about a hundred bytes."""
    folder = tmp_path / ("d" * deep)
    folder.mkdir(exist_ok=True)

    async def main() -> None:
        theirs: set[Listener] = set()
        one, two = Passing(folder, 1, set()), Passing(folder, 2, theirs)
        await one.start()
        await two.start()
        listener = Listener(Filter(verdict=frozenset({"quarantined"}), user=frozenset({"ü"})), 10)
        async with one.following(listener):
            (given,) = theirs
            assert given.filter == listener.filter
            record = judge(event(params={}, user_id="ü"), judging)
            given.put("event", record)
            given.put("refused", {"code": "not_json"})
            given.lost(3)
            assert await taken(listener, 3) == [
                ("dropped", {"dropped": 3}),
                ("event", orjson.loads(text(record))),
                ("refused", {"code": "not_json"}),
            ]
        async with asyncio.timeout(10):
            while theirs:
                await asyncio.sleep(0.01)
        await one.close()
        await two.close()
        assert list((folder / FOLDER).iterdir()) == []

    asyncio.run(main())


def test_writers_that_come_and_go_and_what_killed_ones_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing_module, "LOOK_SECONDS", 0.02)

    async def main() -> None:
        one = Passing(tmp_path, 1, set())
        await one.start()
        (tmp_path / FOLDER / f"{2:010d}").touch()  # no socket at all
        killed = Passing(tmp_path, 3, set())
        await killed.start()
        assert killed._server is not None
        killed._server.close()  # nobody accepts, and the file is left
        listener = Listener(Filter(), 10)
        async with one.following(listener):
            for number in (4, 5):
                theirs: set[Listener] = set()
                other = Passing(tmp_path, number, theirs)
                await other.start()
                async with asyncio.timeout(10):
                    while not theirs:
                        await asyncio.sleep(0.01)
                next(iter(theirs)).put("refused", {"n": number})
                assert await taken(listener, 1) == [("refused", {"n": number})]
                await other.close()
        await one.close()
        remove(tmp_path, 2)
        clear(tmp_path)
        assert list((tmp_path / FOLDER).iterdir()) == []

    asyncio.run(main())


def test_a_slow_listener_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    async def main() -> None:
        theirs: set[Listener] = set()
        one, two = Passing(tmp_path, 1, set()), Passing(tmp_path, 2, theirs)
        await one.start()
        await two.start()
        listener = Listener(Filter(), 3)
        async with one.following(listener):
            for number in range(50):
                next(iter(theirs)).put("event", {"n": number})
            async with asyncio.timeout(10):
                while one.dropped < 47:
                    await asyncio.sleep(0.01)
            found = await taken(listener, 4)
        assert found == [("dropped", {"dropped": 47}), *(("event", {"n": n}) for n in (47, 48, 49))]
        await one.close()
        await two.close()

    asyncio.run(main())


def test_only_ones_own_user_may_connect(tmp_path: Path) -> None:
    async def main() -> None:
        one = Passing(tmp_path, 1, set())
        await one.start()
        assert (tmp_path / FOLDER).stat().st_mode & 0o077 == 0
        await one.close()

    asyncio.run(main())


@pytest.mark.parametrize("line", [b"\n", b"no json\n", b'{"colour":["red"]}\n', b"[1]\n", b""])
def test_what_is_no_filter_ends_the_connection(tmp_path: Path, line: bytes) -> None:
    async def main() -> None:
        theirs: set[Listener] = set()
        one = Passing(tmp_path, 1, theirs)
        await one.start()
        path = tmp_path / FOLDER / f"{1:010d}"
        reader, writer = await asyncio.open_unix_connection(sock=passing_module._connected(path))
        writer.write(line)
        writer.write_eof()
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        assert not theirs
        writer.close()
        await one.close()

    asyncio.run(main())


def test_a_filter_that_names_no_event_says_the_nearest(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app, observer) -> None:
        answer = await client.get("/v1/tail?event=click_home_item&event=view_page_web")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "unknown_event")
        assert "click_home_item" in error["message"]
        assert "Did you mean `click_item_home`?" in error["remedy"]
        answer = await client.get("/v1/tail?event=")
        assert answer.json()["error"]["code"] == "unknown_event"
        async with listening(app, "event=click_item_home"):
            assert len(observer.tail.own) == 1

    play(tmp_path, rules, story)


class Listening:
    """A reader of the tail over HTTP, in a thread of its own; notes the ids and codes it is shown."""

    def __init__(self, client: httpx.Client) -> None:
        self.ids: list[str] = []
        self.codes: list[str] = []
        self.ready = threading.Event()
        self._client = client
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        assert self.ready.wait(30)

    def _read(self) -> None:
        with (
            suppress(httpx.RemoteProtocolError, httpx.ReadError),  # its worker was killed
            self._client.stream("GET", "/v1/tail", timeout=60) as answer,
        ):
            kind = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self._note(kind, orjson.loads(value))

    def _note(self, kind: str, data: dict) -> None:
        if kind == "hello":
            self.ready.set()
        elif kind == "event":
            self.ids.append(data["event"]["event_id"])
        elif kind == "refused":
            self.codes.append(data["code"])

    def join(self) -> None:
        self._thread.join(60)


@contextmanager
def heard(url: str, workers: int) -> Iterator[tuple[list[Listening], list[httpx.Client]]]:
    """Listen at each worker."""
    with one_of_each(url, workers) as clients, one_of_each(url, workers) as more:
        yield [Listening(client) for client in more], clients


def test_every_listener_sees_what_any_worker_receives(start: Callable[..., Collector]) -> None:
    collector = start(2)
    with heard(collector.url, 2) as (listeners, clients):
        for number in range(20):
            item = {**ITEM, "id": f"e{number}"}
            clients[number % 2].post("/v1/events", json=item).raise_for_status()
        for client in clients:
            assert client.post("/v1/events", content=b"{").status_code == 400
        wanted = sorted(f"e{number}" for number in range(20))
        for listener in listeners:
            wait_until(lambda one=listener: len(one.ids) >= 20 and len(one.codes) >= 2)
            assert sorted(listener.ids) == wanted
            assert listener.codes == ["not_json"] * 2
        old = set(collector.writers())
        os.kill(collector.writers()[1], signal.SIGKILL)
        wait_until(lambda: len(set(collector.writers()) - old) == 1)
        assert collector.end() == 0
        for listener in listeners:
            listener.join()
    assert list((collector.spool / FOLDER).iterdir()) == []


def test_a_new_worker_is_heard_too(start: Callable[..., Collector]) -> None:
    collector = start(2)
    with heard(collector.url, 2) as (listeners, _):
        killed = collector.writers()[0]
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(collector.writers()) == 2 and killed not in collector.writers())
        sent = 0

        def seen() -> bool:
            nonlocal sent
            with one_of_each(collector.url, 2) as clients:
                for client in clients:
                    client.post("/v1/events", json={**ITEM, "id": f"n{sent}"}).raise_for_status()
                    sent += 1
            return any({f"n{n}" for n in (sent - 1, sent - 2)} <= set(o.ids) for o in listeners)

        wait_until(seen)
        assert collector.end() == 0
        for listener in listeners:
            listener.join()


def test_a_token_for_listening(gate: Gate, tokens: TokenFile, clock: Clock) -> None:
    def asked(text: str | None) -> object:
        headers = {} if text is None else {b"authorization": b"Bearer " + text.encode()}
        try:
            return gate.may_tail(headers)
        except Exception as refusal:  # noqa: BLE001
            return refusal.status

    _, sends = tokens.create(Grant("shop"))
    token, listens = tokens.create(Grant("dashboard", tail=True))
    assert [asked(text) for text in (None, "weir", sends, listens)] == [401, 401, False, True]
    _, rotated = tokens.rotate(token.id)
    tokens.revoke(token.id)
    clock.step(2)
    assert (asked(listens), asked(rotated)) == (401, True)
    open_gate = Gate(tokens, required=False, clock=lambda: clock.now)
    assert open_gate.may_tail({})
    with pytest.raises(InvalidValue, match="server, for a token that may tail"):
        tokens.create(Grant("web", channel="client", tail=True))


def test_tokens_of_before_listen_to_nothing(tokens: TokenFile) -> None:
    tokens.create(Grant("shop"))
    content = orjson.loads(tokens.path.read_bytes())
    del content["tokens"][0]["tail"]
    tokens.path.write_bytes(orjson.dumps(content))
    assert [token.tail for token in tokens.read()] == [False]


def test_the_tail_of_a_collector_that_asks_for_tokens(
    start: Callable[..., Collector], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIR_COLLECT_AUTH", "required")
    file = TokenFile(tmp_path / "home" / "tokens.json", lambda: datetime(2026, 1, 1))
    _, sends = file.create(Grant("shop"))
    _, listens = file.create(Grant("dashboard", tail=True))
    collector = start(1)
    status = [
        httpx.get(f"{collector.url}/v1/tail", headers=headers)
        for headers in ({}, bearer("weir_x"), bearer(sends))
    ]
    assert [answer.status_code for answer in status] == [401, 401, 403]
    assert all("weir tokens create" in answer.json()["error"]["remedy"] for answer in status)
    with (
        httpx.Client(base_url=collector.url, headers=bearer(listens)) as client,
        client.stream("GET", "/v1/tail") as answer,
    ):
        assert answer.status_code == 200
        assert next(answer.iter_lines()) == "event: hello"
