"""Reads the quarantine: what is wrong in groups, single rows, and which of them were replayed.

A quarantined row never changes. That its event has landed again is said by `weir.replayed`, which
`weir.engines.embedded.replaying` writes. What an event means is `weir.collect`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from weir.core.errors import InvalidValue
from weir.core.landing import COLUMNS, Receipt
from weir.engines.embedded.lake import Lake

GROUPED_BY = ("rule", "event", "version", "hour", "producer", "pointer", "app")
_RULES = "list_distinct(json_extract_string(q.violations, '$[*].rule'))"
_POINTERS = (  # a place in an array is the same for all its items
    "list_transform(json_extract_string(q.violations, '$[*].pointer'),"
    " p -> regexp_replace(p, '/[0-9]+(/|$)', '/*\\1', 'g'))"
)
_PLACES = f"list_distinct(list_zip(json_extract_string(q.violations, '$[*].rule'), {_POINTERS}))"
_RECEIPT = "concat_ws('/', q.lane, q.epoch, q.\"offset\")"
_SOURCE = (
    "landing.quarantine AS q LEFT JOIN weir.replayed AS r"
    ' ON r.lane = q.lane AND r.epoch = q.epoch AND r."offset" = q."offset"'
)
_KEYS = {
    "rule": "rule",
    "event": "event_name",
    "version": "version",
    "hour": "landing_hour",
    "producer": "producer",
    "pointer": "pointer",
    "app": "app_version",
}
_NEWEST_FIRST = 'landing_hour DESC, q.lane DESC, q.epoch DESC, q."offset" DESC'
_IN_ORDER = 'landing_hour, q.lane, q.epoch, q."offset"'


@dataclass(frozen=True)
class Wanted:
    """Which quarantined rows; an empty tuple or None is any.

    Attributes:
        rules: they break one of these rules.
        events: their event is one of these names; '' stands for none.
        versions: their version is one of these.
        producers: one of these sent them.
        since: they landed in this hour or later.
        until: they landed before this hour.
        receipts: they are one of these, or have one of `event_ids`.
        event_ids: their event's id is one of these.
        replayed: whether they were replayed.
        pointers: something is wrong at one of these; `*` stands for a place in an array.
        apps: these versions of an app sent them; '' stands for none.
    """

    rules: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    producers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    receipts: tuple[Receipt, ...] = ()
    event_ids: tuple[str, ...] = ()
    replayed: bool | None = None
    pointers: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Quarantined rows that are alike. A key that was not grouped by is None.

    Attributes:
        rows: how many there are; one that breaks several rules is in a group of each.
        replayed: how many of them were replayed.
        first_seen: when the first was received.
        last_seen: when the last was received.
        sample: receipt of the newest one that was not replayed, else of the newest.
        pointer: where something is wrong; `*` stands for a place in an array.
        app: version of the app that sent them.
    """

    rule: str | None
    event: str | None
    version: int | None
    hour: datetime | None
    producer: str | None
    rows: int
    replayed: int
    first_seen: datetime
    last_seen: datetime
    sample: str
    pointer: str | None = None
    app: str | None = None


@dataclass(frozen=True)
class Mark:
    """When, by whom and to which receipt a quarantined row's event landed again."""

    replayed_at: datetime
    by: str
    run: str
    tier: str
    receipt: str
    outcome: str


@dataclass(frozen=True)
class Quarantined:
    """One row of `landing.quarantine`; `columns` are those of `weir.core.landing.COLUMNS`."""

    receipt: Receipt
    columns: Mapping[str, Any]
    mark: Mark | None


