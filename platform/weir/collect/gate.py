"""Who may send, decided once per request: write tokens, rate limits, web origins. HTTP only.

Tokens come in headers, never in a URL, and are never logged. The file of tokens is read again when it
has changed. What a verdict makes of the producer is `weir.collect.verdict`'s business.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.rates import Charge, Rates, State, Window
from weir.collect.tokens import FILE, Token, TokenFile, split
from weir.collect.windows import FILE as RATES
from weir.collect.windows import Windows
from weir.collect.wire import Refusal
from weir.core.errors import UsageError, WeirError
from weir.core.settings import Settings

log = logging.getLogger(__name__)

Headers = tuple[tuple[bytes, bytes], ...]

LOOK_SECONDS = 1.0
"""How long a change of the token file may go unseen."""
_BEARER = (b"www-authenticate", b'Bearer realm="weir"')
_INVALID = (b"www-authenticate", b'Bearer realm="weir", error="invalid_token"')
_HOW = (
    "Send the header `Authorization: Bearer weir_…`; `weir tokens create PRODUCER` makes a token."
)
_HOW_TO_TAIL = "Send the header `Authorization: Bearer weir_…`; `weir tokens create NAME --tail` makes a token."


def gate_of(settings: Settings, clock: Callable[[], datetime]) -> Gate:
    """Return the gate of a project's collector."""
    tokens = TokenFile(settings.home / FILE, clock)
    rates = Rates(Windows(settings.spool_dir / RATES))
    return Gate(tokens, required=settings.collect_auth == "required", clock=clock, rates=rates)


def check_exposure(host: str, auth: str) -> None:
    """Refuse to listen without tokens where others can reach it.

    Raises:
        UsageError: if `auth` is off and the host is not this machine alone.
    """
    if auth == "off" and not _is_loopback(host):
        raise UsageError(
            f"The collector would take events from anyone: it listens on `{host}` with"
            " WEIR_COLLECT_AUTH=off.",
            "Set WEIR_COLLECT_AUTH=required and make tokens with `weir tokens create PRODUCER`,"
            " or listen on 127.0.0.1.",
        )


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False  # listening on it will fail, and say why
    return all(ipaddress.ip_address(str(a[0]).partition("%")[0]).is_loopback for *_, a in found)


class Gate:
    """Admits requests.

    Args:
        tokens: the file of tokens.
        required: whether a request without a token is refused. One with a wrong token always is.
        clock: naive UTC time.
        monotonic: seconds that never go back.
        rates: what producers have sent; all their tokens, in all workers, draw from it.
    """

    def __init__(
        self,
        tokens: TokenFile,
        *,
        required: bool,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        rates: Rates | None = None,
    ) -> None:
        self._file, self._required, self._clock, self._monotonic = (
            tokens, required, clock, monotonic
        )  # fmt: skip
        self._rates = rates or Rates()
        self._lengths: dict[str, frozenset[int]] = {}
        self._looked_at = -math.inf
        self._seen: tuple[int, ...] | None = None
        self._known: dict[str, tuple[Token, Producer]] = {}

    def admit(self, headers: Mapping[bytes, bytes], client: object) -> Producer:
        """Return who sends, before the body is read.

        Args:
            headers: the request's headers, names in lower case.
            client: the sender's address, for the log.

        Raises:
            Refusal: 401 without a valid token, 403 from a wrong web origin, 429 over the rate.
        """
        text = _presented(headers)
        if text is None:
            if self._required:
                raise _unauthorized("This collector takes events only with a write token.", _BEARER)
            return ANONYMOUS
        token, producer = self._token(text, client)
        if producer.channel == "server" and b"authorization" not in headers:
            raise _unauthorized(f"The token `{token.id}` is for servers.", _INVALID)
        _check_origin(token, headers.get(b"origin"))
        if producer.limited:
            self._check_room(producer, headers)
        return producer

    def may_tail(self, headers: Mapping[bytes, bytes]) -> bool:
        """Tell whether a request may see everybody's events as they arrive.

        Raises:
            Refusal: 401 without a valid token where one is needed, 403 from a wrong web origin.
        """
        if b"authorization" not in headers:
            if self._required:
                raise _unauthorized("The live tail needs a token here.", _BEARER, _HOW_TO_TAIL)
            return True
        token, _ = self._token(_presented(headers) or "", None)
        _check_origin(token, headers.get(b"origin"))
        return token.tail or not self._required

    def charge(self, producer: Producer, events: int, size: int) -> None:
        """Count a request that was read.

        Args:
            producer: who sends.
            events: how many events it holds.
            size: its body in bytes.

        Raises:
            Refusal: 429 over the rate, 413 if it can never fit. Nothing is counted then.
        """
        charges = []
        for kind, window in _windows(producer):
            amount = events if kind == "events" else size
            if amount > window.amount:
                raise Refusal(
                    413, "over_burst",
                    f"The batch holds {amount} {kind}; `{producer.name}` may send"
                    f" {window.amount} at once.",
                    "Send smaller batches, or ask for a token with a larger burst.",
                )  # fmt: skip
            key = _key(producer, kind)
            charges.append(Charge(key, window, amount, self._lengths.get(key, frozenset())))
        refused = self._rates.take_all([charge for charge in charges if charge.amount])
        if refused is not None:
            kind = refused.key.rpartition(":")[2]
            raise self._over_rate(producer, kind, refused.window, refused.amount)

    def _check_room(self, producer: Producer, headers: Mapping[bytes, bytes]) -> None:
        declared = headers.get(b"content-length", b"")
        size = int(declared) if declared.isdigit() and len(declared) < 16 else 1
        for kind, window in _windows(producer):
            amount = min(1 if kind == "events" else max(size, 1), window.amount)
            if self._rates.state(_key(producer, kind), window, amount).wait:
                raise self._over_rate(producer, kind, window, amount)

    def _over_rate(self, producer: Producer, kind: str, window: Window, amount: int) -> Refusal:
        state = self._rates.state(_key(producer, kind), window, amount)
        after = max(1, math.ceil(state.wait))
        return Refusal(
            429, "over_rate",
            f"`{producer.name}` may send {window.amount} {kind} in {window.seconds} s.",
            f"Nothing was kept: send it again in {after} s, or ask for a token with a higher rate.",
            ((b"retry-after", b"%d" % after), *_limit_headers(window, state)),
        )  # fmt: skip

    def _token(self, text: str, client: object) -> tuple[Token, Producer]:
        parts = split(text)
        if parts is None:
            raise _unauthorized("The token is no write token of Weir.", _INVALID)
        self._look()
        known = self._known.get(parts[0])
        if known is None or not known[0].proves(parts[1]):
            log.info("An unknown token was refused, from %s", client)
            raise _unauthorized("The token is unknown.", _INVALID)
        if (state := known[0].state(self._clock())) != "active":
            raise _unauthorized(f"The token `{parts[0]}` is {state}.", _INVALID)
        return known

    def _look(self) -> None:
        """Read the file again if it has changed; keep what is known while it cannot be read."""
        now = self._monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        seen = self._stamp()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._known = {t.id: (t, t.stands_for()) for t in self._file.read()}
            self._lengths = _lengths([producer for _, producer in self._known.values()])
        except WeirError as error:
            log.error("The tokens known so far stay in force: %s", error)  # noqa: TRY400 - in words

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._file.path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size


