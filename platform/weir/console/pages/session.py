"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from weir import __version__
from weir.audit import Actor, audited
from weir.console.access import Person, Role
from weir.console.access import Session as Open
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.http.limits import Attempts
from weir.console.http.who import (
    COOKIE,
    Asked,
    Viewer,
    address_of,
    secure,
    session_of,
)
from weir.console.pages.answers import Given
from weir.core.addresses import DAGSTER_PREFIX

router = APIRouter(prefix="/session", tags=["session"])
_attempts = Attempts(10, 60.0)


class Signed(BaseModel):
    """Somebody who is signed in."""

    name: str
    role: Role


class Ways(BaseModel):
    """How one can sign in."""

    token: bool = True
    oidc: str | None = Field(None, description="Name of the company's sign-in, if there is one.")


class Session(BaseModel):
    """What a page must know before all else."""

    person: Signed | None
    csrf: str = Field(description="What requests that change something send as X-Weir-CSRF.")
    sign_in: Ways
    version: str
    environment: str
    dagster: str | None = Field(description="Path of Dagster's pages; null if they are not served.")
    zone: str = Field(description="The zone of partitions that are no fact's.")


class SignIn(Given):
    """A person's token."""

    token: str = Field(max_length=200)


@router.get("")
def show(request: Request, console: Asked) -> Session:
    """Return who is signed in, if anybody, and how to."""
    session = session_of(request)
    return _told(console, session)


@router.post("")
def sign_in(request: Request, response: Response, console: Asked, given: SignIn) -> Session:
    """Open a session with a token."""
    address = address_of(request)
    _attempts.check(address)
    person = console.people.by_token(given.token.strip(), signing_in=True)
    if person is None:
        _attempts.failed(address)
        raise Refused(
            401, "wrong_token", "This token is nobody's, has expired, or was used up.",
            "Make another: `weir people token NAME`.",
        )  # fmt: skip
    by = Actor("person", person.name, "token")
    with audited(console.settings, "console.sign_in", by=by, address=address):
        session = open_session(request, response, console, person)
    return _told(console, session)


def open_session(request: Request, response: Response, console: Console, person: Person) -> Open:
    """Open a session and give the answer its cookie."""
    session, cookie = console.sessions.open(person)
    response.set_cookie(
        COOKIE, cookie, max_age=int(console.sessions.lasts.total_seconds()), path="/",
        secure=secure(request), httponly=True, samesite="lax",
    )  # fmt: skip
    return session


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, console: Asked, _: Viewer) -> None:
    """End the session."""
    console.sessions.close(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path="/")


def _told(console: Console, session: Open | None) -> Session:
    settings, provider = console.settings, console.provider
    person = session.person if session else None
    return Session(
        person=Signed(name=person.name, role=person.role) if person else None,
        csrf=session.csrf if session else "",
        sign_in=Ways(oidc=provider.name if provider else None),
        version=__version__,
        environment=settings.env,
        dagster=None if settings.env else f"{DAGSTER_PREFIX}/",
        zone="UTC",
    )
