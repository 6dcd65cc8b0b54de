"""The lake of an environment: a catalogue of its own whose views show production's tables in place.

Its connections attach production read-only, so that the engine itself refuses to write there. What an
environment builds goes into tables of its own (`own_fact."t"`); the view of the model's name
(`fact."t"`) shows them together with those partitions of production that its code would build alike.
Which partitions those are is decided in `weir.lineage.environments`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from weir.core.errors import LakeError
from weir.core.grains import Range
from weir.core.settings import Settings
from weir.engines.embedded.duck import literal
from weir.engines.embedded.lake import PRODUCTION, Lake
from weir.engines.embedded.schema import SCHEMAS, SYSTEM_TABLES, column_list
from weir.engines.environments import STAGES, Overlay

OWN = "own_"
"""What the schemas of an environment's own tables begin with."""
_MARK = "weir env "  # what the comment of a view that is ours begins with
_BASE = f"lake.{OWN}weir.base"
_OWN_TABLES = ("verdict", "entry")
"""Tables of `weir` that an environment has itself: what its own runs found and wrote."""
View = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True)
class Known:
    """The tables and views that are there: of production and of the environment itself."""

    production: frozenset[View]
    own: frozenset[View]


class EnvironmentLake:
    """The lake of an environment.

    Args:
        settings: the environment's settings.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.env:
            raise LakeError("This is production, no environment.", "Name one with --env.")
        self.lake = Lake(settings)

    def create(self) -> None:
        """Make the catalogue with views of everything in production; no data is copied."""
        self.lake.data_dir.mkdir(parents=True)
        self.lake.transact(_create)
        self.show(())

    def show(self, overlays: Iterable[Overlay]) -> int:
        """Bring the views up to date; return how many were changed.

        Args:
            overlays: how models are shown; all other tables are shown as they are in production.
        """
        with self.lake.read() as connection:
            changes = _changes(connection, {(o.schema, o.table): o for o in overlays})
        if changes:
            self.lake.transact(lambda write: [write.execute(sql) for sql in changes])
        return len(changes)

    def statements(self, overlay: Overlay, base: Mapping[str, str]) -> list[str]:
        """Return what has to be run in the transaction that builds partitions of a model.

        Args:
            overlay: how the model is shown once they are built; its own table exists then.
            base: key → code version of production's partition, '' where it has none.
        """
        with self.lake.read() as connection:
            known = _known(connection)
        view = (overlay.schema, overlay.table)
        text = _overlaid(overlay, own=True, production=view in known.production)
        keys = ", ".join(f"'{literal(key)}'" for key in base)
        asset = literal(overlay.asset)
        rows = ", ".join(f"('{asset}', '{literal(k)}', '{literal(h)}')" for k, h in base.items())
        return [
            *_create_view(view, text),
            f"DELETE FROM {_BASE} WHERE asset = '{asset}' AND key IN ({keys})",
            f"INSERT INTO {_BASE} VALUES {rows}",
        ]

    def bases(self) -> dict[str, dict[str, str]]:
        """Return asset → key → the code version that production's partition had at the build."""
        found: dict[str, dict[str, str]] = {}
        with self.lake.read() as connection:
            for asset, key, code in connection.execute(f"FROM {_BASE}").fetchall():
                found.setdefault(asset, {})[key] = code
        return found


