"""The shape of a landed event: lanes, columns and their types. Pure: no I/O.

One list serves the collector's records, the lake's tables and the import; a change here is a change
of the format version.
"""

from __future__ import annotations

FORMAT_VERSION = 1

TIERS = ("critical", "normal", "bulk")
QUARANTINE = "quarantine"
LANES = (*TIERS, QUARANTINE)
FINGERPRINT = ("fp_0", "fp_1", "fp_2", "fp_3")

PLACEMENT: dict[str, str] = {
    "landing_day": "DATE",
    "landing_hour": "TIMESTAMP",
    "generation": "INTEGER",
    "lane": "VARCHAR",
    "epoch": "BIGINT",
    "offset": "BIGINT",
}
"""Columns that sealing adds: where the record landed and its receipt id (epoch, lane, offset)."""

RECORD: dict[str, str] = {
    "received_at": "TIMESTAMP",
    "event_id": "VARCHAR",
    "id_assigned": "BOOLEAN",
    "event_name": "VARCHAR",
    "version": "INTEGER",
    "version_assumed": "BOOLEAN",
    "event_time": "TIMESTAMP",
    "event_time_corrected": "TIMESTAMP",
    "sent_at": "TIMESTAMP",
    "user_id": "VARCHAR",
    "device_id": "VARCHAR",
    "session_id": "VARCHAR",
    "platform": "VARCHAR",
    "app_version": "VARCHAR",
    "params": "VARCHAR",
    "verdict": "VARCHAR",
    "violations": "VARCHAR",
    "raw": "VARCHAR",
    "origin": "VARCHAR",
    "producer": "VARCHAR",
    "environment": "VARCHAR",
    "channel": "VARCHAR",
    "payload_hash": "VARCHAR",
    "fp_0": "BIGINT",
    "fp_1": "BIGINT",
    "fp_2": "BIGINT",
    "fp_3": "BIGINT",
}
"""Columns that the collector writes into a spool record, in order."""

COLUMNS: dict[str, str] = {**PLACEMENT, **RECORD}
"""Every column of `landing.<lane>`, in order."""
