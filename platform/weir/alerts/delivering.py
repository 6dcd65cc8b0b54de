"""Sends what waits in the outbox, within a budget of time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from weir.alerts.channels import NotSent, send
from weir.alerts.config import Config
from weir.alerts.outbox import Message, Outbox
from weir.core.clock import utc_now

log = logging.getLogger(__name__)

_QUICK_TRIES = 2  # at once; what fails on is tried again later, ever less often
_LOOK_AGAIN = timedelta(minutes=5)  # whether quiet hours are over


@dataclass(frozen=True)
class Delivered:
    """What one delivery did: messages sent, failed (they are tried again or given up), put off."""

    sent: int = 0
    failed: int = 0
    put_off: int = 0


def deliver(
    outbox: Outbox,
    config: Config,
    environment: Mapping[str, str],
    *,
    link: Callable[[str], str],
    budget_seconds: float = 20.0,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> Delivered:
    """Send what is due, oldest first, until nothing is or the budget is used up.

    Args:
        outbox: where the messages are.
        config: the channels.
        environment: holds the secrets that the channels name.
        link: address of a Dagster run, by its id.
        budget_seconds: no message is started after it.
        clock: naive UTC.
        sleep: how to wait between two tries.
    """
    started, sent, failed, waiting = clock(), 0, 0, 0
    while (messages := outbox.claim(clock(), 1)) and clock() - started < timedelta(
        seconds=budget_seconds
    ):
        message = messages[0]
        channel = config.channels.get(message.channel)
        if channel is None:
            outbox.failed(message, "the channel is gone from alerts.yaml", clock(), final=True)
            failed += 1
        elif channel.quiet and channel.quiet.holds_back(
            message.severity, clock().replace(tzinfo=UTC)
        ):
            outbox.put_off(message, clock() + _LOOK_AGAIN)
            waiting += 1
        elif send_one(outbox, message, config, environment, link=link, clock=clock, sleep=sleep):
            sent += 1
        else:
            failed += 1
    for message in messages:  # claimed when the budget was over
        outbox.put_off(message, clock())
    return Delivered(sent, failed, waiting)


def send_one(
    outbox: Outbox,
    message: Message,
    config: Config,
    environment: Mapping[str, str],
    *,
    link: Callable[[str], str],
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Send one claimed message and note what came of it; tell whether it was taken."""
    channel = config.channels[message.channel]
    try:
        for attempt in Retrying(
            retry=retry_if_exception(lambda e: isinstance(e, NotSent) and not e.final),
            stop=stop_after_attempt(_QUICK_TRIES),
            wait=wait_random_exponential(multiplier=0.2, max=2.0),
            sleep=sleep,
            reraise=True,
        ):
            with attempt:
                send(channel, message, link(message.run) if message.run else "", environment)
    except NotSent as error:
        log.warning("Channel %s did not take alert %s: %s", message.channel, message.id, error)
        outbox.failed(message, str(error), clock(), final=error.final)
        return False
    outbox.sent(message, clock())
    return True
