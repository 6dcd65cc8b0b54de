"""Every key's state in one period, the absent included: for a campaign, or to look somebody up.

Nothing of it is stored: the SQL of `activation_status_asof` reads the checkpoint before the period and
the facts since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from weir.activation.export import check_file, copy
from weir.activation.layers import STATES
from weir.activation.tables import Tables, periods
from weir.core.errors import InvalidValue, UsageError

Compile = Callable[[str, str, date], str]
"""(fact, grain, day) → the SQL of the status at that day's period."""


@dataclass(frozen=True)
class Wanted:
    """Whose state is asked for.

    Attributes:
        as_of: a day of the period; None for the last one that is built.
        state: only keys in this state; None for all.
        away: only keys that have been away for exactly so many periods; None for all.
    """

    as_of: date | None = None
    state: str | None = None
    away: int | None = None

    def __post_init__(self) -> None:
        if self.state is not None and self.state not in STATES:
            raise InvalidValue("--state", self.state, STATES)

    @property
    def condition(self) -> str:
        """The SQL condition."""
        said = []
        if self.state is not None:
            said.append(f"state = '{self.state}'")
        if self.away is not None:
            said.append(f"inactive_periods = {int(self.away)}")
        return " AND ".join(said) or "true"


@dataclass(frozen=True)
class Status:
    """The states in one period.

    Attributes:
        period: first day of the period.
        counts: users by state, of all.
        matched: users that were asked for.
        columns, rows: the first of them.
        file: where all of them were written, if anywhere.
    """

    period: date
    counts: dict[str, int]
    matched: int
    columns: list[str]
    rows: list[tuple[Any, ...]]
    file: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "period": self.period, "users": self.counts, "matched": self.matched,
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            **({"file": str(self.file)} if self.file else {}),
        }  # fmt: skip


def status_of(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    wanted: Wanted,
    compile_sql: Compile,
    *,
    limit: int = 20,
    target: Path | None = None,
) -> Status:
    """Return the states in a period, longest away first.

    Args:
        con: a connection to the lake.
        tables: the layer.
        wanted: whose state is asked for.
        compile_sql: makes the SQL.
        limit: most rows to return.
        target: a file, `.parquet` or `.csv`, that gets all rows; none are returned then.

    Raises:
        NotReady: if the layer has no rows yet.
        UsageError: if the day is after the last period that is built.
    """
    if target is not None:
        check_file(target)
    known = periods(con, tables)
    at = tables.floor(wanted.as_of or max(known))
    if at > max(known):
        raise UsageError(
            f"The {tables.word} {at} is not built yet: the last one is {max(known)}.",
            "Choose an earlier --asof, or build it: `weir run`.",
        )
    sql = compile_sql(tables.fact, tables.grain, at)
    counted = con.execute(
        f"SELECT state, count(*), count(*) FILTER ({wanted.condition}) FROM ({sql}) GROUP BY 1"
    ).fetchall()
    users = {state: count for state, count, _ in counted}
    by_state = {state: users[state] for state in STATES if state in users}
    matched = sum(count for _, _, count in counted)
    chosen = f"SELECT * FROM ({sql}) WHERE {wanted.condition} ORDER BY inactive_periods DESC, 1"
    if target is not None:
        copy(con, chosen, target)
        return Status(at, by_state, matched, [], [], target)
    found = con.execute(f"{chosen} LIMIT {int(limit)}")
    columns = [column[0] for column in found.description or []]
    return Status(at, by_state, matched, columns, found.fetchall())
