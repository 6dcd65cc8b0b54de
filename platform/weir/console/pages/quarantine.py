"""What is wrong with events, in groups and single; and their replay once it was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from weir.collect import quarantine
from weir.collect.drops import DropWanted, drops
from weir.collect.quarantine import Quarantined, ReplayReport, StillInvalid, Wanted
from weir.console.access import Person
from weir.console.context import Console
from weir.console.http.who import Asked, Editor, Operator, Viewer, acting
from weir.console.pages.personal import found_without, tagged, without
from weir.console.replays import Replay
from weir.core import grains
from weir.core.errors import InvalidValue
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine

router = APIRouter(prefix="/quarantine", tags=["quarantine"])
NONE = "-"
"""Stands for no name of an event, and no version of an app, in an address."""
_BY = ("event", "rule", "pointer")
_FACETS = ("event", "rule", "app")
_MOST, _MOST_FACETS = 300, 3_000
_TRIED = 20_000
"""Rows that a dry run looks at."""
_LONGEST = 64_000  # characters of an event that a page shows
_TEXT = 500

State = Literal["waiting", "replayed", "all"]
Name = Annotated[str, Query(max_length=_TEXT)]


@dataclass(frozen=True)
class Chosen:
    """Which quarantined events, as an address says it; '' is any."""

    event: str = ""
    rule: str = ""
    pointer: str = ""
    app: str = ""
    producer: str = ""
    since: str = ""
    until: str = ""
    state: State = "waiting"

    def wanted(self) -> Wanted:
        """Return it as the library has it."""
        return Wanted(
            rules=_one(self.rule), events=_one(self.event), producers=_one(self.producer),
            since=_instant("from", self.since), until=_instant("to", self.until, end=True),
            replayed={"waiting": False, "replayed": True, "all": None}[self.state],
            pointers=_one(self.pointer), apps=_one(self.app),
        )  # fmt: skip


def chosen_of(
    event: Annotated[Name, Query(description="`-` for events without a name.")] = "",
    rule: Name = "",
    pointer: Annotated[Name, Query(description="`*` for a place in an array.")] = "",
    app: Annotated[Name, Query(description="Version of an app; `-` for none.")] = "",
    producer: Name = "",
    since: Annotated[
        Name, Query(alias="from", description="Day or instant (UTC) of landing.")
    ] = "",
    until: Annotated[Name, Query(alias="to", description="Before it; a day counts itself.")] = "",
    state: State = "waiting",
) -> Chosen:
    """Return the filters of an address."""
    return Chosen(event, rule, pointer, app, producer, since, until, state)


Choice = Annotated[Chosen, Depends(chosen_of)]


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


class Wrong(BaseModel):
    """One thing that is wrong with an event."""

    pointer: str
    rule: str
    expected: str
    found: str
    remedy: str


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
    violations: list[Wrong]
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


class Selection(BaseModel):
    """Which events are judged again; '' is any. Those that were replayed are always left out."""

    event: str = Field("", max_length=_TEXT)
    rule: str = Field("", max_length=_TEXT)
    pointer: str = Field("", max_length=_TEXT)
    app: str = Field("", max_length=_TEXT)
    producer: str = Field("", max_length=_TEXT)
    since: str = Field("", alias="from", max_length=40)
    until: str = Field("", alias="to", max_length=40)
    ids: list[Annotated[str, Field(max_length=_TEXT)]] = Field([], max_length=100)
    version: int | None = Field(None, ge=1, description="Judge by this version, whatever was sent.")

    def wanted(self) -> Wanted:
        """Return it as the library has it."""
        fields = self.model_dump(exclude={"ids", "version"})
        found = replace(Chosen(**fields).wanted(), replayed=False)
        return quarantine.named(self.ids, found) if self.ids else found


class Example(BaseModel):
    """One of the events that stay."""

    receipt: str
    event: str | None
    rule: str
    pointer: str
    expected: str
    found: str
    remedy: str


class Report(BaseModel):
    """What a replay did, or would do."""

    looked_at: int
    valid: int
    replayed: int
    already: int = Field(description="Replayed by somebody else meanwhile.")
    tiers: dict[str, int]
    reasons: dict[str, int] = Field(description="Events that stay, by the first rule they break.")
    examples: list[Example]
    landed: list[str] = Field(description="Keys of the landing partitions (UTC) that they went to.")
    seconds: float


class DryRun(Report):
    """What a replay would do."""

    total: int = Field(description="Rows that wait; a dry run looks at the first of them.")


class Underway(BaseModel):
    """A replay."""

    id: int
    by: str
    state: Literal["running", "done", "failed"]
    total: int
    version: int | None
    began_at: datetime
    ended_at: datetime | None
    report: Report | None
    error: str


class History(BaseModel):
    """The last replays from here, the newest first."""

    replays: list[Underway]


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
    receipt: str = Query("", max_length=_TEXT, description="One event: its receipt, or its id."),
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
    event: str = Query("", max_length=_TEXT),
) -> Drops:
    """Return what the collector refused, of which nothing was kept."""
    if not console.projects.current().lake.exists:
        return Drops(drops=[])
    start, end = _instant("from", since), _instant("to", until, end=True)
    found = drops(console.settings, DropWanted(start, end, _one(event)), _MOST)
    return Drops(
        drops=[
            Dropped(**vars(one) | {"first": _utc(one.first), "last": _utc(one.last)})
            for one in found
        ]
    )


@router.post("/dry-run")
def dry_run(console: Asked, person: Editor, given: Selection) -> DryRun:
    """Say how many events would be valid now, and why the others stay. Nothing is written."""
    wanted = given.wanted()
    total = EmbeddedQuarantine(console.projects.current().lake).count(wanted)
    report = quarantine.replay(
        console.settings, wanted, quarantine.rejudging_of(console.settings, given.version),
        by=person.name, dry_run=True, limit=_TRIED,
    )  # fmt: skip
    return DryRun(**_report(console, report, person), total=total)


@router.post("/replays", status_code=202)
def replay(request: Request, console: Asked, person: Operator, given: Selection) -> Underway:
    """Judge events again and land those that are valid now, once each; it runs on by itself."""
    wanted = given.wanted()
    total = EmbeddedQuarantine(console.projects.current().lake).count(wanted)
    begun = console.replays.start(wanted, given.version, total, acting(request, person))
    return _underway(console, begun, person)


@router.get("/replays")
def replays(console: Asked, person: Viewer) -> History:
    """Return the last replays that were started here."""
    return History(replays=[_underway(console, one, person) for one in console.replays.all()])


@router.get("/replays/{number}")
def progress(console: Asked, person: Viewer, number: int) -> Underway:
    """Return how far a replay is."""
    return _underway(console, console.replays.get(number), person)


def _row(console: Console, row: Quarantined, person: Person) -> Row:
    columns, plain = row.columns, quarantine.as_dict(row)
    hidden = tagged(console.projects.current().registry, columns["event_name"], person)
    sent = without(plain["event"], hidden) if plain["whole"] else None
    text = None if plain["whole"] else str(plain["event"] or "")
    if sent is not None and len(orjson.dumps(sent)) > _LONGEST:
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
        sent=sent, raw=text and text[:_LONGEST], hidden=bool(hidden),
        violations=[
            Wrong(**v | {"found": found_without(v["pointer"], v["found"], hidden)})
            for v in plain["violations"]
        ],
        replayed=Replayed(
            at=_utc(mark.replayed_at), by=mark.by, run=mark.run, tier=mark.tier,
            receipt=mark.receipt, outcome=mark.outcome,
        ) if mark else None,
    )  # fmt: skip


def _report(console: Console, report: ReplayReport, person: Person) -> dict[str, Any]:
    landed = {grains.text(g.landing_hour, console.settings.grain) for g in list(report.generations)}
    return {
        "looked_at": report.looked_at, "valid": report.valid, "replayed": report.replayed,
        "already": report.already, "tiers": dict(report.tiers),
        "reasons": dict(report.reasons.most_common()),
        "examples": [_example(console, one, person) for one in list(report.examples)],
        "landed": sorted(landed), "seconds": report.seconds,
    }  # fmt: skip


def _example(console: Console, one: StillInvalid, person: Person) -> Example:
    hidden = tagged(console.projects.current().registry, one.event, person)
    return Example(**vars(one) | {"found": found_without(one.pointer, one.found, hidden)})


def _underway(console: Console, one: Replay, person: Person) -> Underway:
    return Underway(
        id=one.id, by=one.by.name, state=one.state, total=one.total, version=one.version,
        began_at=_utc(one.began_at), ended_at=_utc(one.ended_at) if one.ended_at else None,
        report=Report(**_report(console, one.report, person)) if one.report else None, error=one.error,
    )  # fmt: skip


def _one(value: str) -> tuple[str, ...]:
    return ("" if value == NONE else value,) if value else ()


def _ordered(counts: Iterable[tuple[str, int]]) -> list[str]:
    found: Counter[str] = Counter()
    for name, rows in counts:
        found[name] += rows
    return [name for name, _ in found.most_common()]


def _instant(name: str, text: str, *, end: bool = False) -> datetime | None:
    """Return naive UTC of a day or an instant; a day that ends something counts itself."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(name, text, ["2026-11-21", "2026-11-21T05:00:00Z"]) from None
    naive = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return naive + timedelta(days=1) if end and len(text) == len("2026-11-21") else naive


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