def inside(column: str, ranges: Iterable[Range], *, dates: bool) -> str:
    r"""Return the SQL condition that a partition column lies in one of some ranges.

    >>> from datetime import datetime
    >>> from weir.core.grains import Grain
    >>> inside("d", [Range.of(datetime(2026, 1, 1), Grain.DAY)], dates=True)
    '("d" >= DATE \'2026-01-01\' AND "d" < DATE \'2026-01-02\')'
    >>> inside("d", [], dates=True)
    'false'
    """
    kind, length = ("DATE", 10) if dates else ("TIMESTAMP", 19)
    parts = [
        f"\"{column}\" >= {kind} '{str(r.start)[:length]}'"
        f" AND \"{column}\" < {kind} '{str(r.end)[:length]}'"
        for r in ranges
    ]
    return f"({' OR '.join(parts)})" if parts else "false"


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{schema}")
    for schema in (*STAGES, "weir"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{OWN}{schema}")
    for table in _OWN_TABLES:
        columns = column_list(SYSTEM_TABLES[table])
        connection.execute(f"CREATE TABLE lake.weir.{table} ({columns})")
    connection.execute(f"CREATE TABLE {_BASE} (asset VARCHAR, key VARCHAR, code VARCHAR)")
    connection.execute(f"CREATE VIEW lake.weir.format AS SELECT * FROM {PRODUCTION}.weir.format")


def _known(connection: duckdb.DuckDBPyConnection) -> Known:
    found = connection.execute(
        "SELECT DISTINCT database_name, schema_name, table_name FROM duckdb_columns()"
        f" WHERE database_name IN ('lake', '{PRODUCTION}')"
    ).fetchall()
    theirs = {(s, t) for database, s, t in found if database == PRODUCTION and s in SCHEMAS}
    theirs -= {("weir", table) for table in _OWN_TABLES}
    ours = {
        (s.removeprefix(OWN), t) for database, s, t in found if database == "lake" and OWN in s[:4]
    }
    return Known(frozenset(theirs), frozenset(ours))


def _changes(connection: duckdb.DuckDBPyConnection, overlays: Mapping[View, Overlay]) -> list[str]:
    known = _known(connection)
    marks = {
        (schema, name): comment or ""
        for schema, name, comment in connection.execute(
            "SELECT schema_name, view_name, comment FROM duckdb_views()"
            " WHERE database_name = 'lake' AND NOT internal"
        ).fetchall()
    }
    wanted = {view: _plain(view) for view in known.production} | {
        view: _overlaid(overlay, own=view in known.own, production=view in known.production)
        for view, overlay in overlays.items()
        if view in known.own or view in known.production
    }
    changes: list[str] = []
    for view, text in sorted(wanted.items()):
        mark = marks.get(view)
        theirs = mark is not None and not mark.startswith(_MARK)  # dbt's view beside a model
        if mark != _marked(text) and not (theirs and view not in overlays):
            changes += _create_view(view, text)
    gone = [v for v, mark in marks.items() if mark.startswith(_MARK) and v not in wanted]
    return changes + [f'DROP VIEW lake.{schema}."{name}"' for schema, name in sorted(gone)]


def _create_view(view: View, text: str) -> list[str]:
    name = f'lake.{view[0]}."{view[1]}"'
    return [
        f"CREATE OR REPLACE VIEW {name} AS {text}",
        f"COMMENT ON VIEW {name} IS '{_marked(text)}'",
    ]


def _marked(text: str) -> str:
    return _MARK + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _plain(view: View) -> str:
    return f'SELECT * FROM {PRODUCTION}.{view[0]}."{view[1]}"'


def _overlaid(overlay: Overlay, *, own: bool, production: bool) -> str:
    view, dates = (overlay.schema, overlay.table), overlay.schema != "event_log"
    mine = inside(overlay.column, overlay.own, dates=dates)
    not_theirs = inside(overlay.column, [*overlay.own, *overlay.hidden], dates=dates)
    parts = []
    if own and overlay.own:
        parts.append(f'SELECT * FROM lake.{OWN}{view[0]}."{view[1]}" WHERE {mine}')
    if production:
        hidden = "" if not_theirs == "false" else f" WHERE NOT {not_theirs}"
        parts.append(_plain(view) + hidden)
    elif not parts:  # it is there, and holds nothing that may be read
        parts.append(f'SELECT * FROM lake.{OWN}{view[0]}."{view[1]}" WHERE false')
    return " UNION ALL BY NAME ".join(parts)
