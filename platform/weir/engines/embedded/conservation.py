"""Conservation over the whole lake: where every durable event went, and whether each step adds up.

Every figure is counted in its own place, none is the difference of two others. Sides are compared
part by part (hour, epoch, tier, event), so that a loss and a gain elsewhere do not cancel out. What
the spool made durable is counted by `weir.collect.durable`, from footers; this module is given it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from weir.core.landing import LANES, QUARANTINE, TIERS
from weir.engines.embedded.manifest import IMPORT_PREFIX, REPLAY_PREFIX

Parts = Counter[tuple[Any, ...]]
"""Events by the part of a stage that they are in."""

_EVENTS = "SELECT event_name, count(*) FROM accepted.{0} GROUP BY 1"
_LANDED = "SELECT '{0}', landing_hour, generation, count(*) FROM landing.{0} GROUP BY ALL"
_SPOOLED = (
    "SELECT lane, epoch, count(*) FROM landing.{0} "
    f"WHERE NOT starts_with(lane, '{IMPORT_PREFIX}')"
    f" AND NOT starts_with(lane, '{REPLAY_PREFIX}') GROUP BY ALL"
)
_VALID = "SELECT '{0}', count(*) FROM landing.{0} WHERE verdict IN ('accepted', 'flagged')"
_QUARANTINED = "SELECT '{0}', count(*) FROM landing.{0} WHERE verdict = 'quarantined'"
_ACCEPTED = "SELECT '{0}', count(*) FROM accepted.{0}"
_DUPLICATES = """
WITH left_out AS (
    SELECT event_id, payload_hash FROM landing.{0} ANTI JOIN accepted.{0} USING (lane, epoch, "offset")
    WHERE verdict IN ('accepted', 'flagged') AND NOT id_assigned
)
SELECT '{0}', count(*) FROM left_out SEMI JOIN accepted.{0} USING (event_id, payload_hash)
"""  # a valid row that is left out though no other row of its event was kept is a loss
_SEALED = "SELECT lane, landing_hour, generation, sum(rows)::BIGINT FROM weir.seal GROUP BY ALL"
_LOGS = (
    "SELECT table_name FROM duckdb_tables()"
    " WHERE database_name = 'lake' AND schema_name = 'event_log'"
)


@dataclass(frozen=True)
class Conservation:
    """Where every event went.

    Attributes:
        acknowledged: events that a collector acknowledged to their sender; None if not known.
        durable: records in complete segments of the spool.
        sealed: rows that the seals say have landed.
        landed: rows of `landing/*`.
        valid: landed rows of the tiers that are not quarantined.
        quarantined: landed rows of the lane `quarantine` that are.
        accepted: rows of `accepted/*`.
        duplicates: valid rows that are not accepted, and whose event is.
        event_log: rows of all typed event logs.
        broken: a sentence for each equation that does not hold.
    """

    acknowledged: int | None
    durable: int
    sealed: int
    landed: int
    valid: int
    quarantined: int
    accepted: int
    duplicates: int
    event_log: int
    broken: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True if every equation holds."""
        return not self.broken

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {**asdict(self), "holds": self.holds}


def conservation(
    connection: duckdb.DuckDBPyConnection,
    durable: Mapping[tuple[str, int], int],
    acknowledged: int | None = None,
) -> Conservation:
    """Count every stage and compare it with the one before.

    Args:
        connection: a reader of the lake.
        durable: records that the spool made durable, by lane and epoch.
        acknowledged: how many events were acknowledged to the sender, if that is known.
    """
    spooled: Parts = Counter(durable)
    sealed = _rows(connection, _SEALED)
    landed = _parts(connection, _LANDED, LANES)
    valid = _parts(connection, _VALID, TIERS)
    quarantined = _parts(connection, _QUARANTINED, (QUARANTINE,))
    accepted = _parts(connection, _ACCEPTED, TIERS)
    duplicates = _parts(connection, _DUPLICATES, TIERS)
    logs = _logs(connection)
    by_lane: Parts = Counter()
    for (lane, *_), rows in landed.items():
        by_lane[lane,] += rows
    broken = [
        *_compare("landed = sealed", landed, sealed),
        *_compare("landed from the spool = durable", _parts(connection, _SPOOLED, LANES), spooled),
        *_compare("landed = valid + quarantined", by_lane, valid + quarantined),
        *_compare("valid = accepted + duplicates", valid, accepted + duplicates),
        *_compare("accepted = event log", _parts(connection, _EVENTS, TIERS), logs),
    ]
    if acknowledged is not None and acknowledged > spooled.total():
        broken.insert(
            0, f"acknowledged ≤ durable does not hold: {acknowledged:,} and {spooled.total():,}."
        )
    return Conservation(
        acknowledged=acknowledged,
        durable=spooled.total(),
        sealed=sealed.total(),
        landed=landed.total(),
        valid=valid.total(),
        quarantined=quarantined.total(),
        accepted=accepted.total(),
        duplicates=duplicates.total(),
        event_log=logs.total(),
        broken=tuple(broken),
    )


def _compare(equation: str, left: Parts, right: Parts) -> Iterator[str]:
    """Yield a sentence if the sides differ in any part."""
    wrong = sorted((p for p in left | right if left[p] != right[p]), key=str)
    if wrong:
        part = wrong[0]
        yield (
            f"{equation} does not hold: {left.total():,} and {right.total():,};"
            f" {' '.join(map(str, part))}: {left[part]:,} and {right[part]:,}."
        )


def _parts(connection: duckdb.DuckDBPyConnection, sql: str, tables: tuple[str, ...]) -> Parts:
    """Count in several tables with one query each."""
    return sum((_rows(connection, sql.format(table)) for table in tables), Counter())


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Parts:
    """Return the rows of a query, each (part …, count), as a counter."""
    return Counter({tuple(part): count for *part, count in connection.execute(sql).fetchall()})


def _logs(connection: duckdb.DuckDBPyConnection) -> Parts:
    names = [name for (name,) in connection.execute(_LOGS).fetchall()]
    counts = (f"SELECT '{name}', count(*) FROM event_log.\"{name}\"" for name in names)
    return sum((_rows(connection, sql) for sql in counts), Counter())
