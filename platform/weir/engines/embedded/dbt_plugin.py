"""dbt-duckdb plugin: LOAD the extensions, lock every write transaction, pass the run's context on.

dbt begins a transaction per model; each holds the write lock of a SQLite catalogue from BEGIN to
COMMIT, ROLLBACK or close, so a hand-run `dbt build` is as safe as Weir's own runs. The wrapped
methods are private to dbt-adapters: tests/engines/test_dbt_plugin.py notices when they move.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.plugins import BasePlugin

from weir.engines.embedded.duck import CONFIG, EXTENSIONS, ON_SQLITE, literal, load_extensions
from weir.engines.embedded.lock import acquire, write_lock

_LOCK = "_weir_lock"  # attribute of a dbt connection that holds the lock
_LIMITS = {"memory": "memory_limit", "spill": "temp_directory"}
"""Name in the profile → option of DuckDB."""
_context: dict[str, Any] = {}
_attached: list[str] = []


def set_run_context(context: Mapping[str, Any]) -> None:
    """Set what the next dbt invocation of this process writes into its ledger entries.

    Args:
        context: `run` (Dagster run id), `engine`, `inputs`: asset → partition key → digest,
            `vectors`: asset → `reads` and `spans` of its entry, and `codes`: asset → code version.
    """
    _context.clear()
    _context.update(context)


def attach_first(statement: str) -> None:
    """Set what every dbt connection attaches before the lake: production, in an environment.

    Args:
        statement: ATTACH with READ_ONLY; '' for nothing.
    """
    _attached[:] = [statement] if statement else []


class Plugin(BasePlugin):
    """Named `Plugin` because dbt-duckdb looks for that name."""

    def initialize(self, config: dict[str, Any]) -> None:
        """Install the lock when the profile names one (SQLite catalogue); keep DuckDB's limits."""
        self._limits = {
            option: config[name] for name, option in _LIMITS.items() if config.get(name)
        }
        path = config.get("lock")
        _TransactionLock.install(Path(path) if path else None)

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Forbid DuckDB to install anything by itself; set how much memory it may use."""
        del creds
        config.update(CONFIG)
        config.update(self._limits)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions; this runs before the lake is attached."""
        on_sqlite = _TransactionLock.path and not any("ducklake:postgres" in a for a in _attached)
        load_extensions(conn, ON_SQLITE if on_sqlite else EXTENSIONS)
        for statement in _attached:
            conn.execute(statement)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Give each session the run's context: `write_ledger_entry` reads it."""
        cursor.execute(f"SET VARIABLE weir_run = '{literal(json.dumps(_context))}'")


class _TransactionLock:
    """Wraps begin, commit, rollback and close of dbt-duckdb's connection manager, once."""

    path: Path | None = None
    _installed = False

    @classmethod
    def install(cls, path: Path | None) -> None:
        cls.path = path
        if cls._installed:
            return
        cls._installed = True
        manager: Any = DuckDBConnectionManager
        begin, commit = manager.begin, manager.commit
        rollback, close = manager._rollback.__func__, manager.close.__func__  # noqa: SLF001

        def locked_begin(self: Any) -> Any:
            connection = self.get_thread_connection()
            if not connection.transaction_open:
                cls._hold(connection)
            return begin(self)

        def locked_commit(self: Any) -> Any:
            connection = self.get_thread_connection()
            try:
                return commit(self)
            finally:
                cls._release(connection)

        def locked_rollback(manager_class: Any, connection: Any) -> Any:
            try:
                return rollback(manager_class, connection)
            finally:
                cls._release(connection)

        def locked_close(manager_class: Any, connection: Any) -> Any:
            try:
                return close(manager_class, connection)
            finally:
                cls._release(connection)

        manager.begin, manager.commit = locked_begin, locked_commit
        manager._rollback = classmethod(locked_rollback)  # noqa: SLF001
        manager.close = classmethod(locked_close)

    @classmethod
    def _hold(cls, connection: Any) -> None:
        if cls.path is None or _LOCK in connection.__dict__:
            return
        lock = write_lock(cls.path)
        acquire(lock)
        connection.__dict__[_LOCK] = lock

    @staticmethod
    def _release(connection: Any) -> None:
        lock = connection.__dict__.pop(_LOCK, None)
        if lock is not None:
            lock.release()
