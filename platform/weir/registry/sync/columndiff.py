"""Which columns of which event logs a change adds, removes or retypes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weir.registry.columns import Column, columns
from weir.registry.model import Event, Registry

ADDED, REMOVED, RETYPED = "+", "-", "~"
_DRAFT = "draft"


@dataclass(frozen=True)
class ColumnChange:
    """One column that changes.

    Args:
        sign: `+` added, `-` removed, `~` retyped.
        name: the column.
        duckdb: its type on DuckDB after the change; before it, if it is removed.
        bigquery: the same on BigQuery.
        before: both types before, if it is retyped.
    """

    sign: str
    name: str
    duckdb: str
    bigquery: str
    before: tuple[str, str] | None = None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.sign} {self.name} {self.duckdb} (BigQuery {self.bigquery})"
        duckdb, bigquery = self.before
        types = f"{duckdb} -> {self.duckdb} (BigQuery {bigquery} -> {self.bigquery})"
        return f"{self.sign} {self.name} {types}"

    def as_dict(self) -> dict[str, str | None]:
        """Return it as plain data."""
        old = self.before or (None, None)
        return {
            "change": {ADDED: "added", REMOVED: "removed", RETYPED: "retyped"}[self.sign],
            "name": self.name,
            "duckdb": self.duckdb,
            "bigquery": self.bigquery,
            "duckdb_before": old[0],
            "bigquery_before": old[1],
        }


@dataclass(frozen=True)
class LogChange:
    """The columns of one event's log that change; none if only its other properties do."""

    event: str
    columns: tuple[ColumnChange, ...]
    draft: bool = False

    def __str__(self) -> str:
        title = f"{self.event} (a draft: it has no log yet)" if self.draft else self.event
        return "\n".join([title, *(f"  {column}" for column in self.columns)])


def column_diff(base: Registry, head: Registry) -> list[LogChange]:
    """Return the event logs whose columns change, by name."""
    names = sorted({*base.events, *head.events})
    found = (_log(name, base.events.get(name), head.events.get(name)) for name in names)
    return [change for change in found if change.columns]


def as_text(changes: Iterable[LogChange]) -> str:
    """Return the changes as a commit message shows them."""
    return "\n".join(map(str, changes))


def _log(name: str, old: Event | None, new: Event | None) -> LogChange:
    newest = new or old
    return LogChange(name, tuple(_columns(old, new)), bool(newest and newest.status == _DRAFT))


def _columns(old: Event | None, new: Event | None) -> Iterator[ColumnChange]:
    before, after = _by_name(old), _by_name(new)
    for name, column in after.items():
        was = before.get(name)
        if was is None:
            yield ColumnChange(ADDED, name, column.duckdb, column.bigquery)
        elif was.structure != column.structure:
            types = (was.duckdb, was.bigquery)
            yield ColumnChange(RETYPED, name, column.duckdb, column.bigquery, types)
    for name, column in before.items():
        if name not in after:
            yield ColumnChange(REMOVED, name, column.duckdb, column.bigquery)


def _by_name(event: Event | None) -> dict[str, Column]:
    return {column.name: column for column in columns(event)} if event else {}
