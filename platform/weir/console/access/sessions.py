"""Open sessions: a random cookie of which the hash is kept, with the CSRF token that belongs to it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from weir.console.access.people import Person
from weir.console.access.roles import Role
from weir.console.access.store import PEOPLE, SESSIONS, engine_of, hashed
from weir.core.clock import utc_now


@dataclass(frozen=True)
class Session:
    """Somebody's open session.

    Attributes:
        person: who, with the role of now.
        csrf: what every request that changes something must repeat in its header.
    """

    person: Person
    csrf: str

    def allows(self, given: str | None) -> bool:
        """Tell whether a request brought the session's CSRF token."""
        return given is not None and hmac.compare_digest(self.csrf.encode(), given.encode())


class Sessions:
    """The sessions of a home.

    Args:
        home: the home.
        lasts: how long one is good.
        now: the clock; naive UTC.
    """

    def __init__(self, home: Path, lasts: timedelta, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now, self.lasts = engine_of(home), now, lasts

    def open(self, person: Person) -> tuple[Session, str]:
        """Open a session; return it with the cookie's value, which is not kept."""
        cookie, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), self._now()
        row = {
            "hash": hashed(cookie), "name": person.name, "csrf": csrf,
            "created_at": now, "expires_at": now + self.lasts,
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
            connection.execute(sa.insert(SESSIONS).values(row))
        return Session(person, csrf), cookie

    def get(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None if it has none, or it is over."""
        query = (
            sa.select(SESSIONS.c.csrf, PEOPLE.c.name, PEOPLE.c.role)
            .join(PEOPLE)
            .where(SESSIONS.c.hash == hashed(cookie), SESSIONS.c.expires_at > self._now())
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return Session(Person(row.name, Role(row.role)), row.csrf) if row else None

    def close(self, cookie: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.hash == hashed(cookie)))
