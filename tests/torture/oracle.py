"""An oracle outside the product: it sends over HTTP, keeps what it sent, and counts what the lake holds.

It knows the wire format and the names of tables, and shares no code with the collector. An event is
sent again under its id until it is answered; what was answered must be in the lake.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb

TIERS = {"buy_item_shop": "critical", "click_item_home": "normal", "view_page_web": "bulk"}
POISON = (
    b"\x00\x01\x02", b"{", b"[1,2", b'{"id": NaN}', b"\xff\xfe{\x00}\x00", b"[" * 5000,
    b'{"name":"click_item_home","params":{"item_id":' + b"9" * 400 + b"}}",
    b'{"id":"\\ud800","name":"click_item_home"}', b'{"name":"a\\u0000b"}', b"null", b'"x"', b"",
)  # fmt: skip
"""Bodies that no application means to send; each must be answered, none may stop the others."""


@dataclass
class Journal:
    """What was sent and what was answered.

    Attributes:
        valid: payload digest by id of acknowledged valid events.
        invalid: ids of acknowledged events that are wrong.
        sent: how often each id went on the wire.
        answers: HTTP answers by status; 0 where there was none.
        problems: answers that no collector may give.
    """

    valid: dict[str, str] = field(default_factory=dict)
    invalid: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def digest(item_id: int, note: str) -> str:
    """Return what identifies a payload."""
    return hashlib.sha256(f"{item_id}|{note}".encode()).hexdigest()


class Traffic:
    """Senders that never give up on an event until they are told to stop, and then finish it.

    Args:
        port: of the collector on loopback; it may come and go.
        invalid: share of events that are wrong.
        poison: share of requests that are no events at all.
        senders: threads.
        seed: of the randomness.
    """

    def __init__(
        self,
        port: int,
        *,
        invalid: float = 0.05,
        poison: float = 0.0,
        senders: int = 4,
        seed: int = 1,
    ) -> None:
        self.port, self.invalid, self.poison = port, invalid, poison
        self.journal = Journal()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(n, random.Random(seed * 1000 + n)))
            for n in range(senders)
        ]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "an event was not answered for two minutes"

    def _send(self, number: int, chance: random.Random) -> None:
        batch = 0
        while not self._stop.is_set():
            if chance.random() < self.poison:
                self._post(chance.choice(("/v1/events", "/v1/batch")), chance.choice(POISON))
            ids = [f"t{number}-{batch}-{i}" for i in range(chance.randint(1, 20))]
            batch += 1
            events = [self._event(i, chance) for i in ids]
            body = b"\n".join(json.dumps(event).encode() for event, _ in events)
            self._until_answered(body, events)

    def _until_answered(self, body: bytes, events: list[tuple[dict, str | None]]) -> None:
        deadline = time.monotonic() + 110
        while time.monotonic() < deadline:
            with self._lock:
                self.journal.sent.update(event["id"] for event, _ in events)
            answer = self._post("/v1/batch", body)
            if answer is None:
                time.sleep(0.02)
                continue
            with self._lock:
                self._note(answer, events)
            return

    def _note(self, answer: dict[str, Any], events: list[tuple[dict, str | None]]) -> None:
        for result, (event, known) in zip(answer["results"], events, strict=True):
            verdict = result["verdict"]
            if result["id"] != event["id"]:
                self.journal.problems.append(f"{event['id']} was answered as {result['id']}")
            if known is not None and verdict == "accepted":
                self.journal.valid[event["id"]] = known
            elif known is None and verdict == "quarantined":
                self.journal.invalid.add(event["id"])
            else:
                self.journal.problems.append(f"{event} was answered {result}")

    def _post(self, path: str, body: bytes) -> dict[str, Any] | None:
        """Return the answer to a body that was taken, None where there was none or a refusal."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, body, {"content-type": "application/x-ndjson"})
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            status, text = 0, b""
        finally:
            connection.close()
        with self._lock:
            self.journal.answers[status] += 1
            if status >= 500 and status not in (503, 507):
                self.journal.problems.append(f"{status}: {text[:200]!r} to {body[:100]!r}")
        return json.loads(text) if status == 200 else None

    def _event(self, event_id: str, chance: random.Random) -> tuple[dict, str | None]:
        item_id, note = chance.randrange(10**6), chance.choice(("", "é", "x" * 50))
        event: dict[str, Any] = {
            "id": event_id, "name": chance.choice(list(TIERS)), "version": 1,
            "time": f"2026-01-0{chance.randint(1, 9)}T21:00:00.123+09:00",
            "sent_at": "2026-01-10T00:00:00Z", "user_id": f"u{item_id % 97}",
            "params": {"item_id": item_id, "note": note},
        }  # fmt: skip
        if chance.random() >= self.invalid:
            return event, digest(item_id, note)
        wrong: list[Callable[[], Any]] = [
            lambda: event["params"].update(item_id=str(item_id)),
            lambda: event["params"].pop("item_id"),
            lambda: event.update(name="no_such_event"),
            lambda: event.update(time="yesterday"),
            lambda: event.update(version=99),
        ]
        chance.choice(wrong)()
        return event, None


