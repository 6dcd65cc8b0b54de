"""What all brokers share: records as messages, the bound on what is on its way, time limits, health.

How a message is sent is each broker's own: see `weir.collect.sinks.pubsub` and `.kafka`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson

from weir.collect.judging import Record
from weir.core.errors import SinkError, SinkFull, SinkRefused, SinkUnavailable
from weir.core.landing import LANES

log = logging.getLogger(__name__)

FORMAT = "1"
FAILED_SECONDS = 5.0
"""A lane that failed counts as failed for so long, unless it works before; then senders try it."""
GRACE_SECONDS = 1.0
OVERHEAD = 512  # bytes of a message besides its body: key, attributes, framing
GROWTH, ROOM = 4, 65_536
"""A record has at most so many bytes per byte of its event (twice escaped, `params` and `raw`), and more."""


class Message(NamedTuple):
    """One record on its way to a broker."""

    key: str
    body: bytes
    attributes: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.body) + OVERHEAD


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a broker sink.

    Attributes:
        seconds: how long a commit may take.
        flight_bytes: how much may be on its way.
        message_bytes: the largest message that the broker takes.
    """

    seconds: float
    flight_bytes: int
    message_bytes: int


def fits(max_event_bytes: int, message_bytes: int) -> bool:
    """Return whether the record of every event up to a size fits into a message."""
    return max_event_bytes * GROWTH + ROOM <= message_bytes


class BrokerSink(ABC):
    """A sink that sends each lane's records to a topic of its own.

    Args:
        prefix: topics are `<prefix>-<lane>`.
        limits: its bounds.
        clock: naive UTC time.
        epoch: the number of this writer.
    """

    def __init__(
        self, prefix: str, limits: Limits, clock: Callable[[], datetime], epoch: int = 0
    ) -> None:
        self.limits, self.flying, self._epoch = limits, 0, epoch
        self.topics = {lane: f"{prefix}-{lane}" for lane in LANES}
        self._clock, self._last = clock, clock()
        self._writer, self._sent = f"{epoch:x}-{secrets.token_hex(4)}", 0
        self._failed: dict[str, float] = {}
        self._answers = 0

    @property
    def epoch(self) -> int:
        """The number of this writer."""
        return self._epoch

    @property
    def failed_lanes(self) -> list[str]:
        """Lanes that failed within the last seconds and have not worked since."""
        since = time.monotonic() - FAILED_SECONDS
        return [lane for lane, at in self._failed.items() if at > since]

    def start(self) -> None:  # noqa: B027 - a broker may have nothing to start
        """Begin; needs the running loop."""

    def describe(self, url: str) -> None:  # noqa: B027 - nor anything to say
        """Do nothing: no sealer asks a broker where its collector is."""

    def now(self) -> datetime:
        """Return the arrival time: the clock's, but never earlier than the one before."""
        self._last = max(self._last, self._clock())
        return self._last

    async def commit(self, records: Sequence[Record]) -> None:
        """Send the records; return when the broker has all of them.

        Raises:
            SinkFull: if too much is on its way already. Nothing was sent.
            SinkRefused: if a record is larger than the broker takes.
            SinkUnavailable: if the broker did not take all of them in time.
        """
        by_lane = self._messages(records)
        self._admit(by_lane)
        self._answers += 1
        try:
            await self._send_lanes(by_lane)
        finally:
            self._answers -= 1

    async def _send_lanes(self, by_lane: dict[str, list[Message]]) -> None:
        sending = [asyncio.ensure_future(self._send_lane(*lane)) for lane in by_lane.items()]
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            raise next((f for f in failures if isinstance(f, SinkRefused)), failures[0])

    async def close(self) -> None:
        """Wait for what is on its way, as long as one commit may take, and end.

        Bytes are free before their sender is told: both are waited for.
        """
        end = time.monotonic() + self.limits.seconds
        while (self.flying or self._answers) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        if self.flying:
            log.error(
                "%d bytes were not taken by the broker; their senders have no answer", self.flying
            )
        await self._end()

    @abstractmethod
    async def _send(self, lane: str, messages: list[Message]) -> None:
        """Send messages; release each one's size from `flying` when it needs no memory any more."""

    @abstractmethod
    async def _end(self) -> None:
        """Close the connection."""

    def _messages(self, records: Sequence[Record]) -> dict[str, list[Message]]:
        by_lane: dict[str, list[Message]] = {}
        for record in records:
            if record.lane is not None:
                by_lane.setdefault(record.lane, []).append(self._message(record, record.lane))
        return by_lane

    def _message(self, record: Record, lane: str) -> Message:
        columns = record.columns
        self._sent += 1
        receipt = f"{self._writer}-{self._sent}"
        attributes = {
            "format": FORMAT,
            "event_name": short(columns["event_name"]),
            "tier": lane,
            "verdict": columns["verdict"],
            "environment": columns["environment"],
            "receipt": receipt,
        }
        key = columns["user_id"] or columns["device_id"] or columns["event_id"]
        return Message(short(key), orjson.dumps({**columns, "receipt": receipt}), attributes)

    def _admit(self, by_lane: dict[str, list[Message]]) -> None:
        sizes = [message.size for messages in by_lane.values() for message in messages]
        if max(sizes, default=0) > self.limits.message_bytes:
            raise too_large(max(sizes), self.limits.message_bytes)
        if self.flying and self.flying + sum(sizes) > self.limits.flight_bytes:
            raise SinkFull(
                f"{self.flying} bytes are on their way to the broker already.",
                "Nothing was acknowledged: send it again later.",
            )
        self.flying += sum(sizes)

    async def _send_lane(self, lane: str, messages: list[Message]) -> None:
        try:
            async with asyncio.timeout(self.limits.seconds + GRACE_SECONDS):
                await self._send(lane, messages)
        except SinkRefused:
            raise
        except Exception as error:
            self._note(lane, error)
            if isinstance(error, SinkError):
                raise
            raise unavailable(lane, error) from error
        if self._failed.pop(lane, None) is not None:
            log.warning("Lane %s is taken by the broker again", lane)

    def _note(self, lane: str, error: Exception) -> None:
        if lane not in self._failed:
            why = str(error) or type(error).__name__
            log.error(
                "Lane %s is not taken by the broker, senders are told to retry: %s", lane, why
            )
        self._failed[lane] = time.monotonic()


def short(text: str | None) -> str:
    """Return text as an attribute: at most 1,000 bytes of UTF-8, as Pub/Sub allows.

    >>> len(short("é" * 900).encode())
    1000
    """
    return (text or "")[:1000].encode()[:1000].decode(errors="ignore")


def too_large(size: int, limit: int) -> SinkRefused:
    """Return the error of a record that no message can hold."""
    return SinkRefused(
        f"A record of {size} bytes is larger than the {limit} bytes that the broker takes.",
        "Send a smaller event; nothing of the request is acknowledged.",
    )


def unavailable(lane: str, error: object) -> SinkUnavailable:
    """Return the error of a broker that does not take records."""
    why = str(error) or type(error).__name__
    return SinkUnavailable(
        f"The broker did not take the lane `{lane}`: {why[:200]}.",
        "Nothing was acknowledged: send it again later.",
    )


def chunks(messages: list[Message], count: int, size: int) -> Iterator[list[Message]]:
    """Yield the messages in order, in lists of at most so many messages and bytes."""
    chunk: list[Message] = []
    held = 0
    for message in messages:
        if chunk and (len(chunk) == count or held + message.size > size):
            yield chunk
            chunk, held = [], 0
        chunk.append(message)
        held += message.size
    if chunk:
        yield chunk
