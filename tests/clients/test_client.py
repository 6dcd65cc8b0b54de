"""The Python client as an app uses it: ids, deadlines, threads, and HTTP as it really fails."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from weir_client import (
    Client,
    ClientClosed,
    FileQueue,
    HttpTransport,
    InvalidEvent,
    Options,
    Unreachable,
)
from weir_client.events import Uuid7, encode, timestamp, uuid7

from tests.clients.fakes import Clock, Line, accepted, refusal, unreachable

EVENT = {"name": "click_item_home", "version": 1, "params": {"item_id": 1}}
QUICK = Options(linger=0.01, backoff_first=0.01, backoff_longest=0.02)


def client(line: Line, **changes: object) -> Client:
    return Client("http://unused", transport=line, **{"options": QUICK, **changes})


def test_an_id_is_a_uuid_of_version_7_that_only_grows() -> None:
    made = [uuid7() for _ in range(5_000)]
    assert made == sorted(set(made))
    assert {UUID(one).version for one in made} == {7}
    assert {UUID(one).variant for one in made} == {"specified in RFC 4122"}
    assert abs((UUID(made[0]).int >> 80) / 1000 - time.time()) < 60


def test_ids_grow_when_the_clock_steps_back_or_stands_still() -> None:
    moments = iter([1000, 999, 0, *[1000] * 9_000])
    make = Uuid7(lambda: next(moments), lambda size: b"\xff" * size)
    made = [make() for _ in range(9_003)]
    assert made == sorted(set(made))


def test_ids_of_many_threads_do_not_meet() -> None:
    found: list[str] = []

    def work() -> None:
        found.extend([uuid7() for _ in range(2_000)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8_000


def test_an_event_gets_id_and_time_when_it_is_tracked_and_keeps_its_own() -> None:
    line, clock = Line(), Clock()
    with client(line, clock=clock, new_id=lambda: "made", context={"platform": "server"}) as one:
        assert one.track(EVENT) == "made"
        own = {"id": "mine", "time": "2026-01-01T00:00:00Z", "platform": "ios", "sent_at": "never"}
        assert one.track({**EVENT, **own}) == "mine"
        assert one.flush()
    first, second = (e for request in line.requests for e in request)
    assert (first["id"], first["time"], first["platform"]) == (
        "made", timestamp(clock.time()), "server",
    )  # fmt: skip
    assert {k: second[k] for k in ("id", "time", "platform")} == {
        k: v for k, v in own.items() if k != "sent_at"
    }
    assert second["sent_at"] == timestamp(clock.time())


@pytest.mark.parametrize(
    "wrong",
    [{}, {"name": ""}, {"name": 7}, {**EVENT, "id": ""}, {**EVENT, "id": 7},
     {**EVENT, "id": "x" * 201}, {**EVENT, "id": "a\0b"}, {**EVENT, "params": {"x": float("nan")}},
     {**EVENT, "params": {"x": datetime(2026, 1, 1)}}, {**EVENT, "params": {"x": "\ud800"}}],
)  # fmt: skip
def test_wrong_use_is_told_at_once(wrong: dict) -> None:
    line = Line()
    with client(line) as one, pytest.raises(InvalidEvent):
        one.track(wrong)
    assert line.requests == []


def test_a_cycle_is_told_at_once() -> None:
    params: dict = {}
    params["self"] = params
    with pytest.raises(InvalidEvent, match="no JSON"):
        encode({**EVENT, "params": params}, {}, uuid7, 0)


def test_flush_says_whether_everything_is_sent() -> None:
    line = Line(*[unreachable] * 3)
    with client(line, options=Options(linger=60, backoff_first=0.01)) as one:
        one.track(EVENT)
        assert one.flush(5)
        line.replies = [refusal(503, retry_after="60")]
        one.track(EVENT)
        began = time.monotonic()
        assert not one.flush(0.2)
        assert time.monotonic() - began < 1
        assert one.queued == 1
        assert one.close(0.1) == 1


def test_flush_does_not_wait_for_what_comes_after_it() -> None:
    line = Line()
    with client(line) as one:
        stop = threading.Event()

        def more() -> None:
            while not stop.is_set():
                one.track(EVENT)
                time.sleep(0.0005)

        thread = threading.Thread(target=more)
        thread.start()
        try:
            assert one.flush(5)
        finally:
            stop.set()
            thread.join()


def test_close_tells_what_memory_loses_and_a_file_keeps(tmp_path: Path) -> None:
    dropped: list = []
    one = client(Line(*[unreachable] * 1000), on_drop=dropped.append)
    name = one.track(EVENT)
    assert one.close(0.05) == 1
    assert [(d.id, d.reason) for d in dropped] == [(name, "closed")]
    assert one.close() == 0
    with pytest.raises(ClientClosed):
        one.track(EVENT)

    stored = client(Line(*[unreachable] * 1000), queue=tmp_path / "q")
    name = stored.track(EVENT)
    assert stored.close(0.05) == 1
    line = Line()
    with client(line, queue=tmp_path / "q") as next_one:
        assert next_one.stats.found == 1
        assert next_one.flush()
    assert line.ids == [[name]]


def test_a_callback_may_track_but_not_flush() -> None:
    line, errors = Line(), []

    def again(verdict: object) -> None:
        if len(line.requests) == 1:
            one.track(EVENT)
            try:
                one.flush()
            except RuntimeError as error:
                errors.append(str(error))

    one = client(line, on_verdict=again)
    one.track(EVENT)
    deadline = time.monotonic() + 5
    while one.stats.delivered < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    one.close()
    assert one.stats.delivered == 2
    assert errors == ["flush() inside a callback would wait for itself."]


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    line = Line()
    with client(line, queue=FileQueue(tmp_path / "q")) as one:
        ids: list[str] = []

        def work() -> None:
            ids.extend([one.track(EVENT) for _ in range(200)])

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.flush()
    assert sorted(i for request in line.ids for i in request) == sorted(ids)


class Server:
    """An HTTP server that answers as its `behave` says."""

    def __init__(self) -> None:
        outer = self
        self.behave = "accept"
        self.seen: list[tuple[str, dict]] = []
        self.connections = 0
        self.stopped = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.seen.append((self.path, dict(self.headers)))
                if outer.behave == "hang":
                    outer.stopped.wait(30)
                    self.close_connection = True
                    return
                answer = accepted(json.loads(body))
                self.send_response(answer.status)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = outer.behave == "close silently"

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


def test_one_connection_serves_many_batches(server: Server) -> None:
    with Client(f"{server.url}/some/path/", options=QUICK, token="secret") as one:
        for _ in range(3):
            one.track(EVENT)
            assert one.flush()
    assert server.connections == 1
    assert {path for path, _ in server.seen} == {"/some/path/v1/batch"}
    assert {h["authorization"] for _, h in server.seen} == {"Bearer secret"}


def test_a_connection_that_was_closed_while_idle_is_no_failure(server: Server) -> None:
    server.behave = "close silently"
    with Client(server.url, options=QUICK) as one:
        for _ in range(3):
            one.track(EVENT)
            assert one.flush()
            time.sleep(0.05)
        assert one.stats.failures == 0
        assert one.stats.delivered == 3


def test_a_request_that_hangs_ends_with_its_timeout(server: Server) -> None:
    server.behave = "hang"
    transport = HttpTransport(server.url, 0.2)
    with pytest.raises(Unreachable, match="timed out"):
        transport.post(b"[]", {})
    transport.close()


def test_close_keeps_its_deadline_while_a_request_hangs(server: Server) -> None:
    server.behave = "hang"
    one = Client(server.url, options=QUICK)
    one.track(EVENT)
    time.sleep(0.1)
    began = time.monotonic()
    assert one.close(0.2) == 1
    assert time.monotonic() - began < 1.5


def test_nobody_at_the_address_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        transport = HttpTransport(f"http://127.0.0.1:{free.getsockname()[1]}", 1)
        with pytest.raises(Unreachable, match="ConnectionRefusedError"):
            transport.post(b"[]", {})


@pytest.mark.parametrize("url", ["", "events.example.com", "ftp://x", "http://"])
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be http"):
        Client(url)
