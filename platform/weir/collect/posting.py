"""Posts one batch to a collector until it is acknowledged: retries, Retry-After, every item checked.

The same bytes are sent each time, so events keep their ids and a doubled batch is deduplicated
downstream. Which events to send, and what was sent before, is `weir.collect.replay`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import orjson
import tenacity

from weir.collect.answers import VERDICTS
from weir.core.errors import ServiceUnavailable, WeirError

BATCH = "/v1/batch"
ATTEMPTS = 10
LONGEST_WAIT = 10.0  # seconds; with ten attempts it outlasts half a minute's restart
LONGEST_RETRY_AFTER = 60.0
_TOO_LARGE = 413
_NO_TOKEN = frozenset({401, 403})
_PASSING = frozenset({408, 425, 429})

Sleep = Callable[[float], Awaitable[None]]


class Again(Exception):
    """The batch was not acknowledged, and sending it again may help.

    Args:
        why: what happened.
        after: seconds that the collector asked to wait; 0 if it did not.
    """

    def __init__(self, why: str, after: float = 0.0) -> None:
        self.why, self.after = why, after
        super().__init__(why)


class TooLarge(Exception):
    """The collector does not take a body of this size."""


class Acknowledged(NamedTuple):
    """The answer to a batch that is durable: how many items got each verdict."""

    verdicts: Counter[str]
    retries: int


class Poster:
    """Sends batches to one collector.

    Args:
        client: its `base_url` is the collector.
        origin: `live` or `replay`, for the X-Weir-Origin header.
        sleep: how to wait between attempts.
    """

    def __init__(self, client: httpx.AsyncClient, origin: str, sleep: Sleep) -> None:
        self._client, self._sleep = client, sleep
        self._headers = {"content-type": "application/x-ndjson", "x-weir-origin": origin}

    async def send(self, items: list[bytes]) -> Acknowledged:
        """Send the items until they are acknowledged, in one batch.

        Raises:
            TooLarge: if the collector refuses the body's size.
            ServiceUnavailable: if it does not answer, or is too busy for too long.
            WeirError: if it refuses the batch, or answers what no collector answers.
        """
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(Again),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_wait,
            sleep=self._sleep,
        )
        body = b"\n".join(items)
        try:
            verdicts: Counter[str] = await retrying(self._once, body, len(items))
        except tenacity.RetryError as error:
            why = error.last_attempt.exception()
            raise ServiceUnavailable(
                f"The collector at {self._client.base_url} did not take a batch in {ATTEMPTS}"
                f" attempts: {why}.",
                "Mend it (`weir doctor` helps), then run the same command: it goes on from here.",
            ) from None
        return Acknowledged(verdicts, int(retrying.statistics["attempt_number"]) - 1)

    async def _once(self, body: bytes, items: int) -> Counter[str]:
        try:
            answer = await self._client.post(BATCH, content=body, headers=self._headers)
        except httpx.TransportError as error:
            raise Again(f"{type(error).__name__} {error}".strip()) from None
        if answer.status_code == 200:
            return _verdicts(answer, items)
        if answer.status_code == _TOO_LARGE:
            raise TooLarge
        said = answer.text[:300]
        if answer.status_code in _PASSING or answer.status_code >= 500:
            raise Again(f"{answer.status_code} {said}", _retry_after(answer))
        raise WeirError(
            f"The collector at {answer.url} refused a batch: {answer.status_code} {said}",
            "Set WEIR_COLLECT_TOKEN to a write token of that collector."
            if answer.status_code in _NO_TOKEN
            else "Is --url the address of a collector of this version?",
        )


def _verdicts(answer: httpx.Response, items: int) -> Counter[str]:
    """Count the verdicts of an answer; each item must have one of the four."""
    try:
        results: list[dict[str, Any]] = orjson.loads(answer.content)["results"]
        found = Counter(str(result["verdict"]) for result in results)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        found = Counter()
    if found.total() != items or found.keys() - set(VERDICTS):
        raise WeirError(
            f"{answer.url} answered 200, but not with a verdict on each of {items} events.",
            "Is --url the address of a collector of this version? Nothing of the batch is noted.",
        )
    return found


def _retry_after(answer: httpx.Response) -> float:
    try:
        asked = float(str(answer.headers.get("retry-after", "0")))
    except ValueError:  # the header's other form, a date: the usual back-off will do
        return 0.0
    return min(max(asked, 0.0), LONGEST_RETRY_AFTER)


def _wait(state: tenacity.RetryCallState) -> float:
    """Return the seconds to wait: 0.1, 0.2, 0.4, … at most 10, never less than was asked for."""
    backed_off: float = min(0.1 * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT)
    error = state.outcome.exception() if state.outcome else None
    return max(backed_off, error.after if isinstance(error, Again) else 0.0)
