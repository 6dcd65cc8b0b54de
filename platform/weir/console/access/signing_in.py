"""Sign-ins that wait for the provider's answer: each is of one browser, good once and for ten minutes."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from weir.console.access.oidc import Begun
from weir.console.access.store import SIGNING_IN, engine_of, hashed
from weir.core.clock import utc_now

LASTS = timedelta(minutes=10)
_MOST = 10_000  # that wait at a time; the oldest go


@dataclass(frozen=True)
class Waiting:
    """What the answer is held against, and where the person wanted to go."""

    nonce: str
    verifier: str
    to: str


class SigningIn:
    """The sign-ins of a home that wait.

    Args:
        home: the home.
        now: the clock; naive UTC.
    """

    def __init__(self, home: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now = engine_of(home), now

    def keep(self, begun: Begun, to: str) -> str:
        """Keep a sign-in; return the cookie that shows the same browser comes back."""
        cookie, now = secrets.token_urlsafe(24), self._now()
        row = {
            "state": hashed(begun.state), "cookie": hashed(cookie), "nonce": begun.nonce,
            "verifier": begun.verifier, "to": to, "expires_at": now + LASTS,
        }  # fmt: skip
        newest = sa.select(SIGNING_IN.c.state).order_by(SIGNING_IN.c.expires_at.desc()).limit(_MOST)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SIGNING_IN).where(SIGNING_IN.c.expires_at <= now))
            connection.execute(sa.insert(SIGNING_IN).values(row))
            connection.execute(sa.delete(SIGNING_IN).where(SIGNING_IN.c.state.not_in(newest)))
        return cookie

    def take(self, state: str, cookie: str) -> Waiting | None:
        """Return what waits for this answer, once; None if nothing does in this browser."""
        with self._engine.begin() as connection:
            row = connection.execute(
                sa.delete(SIGNING_IN)
                .where(SIGNING_IN.c.state == hashed(state))
                .returning(SIGNING_IN)
            ).one_or_none()
        if row is None or row.expires_at <= self._now():
            return None
        if not hmac.compare_digest(row.cookie, hashed(cookie)):
            return None
        return Waiting(row.nonce, row.verifier, row.to)
