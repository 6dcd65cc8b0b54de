"""Where people reach what `weir up` serves."""

from __future__ import annotations

import ipaddress

from weir.core.settings import Settings

DAGSTER_PREFIX = "/dagster"
"""Path of Dagster's pages, on its own port and on the console's."""


def console_address(settings: Settings) -> str:
    """Return the address of the console that people use, without a slash at its end."""
    host = settings.console_host
    here = f"[{host}]" if ":" in host else host
    return settings.console_url.rstrip("/") or f"http://{here}:{settings.console_port}"


def dagster_address(settings: Settings) -> str:
    """Return the address of Dagster's own webserver: of this machine only, for it has no login."""
    return f"http://127.0.0.1:{settings.dagster_port}{DAGSTER_PREFIX}"


def dagster_viewers_address(settings: Settings) -> str:
    """Return the address of the webserver that only shows: it was started read-only."""
    return f"http://127.0.0.1:{settings.dagster_viewers_port}{DAGSTER_PREFIX}"


def sign_in_link(settings: Settings, token: str) -> str:
    """Return a link to the console that signs in with a token.

    The token stands behind `#`, which browsers send to nobody: it is in no log.
    """
    return f"{console_address(settings)}/sign-in#token={token}"


def is_loopback(name: str) -> bool:
    """Tell whether a host's name is this machine's own.

    >>> is_loopback("localhost"), is_loopback("127.0.0.9"), is_loopback("example.com")
    (True, True, False)
    """
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
