"""The collector's JSON answers: results per item, and one shape for every error. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from weir.collect.judging import Record
from weir.collect.wire import Refusal

PROD = "prod"
VERDICTS = ("accepted", "flagged", "quarantined", "rejected")


def results(records: Sequence[Record]) -> tuple[bytes, Counter[str]]:
    """Return the answer to kept events and the number of each verdict.

    It names the environment where that is not production: such events are kept apart.
    """
    counts = Counter([record.verdict for record in records])
    body: dict[str, Any] = {verdict: counts[verdict] for verdict in VERDICTS}
    environment = records[0].columns["environment"] if records else PROD
    if environment != PROD:
        body["environment"] = environment
    return orjson.dumps({**body, "results": [_result(r) for r in records]}), counts


def _result(record: Record) -> dict[str, Any]:
    columns = record.columns
    result: dict[str, Any] = {"id": columns["event_id"], "verdict": record.verdict}
    if record.violations:
        result["violations"] = [v._asdict() for v in record.violations]
    if columns["version_assumed"]:
        result["version_assumed"] = columns["version"]
    if columns["id_assigned"]:
        result["id_assigned"] = True
    return result


def error(refusal: Refusal) -> bytes:
    """Return the one shape of an error."""
    fields = {"code": refusal.code, "message": refusal.message, **refusal.details}
    return orjson.dumps({"error": {**fields, "remedy": refusal.remedy}})
