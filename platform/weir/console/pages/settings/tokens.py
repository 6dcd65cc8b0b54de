"""Producers' write tokens. The commands are `weir tokens …`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from weir.audit import audited
from weir.collect import tokens as kept
from weir.collect.producers import Channel, Environment
from weir.collect.tokens import FILE, Grant, TokenFile, duration
from weir.console.context import Console
from weir.console.http.who import Admin, Asked, acting
from weir.console.pages.answers import Given

router = APIRouter(prefix="/tokens", tags=["tokens"])
NEVER = "never"
Id = Annotated[str, Path(max_length=40)]
Short = Annotated[str, Field(max_length=200)]


class Token(BaseModel):
    """One write token; never its secret."""

    id: str
    last4: str
    producer: str
    environment: Environment
    channel: Channel
    strict: bool
    tail: bool
    events: list[str]
    rate: int | None
    burst: int | None
    rate_bytes: int | None
    origins: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_from: str | None
    state: Literal["active", "revoked", "expired"]


class Tokens(BaseModel):
    """All write tokens, the newest first."""

    required: bool = Field(description="Whether the collector takes events only with one.")
    tokens: list[Token]


class NewToken(Given):
    """What a token is to allow."""

    producer: str = Field(max_length=64)
    environment: Environment = "prod"
    channel: Channel = "server"
    strict: bool = False
    tail: bool = False
    events: list[Short] = Field([], max_length=100)
    rate: int | None = Field(None, ge=1)
    burst: int | None = Field(None, ge=1)
    rate_bytes: int | None = Field(None, ge=1)
    origins: list[Short] = Field([], max_length=100)
    expires: str = Field(NEVER, max_length=10, description="`90d`, `24h`, `30m`, or `never`.")


class Rotation(Given):
    """How a token is replaced."""

    overlap: str = Field("24h", max_length=10, description="How long the old one still works.")


class Made(BaseModel):
    """A token, with its text: shown once."""

    token: Token
    text: str


@router.get("")
def tokens(console: Asked, _: Admin) -> Tokens:
    """Return all write tokens."""
    found = _file(console).read()
    return Tokens(
        required=console.settings.collect_auth == "required",
        tokens=[_told(console, one) for one in reversed(found)],
    )


@router.post("", status_code=201)
def create(request: Request, console: Asked, admin: Admin, given: NewToken) -> Made:
    """Make a write token; its text is in this answer only."""
    asked = given.model_dump(exclude={"expires"})
    grant = Grant(
        **asked | {"events": tuple(given.events), "origins": tuple(given.origins)},
        lasts=None if given.expires == NEVER else duration(given.expires),
    )
    by = acting(request, admin)
    with audited(
        console.settings, "tokens.create", by=by, expires=given.expires,
        **{name: value for name, value in asked.items() if value not in (None, False, [])},
    ) as entry:  # fmt: skip
        token, text = _file(console).create(grant)
        entry.tell(token_id=token.id)
    return Made(token=_told(console, token), text=text)


@router.delete("/{token_id}")
def revoke(request: Request, console: Asked, admin: Admin, token_id: Id) -> Token:
    """End a token; running collectors refuse it within a second."""
    by = acting(request, admin)
    with audited(console.settings, "tokens.revoke", by=by, token_id=token_id):
        return _told(console, _file(console).revoke(token_id))


@router.post("/{token_id}/rotate", status_code=201)
def rotate(request: Request, console: Asked, admin: Admin, token_id: Id, given: Rotation) -> Made:
    """Make a token like this one, which then ends after the overlap."""
    overlap, by = duration(given.overlap), acting(request, admin)
    with audited(
        console.settings, "tokens.rotate", by=by, token_id=token_id, overlap=given.overlap
    ) as entry:
        token, text = _file(console).rotate(token_id, overlap)
        entry.tell(token_id=token.id)
    return Made(token=_told(console, token), text=text)


def _file(console: Console) -> TokenFile:
    return TokenFile(console.settings.home / FILE, console.now)


def _told(console: Console, token: kept.Token) -> Token:
    fields = {name: getattr(token, name) for name in Token.model_fields if name != "state"}
    times = {
        name: at.replace(tzinfo=UTC) for name, at in fields.items() if isinstance(at, datetime)
    }
    lists = {"events": list(token.events), "origins": list(token.origins)}
    return Token(**fields | times | lists, state=token.state(console.now()))
