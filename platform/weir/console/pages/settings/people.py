"""People: who may sign in, as what, and with which tokens. The commands are `weir people …`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from weir.audit import Entry, audited
from weir.collect.tokens import duration
from weir.console.access import Person, Role
from weir.console.access.people import LINK_LASTS, Held
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.http.who import Admin, Asked, Viewer, acting
from weir.console.pages.answers import Given
from weir.core.addresses import sign_in_link
from weir.core.errors import LastAdmin

router = APIRouter(prefix="/people", tags=["people"])
NEVER = "never"
Name = Annotated[str, Path(max_length=100)]


class Token(BaseModel):
    """A person's token; never its secret."""

    id: str
    link: bool = Field(description="Good for one sign-in only.")
    created_at: datetime
    expires_at: datetime | None


class Somebody(BaseModel):
    """One person."""

    name: str
    role: Role
    you: bool
    tokens: list[Token] = Field(description="Told to admins only.")


class Everybody(BaseModel):
    """All people, by name."""

    people: list[Somebody]


class Newcomer(Given):
    """Somebody to let in."""

    name: str = Field(max_length=100)
    role: Role = Role.VIEWER


class NewRole(Given):
    """What somebody is to be."""

    role: Role


class NewToken(Given):
    """A token to make."""

    expires: str = Field("90d", max_length=10, description="`90d`, `24h`, `30m`, or `never`.")


class Link(BaseModel):
    """A sign-in link: shown once, good for one sign-in within the hour."""

    name: str
    link: str
    expires_at: datetime


class Made(BaseModel):
    """A token, with its text: shown once."""

    token: Token
    text: str


@router.get("")
def everybody(console: Asked, person: Viewer) -> Everybody:
    """Return everybody with role; to an admin with their tokens too."""
    admin = person.role.may(Role.ADMIN)
    held = console.people.tokens() if admin else []
    return Everybody(
        people=[
            Somebody(
                name=one.name, role=one.role, you=one.name == person.name,
                tokens=[_told(token) for token in held if token.name == one.name],
            )
            for one in console.people.all()
        ]
    )  # fmt: skip


@router.post("", status_code=201)
def add(request: Request, console: Asked, admin: Admin, given: Newcomer) -> Link:
    """Let somebody in, and return a sign-in link."""
    with _doing(request, console, admin, "people.add", name=given.name, role=given.role):
        console.people.add(given.name, given.role)
        return _link(console, given.name)


@router.put("/{name}/role")
def role(request: Request, console: Asked, admin: Admin, name: Name, given: NewRole) -> Somebody:
    """Give somebody another role; open sessions have it at once."""
    doing = _doing(request, console, admin, "people.role", name=name, new=given.role)
    with _keeping_an_admin(), doing:
        found = console.people.set_role(name, given.role, keep_an_admin=True)
    return Somebody(name=found.name, role=found.role, you=name == admin.name, tokens=[])


@router.delete("/{name}", status_code=204)
def remove(request: Request, console: Asked, admin: Admin, name: Name) -> None:
    """Let somebody in no more: their tokens and sessions end."""
    with _keeping_an_admin(), _doing(request, console, admin, "people.remove", name=name):
        console.people.remove(name, keep_an_admin=True)


@router.post("/{name}/link", status_code=201)
def link(request: Request, console: Asked, admin: Admin, name: Name) -> Link:
    """Make a sign-in link."""
    with _doing(request, console, admin, "people.token", name=name, link=True):
        return _link(console, name)


@router.post("/{name}/tokens", status_code=201)
def token(request: Request, console: Asked, admin: Admin, name: Name, given: NewToken) -> Made:
    """Make a token for somebody's scripts; its text is in this answer only."""
    lasts = None if given.expires == NEVER else duration(given.expires)
    with _doing(request, console, admin, "people.token", name=name, expires=given.expires) as entry:
        held, text = console.people.make_token(name, lasts)
        entry.tell(token_id=held.id)
    return Made(token=_told(held), text=text)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke(request: Request, console: Asked, admin: Admin, token_id: Name) -> None:
    """End a token, and the open sessions of its person."""
    with _doing(request, console, admin, "people.revoke", token_id=token_id):
        console.people.revoke(token_id)


@contextmanager
def _doing(
    request: Request, console: Console, admin: Person, action: str, **arguments: Any
) -> Iterator[Entry]:
    by = acting(request, admin)
    with audited(console.settings, action, by=by, **arguments) as entry:
        yield entry


@contextmanager
def _keeping_an_admin() -> Iterator[None]:
    try:
        yield
    except LastAdmin as error:
        raise Refused(409, "last_admin", error.what, error.remedy) from error


def _link(console: Console, name: str) -> Link:
    held, text = console.people.make_token(name, LINK_LASTS, once=True)
    assert held.expires_at is not None
    address = sign_in_link(console.settings, text)
    return Link(name=name, link=address, expires_at=held.expires_at.replace(tzinfo=UTC))


def _told(held: Held) -> Token:
    ends = held.expires_at
    return Token(
        id=held.id, link=held.once, created_at=held.created_at.replace(tzinfo=UTC),
        expires_at=ends.replace(tzinfo=UTC) if ends else None,
    )  # fmt: skip
