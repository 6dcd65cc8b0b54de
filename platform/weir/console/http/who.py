"""Who asks: the person of a session's cookie, or of a token in the `Authorization` header."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from weir.audit import Actor
from weir.console.access import Person, Role, Session
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.core.addresses import is_loopback

COOKIE = "weir_session"
CSRF_HEADER = "X-Weir-CSRF"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def console_of(connection: HTTPConnection) -> Console:
    """Return what the application serves."""
    console: Console = connection.app.state.console
    return console


def session_of(connection: HTTPConnection) -> Session | None:
    """Return the session of a request's cookie, if it is open."""
    cookie = connection.cookies.get(COOKIE)
    return console_of(connection).sessions.get(cookie) if cookie else None


def person_of(connection: HTTPConnection, *, csrf: bool = True) -> Person | None:
    """Return who asks; a session must bring its CSRF token wherever something may change.

    Args:
        connection: the request.
        csrf: False for what looks itself at where a request comes from.

    Raises:
        Refused: if it does not.
    """
    if bears(connection):
        token = connection.headers["authorization"].partition(" ")[2]
        return console_of(connection).people.by_token(token.strip())
    session = session_of(connection)
    if session is None:
        return None
    changes = connection.scope.get("method", "GET") not in _SAFE
    if csrf and changes and not session.allows(connection.headers.get(CSRF_HEADER)):
        raise Refused(
            403, "csrf", "The request does not show that a page of the console sent it.",
            f"Send the `csrf` of GET /api/v1/session as {CSRF_HEADER}, or a token as Bearer.",
        )  # fmt: skip
    return session.person


def acting(connection: HTTPConnection, person: Person) -> Actor:
    """Return a person as the audit log names who acts, and how they came in."""
    return Actor("person", person.name, "token" if bears(connection) else "session")


def bears(connection: HTTPConnection) -> bool:
    """Tell whether a request brings a token, and no cookie counts."""
    return connection.headers.get("authorization", "").lower().startswith("bearer ")


def secure(connection: HTTPConnection) -> bool:
    """Tell whether people's browsers speak TLS to the console, or to the server before it."""
    url = console_of(connection).settings.console_url
    return connection.url.scheme == "https" or url.startswith("https:")


def address_of(connection: HTTPConnection) -> str:
    """Return from where somebody asks: as a server before the console says, if it is on this machine."""
    peer = connection.client.host if connection.client else ""
    if not (console_of(connection).settings.console_url and is_loopback(peer)):
        return peer
    told = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return peer


def needs(role: Role) -> Callable[[HTTPConnection], Person]:
    """Return what lets a request pass if it comes from somebody with this role or more."""

    def allowed(connection: HTTPConnection) -> Person:
        return require(person_of(connection), role)

    return allowed


def require(person: Person | None, role: Role) -> Person:
    """Return a person who has this role or more.

    Raises:
        Refused: if nobody is signed in, or the role is less.
    """
    if person is None:
        raise Refused(
            401, "not_signed_in", "Nobody is signed in.",
            "Sign in with a token: `weir people token NAME` makes one.",
        )  # fmt: skip
    if not person.role.may(role):
        raise Refused(
            403, "not_allowed", f"{person.name} is {person.role}; this needs {role}.",
            "An admin can change that: `weir people role`.",
        )  # fmt: skip
    return person


Asked = Annotated[Console, Depends(console_of)]
Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Editor = Annotated[Person, Depends(needs(Role.EDITOR))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]
Admin = Annotated[Person, Depends(needs(Role.ADMIN))]
