"""The append-only file of the audit log: two rows an entry, each with the hash of the row before.

A row is written when something starts and another when it ends, so what `kill -9` cut off shows as
unfinished. `seq` has no gaps. On SQLite, triggers refuse UPDATE and DELETE; whoever drops them can
still be noticed, by the chain (`weir.audit.verifying`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from weir.core.errors import AuditError

BEGIN, END = "begin", "end"
START = "0" * 64
"""What the first row holds for the hash of the row before."""
_PG_LOCK = 0x77656972  # "weir": one writer of the chain at a time
_metadata = sa.MetaData()

ROW = sa.Table(
    "audit_entry",
    _metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("entry", sa.Integer, nullable=False, index=True),  # seq of the row that began it
    sa.Column("phase", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),  # UTC, six digits of seconds' fraction
    sa.Column("action", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("authenticated", sa.String, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),  # JSON; of the end: what it did
    sa.Column("project", sa.String, nullable=False),
    sa.Column("home", sa.String, nullable=False),
    sa.Column("request", sa.String, nullable=False, index=True),
    sa.Column("run", sa.String, nullable=False, index=True),
    sa.Column("host", sa.String, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("result", sa.String, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("seconds", sa.String, nullable=False),  # text: hashed as it is written
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sqlite_autoincrement=True,  # sqlite_sequence remembers a tail that was cut off
)
HASHED = tuple(column.name for column in ROW.columns if column.name != "hash")


class AuditLog:
    """The audit log of one home.

    Args:
        url: an SQLAlchemy URL: a SQLite file, made when absent, or a PostgreSQL database.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)

    @classmethod
    def at(cls, path: Path) -> AuditLog:
        """Return the log in a SQLite file."""
        return cls(f"sqlite:///{path}")

    @property
    def exists(self) -> bool:
        """Whether anything was ever written (a PostgreSQL database always counts)."""
        return not self._on_sqlite or Path(str(self.url.database)).is_file()

    @property
    def _on_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @cached_property
    def engine(self) -> sa.Engine:
        """The engine, its table made."""
        if not self._on_sqlite:
            engine = sa.create_engine(self.url, pool_size=1, pool_pre_ping=True)
            _metadata.create_all(engine)
            return engine
        Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(self.url, connect_args={"timeout": 30.0}, poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _metadata.create_all(connection)
            for what in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS no_{what.lower()} BEFORE {what} ON audit_entry"
                    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
                )
            connection.commit()
        return engine

    def append(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Append rows in one transaction; return their numbers.

        A row whose `entry` is 0 begins an entry; one whose `entry` is -1 ends the one that the row
        before it began.

        Raises:
            AuditError: if the log cannot be written.
        """
        try:
            with self._writing() as connection:
                return self._append(connection, rows)
        except (OperationalError, OSError) as error:
            cause = error.orig if isinstance(error, OperationalError) else error
            raise AuditError(str(self.url.database), str(cause)) from error

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as connection:
            if self._on_sqlite:
                connection.exec_driver_sql("PRAGMA synchronous = FULL")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_PG_LOCK})")
            yield connection
            connection.commit()

    @staticmethod
    def _append(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        last = connection.execute(
            sa.select(ROW.c.seq, ROW.c.hash).order_by(ROW.c.seq.desc()).limit(1)
        ).first()
        seq, previous = (last.seq, last.hash) if last else (0, START)
        numbers: list[int] = []
        for given in rows:
            seq += 1
            entry = {0: seq, -1: seq - 1}.get(given["entry"], given["entry"])
            row = {**_writable(given), "seq": seq, "entry": entry, "previous": previous}
            row["hash"] = previous = digest(row)
            connection.execute(ROW.insert(), row)
            numbers.append(seq)
        return numbers


def _writable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose texts are all UTF-8: what a person typed may hold half of a character."""
    return {
        name: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def digest(row: Mapping[str, Any]) -> str:
    """Return a row's hash: blake2b over all its columns and the hash of the row before."""
    text = json.dumps([row[name] for name in HASHED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


__all__ = ["BEGIN", "END", "HASHED", "ROW", "START", "AuditLog", "digest"]
