"""People and their tokens.

A token is `weirp_<id>_<secret>`, lower-case hex, 160 random bits of secret; `weir_` are producers'. One
that is made for a sign-in link is good for one sign-in, and for an hour.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from weir.console.access.roles import Role
from weir.console.access.store import PEOPLE, SESSIONS, TOKENS, engine_of, hashed
from weir.core.clock import utc_now
from weir.core.errors import InvalidValue, LastAdmin, NotFound, SignInRefused, UsageError

LINK_LASTS = timedelta(hours=1)
_NAME = re.compile(r"[a-z0-9][a-z0-9._+@-]{0,99}\Z", re.ASCII)
_TOKEN = re.compile(r"weirp_([0-9a-f]{10})_([0-9a-f]{40})\Z", re.ASCII)


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        name: how they are known, e.g. their e-mail address.
        role: what they may do.
    """

    name: str
    role: Role


@dataclass(frozen=True)
class Held:
    """A token as it is kept: never its secret. Times are naive UTC."""

    id: str
    name: str
    once: bool
    created_at: datetime
    expires_at: datetime | None


class People:
    """The people of a home.

    Args:
        home: the home.
        now: the clock; naive UTC.
    """

    def __init__(self, home: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now = engine_of(home), now

    def all(self) -> list[Person]:
        """Return everybody, by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(PEOPLE).order_by(PEOPLE.c.name))
            return [Person(row.name, Role(row.role)) for row in rows]

    def get(self, name: str) -> Person:
        """Return a person.

        Raises:
            NotFound: if nobody has this name.
        """
        found = {person.name: person for person in self.all()}
        if name not in found:
            raise NotFound("person", name, found, "`weir people list` shows everybody.")
        return found[name]

    def add(self, name: str, role: Role) -> Person:
        """Let somebody in, who signs in with a token or by the company's sign-in.

        Raises:
            InvalidValue: if the name has another form.
            UsageError: if there is somebody of this name.
        """
        if not _NAME.match(name):
            raise InvalidValue("name", name, ["lower-case letters, digits, . _ + @ -"])
        row = {"name": name, "role": role.value, "created_at": self._now()}
        with self._engine.begin() as connection:
            done = connection.execute(insert(PEOPLE).values(row).on_conflict_do_nothing())
        if not done.rowcount:
            raise UsageError(
                f"There is a person `{name}` already.", "Change the role: `weir people role`."
            )
        return Person(name, role)

    def set_role(self, name: str, role: Role, *, keep_an_admin: bool = False) -> Person:
        """Give a person another role; open sessions have it at once.

        Args:
            name: whose.
            role: which.
            keep_an_admin: refuse to leave nobody who could let others in.

        Raises:
            NotFound: if nobody has this name.
            LastAdmin: if they are the only admin, and one is to be kept.
        """
        self.get(name)
        keeping = keep_an_admin and role is not Role.ADMIN
        change = sa.update(PEOPLE).where(PEOPLE.c.name == name, _leaves_an_admin(keeping=keeping))
        self._change(name, change.values(role=role.value))
        return Person(name, role)

    def remove(self, name: str, *, keep_an_admin: bool = False) -> None:
        """Let somebody in no more: their tokens and sessions end.

        Args:
            name: whom.
            keep_an_admin: refuse to leave nobody who could let others in.

        Raises:
            NotFound: if nobody has this name.
            LastAdmin: if they are the only admin, and one is to be kept.
        """
        self.get(name)
        left = _leaves_an_admin(keeping=keep_an_admin)
        self._change(name, sa.delete(PEOPLE).where(PEOPLE.c.name == name, left))

    def _change(self, name: str, change: sa.Update | sa.Delete) -> None:
        """Carry out a change in one statement: two admins at once cannot remove each other."""
        with self._engine.begin() as connection:
            done = connection.execute(change)
        if not done.rowcount:
            raise LastAdmin(name)

    def vouched_for(self, subject: str, email: str, role: Role | None) -> Person:
        """Return whom a company's sign-in means; the first time, by the verified address.

        From then on the provider's own name of them counts: an address can be given to somebody else.

        Args:
            subject: the issuer and its name of the person.
            email: their verified address, '' if there is none.
            role: of somebody whom nobody has let in yet; None refuses them.

        Raises:
            SignInRefused: if nobody is meant, or the address is of a person whom the provider called
                otherwise before.
        """
        known = self._by_subject(subject)
        if known is not None:
            return known
        if email and role is not None and email not in {person.name for person in self.all()}:
            self.add(email, role)
        with self._engine.begin() as connection:
            bound = connection.execute(
                sa.update(PEOPLE)
                .where(PEOPLE.c.name == email, PEOPLE.c.subject == "")
                .values(subject=subject)
            )
        if bound.rowcount:
            return self.get(email)
        if email in {person.name for person in self.all()}:
            raise SignInRefused(
                "oidc_taken", f"{email} is of somebody whom the provider called otherwise before.",
                "If it is the same person: remove them and add them again (`weir people`).",
            )  # fmt: skip
        raise SignInRefused(
            "oidc_unknown", f"Nobody has let {email or 'somebody without a verified address'} in.",
            f"An admin can: `weir people add {email or 'NAME'}`.",
        )  # fmt: skip

    def _by_subject(self, subject: str) -> Person | None:
        query = sa.select(PEOPLE).where(PEOPLE.c.subject == subject)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Person(row.name, Role(row.role)) if row else None

    def make_token(
        self, name: str, lasts: timedelta | None = None, *, once: bool = False
    ) -> tuple[Held, str]:
        """Make a token and return it with its text, which is not kept.

        Args:
            name: whose.
            lasts: how long it is good; None for ever.
            once: whether it is good for one sign-in only.

        Raises:
            NotFound: if nobody has this name.
        """
        self.get(name)
        held = Held(
            secrets.token_hex(5), name, once, self._now(), self._now() + lasts if lasts else None
        )
        secret = secrets.token_hex(20)
        with self._engine.begin() as connection:
            connection.execute(sa.insert(TOKENS).values(**vars(held), hash=hashed(secret)))
        return held, f"weirp_{held.id}_{secret}"

    def tokens(self, name: str = "") -> list[Held]:
        """Return the tokens of somebody, or of everybody, oldest first."""
        query = sa.select(TOKENS).order_by(TOKENS.c.created_at)
        chosen = query.where(TOKENS.c.name == name) if name else query
        with self._engine.connect() as connection:
            rows = connection.execute(chosen)
            return [Held(r.id, r.name, r.once, r.created_at, r.expires_at) for r in rows]

    def revoke(self, token_id: str) -> None:
        """End a token, and the sessions of its person.

        Raises:
            NotFound: if there is no such token.
        """
        known = {held.id: held for held in self.tokens()}
        if token_id not in known:
            raise NotFound("token", token_id, known, "`weir people list` shows them.")
        with self._engine.begin() as connection:
            connection.execute(sa.delete(TOKENS).where(TOKENS.c.id == token_id))
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.name == known[token_id].name))

    def by_token(self, text: str, *, signing_in: bool = False) -> Person | None:
        """Return whose token this is; None if it is nobody's, has expired, or was used up.

        Args:
            text: the token.
            signing_in: whether a session is to be opened: all that a link's token is good for.
        """
        match = _TOKEN.match(text)
        if match is None:
            return None
        with self._engine.begin() as connection:
            row = connection.execute(
                sa.select(TOKENS, PEOPLE.c.role).join(PEOPLE).where(TOKENS.c.id == match[1])
            ).one_or_none()
            if row is None or not hmac.compare_digest(row.hash, hashed(match[2])):
                return None
            if row.expires_at is not None and row.expires_at <= self._now():
                return None
            if row.once and not signing_in:
                return None
            if row.once:
                used = connection.execute(sa.delete(TOKENS).where(TOKENS.c.id == row.id))
                if not used.rowcount:  # another request was first
                    return None
        return Person(row.name, Role(row.role))


def _leaves_an_admin(*, keeping: bool) -> sa.ColumnElement[bool]:
    """Return whether an admin is left without the person of the row; always true if none is kept."""
    if not keeping:
        return sa.true()
    others = PEOPLE.alias("others")
    left = sa.select(others.c.name).where(
        others.c.role == Role.ADMIN.value, others.c.name != PEOPLE.c.name
    )
    return (PEOPLE.c.role != Role.ADMIN.value) | sa.exists(left.correlate(PEOPLE))
