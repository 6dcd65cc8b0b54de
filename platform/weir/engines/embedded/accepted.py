"""Accepted: the valid landed rows of a tier, each event once. A pure function of landing.

The rule and the reasons for its order are in docs/decisions/0005-dedup-order.md. Any range, any
order of building and any rerun give the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import duckdb

from weir.core import grains
from weir.core.errors import InvalidValue, LakeError
from weir.core.grains import Grain
from weir.core.landing import COLUMNS, FINGERPRINT, TIERS
from weir.engines.embedded.commit import (
    NO_ROWS,
    LedgerEntry,
    Partition,
    content_hash_sql,
    write_entry,
)
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.schema import ACCEPTED_COLUMNS
from weir.engines.ports import HourReport

WINDOW = timedelta(hours=168)
"""Two rows of the same event further apart than this are two events."""

_NEAR = "RANGE BETWEEN INTERVAL 168 HOURS PRECEDING AND INTERVAL 168 HOURS FOLLOWING"
_RECEIPT = 'lane, epoch, "offset"'
_ORDER = f"row(landing_hour, received_at, {_RECEIPT})"
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in FINGERPRINT)

HASHED = [name for name in ACCEPTED_COLUMNS if name != "replay_of"]
"""The content hash does without the column that format 2 added: the past's hashes stay as they are."""

_POOL = """
CREATE OR REPLACE TEMP TABLE weir_pool AS
SELECT event_id, payload_hash, id_assigned, landing_hour, received_at, lane, epoch, "offset"
FROM lake.landing.{tier}
WHERE verdict <> 'quarantined'
    AND landing_day BETWEEN DATE '{oldest_day}' AND DATE '{last_day}'
    AND landing_hour < TIMESTAMP '{end}'
    AND received_at BETWEEN TIMESTAMP '{oldest}' AND TIMESTAMP '{newest}'
    AND event_id IN (SELECT event_id FROM lake.landing.{tier} WHERE {inside})
"""
_DUPLICATES = f"""
CREATE OR REPLACE TEMP TABLE weir_duplicate AS
WITH repeated AS (
    SELECT event_id, payload_hash FROM weir_pool GROUP BY ALL HAVING count(*) > 1
), ordered AS (
    SELECT *, min({_ORDER}) OVER near < {_ORDER} AS has_earlier
    FROM weir_pool SEMI JOIN repeated USING (event_id, payload_hash)
    WINDOW near AS (PARTITION BY event_id, payload_hash ORDER BY received_at {_NEAR})
)
SELECT {_RECEIPT} FROM ordered
WHERE has_earlier AND NOT id_assigned AND landing_hour >= ?
"""
_CONFLICTS = f"""
CREATE OR REPLACE TEMP TABLE weir_conflict AS
WITH clashing AS (
    SELECT event_id FROM weir_pool GROUP BY event_id
    HAVING min(payload_hash) <> max(payload_hash)
), wanted AS (
    SELECT DISTINCT event_id, landing_hour AS own_hour
    FROM weir_pool SEMI JOIN clashing USING (event_id) WHERE landing_hour >= ?
), seen AS (
    SELECT weir_pool.*, own_hour
    FROM wanted JOIN weir_pool USING (event_id) WHERE landing_hour <= own_hour
), judged AS (
    SELECT {_RECEIPT}, landing_hour, own_hour,
        min(payload_hash) OVER near <> max(payload_hash) OVER near AS differs
    FROM seen WINDOW near AS (PARTITION BY own_hour, event_id ORDER BY received_at {_NEAR})
)
SELECT {_RECEIPT} FROM judged WHERE differs AND landing_hour = own_hour
"""


