"""What is wrong with events, in groups and single."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from weir.collect import quarantine
from weir.collect.drops import DropWanted, drops
from weir.collect.quarantine import Quarantined, Wanted
from weir.console.access import Person
from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.answers import Violation
from weir.console.pages.personal import mask_of
from weir.console.pages.quarantine.choosing import LONGEST, NONE, Choice, one_of
from weir.core import grains
from weir.core.instants import instant
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine

router = APIRouter(prefix="/quarantine", tags=["quarantine"])
_BY = ("event", "rule", "pointer")
_FACETS = ("event", "rule", "app")
_MOST, _MOST_FACETS = 300, 3_000
_SHOWN = 64_000  # characters of an event that a page shows


class Group(BaseModel):
    """Events that break the same rule at the same place; `-` filters for those without a name."""

    event: str | None
    rule: str | None
    pointer: str
    rows: int
    replayed: int
    share: float = Field(
        description="Of all rows that were asked for; a row may be in several groups."
    )
    first_seen: datetime
    last_seen: datetime
    sample: str = Field(description="Receipt of the newest one that waits.")


class Choices(BaseModel):
    """What can be filtered by, the most frequent first, whatever is filtered now."""

    event: list[str]
    rule: list[str]
    app: list[str]


class Groups(BaseModel):
    """What is wrong, the most first."""

    rows: int
    replayed: int
    groups: list[Group]
    choices: Choices


class Replayed(BaseModel):
    """That its event landed again."""

    at: datetime
    by: str
    run: str
    tier: str
    receipt: str
    outcome: str


class Row(BaseModel):
    """One quarantined event."""

    receipt: str
    landing: str = Field(description="Key of its landing partition (UTC).")
    received_at: datetime
    event: str | None
    version: int | None
    version_assumed: bool
    platform: str | None
    app: str | None
    producer: str | None
    environment: str | None
    channel: str | None
    sent: Any = Field(
        description="The event as it was sent; null if it was no JSON, or is too long."
    )
    raw: str | None = Field(description="What was kept of it, where `sent` is null.")
    hidden: bool = Field(description="Whether personal values are left out for your role.")
    violations: list[Violation]
    replayed: Replayed | None


class Rows(BaseModel):
    """Quarantined events, the newest first."""

    rows: list[Row]


class Dropped(BaseModel):
    """What was refused for one reason; nothing of it was kept."""

    code: str
    producer: str | None
    event: str | None
    requests: int
    events: int
    bytes: int
    first: datetime
    last: datetime


class Drops(BaseModel):
    """What was not kept, the most first."""

    drops: list[Dropped]


@router.get("")
def groups(console: Asked, _: Viewer, chosen: Choice) -> Groups:
    """Return what is wrong, by event, rule and place."""
    lake = console.projects.current().lake
    if not lake.exists:
        none = Choices(event=[], rule=[], app=[])
        return Groups(rows=0, replayed=0, groups=[], choices=none)
    wanted = chosen.wanted()
    return console.projects.recent.get(("quarantine", wanted), lambda: _groups(lake, wanted))


def _groups(lake: Lake, wanted: Wanted) -> Groups:
    store = EmbeddedQuarantine(lake)
    with store.reading():
        rows, replayed = store.counts(wanted)
        found = store.groups(wanted, _BY, _MOST)
        every = store.groups(Wanted(replayed=wanted.replayed), _FACETS, _MOST_FACETS)
    return Groups(
        rows=rows,
        replayed=replayed,
        groups=[
            Group(
                event=g.event, rule=g.rule, pointer=g.pointer or "", rows=g.rows, replayed=g.replayed,
                share=g.rows / rows if rows else 0.0, first_seen=_utc(g.first_seen),
                last_seen=_utc(g.last_seen), sample=g.sample,
            )
            for g in found
        ],
        choices=Choices(
            event=_ordered((g.event or NONE, g.rows) for g in every),
            rule=_ordered((g.rule or NONE, g.rows) for g in every),
            app=_ordered((g.app or NONE, g.rows) for g in every),
        ),
    )  # fmt: skip


@router.get("/rows")
def rows(
    console: Asked,
    person: Viewer,
    chosen: Choice,
    receipt: str = Query("", max_length=LONGEST, description="One event: its receipt, or its id."),
    limit: int = Query(20, ge=1, le=100),
) -> Rows:
    """Return quarantined events as they were sent, the newest first."""
    project = console.projects.current()
    if not project.lake.exists:
        return Rows(rows=[])
    wanted = chosen.wanted()
    if receipt:
        wanted = replace(quarantine.named([receipt], wanted), replayed=None)
    store = EmbeddedQuarantine(project.lake)
    found = store.rows(wanted, limit=limit, newest_first=True)
    return Rows(rows=[_row(console, row, person) for row in found])


@router.get("/drops")
def dropped(
    console: Asked,
    _: Viewer,
    since: str = Query("", alias="from", max_length=40),
    until: str = Query("", alias="to", max_length=40),
    event: str = Query("", max_length=LONGEST),
) -> Drops:
    """Return what the collector refused, of which nothing was kept."""
    if not console.projects.current().lake.exists:
        return Drops(drops=[])
    start, end = instant("from", since), instant("to", until, end=True)
    found = drops(console.settings, DropWanted(start, end, one_of(event)), _MOST)
    return Drops(
        drops=[
            Dropped(**vars(one) | {"first": _utc(one.first), "last": _utc(one.last)})
            for one in found
        ]
    )


def _row(console: Console, row: Quarantined, person: Person) -> Row:
    columns, plain = row.columns, quarantine.as_dict(row)
    mask = mask_of(console.projects.current().registry, columns["event_name"], person)
    sent = mask.event(plain["event"]) if plain["whole"] else None
    text = None if plain["whole"] else str(plain["event"] or "")
    hidden = bool(mask.names) or sent != plain["event"] if plain["whole"] else mask.on
    if sent is not None and len(orjson.dumps(sent)) > _SHOWN:
        sent, text = None, orjson.dumps(sent, option=orjson.OPT_INDENT_2).decode()
    if text is not None and hidden:
        text = ""
    mark = row.mark
    return Row(
        receipt=row.receipt.text,
        landing=grains.text(columns["landing_hour"], console.settings.grain),
        received_at=_utc(columns["received_at"]),
        event=columns["event_name"], version=columns["version"],
        version_assumed=bool(columns["version_assumed"]), platform=columns["platform"],
        app=columns["app_version"], producer=columns["producer"],
        environment=columns["environment"], channel=columns["channel"],
        sent=sent, raw=text and text[:_SHOWN], hidden=hidden,
        violations=[Violation(**mask.violation(one)) for one in plain["violations"]],
        replayed=Replayed(
            at=_utc(mark.replayed_at), by=mark.by, run=mark.run, tier=mark.tier,
            receipt=mark.receipt, outcome=mark.outcome,
        ) if mark else None,
    )  # fmt: skip


def _ordered(counts: Iterable[tuple[str, int]]) -> list[str]:
    found: Counter[str] = Counter()
    for name, rows in counts:
        found[name] += rows
    return [name for name, _ in found.most_common()]


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