def check(
    connection: duckdb.DuckDBPyConnection, journal: Journal, *, truth: dict[str, int]
) -> None:
    """Assert that the lake holds what was acknowledged, exactly once, and nothing else.

    Args:
        connection: a reader of the lake, with landing and accepted built.
        journal: what was sent and answered.
        truth: rows and four fingerprint sums of the durable records (`rows`, `fp_0`…`fp_3`).
    """
    assert journal.problems == []
    assert len(journal.valid) + len(journal.invalid) > 100, "nothing was sent: the check is vacuous"
    _accepted(connection, journal)
    _quarantined(connection, journal)
    landed = _union("landing", (*TIERS.values(), "quarantine"))
    assert _sums(connection, landed) == truth, "landed = durable"
    _conserved(connection)


def check_logs(connection: duckdb.DuckDBPyConnection, journal: Journal) -> None:
    """Assert that the typed logs hold the accepted events, each acknowledged one with its values."""
    found: Counter[str] = Counter()
    for name, tier in TIERS.items():
        rows = connection.execute(
            f"SELECT event_id, item_id, note FROM event_log.{name}"
        ).fetchall()
        kept = connection.execute(
            f"SELECT event_id FROM accepted.{tier} WHERE event_name = '{name}'"
        ).fetchall()
        assert Counter(row[:1] for row in rows) == Counter(kept), name
        for event_id, item_id, note in rows:
            assert digest(item_id, note) == journal.valid.get(event_id, digest(item_id, note))
            found[event_id] += 1
    assert [i for i in journal.valid if found[i] != 1] == [], "logged exactly once"


def _union(schema: str, tables: tuple[str, ...]) -> str:
    columns = 'event_id, params, verdict, lane, epoch, "offset", fp_0, fp_1, fp_2, fp_3'
    return " UNION ALL ".join(f"SELECT {columns} FROM {schema}.{t}" for t in dict.fromkeys(tables))


def _accepted(connection: duckdb.DuckDBPyConnection, journal: Journal) -> None:
    rows = connection.execute(
        f"SELECT event_id, params FROM ({_union('accepted', tuple(TIERS.values()))})"
    ).fetchall()
    found = Counter(event_id for event_id, _ in rows)
    assert [i for i in journal.valid if found[i] != 1] == [], "accepted exactly once"
    assert set(found) <= journal.sent.keys(), "nothing that was never sent"
    landed = Counter(
        event_id
        for (event_id,) in connection.execute(
            f"SELECT event_id FROM ({_union('landing', tuple(TIERS.values()))})"
        ).fetchall()
    )
    assert landed <= journal.sent, "landed no more often than it was sent"
    assert not set(found) & journal.invalid
    for event_id, params in rows:
        if event_id in journal.valid:
            body = json.loads(params)
            assert digest(body["item_id"], body["note"]) == journal.valid[event_id], event_id


def _quarantined(connection: duckdb.DuckDBPyConnection, journal: Journal) -> None:
    """Wrong events are kept as often as they arrived: once, if the first answer came.

    Nobody removes a duplicate in quarantine; what was sent again without an answer may be there twice.
    """
    rows = connection.execute("SELECT event_id FROM landing.quarantine").fetchall()
    kept = Counter(event_id for (event_id,) in rows)
    assert journal.invalid <= kept.keys(), "every acknowledged wrong event is kept"
    assert not kept.keys() & journal.valid.keys()
    ours = Counter({i: n for i, n in kept.items() if i in journal.sent})
    assert ours <= journal.sent, "kept no more often than it was sent"


def _sums(connection: duckdb.DuckDBPyConnection, rows: str) -> dict[str, int]:
    names = ("rows", "fp_0", "fp_1", "fp_2", "fp_3")
    sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in names[1:])
    found = connection.execute(f"SELECT count(*), {sums} FROM ({rows})").fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


def _conserved(connection: duckdb.DuckDBPyConnection) -> None:
    """Valid = accepted + duplicates, where a duplicate is a row whose event was kept before it."""
    for tier in TIERS.values():
        receipt = 'lane, epoch, "offset"'
        valid = _sums(connection, _union("landing", (tier,)))
        kept = _sums(connection, _union("accepted", (tier,)))
        left = (
            f"SELECT l.* FROM landing.{tier} AS l ANTI JOIN accepted.{tier} USING ({receipt})"
            f" SEMI JOIN accepted.{tier} USING (event_id, payload_hash)"
        )
        again = _sums(connection, left)
        assert valid == {name: kept[name] + again[name] for name in valid}, tier
