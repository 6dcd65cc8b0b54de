"""The audit log: who did what, when, with which arguments and result. For operators and admins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from weir.audit import ACTIONS, Found, Wanted, log_of, verify
from weir.audit.reading import find, get
from weir.console.http.who import Asked, Operator
from weir.core.instants import within

router = APIRouter(prefix="/audit", tags=["audit"])
_MOST = 500
_TEXT = 200
_NUMBERS = 2**53

Text = Annotated[str, Query(max_length=_TEXT)]
Result = Literal["ok", "refused", "failed", "running", "unfinished"]


class Entry(BaseModel):
    """One thing that was done."""

    id: int
    at: datetime
    action: str
    kind: str = Field(description="person, sensor, schedule, agent or system.")
    name: str
    result: Result
    message: str = Field(description="Why it was refused or failed.")
    seconds: float | None
    arguments: dict[str, Any] = Field(description="What was asked for; secrets are masked.")
    run: str = Field(description="The Dagster run; '' if there is none.")


class Whole(Entry):
    """All that is known of an entry."""

    authenticated: str = Field(description="How it is known who it was.")
    did: dict[str, Any] = Field(description="What was done.")
    meaning: str = Field(description="What the action is.")
    request: str = Field(description="What binds the entries of one command together.")
    host: str
    pid: int
    hash: str = Field(description="Of its last row, which holds the hash of the row before.")


class Audit(BaseModel):
    """Entries, the newest first."""

    entries: list[Entry]
    more: bool = Field(description="Whether there are older ones: ask again with `before`.")
    actions: dict[str, str] = Field(description="Every action there is, with what it is.")


class Verification(BaseModel):
    """Whether anything was changed or removed."""

    ok: bool
    rows: int
    entries: int
    head: str = Field(description="Note it elsewhere: `weir audit verify --head` takes it.")
    problems: list[str]


@router.get("")
def audit(  # noqa: PLR0913, PLR0917 - one per filter
    console: Asked, _: Operator, action: Text = "", who: Text = "", about: Text = "",
    result: Literal["", "ok", "refused", "failed", "open"] = "",
    since: datetime | None = None, until: datetime | None = None, request: Text = "",
    before: Annotated[int, Query(ge=0, lt=_NUMBERS)] = 0, limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Audit:  # fmt: skip
    """Return the newest entries that are wanted.

    `action` may be `events.*`; `about` is an asset, an event, a plan or a token that they name.
    """
    wanted = Wanted(
        action, who, within("since", since), about, request=request, limit=limit + 1, until=within("until", until),
        result=result, before=before,
    )  # fmt: skip
    found = find(log_of(console.settings), wanted)
    return Audit(
        entries=[_entry(one) for one in found[:limit]], more=len(found) > limit, actions=ACTIONS
    )


@router.get("/verification")
def verification(console: Asked, _: Operator) -> Verification:
    """Check that no entry was changed or removed: reads the whole log."""
    found = verify(log_of(console.settings))
    return Verification(
        ok=found.ok, rows=found.rows, entries=found.entries, head=found.head,
        problems=list(found.problems),
    )  # fmt: skip


@router.get("/{number}")
def entry(console: Asked, _: Operator, number: Annotated[int, Path(ge=1, lt=_NUMBERS)]) -> Whole:
    """Return one entry with all that is known of it."""
    one = get(log_of(console.settings), number)
    return Whole(
        **_entry(one).model_dump(), authenticated=one.authenticated, did=one.did,
        meaning=ACTIONS.get(one.action, ""), request=one.request, host=one.host, pid=one.pid,
        hash=one.hash,
    )  # fmt: skip


def _entry(one: Found) -> Entry:
    return Entry(
        id=one.id, at=datetime.fromisoformat(one.at), action=one.action, kind=one.kind,
        name=one.name, result=one.result, message=one.message, seconds=one.seconds,
        arguments=one.arguments, run=one.run,
    )  # fmt: skip
