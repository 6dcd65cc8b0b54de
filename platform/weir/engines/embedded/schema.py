"""The lake's schemas and the tables that are not dbt's: landing, accepted and `weir.*`."""

from __future__ import annotations

from collections.abc import Iterator

from weir.core.landing import COLUMNS, FINGERPRINT, LANES, TIERS

SCHEMAS = ("landing", "accepted", "event_log", "fact", "activation", "weir")
_SORTED = "event_name, event_time, event_id"
_SUMS = dict.fromkeys(FINGERPRINT, "BIGINT")

ACCEPTED_COLUMNS = {
    **{name: kind for name, kind in COLUMNS.items() if name != "replay_of"},
    "id_conflict": "BOOLEAN",
    "replay_of": COLUMNS["replay_of"],  # last, as in a lake of format 1 that was upgraded
}

SYSTEM_TABLES: dict[str, dict[str, str]] = {
    "format": {"version": "INTEGER", "landing_grain": "VARCHAR"},
    "lane_owner": {
        "lane": "VARCHAR",
        "epoch": "BIGINT",
        "next_offset": "BIGINT",
        "first_hour": "TIMESTAMP",
        "closed_until": "TIMESTAMP",
    },
    "seal": {
        "lane": "VARCHAR",
        "landing_hour": "TIMESTAMP",
        "generation": "INTEGER",
        "epoch": "BIGINT",
        "first_offset": "BIGINT",
        "next_offset": "BIGINT",
        "origin": "VARCHAR",
        "rows": "BIGINT",
        **_SUMS,
        "sealed_at": "TIMESTAMP",
        "closing": "BOOLEAN",
        "synced": "BOOLEAN",
    },
    "manifest": {
        "lane": "VARCHAR",
        "landing_hour": "TIMESTAMP",
        "generation": "INTEGER",
        "event_name": "VARCHAR",
        "version": "INTEGER",
        "event_hour": "TIMESTAMP",
        "rows": "BIGINT",
        **_SUMS,
    },
    "replayed": {
        "lane": "VARCHAR",
        "epoch": "BIGINT",
        "offset": "BIGINT",
        "tier": "VARCHAR",
        "receipt": "VARCHAR",
        "replayed_at": "TIMESTAMP",
        "replayed_by": "VARCHAR",
        "run": "VARCHAR",
        "outcome": "VARCHAR",
    },
    "drop": {
        "file": "VARCHAR",
        "minute": "TIMESTAMP",
        "code": "VARCHAR",
        "producer": "VARCHAR",
        "event_name": "VARCHAR",
        "version": "INTEGER",
        "requests": "BIGINT",
        "events": "BIGINT",
        "bytes": "BIGINT",
    },
    "verdict": {
        "run": "VARCHAR",
        "asset": "VARCHAR",
        "grain": "VARCHAR",
        "first_key": "VARCHAR",
        "last_key": "VARCHAR",
        "body": "VARCHAR",
        "written_at": "TIMESTAMP",
    },
    "entry": {
        "snapshot": "BIGINT",
        "committed_at": "TIMESTAMP",
        "extra_info": "VARCHAR",
    },
    "pin": {"snapshot": "BIGINT", "reason": "VARCHAR", "made_at": "TIMESTAMP"},
    "expired": {
        "asset": "VARCHAR",
        "first_label": "TIMESTAMP",
        "end_label": "TIMESTAMP",
        "rows": "BIGINT",
        "expired_at": "TIMESTAMP",
    },
}
"""`replayed` marks quarantined rows, by their receipt id, whose event has landed again; `drop` counts
what the collector refused, by minute; `verdict` holds what checks found, a row per run and asset;
`entry` holds the ledger entries of commits that are no longer listed, because they expired; `pin` names
commits that must not expire; `expired` says which partitions retention dropped, as label ranges."""


def column_list(columns: dict[str, str]) -> str:
    """Return `"name" TYPE, …` for CREATE TABLE."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def create_statements() -> Iterator[str]:
    """Yield the statements that create an empty lake, in order."""
    for schema in SCHEMAS:
        yield f"CREATE SCHEMA IF NOT EXISTS lake.{schema}"
    for lane in LANES:
        yield from _event_table(f"lake.landing.{lane}", COLUMNS)
    for tier in TIERS:
        yield from _event_table(f"lake.accepted.{tier}", ACCEPTED_COLUMNS)
    for table, columns in SYSTEM_TABLES.items():
        yield f"CREATE TABLE lake.weir.{table} ({column_list(columns)})"


def _event_table(name: str, columns: dict[str, str]) -> Iterator[str]:
    yield f"CREATE TABLE {name} ({column_list(columns)})"
    yield f"ALTER TABLE {name} SET PARTITIONED BY (landing_day)"
    yield f"ALTER TABLE {name} SET SORTED BY ({_SORTED})"
