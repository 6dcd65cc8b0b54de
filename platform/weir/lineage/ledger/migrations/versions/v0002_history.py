"""Every build of every partition, what it read and how long it took, and the files.

The commits are read again from the first one: they hold what the new tables want to know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the three tables and forget up to where the commits were read."""
    op.create_table(
        "history",
        sa.Column("asset", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("snapshot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("input", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("at", sa.DateTime),
    )
    op.create_table(
        "build",
        sa.Column("asset", sa.String, primary_key=True),
        sa.Column("snapshot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("partitions", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("reads", sa.Text, nullable=False),
        sa.Column("spans", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime),
    )
    op.create_table(
        "file",
        sa.Column("asset", sa.String, primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.String, nullable=False),
    )
    op.execute("DELETE FROM state WHERE name = 'snapshot'")
