"""Runs alembic's steps on an open connection. Imported only when there is a step to take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Take every step that the database has not taken, inside the connection's transaction.

    Args:
        connection: an open connection.
        to: the step to stop at.
    """
    steps = ScriptDirectory(str(Path(__file__).parent))

    def wanted(taken: Any, context: Any) -> Sequence[Any]:
        del context
        return steps._upgrade_revs(to, taken)  # noqa: SLF001 - what alembic's own command calls

    environment = EnvironmentContext(Config(), steps)
    environment.configure(connection=connection, fn=wanted)
    with environment.begin_transaction():
        environment.run_migrations()
