"""Which documents of a micro-batch are kept, and with what weight. Pure: no clock, no I/O.

A document is kept iff the 56-bit keyed hash of its sampling key is at least a threshold: the
scheme of OpenTelemetry's `th` and `rv` (specification/trace/tracestate-probability-sampling.md).
So rates nest, reruns agree, and a user's documents are kept or dropped together. Counts are
re-scaled in `weir.core.estimate`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from weir.core.canonical import canonical_json
from weir.core.errors import InvalidValue

SPACE = 1 << 56
"""Number of hash values; thresholds go from 0 (keep all) to SPACE - 1."""

KEY = b"weir sampling 1"
"""Key of the hash. Not a secret: it keeps the choice apart from every other hash in use."""

_SCHEME = "blake2b-56/user,device,event/1"


def sampling_key(user_id: str | None, device_id: str | None, event_id: str) -> str:
    """Return what is hashed: the user, else the device, else the event itself.

    >>> sampling_key("", "d7", "e1")
    'd7'
    """
    return user_id or device_id or event_id


def randomness(key: str, secret: bytes = KEY) -> int:
    """Return the 56-bit number of a sampling key: uniform over keys, the same for ever."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=7, key=secret).digest(), "big")


def threshold(probability: float) -> int:
    """Return T = (1 - p) · 2^56: a key is kept iff its randomness is at least T.

    Raises:
        InvalidValue: unless 2^-56 <= p <= 1.

    >>> hex(threshold(0.25)), hex(threshold(0.5)), threshold(1)
    ('0xc0000000000000', '0x80000000000000', 0)
    """
    if not 1 / SPACE <= probability <= 1:
        raise InvalidValue("probability", probability, ["a number from 2^-56 to 1"])
    return SPACE - max(1, round(probability * SPACE))


@dataclass(frozen=True, slots=True)
class Draw:
    """How one stratum of one partition is drawn: its threshold and the weight that follows."""

    threshold: int

    def keeps(self, key: str) -> bool:
        """Tell whether documents with this sampling key are kept."""
        return randomness(key) >= self.threshold

    @property
    def weight(self) -> float:
        """Events that one kept document stands for: 1/p."""
        return SPACE / (SPACE - self.threshold)

    @property
    def th(self) -> str:
        """The threshold in OpenTelemetry's text form: hex without trailing zeros.

        >>> Draw(threshold(0.25)).th, Draw(0).th
        ('c', '0')
        """
        return f"{self.threshold:014x}".rstrip("0") or "0"


@dataclass(frozen=True)
class Policy:
    """How the documents of one event are sampled.

    Args:
        rate: probability of a key to be kept, above 0 and up to 1.
        floor: documents that each stratum and partition should have at least, in expectation:
            a rare event gets a higher probability of its own instead of vanishing.

    Raises:
        InvalidValue: if the rate or the floor is out of range.
    """

    rate: float = 1.0
    floor: int | None = None

    def __post_init__(self) -> None:
        threshold(self.rate)
        if self.floor is not None and self.floor < 1:
            raise InvalidValue("floor", self.floor, ["a whole number from 1", "none"])

    @cached_property
    def version(self) -> str:
        """12 hex digits that change iff the sample can change: rate, floor, scheme."""
        content = {"rate": self.rate, "floor": self.floor, "scheme": _SCHEME}
        return hashlib.blake2b(canonical_json(content), digest_size=6).hexdigest()

    def draw(self, offered: int) -> Draw:
        """Return the draw for a stratum of exactly `offered` documents: p = max(rate, floor/N).

        >>> Policy(0.1, floor=30).draw(60).weight, Policy(0.1).draw(60).weight
        (2.0, 10.0)
        """
        wanted = self.floor / offered if self.floor and offered else 0.0
        return Draw(threshold(min(1.0, max(self.rate, wanted))))


KEEP_ALL = Policy()
"""The policy of an event that names none: everything is kept."""
