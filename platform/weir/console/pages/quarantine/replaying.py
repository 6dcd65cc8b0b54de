"""Replays: what would be valid now, and bringing it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from weir.collect import quarantine
from weir.collect.quarantine import ReplayReport, StillInvalid
from weir.console.access import Person
from weir.console.context import Console
from weir.console.http.again import only_asks
from weir.console.http.who import Asked, Editor, Operator, Viewer, acting
from weir.console.pages.personal import mask_of
from weir.console.pages.quarantine.choosing import Selection
from weir.console.replays import Replay
from weir.console.seats import Seats
from weir.core import grains
from weir.engines.embedded.quarantine import EmbeddedQuarantine

router = APIRouter(prefix="/quarantine", tags=["quarantine"])
_TRIED = 20_000
"""Rows that a dry run looks at."""
_trying = Seats(2, 1, "dry runs are under way")


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


@router.post("/dry-run")
@only_asks
def dry_run(console: Asked, person: Editor, given: Selection) -> DryRun:
    """Say how many events would be valid now, and why the others stay. Nothing is written."""
    wanted = given.wanted()
    total = EmbeddedQuarantine(console.projects.current().lake).count(wanted)
    with _trying.one(person.name):
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
    mask = mask_of(console.projects.current().registry, one.event, person)
    return Example(**mask.violation(vars(one)))


def _underway(console: Console, one: Replay, person: Person) -> Underway:
    return Underway(
        id=one.id, by=one.by.name, state=one.state, total=one.total, version=one.version,
        began_at=_utc(one.began_at), ended_at=_utc(one.ended_at) if one.ended_at else None,
        report=Report(**_report(console, one.report, person)) if one.report else None, error=one.error,
    )  # fmt: skip


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