def _presented(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the token that a request brings: as Bearer, or inside the type of a beacon."""
    given = headers.get(b"authorization")
    if given is None:
        return _beacon(headers.get(b"content-type", b""))
    scheme, _, text = given.decode("latin-1").strip().partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthorized("The Authorization header holds no Bearer token.", _BEARER)
    return text.strip()


def _beacon(content_type: bytes) -> str | None:
    """Return the token of `text/plain;token=weir_…`: `sendBeacon` can set nothing but the type."""
    if b"token=" not in content_type:
        return None
    for part in content_type.split(b";")[1:]:
        name, _, value = part.strip().partition(b"=")
        if name.lower() == b"token":
            return value.strip(b'"').decode("latin-1")
    return None


def _check_origin(token: Token, origin: bytes | None) -> None:
    if not token.origins:
        return
    shown = (origin or b"").decode("latin-1")
    if shown not in token.origins:
        raise Refusal(
            403, "origin_not_allowed",
            f"The token `{token.id}` is not for requests from the origin `{shown[:100] or 'none'}`.",
            f"Send from {', '.join(token.origins)}, or use a token without origins.",
        )  # fmt: skip


def _unauthorized(message: str, header: tuple[bytes, bytes], how: str = _HOW) -> Refusal:
    return Refusal(401, "unauthorized", message, how, (header,))


def _windows(producer: Producer) -> list[tuple[str, Window]]:
    found = []
    if producer.rate is not None:
        found.append(("events", Window.of(producer.rate, producer.burst)))
    if producer.rate_bytes is not None:
        found.append(("bytes", Window.of(producer.rate_bytes)))
    return found


def _key(producer: Producer, kind: str) -> str:
    """Name what a producer's tokens draw from; its test traffic uses up nothing of production's."""
    return f"{producer.environment}/{producer.name}:{kind}"


def _lengths(producers: Iterable[Producer]) -> dict[str, frozenset[int]]:
    """Return the lengths of all windows that each key's tokens are held to."""
    found: dict[str, set[int]] = {}
    for producer in producers:
        for kind, window in _windows(producer):
            found.setdefault(_key(producer, kind), set()).add(window.seconds)
    return {key: frozenset(lengths) for key, lengths in found.items()}


def _limit_headers(window: Window, state: State) -> Headers:
    return (
        (b"x-ratelimit-limit", b"%d" % window.amount),
        (b"x-ratelimit-remaining", b"%d" % state.left),
        (b"x-ratelimit-reset", b"%d" % max(window.seconds, math.ceil(state.wait))),
    )
