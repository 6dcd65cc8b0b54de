"""Where the console is."""

from __future__ import annotations

from weir.core.settings import Settings


def address(settings: Settings) -> str:
    """Return the address that people use, without a slash at its end."""
    host = settings.console_host
    here = f"[{host}]" if ":" in host else host
    return settings.console_url.rstrip("/") or f"http://{here}:{settings.console_port}"


def sign_in_link(settings: Settings, token: str) -> str:
    """Return a link that signs in with a token.

    The token stands behind `#`, which browsers send to nobody: it is in no log.
    """
    return f"{address(settings)}/sign-in#token={token}"
