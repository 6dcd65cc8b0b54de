"""Where each setting in force comes from, and its value as it may be shown: never a secret."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from weir.core.settings import CONFIG_FILE, Settings

Origin = Literal["environment", "file", "default", "given"]
HIDDEN = "•••"
_MAY_HOLD_SECRETS = frozenset({"catalog", "ledger_url", "kafka_options"})
"""Settings that are texts with a password somewhere inside: only their kind is shown."""


@dataclass(frozen=True)
class Setting:
    """One setting in force.

    Attributes:
        name: as in `weir.toml`.
        variable: the environment's variable.
        value: as text; `•••` stands for what is not shown.
        default: what it would be.
        origin: `environment`, `file` (the home's `weir.toml`), `default`, or `given` (by the command line).
        description: what it is for.
    """

    name: str
    variable: str
    value: str
    default: str
    origin: Origin
    description: str


def environment() -> dict[str, str]:
    """Return the process's variables as they are now."""
    return dict(os.environ)


def settings_in_force(settings: Settings, environment: Mapping[str, str]) -> Iterator[Setting]:
    """Yield every setting in the order of its declaration.

    Args:
        settings: those in force.
        environment: the variables of the process.
    """
    prefix = str(settings.model_config.get("env_prefix", ""))
    variables = {name.upper(): value for name, value in environment.items()}
    file = _file(settings.home / CONFIG_FILE)
    for name, about in type(settings).model_fields.items():
        variable = f"{prefix}{name}".upper()
        value, default = getattr(settings, name), about.get_default(call_default_factory=True)
        origin: Origin = "given"
        if variable in variables:
            origin = "environment"
        elif name in file:
            origin = "file"
        elif value == default:
            origin = "default"
        yield Setting(
            name, variable, shown(name, value), shown(name, default) if origin != "default" else "",
            origin, about.description or "",
        )  # fmt: skip


def shown(name: str, value: Any) -> str:
    """Return a setting's value as it may be shown.

    >>> shown("ledger_url", "postgresql+psycopg2://ann:secret@db/weir"), shown("env", ""), shown("x", 3)
    ('postgresql+psycopg2:•••', '', '3')
    """
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if value is None or value == "" or repr(value) == "PydanticUndefined":
        return ""
    if name in _MAY_HOLD_SECRETS:
        kind, colon, _ = str(value).partition(":")
        return f"{kind}:{HIDDEN}" if colon and kind.replace("+", "").isalnum() else HIDDEN
    return str(value)


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError):
        return {}