class EmbeddedAccepted:
    """The accepted tables of one lake.

    Args:
        lake: the lake.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def replace_hours(
        self,
        tier: str,
        start: datetime,
        end: datetime,
        *,
        inputs: Mapping[str, str] | None = None,
        run: str = "",
        code: str = "",
        vector: Mapping[str, Any] | None = None,
    ) -> list[HourReport]:
        """Rebuild the landing hours `[start, end)` of a tier in one transaction.

        Args:
            tier: critical, normal or bulk.
            start: the first landing hour (a label of the landing grain).
            end: the hour after the last.
            inputs: partition key → digest of what it is built from, for the ledger. Keys without
                rows are recorded as empty partitions.
            run: Dagster's run id.
            code: the code version.
            vector: `reads` and `spans` of the ledger entry.

        Returns:
            One report per landing hour with valid landed rows or in `inputs`, in order.

        Raises:
            InvalidValue: if there is no such tier, or the range is empty.
            LakeError: if accepted rows and duplicates do not add up to the valid rows; nothing was
                written then.
        """
        if tier not in TIERS:
            raise InvalidValue("tier", tier, TIERS)
        if start >= end:
            raise InvalidValue("range", f"{start}..{end}", ["a start before its end"])
        build = _Build(tier, start, end, self.lake.settings.grain, dict(inputs or {}), run, code)
        build.vector = vector or {}
        return self.lake.transact(build.run_in)


class _Build:
    """One rebuild; `run_in` may be called again after a conflict."""

    def __init__(
        self,
        tier: str,
        start: datetime,
        end: datetime,
        grain: Grain,
        inputs: dict[str, str],
        run: str,
        code: str,
    ) -> None:
        self.tier, self.start, self.end, self.grain = tier, start, end, grain
        self.inputs, self.run, self.code = inputs, run, code
        self.vector: Mapping[str, Any] = {}
        last = end - timedelta(microseconds=1)
        self.last_day = last.date()
        hours = (
            f"landing_day BETWEEN DATE '{start.date()}' AND DATE '{self.last_day}'"
            f" AND landing_hour >= TIMESTAMP '{start}' AND landing_hour < TIMESTAMP '{end}'"
        )
        self.hours, self.inside = hours, f"verdict <> 'quarantined' AND {hours}"

    def run_in(self, connection: duckdb.DuckDBPyConnection) -> list[HourReport]:
        """Rebuild inside the open transaction."""
        began = time.perf_counter()
        self._judge(connection)
        removed = connection.execute(
            f"DELETE FROM lake.accepted.{self.tier} WHERE {self.hours}"
        ).fetchone()
        self._insert(connection)
        reports = self._report(connection)
        if removed == (0,) and not any(r.accepted for r in reports):
            # Without a change there is no commit, and without a commit no record of the build.
            connection.execute(f"COMMENT ON TABLE lake.accepted.{self.tier} IS 'valid, once each'")
        self._write_entry(connection, reports, time.perf_counter() - began)
        return reports

    def _judge(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Fill weir_duplicate and weir_conflict with receipt ids (few: they hold no plain row)."""
        bounds = connection.execute(
            f"SELECT min(received_at), max(received_at) FROM lake.landing.{self.tier}"
            f" WHERE {self.inside}"
        ).fetchone()
        oldest, newest = bounds or (None, None)
        oldest, newest = (oldest or self.start) - WINDOW, (newest or self.start) + WINDOW
        # A row never lands before the hour it was received in, so no older day can matter.
        pool = _POOL.format(
            tier=self.tier, oldest_day=oldest.date(), last_day=self.last_day, end=self.end,
            oldest=oldest, newest=newest, inside=self.inside,
        )  # fmt: skip
        connection.execute(pool)
        connection.execute(_DUPLICATES, [self.start])
        connection.execute(_CONFLICTS, [self.start])

    def _insert(self, connection: duckdb.DuckDBPyConnection) -> None:
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        columns = ", ".join(f'landed."{name}"' for name in COLUMNS)
        connection.execute(
            f"INSERT INTO lake.accepted.{self.tier} ({names}, id_conflict)"
            f" SELECT {columns}, conflict.lane IS NOT NULL"
            f" FROM (SELECT * FROM lake.landing.{self.tier} WHERE {self.inside}) AS landed"
            f" ANTI JOIN weir_duplicate USING ({_RECEIPT})"
            f" LEFT JOIN weir_conflict AS conflict USING ({_RECEIPT})"
            " ORDER BY event_name, event_time, event_id"
        )

    def _report(self, connection: duckdb.DuckDBPyConnection) -> list[HourReport]:
        landed = f"SELECT * FROM lake.landing.{self.tier} WHERE {self.inside}"
        repeated = f"{landed} AND ({_RECEIPT}) IN (SELECT ({_RECEIPT}) FROM weir_duplicate)"
        kept = f"SELECT * FROM lake.accepted.{self.tier} WHERE {self.hours}"
        valid, again, accepted = (_totals(connection, q) for q in (landed, repeated, kept))
        found = connection.execute(
            f"SELECT landing_hour, count(*) FILTER (id_conflict),"
            f" {content_hash_sql(HASHED)} FROM ({kept}) GROUP BY 1"
        ).fetchall()
        content = {hour: (conflicts, digest) for hour, conflicts, digest in found}
        reports = []
        for hour in sorted(valid | accepted | dict.fromkeys(self._named(), _NONE)):
            self._check(hour, valid.get(hour), accepted.get(hour), again.get(hour))
            conflicts, digest = content.get(hour, (0, NO_ROWS))
            landed_rows, rows, twice = (t.get(hour, _NONE)[0] for t in (valid, accepted, again))
            reports.append(HourReport(hour, landed_rows, rows, twice, conflicts, digest))
        return reports

    def _named(self) -> list[datetime]:
        hours = [grains.parse(key, self.grain) for key in self.inputs]
        return [hour for hour in hours if self.start <= hour < self.end]

    def _check(
        self, hour: datetime, valid: _Total | None, accepted: _Total | None, again: _Total | None
    ) -> None:
        sums = zip(accepted or _NONE, again or _NONE, strict=True)
        if (valid or _NONE) != tuple(a + b for a, b in sums):
            raise LakeError(
                f"`accepted/{self.tier}` {grains.text(hour, self.grain)}: {valid} valid rows are not"
                f" {accepted} accepted and {again} duplicates (rows and fingerprint sums).",
                "Nothing was written. Report this with the landing partition.",
            )

    def _write_entry(
        self, connection: duckdb.DuckDBPyConnection, reports: list[HourReport], seconds: float
    ) -> None:
        parts = {}
        for report in reports:
            key = grains.text(report.landing_hour, self.grain)
            parts[key] = Partition(report.accepted, report.hash, self.inputs.get(key, ""))
        asset = f"accepted/{self.tier}"
        took, grain = round(seconds, 3), str(self.grain)
        entry = LedgerEntry(asset, grain, parts, self.run, self.code, took, **self.vector)
        write_entry(connection, entry)


_Total = tuple[int, int, int, int, int]
_NONE: _Total = (0, 0, 0, 0, 0)


def _totals(connection: duckdb.DuckDBPyConnection, query: str) -> dict[datetime, _Total]:
    """Return rows and fingerprint sums by landing hour."""
    found = connection.execute(
        f"SELECT landing_hour, count(*), {_SUMS} FROM ({query}) GROUP BY 1"
    ).fetchall()
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in found}
