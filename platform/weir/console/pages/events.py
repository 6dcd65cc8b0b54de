"""The dictionary of events, and one event's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.parameters import Parameter, parameters
from weir.core.errors import NotFound, WeirError
from weir.engines.embedded.volumes import EmbeddedVolumes
from weir.engines.volumes import Count
from weir.lineage.edges import edges
from weir.orchestra.project import Project
from weir.registry.catalogue import readers as find_readers
from weir.registry.catalogue import search, volumes
from weir.registry.catalogue.volumes import DAYS, Volume
from weir.registry.compat.transitions import Transition
from weir.registry.describe import example
from weir.registry.model import Event, Registry
from weir.registry.review import review_version

router = APIRouter(prefix="/events", tags=["events"])
_MOST = 1_000  # events in one answer


class Found(BaseModel):
    """Where a search found a word."""

    field: str
    text: str


class Day(BaseModel):
    """What came on one landing day (UTC)."""

    day: date
    accepted: int
    violations: int = Field(description="Events in quarantine.")


class Summary(BaseModel):
    """One event of the dictionary."""

    name: str
    description: str
    owner: str
    domain: str
    tier: str
    status: str = Field(description="As of today: draft, active, deprecated or archived.")
    version: int
    parameters: int
    matches: list[Found] = []
    volume: list[Day] = Field(description="The last seven landing days, today last.")
    accepted: int
    violations: int
    last_seen: date | None = Field(description="The newest landing day that has one.")


class Dictionary(BaseModel):
    """Events, in order of the search's rank or by name."""

    total: int
    events: list[Summary]


class Version(BaseModel):
    """One version of an event's parameters."""

    number: int
    status: str
    active_from: date | None
    draft: bool


class Reader(BaseModel):
    """What reads the event."""

    asset: str
    distance: int
    via: list[str]


class ByVersion(BaseModel):
    """Valid and quarantined events of a version."""

    version: int | None
    accepted: int
    violations: int


class ByApp(BaseModel):
    """Valid and quarantined events of a version of an app."""

    app: str | None
    accepted: int
    violations: int


class Note(BaseModel):
    """What review found in the newest version."""

    severity: str
    pointer: str
    text: str
    remedy: str


class Page(Summary):
    """An event's page."""

    service: str
    sampling: float
    policy: str
    compatibility: str
    successor: str | None
    versions: list[Version]
    parameter_tree: list[Parameter]
    readers: list[Reader]
    by_version: list[ByVersion]
    by_app: list[ByApp]
    rules: dict[str, int] = Field(description="Violations by the rule that is broken.")
    refused: int = Field(description="Events that the collector refused and kept nothing of.")
    last_received: datetime | None
    findings: list[Note]
    asset: str
    example: Any = Field(
        description="Parameters that are valid; null where only a person could say."
    )


class Difference(BaseModel):
    """One difference of two versions."""

    pointer: str
    rule: str
    reason: str
    remedy: str
    breaking: bool


class Differences(BaseModel):
    """What differs between two versions, what hurts first."""

    before: int
    after: int
    allowed: bool
    differences: list[Difference]


@router.get("")
def dictionary(
    console: Asked,
    _: Viewer,
    q: str = Query("", max_length=200, description="Words to find; the last may be unfinished."),
    limit: int = Query(200, ge=1, le=_MOST),
) -> Dictionary:
    """Return the events that a search finds, or all."""
    project = console.projects.current()
    registry = project.registry
    counts = console.projects.recent.get("counts", lambda: _counts(console, project))
    if q.strip():
        hits = search(registry, q, _MOST)
        found = [
            (registry.events[hit.event], [Found(field=m.field, text=m.text) for m in hit.matches])
            for hit in hits
        ]
    else:
        found = [(event, []) for _, event in sorted(registry.events.items())]
    today = console.now().date()
    return Dictionary(
        total=len(found),
        events=[
            Summary(**_summary(event, counts.get(event.name, []), today), matches=matches)
            for event, matches in found[:limit]
        ],
    )


@router.get("/{name}")
def event(console: Asked, _: Viewer, name: str) -> Page:
    """Return all that is known of an event."""
    project, today = console.projects.current(), console.now().date()
    found = project.registry.get(name)
    schema = found.schema_of(found.latest)
    volume = console.projects.recent.get(("volume", name), lambda: _volume(project, name, today))
    return Page(
        **_summary(found, volume.days if volume else (), today),
        **_sums(volume),
        service=found.service,
        sampling=found.sampling,
        policy=found.policy,
        compatibility=found.compatibility,
        successor=found.replacement,
        versions=[_version(found, number, today) for number in sorted(_all(found), reverse=True)],
        parameter_tree=parameters(found, schema),
        readers=_readers(project, found),
        findings=_findings(project.registry, found),
        asset=f"event_log/{name}",
        example=example(schema),
    )


