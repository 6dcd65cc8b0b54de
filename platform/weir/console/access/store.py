"""The file that holds people, their tokens and sessions: SQLite, of secrets only their hashes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

FILE = "console.db"
_METADATA = sa.MetaData()

PEOPLE = sa.Table(
    "people", _METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False, server_default=""),
    sa.Column("created_at", sa.DateTime, nullable=False),
)  # fmt: skip
TOKENS = sa.Table(
    "tokens", _METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.ForeignKey("people.name", ondelete="CASCADE"), nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("once", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime),
)  # fmt: skip
SESSIONS = sa.Table(
    "sessions", _METADATA,
    sa.Column("hash", sa.String, primary_key=True),
    sa.Column("name", sa.ForeignKey("people.name", ondelete="CASCADE"), nullable=False),
    sa.Column("csrf", sa.String, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)  # fmt: skip
SIGNING_IN = sa.Table(
    "signing_in", _METADATA,
    sa.Column("state", sa.String, primary_key=True),
    sa.Column("cookie", sa.String, nullable=False),
    sa.Column("nonce", sa.String, nullable=False),
    sa.Column("verifier", sa.String, nullable=False),
    sa.Column("to", sa.String, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)  # fmt: skip


def hashed(secret: str) -> str:
    """Return what is kept of a secret that nobody can guess: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(maxsize=4)
def engine_of(home: Path) -> sa.Engine:
    """Return the database of a home, made when absent; only its owner may read the file."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / FILE
    path.touch(mode=0o600)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
    sa.event.listen(engine, "connect", _prepare)
    _METADATA.create_all(engine)
    return engine


def _prepare(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
