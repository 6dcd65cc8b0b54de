"""Write tokens, kept as hashes in one file: made, listed, revoked, rotated. No HTTP here.

A token is `weir_<id>_<secret>`, lower-case hex, 160 random bits of secret. The file holds SHA-256 of
the secret, which is enough for a secret that nobody can guess. It is replaced as a whole, under a
lock. What a request may do with its token is `weir.collect.gate`'s business.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson
from filelock import FileLock, Timeout

from weir.collect.producers import CHANNELS, ENVIRONMENTS, Channel, Environment, Producer
from weir.core.errors import FormatMismatch, InvalidValue, NotFound, UsageError, WeirError

FILE = "tokens.json"
FORMAT = 1
LOCK_SECONDS = 10.0
DEFAULT_OVERLAP = timedelta(hours=24)
_SHAPE = re.compile(r"weir_([0-9a-f]{10})_([0-9a-f]{40})\Z", re.ASCII)
_PRODUCER = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

NewId = Callable[[int], str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Token:
    """One write token as it is kept. Times are naive UTC.

    Attributes:
        id: its public part.
        hash: SHA-256 of its secret, in hex.
        last4: the secret's last characters, to recognise it by.
        producer: whose it is.
        environment: prod or test.
        channel: client or server.
        strict: whether its events are held to every declaration.
        events: patterns of the event names it may send; empty for any.
        rate: events per second; None for no limit.
        burst: events at once.
        rate_bytes: body bytes per second; None for no limit.
        origins: web origins that may use it; empty for any, and for what is no browser.
        created_at: when it was made.
        expires_at: when it ends; None for never.
        revoked_at: when it was revoked.
        rotated_from: the id of the token that it replaces.
        tail: whether it may listen to the live tail, which shows everybody's events.
    """

    id: str
    hash: str
    last4: str
    producer: str
    environment: Environment
    channel: Channel
    strict: bool
    events: tuple[str, ...]
    rate: int | None
    burst: int | None
    rate_bytes: int | None
    origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    rotated_from: str | None = None
    tail: bool = False

    def proves(self, secret: str) -> bool:
        """Return whether this is the token's secret, in constant time."""
        return hmac.compare_digest(self.hash, _hash(secret))

    def state(self, now: datetime) -> str:
        """Return `active`, `revoked` or `expired`."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    def stands_for(self) -> Producer:
        """Return the producer that a request with this token is."""
        return Producer(
            self.producer, self.environment, self.channel, self.strict, self.events, self.rate,
            self.burst, self.rate_bytes, self.id,
        )  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """What a new token allows; see `Token`. `lasts` is how long, None for ever."""

    producer: str
    environment: Environment = "prod"
    channel: Channel = "server"
    strict: bool = False
    events: tuple[str, ...] = ()
    rate: int | None = None
    burst: int | None = None
    rate_bytes: int | None = None
    origins: tuple[str, ...] = ()
    lasts: timedelta | None = None
    tail: bool = False


class TokenFile:
    """The tokens of one home.

    Args:
        path: the file; it need not exist yet.
        clock: naive UTC time.
        random: makes hex text of so many bytes.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime], random: NewId = secrets.token_hex
    ) -> None:
        self.path, self._clock, self._random = path, clock, random

    def read(self) -> list[Token]:
        """Return all tokens, oldest first; none where there is no file.

        Raises:
            FormatMismatch: if another version wrote the file.
            WeirError: if it cannot be read.
        """
        try:
            content = orjson.loads(self.path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, orjson.JSONDecodeError) as error:
            raise WeirError(
                f"{self.path.name} cannot be read: {error}.",
                "Restore it from a backup, or remove it and make new tokens.",
            ) from None
        return _decode(content, self.path.name)

    def create(self, grant: Grant) -> tuple[Token, str]:
        """Make a token; return it with its text, which is kept nowhere.

        Raises:
            InvalidValue: if the grant is not possible.
        """
        _check(grant)
        return self._change(lambda tokens: self._added(tokens, grant))

    def revoke(self, token_id: str) -> Token:
        """End a token now.

        Raises:
            NotFound: if there is no such token.
        """
        return self._change(lambda tokens: _replaced(tokens, token_id, revoked_at=self._now()))

    def rotate(self, token_id: str, overlap: timedelta = DEFAULT_OVERLAP) -> tuple[Token, str]:
        """Make a token like an active one, which then ends after the overlap.

        Raises:
            NotFound: if there is no such token.
            UsageError: if it is revoked or expired.
        """
        return self._change(lambda tokens: self._rotated(tokens, token_id, overlap))

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    def _added(
        self, tokens: list[Token], grant: Grant, rotated_from: str | None = None
    ) -> tuple[list[Token], tuple[Token, str]]:
        token_id, secret, now = self._random(5), self._random(20), self._now()
        ends = None if grant.lasts is None else now + grant.lasts
        allowed = {k: v for k, v in vars(grant).items() if k != "lasts"}
        token = Token(
            id=token_id, hash=_hash(secret), last4=secret[-4:], created_at=now, expires_at=ends,
            rotated_from=rotated_from, **allowed,
        )  # fmt: skip
        return [*tokens, token], (token, f"weir_{token_id}_{secret}")

    def _rotated(
        self, tokens: list[Token], token_id: str, overlap: timedelta
    ) -> tuple[list[Token], tuple[Token, str]]:
        old, now = _find(tokens, token_id), self._now()
        if (state := old.state(now)) != "active":
            raise UsageError(f"The token `{token_id}` is {state}.", "Create a new one instead.")
        ends = min(now + overlap, old.expires_at or datetime.max)  # noqa: DTZ901 - naive UTC
        tokens, _ = _replaced(tokens, token_id, expires_at=ends)
        lasts = None if old.expires_at is None else old.expires_at - old.created_at
        granted = {f.name: getattr(old, f.name) for f in fields(Grant) if f.name != "lasts"}
        return self._added(tokens, Grant(**granted, lasts=lasts), token_id)

    def _change(self, change: Callable[[list[Token]], tuple[list[Token], T]]) -> T:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_suffix(".lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            with lock:
                tokens, result = change(self.read())
                _replace_file(self.path, _encode(tokens))
        except Timeout:
            raise WeirError(
                f"Another process has held {lock.lock_file} for {LOCK_SECONDS:.0f} s.",
                "End it, and run this again.",
            ) from None
        return result


def split(text: str) -> tuple[str, str] | None:
    """Return (id, secret) of a token's text, or None where it is none."""
    found = _SHAPE.match(text)
    return (found[1], found[2]) if found else None


def duration(text: str) -> timedelta:
    """Return the length of time that a text such as `90d`, `24h`, `30m` or `10s` names.

    Raises:
        InvalidValue: if it names none.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or len(number) > 5:
        raise InvalidValue("duration", text, ["90d", "24h", "30m", "10s"])
    return timedelta(**{_UNITS[unit]: int(number)})


def _check(grant: Grant) -> None:
    if not _PRODUCER.match(grant.producer):
        raise InvalidValue("producer", grant.producer, ["[a-z][a-z0-9_-]*, at most 64 characters"])
    for key, valid in (("environment", ENVIRONMENTS), ("channel", CHANNELS)):
        if getattr(grant, key) not in valid:
            raise InvalidValue(key, getattr(grant, key), valid)
    for origin in grant.origins:
        if not re.match(r"https?://[^/\s]+\Z", origin):
            raise InvalidValue("origin", origin, ["https://www.example.com"])
    if grant.tail and grant.channel != "server":  # a client's token is in everybody's hands
        raise InvalidValue("channel", grant.channel, ["server, for a token that may tail"])
    _check_limits(grant)


def _check_limits(grant: Grant) -> None:
    for key in ("rate", "burst", "rate_bytes"):
        if (value := getattr(grant, key)) is not None and value < 1:
            raise InvalidValue(key, value, ["a whole number from 1"])
    if grant.burst is not None and (grant.rate is None or grant.burst < grant.rate):
        raise InvalidValue("burst", grant.burst, ["at least the rate, and only with one"])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _find(tokens: Sequence[Token], token_id: str) -> Token:
    for token in tokens:
        if token.id == token_id:
            return token
    raise NotFound("token", token_id, [t.id for t in tokens], "`weir tokens list` shows them.")


def _replaced(tokens: list[Token], token_id: str, **changes: Any) -> tuple[list[Token], Token]:
    new = replace(_find(tokens, token_id), **changes)
    return [new if token.id == token_id else token for token in tokens], new


def _encode(tokens: Sequence[Token]) -> bytes:
    body = {"format": FORMAT, "tokens": [as_dict(token, secret=True) for token in tokens]}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_dict(token: Token, *, secret: bool = False) -> dict[str, Any]:
    """Return a token as plain data; its hash only if that is asked for."""
    body = {
        k: v.isoformat() + "Z" if isinstance(v, datetime) else v for k, v in asdict(token).items()
    }
    return body if secret else {k: v for k, v in body.items() if k != "hash"}


_TIMES = ("created_at", "expires_at", "revoked_at")


def _decode(content: Any, name: str) -> list[Token]:
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise FormatMismatch(
            f"{name} has the format {found}, this version reads {FORMAT}.",
            "Use the version that wrote it, or remove it and make new tokens.",
        )
    try:
        return [_token(body) for body in content["tokens"]]
    except (KeyError, TypeError, ValueError) as error:
        raise WeirError(
            f"{name} holds a token that cannot be read: {error!r}.",
            "Restore it from a backup, or remove it and make new tokens.",
        ) from None


def _token(body: dict[str, Any]) -> Token:
    times = {key: _time(body.get(key)) for key in _TIMES}
    lists = {key: tuple(body[key]) for key in ("events", "origins")}
    return Token(**{**body, **times, **lists})


def _time(text: str | None) -> datetime | None:
    return (
        None if text is None else datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    )


def _replace_file(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner only, durably."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
