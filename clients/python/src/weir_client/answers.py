"""What the collector's answer to a batch means. Pure.

Only an answer that is surely a collector's takes events out of the queue: a captive portal also
says 200, and a proxy also says 400.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from weir_client.transport import Answer

VERDICTS = ("accepted", "flagged", "quarantined", "rejected")
_TOO_LARGE = 413
_UNREADABLE = (400, 422)


@dataclass(frozen=True)
class Verdict:
    """What the collector made of one event.

    Args:
        id: the event's id.
        verdict: `accepted`, `flagged`, `quarantined` or `rejected`.
        violations: what is wrong, each with pointer, rule, expected, found and remedy.
    """

    id: str
    verdict: str
    violations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Decision:
    """What to do with the batch.

    Args:
        action: `delivered` takes it out; `retry` sends it again later; `too_large` and `refused`
            send it in halves, and give up an event that is refused alone.
        why: what the answer said, for people.
        after: seconds that the collector asked to wait.
        verdicts: one per event, if delivered.
    """

    action: Literal["delivered", "retry", "too_large", "refused"]
    why: str = ""
    after: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)


def decide(answer: Answer, ids: Sequence[str], now: float) -> Decision:
    """Return what an answer means for the events that were sent.

    Args:
        answer: of the collector, or of something between.
        ids: of the events, in the order sent.
        now: seconds since 1970, for a Retry-After that is a date.
    """
    content = _json(answer.body)
    if answer.status == 200:
        verdicts = _verdicts(content, ids)
        if verdicts is None:
            why = "200, but no verdict on each event: is this a collector?"
            return Decision("retry", why)
        return Decision("delivered", verdicts=verdicts)
    why = f"{answer.status} {_said(content, answer.body)}".strip()
    if answer.status == _TOO_LARGE:
        return Decision("too_large", why)
    if answer.status in _UNREADABLE and _is_collector(content):
        return Decision("refused", why)
    return Decision("retry", why, retry_after(answer.retry_after, now))


def retry_after(header: str | None, now: float) -> float:
    """Return the seconds of a Retry-After header, which may be a date; 0 if it says nothing.

    >>> retry_after("7", 0.0), retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 4.0), retry_after("x", 0.0)
    (7.0, 5.0, 0.0)
    """
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return 0.0
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now
    return seconds if 0.0 < seconds < float("inf") else 0.0


def _verdicts(content: Any, ids: Sequence[str]) -> list[Verdict] | None:
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, list) or len(results) != len(ids):
        return None
    found = []
    for result, sent in zip(results, ids, strict=True):
        given = result if isinstance(result, dict) else {}
        if given.get("id") != sent or given.get("verdict") not in VERDICTS:
            return None
        violations = given.get("violations") or []
        found.append(Verdict(sent, given["verdict"], tuple(violations)))
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_collector(content: Any) -> bool:
    error = content.get("error") if isinstance(content, dict) else None
    return isinstance(error, dict) and isinstance(error.get("code"), str)


def _said(content: Any, body: bytes) -> str:
    if _is_collector(content):
        error = content["error"]
        return f"{error.get('message', error['code'])} {error.get('remedy', '')}".strip()
    return body[:200].decode(errors="replace")
