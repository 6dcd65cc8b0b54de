"""The file of alerts: problems that are open, and messages that are still to be sent.

A message is a row until a channel took it, so a restart loses none. The same problem again only
counts, until `repeat_minutes` are over; when it is gone, whoever was told of it is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from weir.alerts.config import Config
from weir.alerts.problem import Problem

FILE = "alerts.db"
MAX_WAITING = 5_000
"""Messages that may wait; beyond, problems only count, and are told when there is room."""
CLAIM = timedelta(minutes=2)
"""How long a sender has a message to itself."""
MAX_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_KEEP = timedelta(days=30)
_MAX_TEXT = 4_000
_metadata = sa.MetaData()

PROBLEM = sa.Table(
    "problem",
    _metadata,
    sa.Column("id", sa.String, primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("kind", "asset", "check", "cause", "key", "owner", "severity", "run", "text")
    ),
    sa.Column("first_at", sa.DateTime, nullable=False),
    sa.Column("last_at", sa.DateTime, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("told_at", sa.DateTime),  # None: nobody was told yet
    sa.Column("resolved_at", sa.DateTime),
)
MESSAGE = sa.Table(
    "message",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("problem", sa.String, nullable=False, index=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("event", sa.String, nullable=False),  # raised, repeated, resolved
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("run", sa.String, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("due_at", sa.DateTime, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),  # waiting, sent, given_up
    sa.Column("error", sa.Text, nullable=False),
)
WAITING, SENT, GIVEN_UP = "waiting", "sent", "given_up"


@dataclass(frozen=True)
class Message:
    """What is to be sent by one channel.

    Attributes:
        id: its number; a receiver may see the same one twice after a crash.
        problem: the problem's identity.
        channel: the channel.
        event: raised, repeated or resolved.
        title: one line.
        text: the rest, in words.
        severity: how grave.
        run: the Dagster run, if any.
        seen: how often the problem was seen.
        at: when it was last seen; naive UTC.
        attempts: how often sending failed.
    """

    id: int
    problem: str
    channel: str
    event: str
    title: str
    text: str
    severity: Any
    run: str
    seen: int
    at: datetime
    attempts: int


class Outbox:
    """The alerts of one home.

    Args:
        path: the SQLite file; made when it is first written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _engine(self) -> sa.Engine:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": 30.0}, poolclass=sa.NullPool
        )
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _metadata.create_all(connection)
            connection.commit()
        return engine

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def raise_(self, problem: Problem, config: Config, now: datetime) -> int:
        """Note that something is wrong; return how many messages that made.

        Args:
            problem: what is wrong.
            config: who is told by what.
            now: naive UTC.
        """
        with self._begin() as connection:
            held = connection.execute(sa.select(PROBLEM).where(PROBLEM.c.id == problem.id)).first()
            again = held is not None and held.resolved_at is None
            count = held.seen + 1 if held is not None and again else 1
            told = held.told_at if held is not None and again else None
            first = held.first_at if held is not None and again else now
            due = told is None or now - told >= timedelta(minutes=config.repeat_minutes)
            event = "repeated" if again and told is not None else "raised"
            channels = config.channels_of(problem.owner, problem.severity) if due else []
            made = self._queue(connection, problem, channels, event, count, now)
            row = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
            row |= {
                "id": problem.id, "text": problem.text[:_MAX_TEXT], "first_at": first,
                "last_at": now, "seen": count, "told_at": now if made else told,
                "resolved_at": None,
            }  # fmt: skip
            connection.execute(PROBLEM.insert().prefix_with("OR REPLACE"), row)
            return made

    def resolve(self, ids: Iterable[str], now: datetime) -> int:
        """Note that problems are gone; who was told of them is told so. Returns the messages."""
        made = 0
        with self._begin() as connection:
            for identity in ids:
                chosen = PROBLEM.c.id == identity, PROBLEM.c.resolved_at.is_(None)
                held = connection.execute(sa.select(PROBLEM).where(*chosen)).first()
                if held is None:
                    continue
                connection.execute(PROBLEM.update().where(*chosen).values(resolved_at=now))
                made += self._queue(
                    connection, _problem(held), self._told(connection, held), "resolved",
                    held.seen, now,
                )  # fmt: skip
        return made

    def test(self, channel: str, problem: Problem, now: datetime) -> Message:
        """Queue one message to try a channel, and claim it."""
        with self._begin() as connection:
            self._queue(connection, problem, [channel], "raised", 1, now)
            query = sa.select(MESSAGE).order_by(MESSAGE.c.id.desc()).limit(1)
            row = connection.execute(query).one()
            self._claim(connection, [row.id], now)
            return _message(row)

    def claim(self, now: datetime, limit: int = 20) -> list[Message]:
        """Return messages that are due, oldest first; nobody else gets them for two minutes."""
        query = (
            sa.select(MESSAGE)
            .where(MESSAGE.c.state == WAITING, MESSAGE.c.due_at <= now)
            .order_by(MESSAGE.c.id)
            .limit(limit)
        )
        with self._begin() as connection:
            rows = connection.execute(query).all()
            self._claim(connection, [row.id for row in rows], now)
            return [_message(row) for row in rows]

    def sent(self, message: Message, now: datetime) -> None:
        """Note that a channel took a message; forget what is long done."""
        old = sa.or_(MESSAGE.c.state == SENT, MESSAGE.c.state == GIVEN_UP)
        with self._begin() as connection:
            self._set(connection, message, state=SENT, error="")
            connection.execute(MESSAGE.delete().where(old, MESSAGE.c.at < now - _KEEP))
            connection.execute(PROBLEM.delete().where(PROBLEM.c.resolved_at < now - _KEEP))

    def failed(self, message: Message, why: str, now: datetime, *, final: bool = False) -> None:
        """Note that sending failed; it is tried again later, each time after twice as long."""
        attempts = message.attempts + 1
        pause = min(FIRST_PAUSE * 2**message.attempts, LONGEST_PAUSE)
        state = GIVEN_UP if final or attempts >= MAX_ATTEMPTS else WAITING
        with self._begin() as connection:
            self._set(
                connection, message, state=state, attempts=attempts, error=why, due_at=now + pause
            )

    def put_off(self, message: Message, until: datetime) -> None:
        """Let a message wait, for the end of quiet hours or of a budget; it counts as no attempt."""
        with self._begin() as connection:
            self._set(connection, message, due_at=until)

    def open(self, kind: str = "") -> list[Problem]:
        """Return the problems that are open, of one kind or of all, oldest first."""
        return [_problem(row) for row in self.rows(kind)]

    def rows(self, kind: str = "") -> list[sa.Row[Any]]:
        """Return the open problems as they are stored, oldest first."""
        if not self.path.is_file():
            return []
        query = sa.select(PROBLEM).where(PROBLEM.c.resolved_at.is_(None))
        query = query.where(PROBLEM.c.kind == kind) if kind else query
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(PROBLEM.c.first_at, PROBLEM.c.id)))

    def messages(self, *states: str) -> list[sa.Row[Any]]:
        """Return messages as they are stored, of some states, oldest first."""
        if not self.path.is_file():
            return []
        query = sa.select(MESSAGE).where(MESSAGE.c.state.in_(states)).order_by(MESSAGE.c.id)
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    @staticmethod
    def _queue(
        connection: sa.Connection,
        problem: Problem,
        channels: Iterable[str],
        event: str,
        count: int,
        now: datetime,
    ) -> int:
        waiting = sa.select(sa.func.count()).where(MESSAGE.c.state == WAITING)
        room = MAX_WAITING - int(connection.execute(waiting).scalar_one())
        rows = [
            {
                "problem": problem.id, "channel": channel, "event": event, "title": problem.title,
                "text": problem.text[:_MAX_TEXT], "severity": problem.severity,
                "run": problem.run, "seen": count, "at": now, "due_at": now, "attempts": 0,
                "state": WAITING, "error": "",
            }
            for channel in channels
        ]  # fmt: skip
        if not rows or room < len(rows):
            return 0
        connection.execute(MESSAGE.insert(), rows)
        return len(rows)

    @staticmethod
    def _told(connection: sa.Connection, held: sa.Row[Any]) -> list[str]:
        """Return the channels that were, or will be, told of a problem since it began."""
        chosen = MESSAGE.c.problem == held.id, MESSAGE.c.at >= held.first_at
        query = (
            sa.select(MESSAGE.c.channel).where(*chosen, MESSAGE.c.event != "resolved").distinct()
        )
        return sorted(connection.execute(query).scalars())

    @staticmethod
    def _claim(connection: sa.Connection, ids: list[int], now: datetime) -> None:
        mine = MESSAGE.update().where(MESSAGE.c.id.in_(ids))
        connection.execute(mine.values(due_at=now + CLAIM))

    @staticmethod
    def _set(connection: sa.Connection, message: Message, **values: Any) -> None:
        connection.execute(MESSAGE.update().where(MESSAGE.c.id == message.id).values(**values))


def _problem(row: sa.Row[Any]) -> Problem:
    return Problem(**{name: getattr(row, name) for name in Problem.__dataclass_fields__})


def _message(row: sa.Row[Any]) -> Message:
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
