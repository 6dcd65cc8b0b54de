"""A search document, what is known of its landing hour, and both in tantivy's terms. No I/O.

Text is split at everything that is no letter or digit and lower-cased; ids are indexed as they
are, so `user_id:00042` never finds 42. Every hour has one more document, of kind `hour`: its
statistics. They are committed with the hour's documents, so the two cannot disagree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import tantivy

TOKENIZER = "weir"
KIND_HOUR = "hour"
_LONGEST_TOKEN = 256  # tantivy's own default drops what has 40 or more: a Git hash
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as in the lake
_RAW = ("event_id", "event_name", "user_id", "device_id", "platform", "app_version", "receipt")
FIELDS = (
    *_RAW,
    "event_time",
    "landing_hour",
    "weight",
    "stratum",
    "policy_version",
    "params.<name>",
)
"""What a query may name before a colon."""


@dataclass(frozen=True, slots=True)
class Document:
    """One sampled event. Times are naive UTC; `params` is JSON text of one object."""

    landing_hour: datetime
    event_id: str
    receipt: str
    event_name: str
    event_time: datetime | None
    received_at: datetime
    user_id: str | None
    device_id: str | None
    platform: str | None
    app_version: str | None
    params: str
    weight: float
    stratum: str
    policy_version: str
    randomness: int
    """The 56-bit hash of the sampling key: tells which documents were kept or dropped together."""

    @property
    def at(self) -> datetime:
        """The time that hits are sorted and filtered by: the event's, else its arrival."""
        return self.event_time or self.received_at

    @property
    def identity(self) -> int:
        """64-bit hash of what makes this document this document in this sample."""
        parts = [self.event_id, self.weight, self.stratum, self.policy_version]
        digest = hashlib.blake2b(orjson.dumps(parts), digest_size=8).digest()
        return int.from_bytes(digest, "big")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one stratum of one landing hour offered to the sample, and how it was drawn."""

    offered: int
    weight: float
    policy_version: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """An offer, and how many documents of it were kept."""

    offered: int
    kept: int
    weight: float
    policy_version: str


@dataclass(frozen=True)
class HourStats:
    """One landing hour of an index: rows, order-free content hash, strata."""

    landing_hour: datetime
    rows: int
    hash: str
    strata: dict[str, Stratum]

    @property
    def offered(self) -> int:
        """Accepted events of the hour, kept or not."""
        return sum(s.offered for s in self.strata.values())


class Tally:
    """Adds up one hour's documents; the result does not depend on their order."""

    def __init__(self) -> None:
        self.rows = self._sum = self._xor = 0
        self._kept: dict[str, tuple[int, float, str]] = {}

    def add(self, document: Document, identity: int) -> None:
        """Count one document."""
        self.add_identity(identity)
        kept = self._kept.get(document.stratum, (0, 0.0, ""))[0]
        self._kept[document.stratum] = (kept + 1, document.weight, document.policy_version)

    def add_identity(self, identity: int) -> None:
        """Count one document of which only the identity is known."""
        self.rows += 1
        self._sum = (self._sum + identity) % (1 << 64)
        self._xor ^= identity

    @property
    def hash(self) -> str:
        """The content hash, in the ledger's form `rows:sum:xor`."""
        return f"{self.rows}:{self._sum}:{self._xor}"

    def stats(self, hour: datetime, offers: dict[str, Offer]) -> HourStats:
        """Return the hour's statistics. A stratum without an offer counts as kept whole."""
        strata = {n: Stratum(k, k, w, version) for n, (k, w, version) in self._kept.items()}
        for name, offer in offers.items():
            kept = self._kept.get(name, (0, 0.0, ""))[0]
            strata[name] = Stratum(offer.offered, kept, offer.weight, offer.policy_version)
        return HourStats(hour, self.rows, self.hash, dict(sorted(strata.items())))


@cache
def schema() -> tantivy.Schema:
    """Return the schema of every day index."""
    builder = tantivy.SchemaBuilder()
    for name in (*_RAW, "policy_version", "kind"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("stratum", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_date_field("landing_hour", indexed=True)
    builder.add_date_field("event_time", indexed=True)
    builder.add_integer_field("at_us", fast=True)  # fast dates are cut to seconds; these are not
    builder.add_unsigned_field("randomness", fast=True)
    builder.add_unsigned_field("identity", fast=True)
    builder.add_float_field("weight", indexed=True, fast=True)
    builder.add_json_field(  # fast: ranges over parameters need it, for 6 % more bytes
        "params", fast=True, tokenizer_name=TOKENIZER, expand_dots_enabled=True
    )
    builder.add_text_field("text", tokenizer_name=TOKENIZER)
    builder.add_bytes_field("source", stored=True)
    return builder.build()


def register(index: tantivy.Index) -> tantivy.Index:
    """Give an index the tokenizer that its schema names; tantivy does not store it."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST_TOKEN))
    index.register_tokenizer(TOKENIZER, builder.filter(tantivy.Filter.lowercase()).build())
    whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).build()
    index.register_fast_field_tokenizer(TOKENIZER, whole)
    return index


def microseconds(at: datetime) -> int:
    """Return a naive UTC time as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def encode(document: Document, identity: int) -> tantivy.Document:
    """Return a document, whose identity is given, as tantivy's, checked against the schema.

    (Unchecked, a value of the wrong type kills tantivy's writer thread.)
    """
    params = orjson.loads(document.params)
    given = {name: value for name in _RAW if (value := getattr(document, name))}
    fields: dict[str, Any] = {
        **given,
        "policy_version": document.policy_version,
        "stratum": document.stratum,
        "landing_hour": document.landing_hour.replace(tzinfo=UTC),
        "event_time": document.at.replace(tzinfo=UTC),
        "at_us": microseconds(document.at),
        "randomness": document.randomness,
        "identity": identity,
        "weight": document.weight,
        "params": params,
        "text": " ".join((*given.values(), *_leaves(params))),
        "source": orjson.dumps(document),
    }
    return tantivy.Document.from_dict(fields, schema())


def decode(stored: tantivy.Document) -> Document:
    """Return the document that was stored: the inverse of `encode`."""
    fields = orjson.loads(bytes(stored.get_first("source") or b"{}"))
    for name in ("landing_hour", "event_time", "received_at"):
        fields[name] = fields[name] and datetime.fromisoformat(fields[name])
    return Document(**fields)


def encode_stats(stats: HourStats) -> tantivy.Document:
    """Return an hour's statistics as tantivy's document."""
    fields = {
        "kind": KIND_HOUR,
        "landing_hour": stats.landing_hour.replace(tzinfo=UTC),
        "source": orjson.dumps(asdict(stats)),
    }
    return tantivy.Document.from_dict(fields, schema())


def decode_stats(stored: tantivy.Document) -> HourStats:
    """Return the statistics that were stored: the inverse of `encode_stats`."""
    fields = orjson.loads(bytes(stored.get_first("source") or b"{}"))
    strata = {name: Stratum(**values) for name, values in fields["strata"].items()}
    hour = datetime.fromisoformat(fields["landing_hour"])
    return HourStats(hour, fields["rows"], fields["hash"], strata)


def _leaves(value: Any) -> Iterator[str]:
    """Yield the texts and numbers inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for one in inner:
            yield from _leaves(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
