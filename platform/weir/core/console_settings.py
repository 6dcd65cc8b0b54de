"""What may be set of the console: where it listens, and how people sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class ConsoleSettings(BaseSettings):
    """The console's part of the settings."""

    console_host: str = Field("127.0.0.1", description="Address that the console listens on.")
    console_port: int = Field(7500, description="Port of the console.", ge=0, le=65535)
    console_url: str = Field(
        "",
        description="Address that people use, e.g. `https://weir.example.com`; empty: loopback only.",
    )
    console_session_hours: float = Field(
        12.0, description="Hours after which people sign in again.", gt=0
    )
    oidc_issuer: str = Field(
        "",
        description="Issuer of an OpenID Connect provider that people sign in with; empty: by token only.",
        pattern=r"^(https://.+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/.*)?)?$",
    )
    oidc_client_id: str = Field("", description="The console's client id at that provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="The console's secret there; better in a file."
    )
    oidc_client_secret_file: Path | None = Field(
        None, description="File that holds the console's secret there."
    )
    oidc_name: str = Field(
        "", description="What the provider is called on the sign-in page; empty: its host."
    )
    oidc_role: Literal["", "viewer", "editor"] = Field(
        "",
        description="Role of whom the provider knows and the console does not; empty: they are refused.",
    )
