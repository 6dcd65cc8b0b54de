"""Tries one event: what the collector would say to it, and what it says when it is sent.

Judging is `weir.collect.verdict`'s, as for every event; nothing is kept here. Sending is what an app does:
one request to the live collector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import orjson

from weir.collect import wire
from weir.collect.judging import Judging
from weir.collect.ownership import live_url
from weir.collect.producers import Producer
from weir.collect.rules import Rules
from weir.collect.violations import Violation
from weir.collect.wire import Refusal
from weir.core.errors import ServiceUnavailable
from weir.core.settings import Settings

ASSIGNED = "(made when it arrives)"
"""The id of an event that has none."""
REFUSED = "refused"
SECONDS = 15.0  # that the collector may take


@dataclass(frozen=True)
class Trial:
    """What would become of one request with one event.

    Attributes:
        verdict: `accepted`, `flagged`, `quarantined` or `rejected`; `refused` if the whole request is.
        lane: where it would be kept; None if nowhere.
        tier: of the registered event; '' of an unknown one.
        stored: the columns that would be kept.
        violations: what is wrong, the worst first.
        meant: the registered name that an unknown one probably means; '' if there is none.
        like: registered names that share words with it.
        refusal: why the request would be refused: code, message, remedy, perhaps line and column.
    """

    verdict: str
    lane: str | None = None
    tier: str = ""
    stored: Mapping[str, Any] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()
    meant: str = ""
    like: tuple[str, ...] = ()
    refusal: Mapping[str, Any] | None = None


def try_event(
    body: bytes, rules: Rules, max_bytes: int, received_at: datetime, producer: Producer
) -> Trial:
    """Return what the collector would say to a request with one event, by these rules.

    Args:
        body: the request's body.
        rules: the registered events.
        max_bytes: the largest event.
        received_at: when it would arrive; naive UTC.
        producer: who would send it.
    """
    judging = Judging(rules, received_at, lambda: ASSIGNED, max_bytes, producer=producer)
    try:
        (record,) = wire.single(body, judging)
    except Refusal as refusal:
        told = {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
        return Trial(REFUSED, refusal={**told, **refusal.details})
    columns = {name: value for name, value in record.columns.items() if name != "violations"}
    name = columns["event_name"]
    rule = rules.events.get(name) if name else None
    meant = rules.meant(name) if name and rule is None else None
    return Trial(
        record.verdict,
        record.lane,
        rule.tier if rule else "",
        columns | {"params": orjson.loads(columns["params"])},
        tuple(record.violations),
        (meant.name or "") if meant else "",
        tuple(meant.like) if meant else (),
    )


@dataclass(frozen=True)
class Answer:
    """What a collector answered: its address, the status, the JSON of its body."""

    url: str
    status: int
    body: Any


def send_event(settings: Settings, body: bytes, token: str = "") -> Answer:
    """Send one event to the home's live collector, as an app would.

    Args:
        settings: the home's; `collect_token` is sent if no other is given.
        body: the event's JSON.
        token: a write token.

    Raises:
        ServiceUnavailable: if no collector runs, or it does not answer.
    """
    url = live_url(settings.spool_dir)
    if url is None:
        raise ServiceUnavailable("No collector of this home runs.", "Start it with `weir up`.")
    secret = token or settings.collect_token.get_secret_value()
    headers = {"content-type": "application/json"}
    headers |= {"authorization": f"Bearer {secret}"} if secret else {}
    try:
        found = httpx.post(f"{url}/v1/events", content=body, headers=headers, timeout=SECONDS)
        return Answer(url, found.status_code, found.json())
    except (httpx.HTTPError, ValueError) as error:
        raise ServiceUnavailable(
            f"The collector at {url} does not answer: {error}.", "`weir doctor` says more."
        ) from None
