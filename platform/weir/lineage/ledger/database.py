"""Opens the ledger's database, SQLite or PostgreSQL, brings it to the present form, and writes to it.

Opening is cheap where the form is the present one: one SELECT. alembic is imported only to upgrade.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from weir.core.errors import FormatMismatch, UsageError
from weir.lineage.ledger.tables import HEAD, metadata

_CHUNK = 5_000  # rows of one INSERT, below SQLite's limit of bound values
_LOCK = 7_331_005  # PostgreSQL's advisory lock of all who write a ledger; any number will do
_BEFORE_ALEMBIC = 1  # `PRAGMA user_version` of the ledgers before migration 0001 had a name


class Database:
    """One ledger's database. Every block is one transaction on a connection of its own.

    Args:
        path: the SQLite file, where there is no `url`.
        url: SQLAlchemy's address of a PostgreSQL database, '' for the file.

    Raises:
        UsageError: if the address is none, or cannot be reached.
        FormatMismatch: if a newer Weir has written it.
    """

    def __init__(self, path: Path, url: str = "") -> None:
        self.path, self.url = path, url
        self.on_sqlite = not url
        self._engine = self._make()
        self._bring_up_to_date()

    def _make(self) -> sa.Engine:
        if self.on_sqlite:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            address, options = f"sqlite:///{self.path}", {"connect_args": {"timeout": 30.0}}
        else:
            address, options = self.url, {}
        try:
            return sa.create_engine(address, poolclass=sa.NullPool, **options)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise UsageError(
                f"WEIR_LEDGER_URL is no address of a database: {error}.",
                "Write it like `postgresql+psycopg2://user@host/database`, or leave it empty.",
            ) from None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read with."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection to write with; nobody else writes meanwhile. An error rolls back."""
        with self._engine.connect() as connection:
            if self.on_sqlite:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection
            connection.commit()

    def _bring_up_to_date(self) -> None:
        try:
            with self.reading() as connection:
                if _stamped(connection) == HEAD:
                    return
            with self.writing() as connection:
                self._upgrade(connection)
        except sa.exc.OperationalError as error:
            if self.on_sqlite:
                raise
            raise UsageError(
                f"The ledger's database cannot be reached: {error.orig}".strip() + ".",
                "Check WEIR_LEDGER_URL and that the server runs.",
            ) from None

    def _upgrade(self, connection: sa.Connection) -> None:
        """Lead the database to the present form, inside the open transaction."""
        found = _stamped(connection)
        if found == HEAD:  # somebody else was first
            return
        if found is None and self._version() == _BEFORE_ALEMBIC:
            found = "0001"
            _stamp(connection, found)
        if found is None:  # new, or of a form that nobody knows
            if self.on_sqlite:  # elsewhere others may have tables of the same names
                metadata.drop_all(connection)
            metadata.create_all(connection)
            _stamp(connection, HEAD)
            return
        if found > HEAD:
            raise FormatMismatch(
                f"The ledger {self.name} is of form {found}, this Weir knows {HEAD}.",
                "Install the newer Weir again, or give this one a home of its own.",
            )
        from weir.lineage.ledger.migrations.run import upgrade  # noqa: PLC0415 - imports alembic

        upgrade(connection)

    @property
    def name(self) -> str:
        """The file, or the address without its password."""
        return str(self.path) if self.on_sqlite else self._engine.url.render_as_string()

    def _version(self) -> int:
        """Return SQLite's `user_version`, which was the ledger's before it had migrations."""
        if not self.on_sqlite:
            return 0
        with self.reading() as connection:
            return int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)


def upsert(connection: sa.Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows; one whose primary key is there replaces it. Of equal keys the last one stays."""
    keys = [column.name for column in table.primary_key]
    unique = {tuple(row[key] for key in keys): dict(row) for row in rows}
    listed = list(unique.values())
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    rest = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=rest)
    for i in range(0, len(listed), _CHUNK):
        connection.execute(statement, listed[i : i + _CHUNK])


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Yield values in lists that are short enough to be bound in one statement."""
    listed = list(values)
    yield from (listed[i : i + _CHUNK] for i in range(0, len(listed), _CHUNK))


def _stamped(connection: sa.Connection) -> str | None:
    """Return the migration that the database is at, None without any."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _stamp(connection: sa.Connection, revision: str) -> None:
    """Write down the migration, in alembic's own table."""
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql("DELETE FROM alembic_version")
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
