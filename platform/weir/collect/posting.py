"""Posting batches to a collector over HTTP: retries, and no answer believed that is not Weir's.

Which lines to post and what was acknowledged before is `weir.collect.replay`'s business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from weir.collect.answers import VERDICTS
from weir.core.errors import ServiceUnavailable, UsageError

ATTEMPTS = 9  # about half a minute: a collector's restart takes one or two seconds
PROBES = 3
LONGEST_WAIT = 30.0
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_backoff = wait_exponential_jitter(initial=0.2, max=8.0, jitter=0.2)


class TooLarge(Exception):
    """The collector does not take a body of this size; nothing of it was kept."""


class Stopped(Exception):
    """The client was told to stop before this batch was acknowledged."""


class _Passing(Exception):
    """No answer, or one that says to come again. `after` is the server's wish in seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        self.after = after
        super().__init__(why)


class Client:
    """Posts NDJSON to `{url}/v1/batch`; safe to share between threads.

    Args:
        url: the collector's address.
        origin: sent as X-Weir-Origin.
        sleep: waits so many seconds.
        transport: replaces the network, for tests.
    """

    def __init__(
        self,
        url: str,
        origin: str,
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url, self._sleep = url.rstrip("/"), sleep
        self._stopped = threading.Event()
        headers = {"X-Weir-Origin": origin, "Content-Type": "application/x-ndjson"}
        # trust_env: a proxy of the environment has no business between here and the collector
        self._http = httpx.Client(
            headers=headers, timeout=TIMEOUT, transport=transport, trust_env=False
        )

    def check(self) -> None:
        """Find out quickly whether anything answers.

        Raises:
            ServiceUnavailable: if nothing does.
            UsageError: if the address is no URL.
        """
        self._retried(lambda: self._request("GET", "/healthz", b""), PROBES)

    def post(self, texts: Sequence[bytes]) -> dict[str, int]:
        """Post events, one text each; return the number of each verdict.

        Raises:
            TooLarge: if the body is larger than the collector takes.
            Stopped: if `stop` was called before it was acknowledged.
            ServiceUnavailable: if nothing answers, or asks for patience too often.
            UsageError: if what answers refuses the batch, or is no collector.
        """
        body = b"\n".join(texts) + b"\n"
        response = self._retried(lambda: self._request("POST", "/v1/batch", body), ATTEMPTS)
        if response.status_code == 413:
            raise TooLarge(_message(response))
        if response.status_code != 200:
            raise UsageError(
                f"{self._url} refused a batch with {response.status_code}: {_message(response)}",
                "Check --url; what was acknowledged before stays so.",
            )
        return self._verdicts(response, len(texts))

    def stop(self) -> None:
        """Begin no further attempt; the requests on their way are still answered."""
        self._stopped.set()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def _retried(self, request: Callable[[], httpx.Response], attempts: int) -> httpx.Response:
        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(attempts),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(request)
        except _Passing as error:
            raise ServiceUnavailable(
                f"No collector answers at {self._url}: {error}.",
                "Start it with `weir up`, or name another with --url.",
            ) from None

    def _request(self, method: str, path: str, body: bytes) -> httpx.Response:
        if self._stopped.is_set():
            raise Stopped
        try:
            response = self._http.request(method, self._url + path, content=body)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise UsageError(
                f"`{self._url}` is no URL: {error}.", "Write it as http://host:port."
            ) from None
        except httpx.TransportError as error:
            raise _Passing(str(error) or type(error).__name__) from None
        if response.status_code in _PASSING and method == "POST":
            after = retry_after(response.headers.get("retry-after"), response.headers.get("date"))
            raise _Passing(f"it said {response.status_code}, {_message(response)}", after)
        return response

    def _verdicts(self, response: httpx.Response, posted: int) -> dict[str, int]:
        """An acknowledgement counts each event; anything else is from somebody else."""
        try:
            body = response.json()
            counts = {name: int(body[name]) for name in VERDICTS}
        except (ValueError, KeyError, TypeError):
            counts = {}
        if sum(counts.values()) != posted:
            raise UsageError(f"What answers at {self._url} is no Weir collector.", "Check --url.")
        return counts


def retry_after(given: str | None, now: str | None) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3), or None.

    Args:
        given: the header: seconds or an HTTP date.
        now: the answer's Date header, what an HTTP date counts from.

    >>> retry_after("3", None)
    3.0
    >>> retry_after("Sat, 21 Nov 2026 05:00:02 GMT", "Sat, 21 Nov 2026 05:00:00 GMT")
    2.0
    """
    if given is None:
        return None
    if given.strip().isdecimal():
        return min(float(given), LONGEST_WAIT)
    try:
        wished = (parsedate_to_datetime(given) - parsedate_to_datetime(now or "")).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(wished, 0.0), LONGEST_WAIT)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    wished = error.after if isinstance(error, _Passing) else None
    return _backoff(state) if wished is None else max(wished, 0.01)


def _message(response: httpx.Response) -> str:
    try:
        found = response.json()["error"]
        return f"{found['message']} {found['remedy']}"
    except (ValueError, KeyError, TypeError):
        return response.text[:200] or response.reason_phrase
