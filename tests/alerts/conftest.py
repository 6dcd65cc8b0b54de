"""Servers of this machine that stand for a webhook and a mail server, and an outbox."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from weir.alerts import Config, Outbox


class Receiver:
    """What a server got, and what it answers."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []
        self.answers: list[int] = []
        self.location = ""
        self.body = b"ok"
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that keeps every POST and answers what it is told, else 200."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.raw.append(body)
            told.got.append(json.loads(body))
            told.headers.append(dict(self.headers))
            self.send_response(told.answers.pop(0) if told.answers else 200)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    with serving(server):
        yield told


class Post:
    """What a mail server got."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refuse = b""
        self.port = 0


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server: as much SMTP as one message needs."""
    told = Post()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

        def handle(self) -> None:
            self.say(b"220 double")
            while line := self.rfile.readline():
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.say(b"354 go on")
                    lines = []
                    while (text := self.rfile.readline()) != b".\r\n":
                        lines.append(text)
                    told.mails.append(b"".join(lines).decode())
                    self.say(b"250 kept")
                elif word == b"MAIL" and told.refuse:
                    self.say(told.refuse)
                elif word == b"QUIT":
                    self.say(b"221 bye")
                    return
                else:
                    self.say(b"250 fine")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    with serving(server):
        yield told


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "home" / "alerts.db")


@pytest.fixture
def config() -> Callable[..., Config]:
    """Make a configuration with a webhook `hook` of the owner `shop`, changed as wanted."""

    def make(**changes: Any) -> Config:
        hook = {"kind": "webhook", "url_env": "HOOK_URL", **changes.pop("hook", {})}
        return Config.model_validate(
            {"channels": {"hook": hook, **changes.pop("channels", {})}, "owners": {"shop": ["hook"]}, **changes}
        )  # fmt: skip

    return make
