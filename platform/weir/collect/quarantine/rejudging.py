"""Judges a quarantined event again, as if it had just arrived, at its old time of arrival. Pure.

The event is put together from what was kept of it: its text, or the columns where they lose nothing.
Its content, and so its payload hash, stays what the sender sent, whatever version it is judged by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from weir.collect import violations as say
from weir.collect.jsontext import Unreadable, loads
from weir.collect.judging import Judging, Record
from weir.collect.producers import Producer
from weir.collect.rules import Rules
from weir.collect.verdict import content_hash, judge
from weir.collect.violations import Violation
from weir.core.canonical import fingerprint, raw_hash
from weir.core.landing import FINGERPRINT, QUARANTINE
from weir.engines.embedded.manifest import REPLAY
from weir.engines.embedded.quarantine import Quarantined
from weir.engines.embedded.replaying import ReplayRow, receipt_of

ProducerOf = Callable[[str, str, str], Producer]
"""(name, environment, channel) → the producer as its token stands today."""

_TEXTS = ("user_id", "device_id", "session_id", "platform", "app_version")


def plain_producer(name: str, environment: str, channel: str) -> Producer:
    """Return a producer that nothing more is known of than what its events say."""
    return Producer(
        name,
        "test" if environment == "test" else "prod",
        "client" if channel == "client" else "server",
    )


@dataclass(frozen=True)
class Rejudging:
    """What a new verdict depends on besides the row.

    Attributes:
        rules: the registry's events, as they are now.
        max_bytes: the largest event.
        version: judge every event by this version of its schema, None for its own.
        producer_of: how strictly a producer is held today.
    """

    rules: Rules
    max_bytes: int
    version: int | None = None
    producer_of: ProducerOf = plain_producer


class Kept(NamedTuple):
    """What was kept of an event: itself and the hash of its content, or why it cannot be judged."""

    event: Any = None
    payload_hash: str = ""
    obstacle: Violation | None = None


@dataclass(frozen=True)
class Outcome:
    """The new verdict on a quarantined row; `tier` is None while it is invalid."""

    row: Quarantined
    verdict: str
    violations: tuple[Violation, ...]
    tier: str | None = None
    replay: ReplayRow | None = None


def kept_event(row: Quarantined) -> Kept:
    """Return the event of a quarantined row as its sender sent it."""
    raw = row.columns["raw"]
    return _from_columns(row.columns) if raw is None else _from_text(raw, row.columns)


def rejudge(row: Quarantined, rejudging: Rejudging) -> Outcome:
    """Return the verdict of today's rules on a quarantined row."""
    kept = kept_event(row)
    if kept.obstacle is not None:
        return Outcome(row, "quarantined", (kept.obstacle,))
    event = kept.event
    if rejudging.version is not None and type(event) is dict:
        event = {**event, "version": rejudging.version}
    columns = row.columns
    judging = Judging(
        rejudging.rules,
        columns["received_at"],
        lambda: str(columns["event_id"]),
        rejudging.max_bytes,
        REPLAY,
        rejudging.producer_of(columns["producer"], columns["environment"], columns["channel"]),
    )
    record = judge(event, judging)
    if record.lane is None or record.lane == QUARANTINE:
        return Outcome(row, record.columns["verdict"], _said(record))
    landed = _landed(row, record, kept.payload_hash, chosen=rejudging.version is not None)
    return Outcome(row, record.verdict, tuple(record.violations), record.lane, landed)


def _said(record: Record) -> tuple[Violation, ...]:
    """Return what is wrong; of test traffic, whose own verdict may be good, what the columns say."""
    stored = orjson.loads(record.columns["violations"] or b"[]")
    return tuple(Violation(**violation) for violation in stored)


def _landed(row: Quarantined, record: Record, payload_hash: str, *, chosen: bool) -> ReplayRow:
    receipt = receipt_of(row.receipt)
    prints = fingerprint(*receipt, payload_hash)
    columns = {
        **record.columns,
        "version_assumed": chosen or record.columns["version_assumed"],
        "origin": REPLAY,
        "payload_hash": payload_hash,
        **dict(zip(FINGERPRINT, prints, strict=True)),
        "replay_of": row.receipt.text,
    }
    return ReplayRow(row.receipt, orjson.dumps(columns))


def _from_columns(columns: Mapping[str, Any]) -> Kept:
    event = {"name": columns["event_name"], "params": orjson.loads(columns["params"] or "{}")}
    if not columns["id_assigned"]:
        event["id"] = columns["event_id"]
    if not columns["version_assumed"] and columns["version"] is not None:
        event["version"] = columns["version"]
    for name, column in (("time", "event_time"), ("sent_at", "sent_at")):
        if columns[column] is not None:
            event[name] = _stamp(columns[column])
    event |= {name: columns[name] for name in _TEXTS if columns[name] is not None}
    return Kept(event, columns["payload_hash"])


def _stamp(at: datetime) -> str:
    return f"{at.isoformat(timespec='microseconds')}Z"


def _from_text(raw: str, columns: Mapping[str, Any]) -> Kept:
    """Return the event of a kept text, if the text is whole: its hash says so."""
    text, known = raw.encode(), columns["payload_hash"]
    whole = raw_hash(text) == known
    try:
        event = loads(text)
    except Unreadable as error:
        return Kept(obstacle=say.not_json(str(error)) if whole else _cut(columns))
    if type(event) is not dict:
        return Kept(event, known) if whole else Kept(obstacle=_cut(columns))
    content = content_hash(event)
    return Kept(event, content) if whole or content == known else Kept(obstacle=_cut(columns))


def _cut(columns: Mapping[str, Any]) -> Violation:
    """An event of which only a part was kept."""
    stored = orjson.loads(columns["violations"] or b"[]")
    found = stored[0]["found"] if stored else "a part of it"
    return Violation(
        "", "not_whole", "the whole event", str(found),
        "Only its beginning was kept: its sender must send it again.",
    )  # fmt: skip
