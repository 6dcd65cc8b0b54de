"""Home: the flow as it stands, and what is wrong with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from weir.collect.drops import DropWanted, drops
from weir.collect.ownership import live_url
from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.figures import Figures, figures
from weir.core.errors import SpoolError
from weir.core.told import many
from weir.engines.embedded.quarantine import EmbeddedQuarantine, Wanted
from weir.lineage.nodes import STAGES, Node
from weir.lineage.recovery.journal import Standing
from weir.orchestra.planning import plans_of
from weir.orchestra.project import Project

log = logging.getLogger(__name__)
router = APIRouter(prefix="/home", tags=["home"])
_DAY = timedelta(hours=24)
_MOST = 50  # problems


class Stage(BaseModel):
    """One stage of the flow."""

    stage: str
    assets: int
    rows: int = Field(description="Of all partitions; of `collect`, that of today.")
    rows_today: int | None = Field(description="Rows of today's partitions (UTC); null if unknown.")
    newest: str = Field(description="Key of the newest partition with rows; '' if there is none.")
    missing: int
    stale: int
    failed: int


class Trouble(BaseModel):
    """Something that needs somebody."""

    kind: Literal["missing", "stale", "failed_check", "quarantine", "dropped", "plan", "project"]
    subject: str
    text: str
    href: str


class Live(BaseModel):
    """What runs."""

    collector: str | None = Field(description="Where the collector listens; null if none runs.")


class Home(BaseModel):
    """The flow, in the data's order, and what is wrong."""

    at: datetime
    grain: str
    closed_until: datetime | None = Field(description="Landing is complete before this instant.")
    stages: list[Stage]
    problems: list[Trouble]
    live: Live


@router.get("")
def home(console: Asked, _: Viewer) -> Home:
    """Return how the flow stands."""
    return console.projects.recent.get("home", lambda: _home(console))


def _home(console: Console) -> Home:
    project, picture = console.projects.current(), console.projects.picture()
    found = {n: figures(picture, n, console.now()) for n in picture.nodes.values()}
    closed = picture.history.closed_until
    return Home(
        at=console.now().replace(tzinfo=UTC),
        grain=console.settings.landing_grain,
        closed_until=closed.replace(tzinfo=UTC) if closed else None,
        stages=[_collect(console), *_stages(found)],
        problems=[*_problems(console, project, found)][:_MOST],
        live=Live(collector=live_url(console.settings.spool_dir)),
    )


def _collect(console: Console) -> Stage:
    """Return what the collector acknowledged: it has no assets, and keeps what it took for a day."""
    try:
        today = console.acknowledged.on(console.now().date())
    except SpoolError as error:  # one damaged segment must not take the whole page away
        log.warning("What the collector acknowledged is not counted: %s", error)
        today = None
    return Stage(
        stage="collect", assets=0, rows=today or 0, rows_today=today,
        newest="", missing=0, stale=0, failed=0,
    )  # fmt: skip


def _stages(by_node: Mapping[Node, Figures]) -> Iterator[Stage]:
    for stage in STAGES:
        found = [one for node, one in by_node.items() if node.stage == stage]
        yield Stage(
            stage=stage,
            assets=len(found),
            rows=sum(one.rows for one in found),
            rows_today=sum(one.rows_today for one in found) if found else None,
            newest=max((one.newest for one in found), default=""),
            missing=sum(one.missing for one in found),
            stale=sum(one.stale for one in found),
            failed=sum(one.failed for one in found),
        )


def _problems(
    console: Console, project: Project, by_node: Mapping[Node, Figures]
) -> Iterator[Trouble]:
    if console.projects.wrong:
        yield Trouble(
            kind="project", subject="project", text=console.projects.wrong, href="/models"
        )
    for node, one in by_node.items():
        yield from _of_asset(node.asset, one)
    for journal in plans_of(project).journals():
        if journal.standing is Standing.FAILED:
            told = f"Plan {journal.plan.id} stopped at a step that failed."
            yield Trouble(
                kind="plan", subject=journal.plan.id, text=told, href=f"/recovery/{journal.plan.id}"
            )
    yield from _not_kept(console, project)


def _of_asset(asset: str, one: Figures) -> Iterator[Trouble]:
    href = f"/models/{asset}"
    if one.failed:
        told = f"{many(one.failed, 'check')} failed."
        yield Trouble(kind="failed_check", subject=asset, text=told, href=href)
    if one.missing:
        told = f"{many(one.missing, 'partition')} missing."
        yield Trouble(kind="missing", subject=asset, text=told, href=href)
    if one.stale:
        told = f"{many(one.stale, 'partition')} stale."
        yield Trouble(kind="stale", subject=asset, text=told, href=href)


def _not_kept(console: Console, project: Project) -> Iterator[Trouble]:
    if not project.lake.exists:
        return
    groups = EmbeddedQuarantine(project.lake).groups(Wanted(replayed=False), ("event",), _MOST)
    for group in groups:
        told = f"{many(group.rows, 'event')} in quarantine."
        subject = group.event or "without a name"
        yield Trouble(
            kind="quarantine",
            subject=subject,
            text=told,
            href=f"/quarantine?event={group.event or '-'}",
        )
    since = console.now() - _DAY
    found = drops(console.settings, DropWanted(since=since))
    requests, events = sum(d.requests for d in found), sum(d.events for d in found)
    if requests or events:
        told = (
            f"{many(requests, 'request')} and {many(events, 'event')} refused in the last 24 hours."
        )
        yield Trouble(
            kind="dropped", subject="collector", text=told, href="/quarantine?tab=dropped"
        )
