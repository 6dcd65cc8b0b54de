"""The ledger's tables. `migrations/` leads every older form to this one; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

HEAD = "0002"
"""The newest migration: what a ledger made from these tables is stamped with."""

metadata = sa.MetaData()


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=key, nullable=False)


PARTITION = sa.Table(
    "partition",
    metadata,
    _text("asset", key=True),
    _text("key", key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    _text("hash"),
    _text("input"),
    _text("run"),
    _text("code"),
    sa.Column("snapshot", sa.BigInteger, nullable=False),
    sa.Column("at", sa.DateTime),
)
VERDICT = sa.Table(
    "verdict",
    metadata,
    _text("asset", key=True),
    _text("check_name", key=True),
    _text("key", key=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("blocking", sa.Boolean, nullable=False),
    _text("detail"),
)
STATE = sa.Table("state", metadata, _text("name", key=True), _text("value"))
HISTORY = sa.Table(
    "history",
    metadata,
    _text("asset", key=True),
    _text("key", key=True),
    sa.Column("snapshot", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("run", key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    _text("hash"),
    _text("input"),
    _text("code"),
    sa.Column("at", sa.DateTime),
)
"""Every build of every partition; rows are only ever added."""
BUILD = sa.Table(
    "build",
    metadata,
    _text("asset", key=True),
    sa.Column("snapshot", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("run", key=True),
    _text("code"),
    _text("engine"),
    sa.Column("partitions", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("reads", sa.Text, nullable=False),
    sa.Column("spans", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime),
)
"""One row per asset and commit: what its partitions have in common. `reads` and `spans` are JSON."""
FILE = sa.Table(
    "file",
    metadata,
    _text("asset", key=True),
    _text("path", key=True),
    _text("part"),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    _text("columns"),
)
