"""The live tester: an event is judged, sent to a real collector, and seen in the tail of those who may."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from tests.collect.conftest import _served
from tests.console.conftest import ROOT
from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.collect.listeners import Filter
from weir.collect.watching import Watcher
from weir.console.access import Person, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.pages.personal import HIDDEN, Mask
from weir.console.pages.tail import _Stream
from weir.console.seats import Seats
from weir.core.settings import load
from weir.engines.embedded.lake import Lake

EVENT = "purchase_item_shop"
Ask = Callable[..., Any]


def purchase(**changes: Any) -> str:
    return json.dumps({
        "id": "t1", "name": EVENT, "version": 1, "time": datetime.now(UTC).isoformat(),
        "user_id": "ann", "params": {"quantity": 1, "price": 2.5}, **changes,
    })  # fmt: skip


@pytest.fixture
def ask(visit: Callable[[], TestClient], tokens: dict[Role, str]) -> Ask:
    client = visit()

    def asking(path: str, who: Role = Role.VIEWER, /, **body: Any) -> Any:
        bearer = {"Authorization": f"Bearer {tokens[who]}"}
        method = "POST" if body else "GET"
        answer = client.request(method, f"/api/v1/{path}", headers=bearer, json=body or None)
        return answer.json()["error"]["code"] if answer.status_code >= 400 else answer.json()

    return asking


def test_an_event_is_judged_as_the_collector_would(ask: Ask) -> None:
    good = ask("tester/check", text=purchase())  # the fixed clock is of the same day or a later one
    assert good["event"] == EVENT
    assert (good["tier"], good["version_assumed"]) == ("normal", False)
    wrong = ask("tester/check", text=purchase(params={"quantity": 0, "price": 2.5}))
    assert wrong["verdict"] == "quarantined"
    assert ("/params/quantity", "minimum") in [
        (v["pointer"], v["rule"]) for v in wrong["violations"]
    ]
    assert wrong["stored"]["params"]["quantity"] == 0
    near = ask("tester/check", text=purchase(name="purchase_item_shp"))
    assert near["meant"] == EVENT
    torn = ask("tester/check", text="{")
    assert (torn["verdict"], torn["refusal"]["code"]) == ("refused", "not_json")
    assert ask("tester/check", text=purchase(id=None), strict=True)["verdict"] == "quarantined"
    assert ask("tester/check", text="x" * 1_000_001) == "invalid_request"


def test_without_a_collector_nothing_is_sent_and_it_says_so(ask: Ask, console: Console) -> None:
    assert ask("tester")["collector"] is None
    assert ask("tester/send", text=purchase()) == "not_allowed"
    assert ask("tester/send", Role.EDITOR, text=purchase()) == "service_unavailable"
    entry = find(log_of(console.settings), Wanted(action="events.send"))[0]
    assert (entry.name, entry.result) == ("editor@example.com", "failed")
    assert ask("tail?verdict=nice") == "invalid_request"


def test_streams_are_few_for_all_and_for_one() -> None:
    seats = Seats(3, 2, "tails are open")
    for who in ("ann", "ann", "bob"):
        seats.take(who)
    for who, told in (("ann", "Of yours, 2 tails are open"), ("cid", "3 tails are open")):
        with pytest.raises(Refused, match=told), seats.one(who):
            pass
    seats.leave("ann")
    seats.take("cid")
    assert seats.taken == 3


def test_personal_values_are_hidden_wherever_they_are_told() -> None:
    mask = Mask(on=True, names=frozenset({"buyer__mail"}), known=frozenset({"buyer", "n"}))
    for given, seen in (
        (
            {"buyer": {"mail": "a@b", "age": 3}, "n": 1},
            {"buyer": {"mail": HIDDEN, "age": 3}, "n": 1},
        ),
        ({"buyer": [{"mail": "a@b", "age": 3}]}, {"buyer": [{"mail": HIDDEN, "age": 3}]}),
        ({"buyer": '{"mail": "a@b"}', "n": [1]}, {"buyer": HIDDEN, "n": [1]}),
        ({"byer": {"mail": "a@b"}}, {"byer": HIDDEN}),
        ([{"buyer": {"mail": "a@b"}}], HIDDEN),
        ('{"buyer": {"mail": "a@b"}}', HIDDEN),
    ):
        assert mask.event({"name": "x", "params": given}) == {"name": "x", "params": seen}
    assert mask.event({"id": "1", "mail": "a@b", "user_id": ["a@b"]}) == {
        "id": "1", "mail": HIDDEN, "user_id": HIDDEN
    }  # fmt: skip
    assert mask.event("torn a@b") == HIDDEN
    assert Mask(on=True).event({"params": {"n": 1}}) == {"params": HIDDEN}
    assert Mask().event({"params": ["a@b"]}) == {"params": ["a@b"]}


@pytest.mark.parametrize(
    ("pointer", "rule", "found", "hidden"),
    [
        ("/params/buyer/mail", "type", '"a@b"', True),
        ("/params/buyer/0/mail", "type", '"a@b"', True),
        ("/params/buyer", "type", '{"mail": "a@b"}', True),
        ("/params/byer", "undeclared", '"a@b"', True),
        ("/params", "type", '["a@b"]', True),
        ("/mail", "undeclared", '"a@b"', True),
        ("/user_id", "wrong_type", '{"mail": "a@b"} (object)', True),
        ("", "not_json", "torn, column 3: a@b", True),
        ("", "too_large", "7 bytes", False),
        ("/params/n", "type", "1", False),
        ("/time", "bad_time", "never", False),
    ],
)
def test_what_a_violation_found_is_hidden_as_its_place_is(
    pointer: str, rule: str, found: str, hidden: bool
) -> None:
    mask = Mask(on=True, names=frozenset({"buyer__mail"}), known=frozenset({"buyer", "n"}))
    one = {"pointer": pointer, "rule": rule, "found": found, "remedy": f"Not {found}."}
    assert (mask.violation(one)["found"] == HIDDEN) == hidden
    assert Mask().violation(one) == one
    if pointer.startswith("/params"):
        assert (found in mask.violation(one)["remedy"]) != hidden


def test_a_viewer_finds_no_text_in_what_is_hidden(console: Console) -> None:
    def looking(role: Role, words: str) -> Watcher:
        watcher = Watcher(Filter(), words)
        person = Person("p", role)
        watcher.reads = _Stream(None, console, person, watcher).read  # type: ignore[arg-type]  # asks nothing
        return watcher

    columns = {"event_id": "1", "event_name": "nowhere", "params": {"mail": "ann@example.com"}}
    record = {"verdict": "quarantined", "lane": "quarantine", "violations": [], "event": columns}
    for role, words, found in (
        (Role.VIEWER, "ann@", False), (Role.VIEWER, "nowhere", True), (Role.EDITOR, "ann@", True),
    ):  # fmt: skip
        watcher = looking(role, words)
        watcher.put("event", record)
        assert bool(watcher._waiting) == found, (role, words)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, str]]:
    """A console on a port, and a collector of its home in a process."""
    home = tmp_path_factory.mktemp("live") / "home"
    settings = load(ROOT, home, "")
    Lake(settings).create()
    console = Console.of(settings)
    with _served(home):
        taken = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(console), log_config=None))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([taken])), daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.02)
        yield console, f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
        server.should_exit = True
        thread.join(20)


def bearer(console: Console, name: str, role: Role) -> dict[str, str]:
    console.people.add(name, role)
    return {"Authorization": f"Bearer {console.people.make_token(name)[1]}"}


@pytest.mark.slow
def test_what_is_sent_is_answered_by_the_collector_and_seen_in_the_tail(
    live: tuple[Console, str],
) -> None:
    console, url = live
    editor, viewer = bearer(console, "ed", Role.EDITOR), bearer(console, "vi", Role.VIEWER)
    with httpx.Client(base_url=url, timeout=30) as client:
        assert client.get("tester", headers=viewer).json()["collector"].startswith("http://127")

        def send(text: str) -> Any:
            return client.post("tester/send", headers=editor, json={"text": text}).json()

        asked = {"verdict": ["accepted", "quarantined"], "text": "Needle"}
        with client.stream("GET", "tail", headers=viewer, params=asked) as tail:
            assert tail.headers["content-type"].startswith("text/event-stream")
            lines = (
                line.partition(": ")[2]
                for line in tail.iter_lines()
                if line[:5] in ("event", "data:")
            )
            assert next(lines) == "hello"
            next(lines)
            sent = send(purchase(id="needle-1"))
            assert (sent["status"], sent["verdict"], sent["id"]) == (200, "accepted", "needle-1")
            send(purchase(id="other"))
            assert send(purchase(id="needle-2", params={}))["violations"][0]["rule"] == "required"
            found = []
            while len(found) < 2:
                kind, data = next(lines), json.loads(next(lines))
                if kind == "event":
                    found.append((data["verdict"], data["sent"]["id"], data["sent"]["params"]))
            assert found == [
                ("accepted", "needle-1", {"quantity": 1, "price": 2.5}),
                ("quarantined", "needle-2", {}),
            ]
            assert console.tails.taken == 1
        refused = send("{torn")
        assert (refused["status"], refused["refusal"]["code"]) == (400, "not_json")
        wrong = client.post(
            "tester/send", headers=editor, json={"text": purchase(), "token": "weir_x"}
        ).json()
        assert (wrong["status"], wrong["refusal"]["code"]) == (401, "unauthorized")
        with httpx.Client(base_url=url, timeout=30) as other:
            for _ in range(100):
                other.get("tester", headers=viewer)
                if not console.tails.taken:
                    break
    assert console.tails.taken == 0
    entry = find(log_of(console.settings), Wanted(action="events.send"))[-1]
    assert entry.name == "ed"
