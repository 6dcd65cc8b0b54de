"""What has to happen to a table so that it holds the columns of its event: a plan, as plain values.

How an engine does a step is `ducklake` and `bigquery`; the log's own run does the same steps
(`dbt/macros/sync_columns.sql`), and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from weir.registry.columns import Column
from weir.registry.evolution.structures import JSON, Structure, duckdb_type, widen
from weir.registry.evolution.united import SUFFIX, mark, parted, view_sql
from weir.registry.reserved import BASE_COLUMNS, EXTRA


@dataclass(frozen=True)
class AddColumn:
    """A column that the table does not have; its past holds NULL."""

    name: str
    kind: Structure

    def __str__(self) -> str:
        return f"add {self.name} {duckdb_type(self.kind)}"


@dataclass(frozen=True)
class WidenColumn:
    """A column that takes a type which holds all its values."""

    name: str
    before: Structure
    after: Structure

    def __str__(self) -> str:
        return f"widen {self.name} {duckdb_type(self.before)} -> {duckdb_type(self.after)}"


@dataclass(frozen=True)
class RetypeColumn:
    """A column whose values may not fit its new type: they are NULL until `weir run` rebuilds them.

    No new version of an event asks for it: it comes of a version that was edited, or of a log that
    an older Weir built.
    """

    name: str
    before: Structure
    after: Structure

    def __str__(self) -> str:
        return f"retype {self.name} {duckdb_type(self.before)} -> {duckdb_type(self.after)}"


@dataclass(frozen=True)
class KeepColumn:
    """A column that no version declares any more: it stays, and new rows hold NULL."""

    name: str
    kind: Structure

    def __str__(self) -> str:
        return f"keep {self.name} {duckdb_type(self.kind)} (no version declares it)"


@dataclass(frozen=True)
class CreateView:
    """The view that unites the columns of each parameter."""

    name: str
    columns: tuple[Column, ...]

    def __str__(self) -> str:
        return f"create view {self.name}"


Step: TypeAlias = AddColumn | WidenColumn | RetypeColumn | KeepColumn | CreateView


@dataclass(frozen=True)
class Plan:
    """The steps of one event's log.

    Attributes:
        log: its table's name, without the schema.
        steps: in the order in which they are done.
    """

    log: str
    steps: tuple[Step, ...]

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that do something."""
        return tuple(step for step in self.steps if not isinstance(step, KeepColumn))


def plan(
    log: str, have: Mapping[str, Structure], columns: Sequence[Column], view: str | None = None
) -> Plan:
    """Compare a log's table with the columns of its event.

    Args:
        log: the table's name.
        have: the table's columns as they are.
        columns: the columns of the event's parameters.
        view: the comment of the uniting view that is there; None if there is none.
    """
    wanted = all_columns(columns)
    steps = list(_columns(have, wanted))
    steps += [KeepColumn(name, kind) for name, kind in have.items() if name not in wanted]
    if parted(columns) and view != mark(view_sql(log, columns)):
        steps.append(CreateView(log + SUFFIX, tuple(columns)))
    return Plan(log, tuple(steps))


def all_columns(columns: Sequence[Column]) -> dict[str, Structure]:
    """Return all columns of a log: those that every log has, and its own."""
    base: dict[str, Structure] = {name: kind.upper() for name, (kind, _) in BASE_COLUMNS.items()}
    return {**base, **{column.name: column.structure for column in columns}, EXTRA: JSON}


def _columns(have: Mapping[str, Structure], wanted: Mapping[str, Structure]) -> Iterator[Step]:
    for name, after in wanted.items():
        before = have.get(name)
        if before is None:
            yield AddColumn(name, after)
        elif duckdb_type(before) != duckdb_type(after):
            fits = widen(before, after) == after
            yield WidenColumn(name, before, after) if fits else RetypeColumn(name, before, after)
