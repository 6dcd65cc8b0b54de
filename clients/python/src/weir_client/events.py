"""An event as it waits in the queue: with id and time, as JSON text, without `sent_at`."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from weir_client.errors import InvalidEvent

MAX_ID = 200
_COUNTER_BITS = 12


class Uuid7:
    """Makes UUIDs of version 7 (RFC 9562) that only grow, also when the clock steps back.

    Args:
        now: milliseconds since 1970.
        entropy: makes random bytes.
    """

    def __init__(
        self,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._now, self._entropy = now, entropy
        self._last, self._counter = -1, 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Return the next id."""
        random = int.from_bytes(self._entropy(10))
        with self._lock:
            moment = self._now()
            if moment > self._last:
                self._last, self._counter = moment, (random >> 62) & 0x7FF  # room to count up
            else:
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._last, self._counter = self._last + 1, 0
            stamp, counter = self._last, self._counter
        value = stamp << 80 | 7 << 76 | counter << 64 | 0b10 << 62 | random & (1 << 62) - 1
        return str(UUID(int=value))


uuid7 = Uuid7()


def timestamp(seconds: float) -> str:
    """Return a time as the collector reads it.

    >>> timestamp(1.5)
    '1970-01-01T00:00:01.500Z'
    """
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def encode(
    event: Mapping[str, Any], context: Mapping[str, Any], new_id: Callable[[], str], now: float
) -> tuple[str, bytes]:
    """Return the id and the JSON of an event.

    Args:
        event: `name` at least; `sent_at` is left out, it is stamped at each sending.
        context: values for what the event does not say.
        new_id: makes an id.
        now: seconds since 1970.

    Raises:
        InvalidEvent: if it has no name, an impossible id, or a value that JSON cannot carry.
    """
    whole = {**context, **event}
    whole.pop("sent_at", None)
    if not isinstance(whole.get("name"), str) or not whole["name"]:
        raise InvalidEvent("An event needs its `name` as text, such as `purchase_item_shop`.")
    for key, make in (("id", new_id), ("time", lambda: timestamp(now))):
        if whole.get(key) is None:
            whole[key] = make()
    given = whole["id"]
    if not isinstance(given, str) or not 0 < len(given) <= MAX_ID or not given.isprintable():
        raise InvalidEvent(f"An event's `id` is printable text of 1 to {MAX_ID} characters.")
    try:
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return given, text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidEvent(f"The event `{whole['name']}` is no JSON: {error}.") from None


def stamped(event: bytes, sent_at: bytes) -> bytes:
    """Return an event's JSON with its `sent_at`."""
    return event[:-1] + b',"sent_at":"' + sent_at + b'"}'
