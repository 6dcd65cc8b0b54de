"""Saved branches of events: those that wait, and taking one into what is checked out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from weir.audit import audited
from weir.console.http.who import Asked, Operator, Viewer, acting
from weir.console.pages.answers import Given
from weir.console.pages.builder_answers import BRANCH
from weir.registry.sync.taking import take
from weir.registry.sync.waiting import waiting

router = APIRouter(prefix="/builder", tags=["builder"])


class Take(Given):
    """A saved branch to be taken into what is checked out."""

    branch: str = Field(max_length=200, pattern=BRANCH)


class Waiting(BaseModel):
    """A saved branch that is not part of what is checked out."""

    branch: str
    events: list[str]
    by: str
    at: datetime
    subject: str


class Waitings(BaseModel):
    """What waits for a merge, the newest first."""

    branches: list[Waiting]


class Taken(BaseModel):
    """What was taken."""

    files: list[str]


@router.get("/branches")
def branches(console: Asked, _: Viewer) -> Waitings:
    """Return the saved branches that are not part of what is checked out where the console runs."""
    found = console.projects.recent.get("branches", lambda: waiting(console.settings))
    return Waitings(branches=[Waiting(**asdict(one)) for one in found])


@router.post("/take")
def take_branch(request: Request, console: Asked, person: Operator, given: Take) -> Taken:
    """Move what is checked out where the console runs to a saved branch, if that is ahead of it.

    The answer comes when the console shows it: dbt reads the project anew, which takes seconds.
    """
    by = acting(request, person)
    with audited(console.settings, "events.take", by=by, branch=given.branch) as entry:
        files = take(console.settings, given.branch)
        entry.tell(files=files)
    console.bases.get(fresh=True)
    console.projects.renew()
    return Taken(files=files)