class EmbeddedQuarantine:
    """The quarantine of one lake.

    Args:
        lake: the lake.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._open: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Answer everything that is asked in the block from one connection, and one snapshot."""
        with self.lake.read() as connection:
            connection.begin()
            self._open = connection
            try:
                yield
            finally:
                self._open = None

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._open is not None:
            yield self._open
            return
        with self.lake.read() as connection:
            yield connection

    def groups(
        self, wanted: Wanted, by: Sequence[str] = GROUPED_BY[:4], limit: int | None = None
    ) -> list[Group]:
        """Return the rows in groups, the largest first.

        Raises:
            InvalidValue: if `by` names no key of a group.
        """
        for key in by:
            if key not in GROUPED_BY:
                raise InvalidValue("by", key, GROUPED_BY)
        where, values = _where(wanted)
        keys = ", ".join(
            (_KEYS[key] if key in by else "NULL") + f" AS {_KEYS[key]}_key" for key in GROUPED_BY
        )
        narrowed, more = _of_places(wanted, by)
        sql = f"""
            WITH picked AS (
                SELECT unnest({_places(by)}) AS place, q.event_name, q.version, q.landing_hour,
                    q.producer, q.app_version, q.received_at, {_RECEIPT} AS receipt, r.replayed_at
                FROM {_SOURCE} WHERE {where}
            ), placed AS (SELECT *, place[1] AS rule, place[2] AS pointer FROM picked)
            SELECT {keys}, count(*), count(replayed_at), min(received_at), max(received_at),
                arg_max(receipt, row(replayed_at IS NULL, received_at, receipt))
            FROM placed WHERE {narrowed} GROUP BY ALL
            ORDER BY 8 DESC, 1, 2, 3, 4, 5, 6, 7 LIMIT {_limit(limit)}"""
        with self._connection() as connection:
            found = connection.execute(sql, [*values, *more]).fetchall()
        return [Group(*row[:5], *row[7:], *row[5:7]) for row in found]

    def rows(
        self,
        wanted: Wanted,
        *,
        after: tuple[datetime, Receipt] | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Quarantined]:
        """Return rows in the order of landing hour and receipt.

        Args:
            wanted: which.
            after: only rows behind the one that landed in this hour with this receipt.
            limit: most rows to return.
            newest_first: the other way round.
        """
        where, values = _where(wanted)
        if after is not None:
            where += f" AND ({_IN_ORDER}) > (?, ?, ?, ?)"
            values = [*values, after[0], *after[1]]
        columns = ", ".join(f'q."{name}"' for name in COLUMNS)
        order = _NEWEST_FIRST if newest_first else _IN_ORDER
        sql = (
            f"SELECT {columns}, r.replayed_at, r.replayed_by, r.run, r.tier, r.receipt, r.outcome"
            f" FROM {_SOURCE} WHERE {where} ORDER BY {order} LIMIT {_limit(limit)}"
        )
        with self._connection() as connection:
            return [_row(row) for row in connection.execute(sql, values).fetchall()]

    def count(self, wanted: Wanted) -> int:
        """Return how many rows there are."""
        return self.counts(wanted)[0]

    def counts(self, wanted: Wanted) -> tuple[int, int]:
        """Return how many rows there are, and how many of them were replayed."""
        where, values = _where(wanted)
        sql = f"SELECT count(*), count(r.replayed_at) FROM {_SOURCE} WHERE {where}"
        with self._connection() as connection:
            found = connection.execute(sql, values).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)


def marked(connection: duckdb.DuckDBPyConnection, receipts: Sequence[Receipt]) -> set[Receipt]:
    """Return those of the receipts that were replayed."""
    found = connection.execute(
        'SELECT lane, epoch, "offset" FROM lake.weir.replayed'
        " WHERE concat_ws('/', lane, epoch, \"offset\") IN (SELECT unnest(?))",
        [[receipt.text for receipt in receipts]],
    ).fetchall()
    return {Receipt(*row) for row in found}


def _row(row: Sequence[Any]) -> Quarantined:
    columns = dict(zip(COLUMNS, row, strict=False))
    receipt = Receipt(columns["lane"], columns["epoch"], columns["offset"])
    mark = row[len(COLUMNS) :]
    return Quarantined(receipt, columns, Mark(*mark) if mark[0] is not None else None)


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    """Return a condition on the source and its values."""
    parts: list[tuple[str, Any]] = []
    if wanted.rules:
        parts.append((f"list_has_any({_RULES}, ?)", list(wanted.rules)))
    for column, values in (
        ("coalesce(q.event_name, '')" if "" in wanted.events else "q.event_name", wanted.events),
        ("q.version", wanted.versions),
        ("q.producer", wanted.producers),
        ("coalesce(q.app_version, '')" if "" in wanted.apps else "q.app_version", wanted.apps),
    ):
        if values:
            parts.append((f"{column} IN (SELECT unnest(?))", list(values)))
    if wanted.pointers:
        parts.append((f"list_has_any({_POINTERS}, ?)", list(wanted.pointers)))
    if wanted.receipts or wanted.event_ids:
        texts = [*(receipt.text for receipt in wanted.receipts), *wanted.event_ids]
        parts.append((f"list_has_any([{_RECEIPT}, q.event_id], ?)", texts))
    parts += _hours(wanted)
    conditions = [condition for condition, _ in parts] or ["true"]
    if wanted.replayed is not None:
        conditions.append(f"r.replayed_at IS {'NOT ' if wanted.replayed else ''}NULL")
    return " AND ".join(conditions), [value for _, value in parts]


def _hours(wanted: Wanted) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if wanted.since is not None:
        found.append(("q.landing_day >= ?::TIMESTAMP::DATE", wanted.since))
        found.append(("q.landing_hour >= ?", wanted.since))
    if wanted.until is not None:
        found.append(("q.landing_day <= ?::TIMESTAMP::DATE", wanted.until))
        found.append(("q.landing_hour < ?", wanted.until))
    return found


def _places(by: Sequence[str]) -> str:
    """Return the list of (rule, pointer) that a row is counted under, once each."""
    rules, pointers = "rule" in by, "pointer" in by
    if rules and pointers:
        return f"list_transform({_PLACES}, z -> [z[1], z[2]])"
    if rules:
        return f"list_transform({_RULES}, r -> [r, NULL])"
    return f"list_transform(list_distinct({_POINTERS}), p -> [NULL, p])" if pointers else "[[NULL]]"


def _of_places(wanted: Wanted, by: Sequence[str]) -> tuple[str, list[Any]]:
    """Return a condition on places: of a row that breaks several rules, only those that were asked for."""
    found = [
        (f"list_contains(?, {key})", list(values))
        for key, values in (("rule", wanted.rules), ("pointer", wanted.pointers))
        if values and key in by
    ]
    return " AND ".join(["true", *(part for part, _ in found)]), [v for _, v in found]


def _limit(limit: int | None) -> str:
    return "ALL" if limit is None else str(int(limit))
