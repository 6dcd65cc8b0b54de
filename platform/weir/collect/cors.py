"""Which web pages may call the collector from a browser (CORS): an allow-list, no cookies. Pure.

A browser asks by a preflight before it sends anything but a plain POST; the answer's headers decide
what its page may read. Credentials are never allowed: a token is a header of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from weir.collect.wire import Refusal

Headers = tuple[tuple[bytes, bytes], ...]

ANY = "*"
MAX_AGE = b"7200"  # seconds; browsers cap it there
_METHODS = (b"access-control-allow-methods", b"GET, POST, OPTIONS")
_HEADERS = (
    b"access-control-allow-headers",
    b"authorization, content-type, content-encoding, x-weir-origin",
)
_EXPOSED = (
    b"access-control-expose-headers",
    b"retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
)
_VARY = (b"vary", b"Origin")


class Cors:
    """The web origins that may call.

    Args:
        origins: such as `https://www.example.com`; `*` for every page.
    """

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._any = ANY in origins
        self._origins = frozenset(origin.encode() for origin in origins)
        self.open = bool(origins)

    @classmethod
    def of(cls, listed: str) -> Cors:
        """Return the allow-list of a comma-separated setting."""
        return cls(tuple(part.strip() for part in listed.split(",") if part.strip()))

    def headers(self, request: Mapping[bytes, bytes]) -> Headers:
        """Return the headers that every answer to this request carries."""
        if self._any:
            return ((b"access-control-allow-origin", b"*"), _EXPOSED)
        origin = request.get(b"origin")
        if origin is None or origin not in self._origins:
            return (_VARY,)
        return ((b"access-control-allow-origin", origin), _EXPOSED, _VARY)

    def preflight(self, request: Mapping[bytes, bytes]) -> Headers:
        """Return the headers of the answer to a preflight.

        Raises:
            Refusal: 403 if the page's origin is not on the list.
        """
        origin = request.get(b"origin", b"")
        if not self._any and origin not in self._origins:
            shown = origin.decode("latin-1")[:100]
            raise Refusal(
                403, "origin_not_allowed", f"Pages of the origin `{shown}` may not send here.",
                "Add the origin to WEIR_COLLECT_CORS_ORIGINS, or send from a server.",
            )  # fmt: skip
        return (_METHODS, _HEADERS, (b"access-control-max-age", MAX_AGE))
