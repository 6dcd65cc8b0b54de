"""Plans that repair or rebuild: made, read, applied, cancelled."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from weir.audit import Entry, audited
from weir.console.access import Role
from weir.console.http.who import Asked, Operator, Viewer, acting, require
from weir.console.looks import READS_ALL
from weir.console.pages.answers import Given
from weir.console.pages.plan_answers import (
    PlanPage,
    PlanRow,
    Progress,
    page_of,
    progress_of,
    row_of,
)
from weir.core.errors import InvalidValue, NotFound, NotReady
from weir.lineage.checking.faults import Level
from weir.lineage.recovery.plans import PlanKind
from weir.lineage.recovery.plans import Wanted as Question
from weir.orchestra import applying
from weir.orchestra.planning import cancel as cancel_plan
from weir.orchestra.planning import planned, plans_of, require_current
from weir.orchestra.project import Project
from weir.orchestra.wanting import to_backfill, to_recover, to_restate

router = APIRouter(prefix="/plans", tags=["plans"])
_MOST = 200  # plans of the history
_NAME = re.compile(r"[a-z]{1,12}-\d{8}-\d{6}-[0-9a-f]{4}")


def _known(name: Annotated[str, Path(max_length=100)]) -> str:
    """Return a plan's name, which is a folder's, too."""
    if not _NAME.fullmatch(name):
        raise NotFound("plan", name, remedy="The page Recovery lists all: /recovery?tab=plans.")
    return name


Name = Annotated[str, Depends(_known)]
Text = Annotated[str, Field(max_length=200)]


class Wanted(Given):
    """What a plan is asked for."""

    kind: PlanKind
    assets: list[Text] = Field(
        [], max_length=200, description="Of `recover`: all if none is named."
    )
    range: str = Field("", max_length=40, description="Of `recover` and `backfill`: `first..last`.")
    since: date | None = Field(None, description="Of `restate`: the first day, in the fact's zone.")
    layers: list[Literal["daily", "weekly", "monthly"]] = Field(
        [], max_length=3, description="Of `restate`: only the layers of these grains; all if none."
    )
    downstream: bool = Field(default=False, description="Also build what reads what is built.")
    rebuild: bool = Field(default=False, description="Of `backfill`: also what is as it should be.")
    level: Level = Field(Level.LISTING, description="Of `recover`: how closely to look at files.")


class Made(BaseModel):
    """A plan that was made; null if there is nothing to build."""

    plan: str | None
    beyond: list[str] = Field(description="What no run mends.")


class Plans(BaseModel):
    """The history of plans, the newest first."""

    plans: list[PlanRow]
    in_all: int


class Seen(BaseModel):
    """What a plan does, as it was shown."""

    digest: str = Field("", max_length=40)


class Expiry(BaseModel):
    """Whether a plan can still be applied."""

    expired: bool
    why: str
    remedy: str


@router.get("")
def plans(console: Asked, _: Viewer) -> Plans:
    """Return the newest plans and how each stands."""
    kept = plans_of(console.projects.current())
    names = kept.names()
    newest = [kept.journal(name) for name in reversed(names[-_MOST:])]
    return Plans(plans=[row_of(journal) for journal in newest], in_all=len(names))


@router.post("", status_code=201)
def make(request: Request, console: Asked, person: Operator, wanted: Wanted) -> Made:
    """Make a plan from the present state and keep it, if it does anything."""
    project = console.projects.apart()
    given = wanted.model_dump(mode="json", exclude_defaults=True)
    with audited(console.settings, "plan.make", by=acting(request, person), **given) as entry:
        return _made(project, _question(project, wanted), entry)


@router.post("/{name}/again", status_code=201)
def again(request: Request, console: Asked, person: Operator, name: Name) -> Made:
    """Make a plan anew, from the present state, for what another was asked for."""
    project = console.projects.apart()
    with audited(console.settings, "plan.make", by=acting(request, person), like=name) as entry:
        return _made(project, plans_of(project).journal(name).plan.wanted, entry)


@router.get("/{name}")
def plan(console: Asked, _: Viewer, name: Name) -> PlanPage:
    """Return a plan: what it does, why, how much, and how far it got."""
    return page_of(plans_of(console.projects.current()).journal(name))


@router.get("/{name}/progress")
def progress(console: Asked, _: Viewer, name: Name) -> Progress:
    """Return how far a plan got: small, to be asked again and again."""
    return progress_of(plans_of(console.projects.current()).journal(name))


@router.get("/{name}/expiry")
def expiry(console: Asked, person: Viewer, name: Name) -> Expiry:
    """Return whether what a plan was made from is as it was: makes it again and compares.

    Where that reads whole files, it is for operators and one at a time, as such a look is.
    """
    project = console.projects.apart()
    journal = plans_of(project).journal(name)
    if journal.began is not None:
        return Expiry(expired=False, why="", remedy="")
    reads_all = journal.plan.wanted.level in READS_ALL
    if reads_all:
        require(person, Role.OPERATOR)
    try:
        with console.looks.one() if reads_all else nullcontext():
            require_current(project, journal.plan)
    except NotReady as error:
        return Expiry(expired=True, why=error.what, remedy=error.remedy)
    return Expiry(expired=False, why="", remedy="")


@router.post("/{name}/apply", status_code=202)
def apply(request: Request, console: Asked, person: Operator, name: Name, seen: Seen) -> Progress:
    """Carry a plan out in a process of its own, or go on with it; while one does, nothing happens."""
    by, settings = acting(request, person), console.settings
    with audited(settings, "console.apply", by=by, plan=name, digest=seen.digest) as entry:
        entry.tell(started=applying.start(settings, name, seen.digest, by))
    return progress_of(plans_of(console.projects.current()).journal(name))


@router.post("/{name}/cancel")
def cancel(request: Request, console: Asked, person: Operator, name: Name) -> Progress:
    """Cancel a plan: the run that is going ends, the next ones do not start."""
    with audited(console.settings, "plan.cancel", by=acting(request, person), plan=name):
        journal = cancel_plan(console.projects.current(), name)
    return progress_of(journal)


def _made(project: Project, wanted: Question, entry: Entry) -> Made:
    plan = planned(project, wanted)
    if plan.steps:
        plan = plans_of(project).keep(plan)
        entry.tell(plan=plan.id)
    return Made(plan=plan.id or None, beyond=list(plan.beyond))


def _question(project: Project, wanted: Wanted) -> Question:
    if wanted.kind is PlanKind.RECOVER:
        return to_recover(
            project, wanted.assets, wanted.range, downstream=wanted.downstream, level=wanted.level
        )
    if len(wanted.assets) != 1:
        raise InvalidValue("assets", ", ".join(wanted.assets), ["exactly one asset"])
    if wanted.kind is PlanKind.BACKFILL:
        return to_backfill(
            project, wanted.assets[0], wanted.range,
            rebuild=wanted.rebuild, downstream=wanted.downstream,
        )  # fmt: skip
    if wanted.since is None:
        raise InvalidValue("since", "", ["a day such as 2026-11-20"])
    return to_restate(project, wanted.assets[0], wanted.since, wanted.layers)
