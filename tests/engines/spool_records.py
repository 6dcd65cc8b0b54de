"""Spool records and segments for the tests of sealing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import orjson

from weir.collect.frames import Header
from weir.collect.segments import Entry, SegmentWriter, stamp
from weir.core.canonical import fingerprint
from weir.core.landing import FINGERPRINT, RECORD

T0 = datetime(2026, 11, 21, 2, 10)


def record(lane: str, epoch: int, offset: int, received_at: datetime, **changes: object) -> dict:
    """Return one spool record, valid unless `changes` say otherwise."""
    columns: dict = dict.fromkeys(RECORD)
    columns |= {
        "received_at": received_at,
        "event_id": f"{lane}-{epoch}-{offset}",
        "id_assigned": False,
        "event_name": "click_item_home",
        "version": 1,
        "version_assumed": False,
        "event_time": received_at - timedelta(minutes=90),
        "user_id": f"u{offset % 7}",
        "params": '{"item_id":17}',
        "verdict": "quarantined" if lane == "quarantine" else "accepted",
        "origin": "live",
        "producer": "anonymous",
        "environment": "prod",
        "channel": "server",
        "payload_hash": f"{epoch:08x}{offset:024x}",
        **changes,
    }
    for name, kind in RECORD.items():
        if kind == "TIMESTAMP" and isinstance(columns[name], datetime):
            columns[name] = columns[name].isoformat(timespec="microseconds")
    prints = fingerprint(lane, epoch, offset, columns["payload_hash"])
    columns |= {f"fp_{i}": value for i, value in enumerate(prints)}
    return columns


def payloads(lane: str, epoch: int, first: int, count: int, at: datetime = T0) -> list[bytes]:
    """Return `count` records, one second apart."""
    return [
        orjson.dumps(record(lane, epoch, first + i, at + timedelta(seconds=i)))
        for i in range(count)
    ]


def write_segment(
    spool_dir: Path, lane: str, epoch: int, records: list[bytes], first: int = 0
) -> Path:
    """Write a complete segment of these records."""
    folder = spool_dir / lane
    folder.mkdir(parents=True, exist_ok=True)
    writer = SegmentWriter(folder, Header(lane, epoch, first, stamp(T0)))
    entries = []
    for offset, payload in enumerate(records, first):
        row = orjson.loads(payload)
        a, b, c, d = (row[name] for name in FINGERPRINT)
        entries.append(Entry(offset, row["received_at"], (a, b, c, d), payload))
    writer.append(entries)
    return writer.close(T0)
