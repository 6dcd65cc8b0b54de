"""The shape of a landed event: lanes, columns and their types. Pure: no I/O.

One list serves the collector's records, the lake's tables and the import; a change here is a change
of the format version.
"""

from __future__ import annotations

from typing import NamedTuple, Self

FORMAT_VERSION = 4

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
    "replay_of": "VARCHAR",
}
"""Columns of a spool record, in order. What a record leaves out is NULL, so a column can be added at
the end: `replay_of` is in the lake since format 2, and only replays of quarantined rows fill it."""

WRITTEN = tuple(name for name in RECORD if name not in FINGERPRINT and name != "replay_of")
"""Columns that a verdict fills. The fingerprint is added where the receipt id is known."""

COLUMNS: dict[str, str] = {**PLACEMENT, **RECORD}
"""Every column of `landing.<lane>`, in order."""


class Receipt(NamedTuple):
    """Names one landed record for ever: `lane/epoch/offset`. A lane's name may hold slashes.

    >>> Receipt.parse("import/0a1b2c/0/17").offset
    17
    """

    lane: str
    epoch: int
    offset: int

    @property
    def text(self) -> str:
        """The receipt as one word."""
        return f"{self.lane}/{self.epoch}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the receipt of a word.

        Raises:
            ValueError: if it is none.
        """
        lane, epoch, offset = text.rsplit("/", 2)
        if not lane:
            raise ValueError(text)
        return cls(lane, int(epoch), int(offset))