@router.get("/{name}/versions/{before}/{after}")
def differences(console: Asked, _: Viewer, name: str, before: int, after: int) -> Differences:
    """Return what differs between two versions, and whom it hurts."""
    found = console.projects.current().registry.get(name)
    for number in (before, after):
        if number not in _all(found):
            raise NotFound("version", str(number), map(str, sorted(_all(found))))
    step = Transition.between(found, before, after)
    return Differences(
        before=before,
        after=after,
        allowed=step.allowed,
        differences=[
            Difference(
                pointer=one.pointer, rule=one.rule, reason=one.reason, remedy=one.remedy,
                breaking=one in step.violations,
            )
            for one in step.differences
        ],
    )  # fmt: skip


def _counts(console: Console, project: Project) -> dict[str, list[Count]]:
    if not project.lake.exists:
        return {}
    store, today = EmbeddedVolumes(project.lake), console.now().date()
    found: dict[str, list[Count]] = {}
    for count in store.counts(date.fromordinal(today.toordinal() - DAYS + 1)):
        if count.event is not None:
            found.setdefault(count.event, []).append(count)
    return found


def _summary(event: Event, counts: Iterable[Count], today: date) -> dict[str, Any]:
    days = {date.fromordinal(today.toordinal() - back): [0, 0] for back in range(DAYS)}
    for count in counts:
        if count.day in days:
            days[count.day][0] += count.valid
            days[count.day][1] += count.quarantined
    seen = [day for day, (valid, wrong) in days.items() if valid or wrong]
    return {
        "name": event.name,
        "description": event.description,
        "owner": event.owner,
        "domain": event.domain,
        "tier": event.tier,
        "status": event.status_on(today),
        "version": event.latest,
        "parameters": len(event.schema_of(event.latest).get("properties", {})),
        "volume": [Day(day=d, accepted=v, violations=w) for d, (v, w) in sorted(days.items())],
        "accepted": sum(valid for valid, _ in days.values()),
        "violations": sum(wrong for _, wrong in days.values()),
        "last_seen": max(seen, default=None),
    }


def _volume(project: Project, name: str, today: date) -> Volume | None:
    return volumes(EmbeddedVolumes(project.lake), name, today) if project.lake.exists else None


def _sums(found: Volume | None) -> dict[str, Any]:
    if found is None:
        return {"by_version": [], "by_app": [], "rules": {}, "refused": 0, "last_received": None}
    versions = _added((c.version, c.valid, c.quarantined) for c in found.days)
    apps = _added((a.app_version, a.valid, a.quarantined) for a in found.apps)
    return {
        "by_version": [
            ByVersion(version=k, accepted=v, violations=w) for k, (v, w) in versions.items()
        ],
        "by_app": [ByApp(app=k, accepted=v, violations=w) for k, (v, w) in apps.items()],
        "rules": found.violations,
        "refused": found.refused,
        "last_received": found.last_seen.replace(tzinfo=UTC) if found.last_seen else None,
    }


def _added(rows: Iterable[tuple[Any, int, int]]) -> Mapping[Any, tuple[int, int]]:
    """Return sums by key, the largest first."""
    valid: Counter[Any] = Counter()
    wrong: Counter[Any] = Counter()
    for key, good, bad in rows:
        valid[key] += good
        wrong[key] += bad
    order = sorted({*valid, *wrong}, key=lambda key: -(valid[key] + wrong[key]))
    return {key: (valid[key], wrong[key]) for key in order}


def _all(event: Event) -> set[int]:
    return {*event.versions, *event.drafts}


def _version(event: Event, number: int, today: date) -> Version:
    record = event.records.get(number)
    draft = event.is_draft(number)
    status = "draft" if draft else record.status if record else event.status_on(today)
    return Version(
        number=number,
        status=status,
        active_from=record.active_from if record else None,
        draft=draft,
    )


def _readers(project: Project, event: Event) -> list[Reader]:
    try:
        found = find_readers(event, edges(project.parsed.json))
    except WeirError:  # its log has no model yet
        return []
    return [Reader(asset=one.asset, distance=one.distance, via=list(one.via)) for one in found]


def _findings(registry: Registry, event: Event) -> list[Note]:
    return [
        Note(severity=one.severity.value, pointer=one.pointer, text=one.what, remedy=one.remedy)
        for one in review_version(registry, event, event.latest)
    ]
