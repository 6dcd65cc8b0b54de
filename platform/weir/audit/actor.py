"""Who acts: the login, or what the setting `WEIR_ACTOR` says."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from typing import Literal, get_args

from weir.core.errors import InvalidValue

Kind = Literal["person", "sensor", "schedule", "agent", "system"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Actor:
    """Who does something.

    Attributes:
        kind: a person, a sensor or schedule of Dagster, an agent, or the system itself.
        name: the login, the sensor's or the agent's name.
        authenticated: how that is known: `login` (the operating system's user), `declared, login
            NAME` (by `WEIR_ACTOR`; nobody checked it), `dagster` (by the run's tags), or, in the
            console, `session` (a cookie), `token` or `oidc`.
    """

    kind: Kind
    name: str
    authenticated: str


def login() -> str:
    """Return the name of the operating system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"uid {os.getuid()}"


def actor_of(declared: str = "") -> Actor:
    """Return who acts.

    Args:
        declared: `kind:name`, or empty for the person who is logged in.

    Raises:
        InvalidValue: if it has another form.
    """
    if not declared:
        return Actor("person", login(), "login")
    kind, _, name = declared.partition(":")
    for known in KINDS:
        if kind == known and name.strip():
            return Actor(known, name.strip(), f"declared, login {login()}")
    raise InvalidValue("WEIR_ACTOR", declared, [f"{known}:NAME" for known in KINDS])
