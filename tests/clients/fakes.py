"""A clock that moves when told, and a collector that answers what the test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from weir_client import Answer, MemoryQueue, Options, Unreachable
from weir_client.events import encode
from weir_client.queue import Queue
from weir_client.sender import Callbacks, Sender

START = 1_700_000_000.0


class Clock:
    """Both clocks, in step."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return START + self.passed

    def monotonic(self) -> float:
        return self.passed


def accepted(events: list[dict]) -> Answer:
    results = [{"id": event["id"], "verdict": "accepted"} for event in events]
    return Answer(200, json.dumps({"accepted": len(results), "results": results}).encode())


def refusal(status: int, code: str = "code", retry_after: str | None = None) -> Answer:
    error = {"error": {"code": code, "message": "It is wrong.", "remedy": "Mend it."}}
    return Answer(status, json.dumps(error).encode(), retry_after)


Reply = Callable[[list[dict]], Answer] | Answer | Exception


class Line:
    """A transport that notes what it is given and answers from a list, then always accepts."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[list[dict]] = []
        self.headers: list[Mapping[str, str]] = []

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        events = json.loads(body)
        self.requests.append(events)
        self.headers.append(headers)
        reply = self.replies.pop(0) if self.replies else accepted
        if isinstance(reply, Exception):
            raise reply
        return reply(events) if callable(reply) else reply

    def abort(self) -> None:
        pass

    def close(self) -> None:
        pass

    @property
    def ids(self) -> list[list[str]]:
        return [[event["id"] for event in request] for request in self.requests]


class Told:
    """What the callbacks were told."""

    def __init__(self) -> None:
        self.verdicts: list = []
        self.problems: list = []
        self.dropped: list = []

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(self.verdicts.append, self.problems.append, self.dropped.append)


class Bench:
    """A sender without a thread."""

    def __init__(
        self, *replies: Reply, queue: Queue | None = None, token=None, chance=1.0, **options
    ) -> None:
        self.clock, self.line, self.told = Clock(), Line(*replies), Told()
        self.queue = queue or MemoryQueue()
        self.sender = Sender(
            self.queue,
            self.line,
            Options(**options),
            self.told.callbacks,
            token,
            self.clock,
            lambda: chance,
        )

    def track(self, name: str, **params: object) -> bool:
        event = {"id": name, "name": "click_item_home", "params": params}
        return self.sender.add(*encode(event, {}, lambda: "", self.clock.time()))

    def run(self, *, hurry: bool = True, most: int = 100) -> None:
        """Send whatever is due, moving the clock to when it is."""
        for _ in range(most):
            wait = self.sender.wait(hurry=hurry)
            if wait is None:
                return
            self.clock.passed += wait
            self.sender.send()


unreachable = Unreachable("nobody there")
