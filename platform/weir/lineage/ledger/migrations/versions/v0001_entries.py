"""Entries, verdicts and what Dagster was told: the form that had no migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first three tables."""
    op.create_table(
        "partition",
        sa.Column("asset", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("input", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("snapshot", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime),
    )
    op.create_table(
        "verdict",
        sa.Column("asset", sa.String, primary_key=True),
        sa.Column("check_name", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("blocking", sa.Boolean, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
    )
    op.create_table(
        "state",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
