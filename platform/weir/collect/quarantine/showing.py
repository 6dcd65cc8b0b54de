"""Looks into the quarantine: groups of what is wrong, and single events. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from weir.collect.quarantine.rejudging import kept_event
from weir.core.errors import NotFound
from weir.core.landing import QUARANTINE, Receipt
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.manifest import IMPORT_PREFIX
from weir.engines.embedded.quarantine import (
    GROUPED_BY,
    EmbeddedQuarantine,
    Group,
    Quarantined,
    Wanted,
)

_SHOWN = (
    "landing_hour", "received_at", "event_id", "event_name", "version", "version_assumed",
    "producer", "environment", "channel", "origin", "payload_hash",
)  # fmt: skip


def groups(
    settings: Settings,
    wanted: Wanted,
    by: Sequence[str] = GROUPED_BY[:4],
    limit: int | None = None,
) -> list[Group]:
    """Return quarantined rows in groups, the largest first; see `EmbeddedQuarantine.groups`.

    Raises:
        InvalidValue: if `by` names no key of a group.
        LakeError: if there is no lake.
    """
    return EmbeddedQuarantine(Lake(settings)).groups(wanted, by, limit)


def named(texts: Sequence[str], wanted: Wanted) -> Wanted:
    """Return a selection narrowed to receipts (`lane/epoch/offset`) or ids of events."""
    receipts = tuple(found for text in texts if (found := _receipt(text)) is not None)
    ids = tuple(text for text in texts if _receipt(text) is None)
    fields = {**vars(wanted), "receipts": receipts, "event_ids": ids}
    return Wanted(**fields)


def find(settings: Settings, text: str, limit: int = 10) -> list[Quarantined]:
    """Return the quarantined rows of a receipt or an event id, the newest first.

    Raises:
        NotFound: if there is none.
        LakeError: if there is no lake.
    """
    store = EmbeddedQuarantine(Lake(settings))
    found = store.rows(named([text], Wanted()), limit=limit, newest_first=True)
    if not found:
        raise NotFound(
            "quarantined event",
            text,
            remedy="`weir quarantine list` shows a receipt of each group; new ones need a seal.",
        )
    return found


def as_dict(row: Quarantined) -> dict[str, Any]:
    """Return a quarantined row as plain data: the event as sent, what is wrong, and its replay."""
    columns, kept = row.columns, kept_event(row)
    event = kept.event if kept.obstacle is None else columns["raw"]
    return {
        "receipt": row.receipt.text,
        **{name: columns[name] for name in _SHOWN},
        "event": event,
        "whole": kept.obstacle is None,
        "violations": orjson.loads(columns["violations"] or b"[]"),
        "replayed": asdict(row.mark) if row.mark else None,
    }


def _receipt(text: str) -> Receipt | None:
    """Return a text as a receipt id, None if it is none: then it is the id of an event."""
    try:
        receipt = Receipt.parse(text)
    except ValueError:
        return None
    of_quarantine = receipt.lane == QUARANTINE or receipt.lane.startswith(IMPORT_PREFIX)
    return receipt if of_quarantine else None
