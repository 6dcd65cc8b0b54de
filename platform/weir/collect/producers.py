"""Who sends: the producer that a write token stands for, as verdicts and limits need it. Pure.

How tokens are kept is `weir.collect.tokens`', how a request proves its producer `weir.collect.gate`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from typing import Literal

Environment = Literal["prod", "test"]
Channel = Literal["client", "server"]
ENVIRONMENTS: tuple[Environment, ...] = ("prod", "test")
CHANNELS: tuple[Channel, ...] = ("client", "server")


@dataclass(frozen=True, slots=True)
class Producer:
    """One producer.

    Attributes:
        name: stamped into every record, with `environment` and `channel`.
        environment: `test` traffic is judged, answered and kept apart from production.
        channel: `client` for code in the users' hands, `server` for one's own machines.
        strict: undeclared fields and a missing version or id make an event invalid.
        events: patterns of the names it may send; empty for any.
        rate: events per second, None for no limit.
        burst: events at once; the rate is counted over `burst / rate` seconds.
        rate_bytes: body bytes per second, None for no limit.
        token: the id of its token, None without one.
    """

    name: str = "anonymous"
    environment: Environment = "prod"
    channel: Channel = "server"
    strict: bool = False
    events: tuple[str, ...] = ()
    rate: int | None = None
    burst: int | None = None
    rate_bytes: int | None = None
    token: str | None = None
    limited: bool = field(init=False)
    exacting: bool = field(init=False)

    def __post_init__(self) -> None:
        limited = self.rate is not None or self.rate_bytes is not None
        object.__setattr__(self, "limited", limited)
        exacting = self.strict or bool(self.events) or self.environment == "test"
        object.__setattr__(self, "exacting", exacting)

    def allows(self, name: str) -> bool:
        """Return whether the producer may send events of this name.

        >>> Producer(events=("*_shop",)).allows("purchase_item_shop")
        True
        """
        return not self.events or _pattern(self.events).match(name[:200]) is not None


ANONYMOUS = Producer()
"""Whoever sends without a token, where that is allowed."""


@lru_cache(1024)
def _pattern(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns))
