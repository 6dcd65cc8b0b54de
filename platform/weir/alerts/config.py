"""`alerts.yaml`: channels, and which owner is told by which of them. It names secrets, never holds them.

A secret is the name of an environment variable (`url_env`), read when a message is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from weir.alerts.problem import SEVERITIES, Severity
from weir.core.errors import InvalidValue, UsageError

FILE = "alerts.yaml"
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]*$")
_ADDRESS = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+$")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuietHours(_Closed):
    """When only the gravest is told at once; the rest waits for their end.

    Attributes:
        start: local time; `22:00`.
        end: local time; before `start` it is of the next day.
        zone: the IANA time zone.
        severity: what is told all the same.
    """

    start: time
    end: time
    zone: str = "UTC"
    severity: Severity = "critical"

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no IANA time zone, e.g. Asia/Seoul")
        return zone

    def holds_back(self, severity: Severity, now: datetime) -> bool:
        """Tell whether a message of this severity waits at an instant (aware)."""
        if SEVERITIES.index(severity) >= SEVERITIES.index(self.severity):
            return False
        local = now.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


class _Channel(_Closed):
    severity: Severity = Field("warning", description="The least that it is told.")
    quiet: QuietHours | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _variable(cls, value: Any, info: Any) -> Any:
        named = (info.field_name or "").endswith("_env")
        if named and isinstance(value, str) and value and not _VARIABLE.match(value):
            raise ValueError("wants the NAME of an environment variable, e.g. TEAM_SLACK_URL")
        return value


class _Web(_Channel):
    url_env: str = Field(description="Environment variable that holds the https address.")
    internal: bool = Field(
        default=False, description="Whether the address may be of a private network."
    )


class Slack(_Web):
    """An incoming webhook of Slack."""

    kind: Literal["slack"]


class Webhook(_Web):
    """Any server that takes a JSON document by POST."""

    kind: Literal["webhook"]
    secret_env: str = Field(
        "", description="Environment variable with a key: the body is signed with HMAC-SHA256."
    )


class Email(_Channel):
    """An SMTP server."""

    kind: Literal["email"]
    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str
    to: tuple[str, ...] = Field(min_length=1, max_length=50)
    username_env: str = ""
    password_env: str = ""

    @field_validator("sender", "to")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (value,) if isinstance(value, str) else value:
            if not _ADDRESS.match(address):
                raise ValueError(f"{address!r} is no e-mail address")
        return value

    @model_validator(mode="after")
    def _encrypted(self) -> Email:
        local = self.host in ("localhost", "127.0.0.1", "::1")
        if self.security == "none" and not local:
            raise ValueError("security: none is only for a server on this machine")
        return self


Channel = Annotated[Slack | Webhook | Email, Field(discriminator="kind")]


class Config(_Closed):
    """What `alerts.yaml` says.

    Attributes:
        channels: by name.
        owners: owner of assets → names of channels.
        default: channels of whoever has none of their own.
        repeat_minutes: a problem that goes on is told again after this long.
    """

    channels: dict[str, Channel]
    owners: dict[str, tuple[str, ...]] = {}
    default: tuple[str, ...] = ()
    repeat_minutes: int = Field(240, ge=1)

    @model_validator(mode="after")
    def _known(self) -> Config:
        for who, names in {**self.owners, "default": self.default}.items():
            for name in names:
                if name not in self.channels:
                    known = ", ".join(self.channels)
                    raise ValueError(f"{who} names the channel {name!r}; there are: {known}")
        return self

    def channels_of(self, owner: str, severity: Severity) -> list[str]:
        """Return the channels by which an owner is told of a severity."""
        names = self.owners.get(owner, self.default)
        least = SEVERITIES.index(severity)
        return [n for n in names if SEVERITIES.index(self.channels[n].severity) <= least]

    def channel(self, name: str) -> Slack | Webhook | Email:
        """Return a channel.

        Raises:
            InvalidValue: if there is none of that name.
        """
        if name not in self.channels:
            raise InvalidValue("channel", name, self.channels)
        return self.channels[name]

    def variables(self) -> dict[str, str]:
        """Return the environment variables that are named, each with the channel that names it."""
        found = {}
        for name, channel in self.channels.items():
            for field, value in channel.model_dump().items():
                if field.endswith("_env") and value:
                    found[str(value)] = name
        return found


def read_config(project: Path) -> Config | None:
    """Return what a project's `alerts.yaml` says, or None where there is none.

    Raises:
        UsageError: with every mistake, each with its place.
    """
    path = project / FILE
    if not path.is_file():
        return None
    try:
        body = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise UsageError(f"{FILE} is no YAML: {error}.", "Mend it; `weir alerts check`.") from None
    try:
        return Config.model_validate(body if isinstance(body, Mapping) else {"channels": body})
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'file'}: {_words(one['msg'])}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise UsageError(f"{FILE} is wrong: {told}.", "See docs/guides/operations.md.") from None


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
