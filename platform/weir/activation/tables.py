"""Where the figures of one layer are, and which of its periods are looked at. No figures here.

Ranges of dates are half-open, as everywhere: `until` is the first day left out. A period is in the
range if one of its days is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import duckdb

from weir.activation.statement import Statement
from weir.core import grains
from weir.core.errors import InvalidValue, NotReady, UsageError
from weir.core.grains import Grain
from weir.core.names import LAYER_GRAINS, Layer

TOTAL = "total"
USUAL = {"daily": 30, "weekly": 26, "monthly": 24}
"""Periods that are looked at if none are named."""
MOST_PERIODS = 1000


@dataclass(frozen=True)
class Tables:
    """The tables of one layer, by the naming rule.

    Attributes:
        fact: the fact's model.
        grain: daily, weekly or monthly.
        schema: where they are; '' for the connection's default.
        week_start: weekday on which weeks begin, in lower-case English.
        before: `WITH` entries that compute them, if they are not stored.

    Raises:
        InvalidValue: if there is no such grain or weekday.
    """

    fact: str
    grain: str
    schema: str = "activation"
    week_start: str = "monday"
    before: str = ""

    def __post_init__(self) -> None:
        if self.grain not in LAYER_GRAINS:
            raise InvalidValue("grain", self.grain, LAYER_GRAINS)
        Grain.week(self.week_start)

    @property
    def period(self) -> Grain:
        """The calendar of the layer's periods."""
        return grains.of_layer(self.grain, self.week_start)

    @property
    def word(self) -> str:
        """What a period is called: day, week or month."""
        return self.period.unit

    def name(self, part: str) -> str:
        """Return the quoted name of a table: activation, summary or returns."""
        table = str(Layer(self.fact, self.grain, part))
        return ".".join(f'"{n.replace(chr(34), chr(34) * 2)}"' for n in (self.schema, table) if n)

    def statement(self, sql: str, given: Mapping[str, Any]) -> Statement:
        """Return a query on these tables."""
        return Statement(sql, given, self.before)

    def floor(self, day: date) -> date:
        """Return the first day of the period that holds a day."""
        return grains.floor(_label(day), self.period).date()

    def shift(self, period_start: date, periods: int) -> date:
        """Return the period so many periods later; earlier, if negative."""
        return grains.shift(_label(period_start), self.period, periods).date()

    def spine(self, start: date, until: date) -> list[date]:
        """Return every period of [start, until), by the calendar."""
        span = grains.Range(_label(start), _label(until), self.period)
        return [label.date() for label in span]

    def apart(self, earlier: str, later: str) -> str:
        """Return SQL: how many periods lie between two period starts."""
        days = f"date_diff('day', {earlier}, {later})"
        months = f"date_diff('month', {earlier}, {later})"
        return {"day": days, "week": f"({days} // 7)", "month": months}[self.word]


@dataclass(frozen=True)
class Window:
    """The periods that are looked at.

    Attributes:
        start, until: first days of the first period, and of the first one left out.
        at: the one period of the transition matrix, the streaks and the absent.
        is_complete: whether `at` is complete; if not, nothing is known of who stayed away.
    """

    start: date
    until: date
    at: date
    is_complete: bool


def periods(con: duckdb.DuckDBPyConnection, tables: Tables) -> dict[date, bool]:
    """Return the layer's periods in order, and whether each is complete.

    Raises:
        NotReady: if the layer has no rows yet.
    """
    try:
        found = con.execute(
            f"SELECT period_start, bool_and(is_complete) FROM {tables.name('summary')}"
            " WHERE dim_name = ? GROUP BY 1 ORDER BY 1",
            [TOTAL],
        ).fetchall()
    except duckdb.CatalogException:
        found = []
    if not found:
        raise NotReady(
            f"The {tables.grain} layer of `{tables.fact}` has no rows yet.",
            "Build it: `weir run`. `weir status` shows what its inputs wait for.",
        )
    return dict(found)


def window(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    *,
    since: date | None = None,
    until: date | None = None,
    at: date | None = None,
) -> Window:
    """Choose the periods to look at.

    Args:
        con: a connection to the lake.
        tables: the layer.
        since: a day of the first period; default: 30 days, 26 weeks or 24 months before the end.
        until: the first day left out; default: the end of what there is.
        at: a day of the period of the matrix, the streaks and the absent; default: the last
            complete one of the window (the last one, if none is complete).

    Raises:
        NotReady: if the layer has no rows yet.
        UsageError: if the range is empty, longer than 1,000 periods, or holds no rows.
    """
    known = periods(con, tables)
    first, after = min(known), tables.shift(max(known), 1)
    check_range(since, until)
    # A period counts if one of its days does: round the end up.
    end = after if until is None else min(after, _ceil(tables, until))
    begin = tables.shift(end, -USUAL[tables.grain]) if since is None else tables.floor(since)
    begin = max(begin, first)
    inside = [p for p in known if begin <= p < end]
    if not inside:
        raise UsageError(f"There are no rows in that range. {_there(tables, known)}", "Widen it.")
    if (count := len(tables.spine(begin, end))) > MOST_PERIODS:
        remedy = f"Choose at most {MOST_PERIODS:,}, or a coarser grain."
        raise UsageError(f"The range has {count:,} {tables.word}s.", remedy)
    chosen = _at(tables, known, at) if at else max([p for p in inside if known[p]] or inside)
    return Window(begin, end, chosen, known[chosen])


def check_range(since: date | None, until: date | None) -> None:
    """Check that a half-open range holds a day.

    Raises:
        UsageError: if it does not.
    """
    if since and until and since >= until:
        remedy = "The end is the first day left out: give a later one, or swap them."
        raise UsageError(f"The range from {since} to {until} is empty.", remedy)


def _at(tables: Tables, known: dict[date, bool], day: date) -> date:
    chosen = tables.floor(day)
    if chosen not in known:
        raise UsageError(
            f"There are no rows of the {tables.word} {chosen}. {_there(tables, known)}",
            "Choose another day (`--at`).",
        )
    return chosen


def _ceil(tables: Tables, day: date) -> date:
    start = tables.floor(day)
    return start if start == day else tables.shift(start, 1)


def _there(tables: Tables, known: dict[date, bool]) -> str:
    return f"The layer has {tables.word}s from {min(known)} to {max(known)}."


def _label(day: date) -> datetime:
    return datetime.combine(day, time())
