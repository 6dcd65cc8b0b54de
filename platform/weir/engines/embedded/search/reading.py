"""Answers a query over day indexes: the newest hits, counts per stratum, the re-scaled count.

Each day is read through one snapshot, so that a writer's commit in between changes nothing. The
variance needs documents per (key, weight): fast fields give about a million a second. Beyond
`CAP` matching documents, keys are sub-sampled once more by the same nested hash, which keeps the
variance unbiased and the work bounded; the result says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from time import perf_counter
from typing import Any, Literal

import tantivy

from weir.core.errors import InvalidValue, NotFound, QueryRejected, UsageError
from weir.core.estimate import Estimate, estimate, variance
from weir.engines.embedded.search.documents import (
    FIELDS,
    KIND_HOUR,
    Document,
    decode,
    microseconds,
    register,
    schema,
)

CAP = 200_000
"""Matching documents up to which every kept key counts towards the interval."""

Basis = Literal["exact", "keys", "some keys"]
"""What an interval is computed from; see `Result`."""
_SPACE = 1 << 56
_STRATA = 10_000
_CHUNK = 200_000
_SYNTAX = (
    'Words must all occur; `event_name:x`, `user_id:x`, `params.quantity:>2`, "a phrase", AND, OR, '
    "NOT and brackets work; NOT needs something to take from: `* NOT user_id:x`. Put values with special characters in quotes."
)
_TOTALS: dict[str, Any] = {
    "strata": {
        "terms": {"field": "stratum", "size": _STRATA},
        "aggs": {"sum": {"sum": {"field": "weight"}}, "max": {"max": {"field": "weight"}}},
    }
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found, and the landing day of the index that holds it."""

    day: date
    document: Document


@dataclass(frozen=True, slots=True)
class StratumCount:
    """What matched in one stratum; `rate` = matched / estimate, the mean probability."""

    matched: int
    estimate: float

    @property
    def rate(self) -> float:
        """The mean probability with which the matching documents were kept."""
        return self.matched / self.estimate


@dataclass(frozen=True)
class Result:
    """The answer to a query. `low` and `high` bound the estimate at 95 %.

    `interval` tells what the variance was computed from: `exact` (nothing was sampled, zero
    width), `keys` (every kept key), `some keys` (a nested sub-sample: more than `CAP` documents
    matched).
    """

    hits: list[Hit]
    matched_documents: int
    estimate: float
    low: float
    high: float
    interval: Basis
    strata: dict[str, StratumCount]
    days: int
    took: float
    """Seconds."""


class Snapshot:
    """One day index at one commit."""

    def __init__(self, day: date, searcher: tantivy.Searcher) -> None:
        self.day = day
        self._searcher = searcher

    def newest(self, query: tantivy.Query, limit: int) -> list[tuple[int, tantivy.DocAddress]]:
        """Return (time in µs, address) of the latest documents, newest first."""
        found = self._searcher.search(query, limit, count=False, order_by_field="at_us")
        return list(found.hits)

    def document(self, address: tantivy.DocAddress) -> Document:
        """Return one stored document."""
        return decode(self._searcher.doc(address))

    def stored(self, query: tantivy.Query, limit: int) -> list[tantivy.Document]:
        """Return the stored fields of some documents that match, in no order."""
        hits = self._searcher.search(query, limit, count=False).hits
        return [self._searcher.doc(address) for _, address in hits]

    def totals(self, query: tantivy.Query) -> list[tuple[str, int, float, float]]:
        """Return (stratum, documents, sum of weights, largest weight)."""
        buckets = self._searcher.aggregate(query, _TOTALS)["strata"]["buckets"]
        return [(b["key"], b["doc_count"], b["sum"]["value"], b["max"]["value"]) for b in buckets]

    def cells(self, query: tantivy.Query) -> Iterator[tuple[int, float]]:
        """Yield (key, weight) of each document that matches and was sampled."""
        limit = max(1, self._searcher.num_docs)
        hits = self._searcher.search(query, limit, count=False, order_by_field="randomness").hits
        weights = self._searcher.fast_field_values("weight", [address for _, address in hits])
        return zip((key for key, _ in hits), weights, strict=True)  # type: ignore[arg-type]

    def timed(self, query: tantivy.Query) -> Iterator[tuple[int, int, float]]:
        """Yield (time in µs, key, weight) of each document that matches and was sampled."""
        limit = max(1, self._searcher.num_docs)
        hits = self._searcher.search(query, limit, count=False, order_by_field="randomness").hits
        places = [address for _, address in hits]
        times = self._searcher.fast_field_values("at_us", places)
        weights = self._searcher.fast_field_values("weight", places)
        keys = (key for key, _ in hits)
        return zip(times, keys, weights, strict=True)  # type: ignore[arg-type]

    def aggregate(self, query: tantivy.Query, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return tantivy's aggregations of the documents that match."""
        found: dict[str, Any] = self._searcher.aggregate(query, dict(wanted))
        return found

    def identities(self, query: tantivy.Query) -> Iterator[int]:
        """Yield the identity of each document that matches, in bounded memory."""
        found = self._searcher.search(without_stats(query), 1)
        rows: int = found.count  # type: ignore[attr-defined]  # left out of tantivy's stub
        step = (1 << 64) // (rows // _CHUNK + 1) + 1
        for low in range(0, 1 << 64, step):
            part = _range("identity", low, min(low + step, 1 << 64) - 1, tantivy.FieldType.Unsigned)
            inside = both(query, part)
            hits = self._searcher.search(
                inside, rows + 1, count=False, order_by_field="identity"
            ).hits
            yield from (identity for identity, _ in hits)


def answer(
    text: str,
    snapshots: Iterable[Snapshot],
    weights: Iterable[float],
    *,
    limit: int,
    window: tuple[datetime | None, datetime | None],
    cap: int = CAP,
) -> Result:
    """Run a query over snapshots of days.

    Args:
        text: the query.
        snapshots: the day indexes to ask.
        weights: weights in use in these days; read only if nothing matches.
        limit: most hits.
        window: event times [since, until); None is open.
        cap: matching documents beyond which keys are sub-sampled for the interval.

    Raises:
        UsageError: if the query or the limit is wrong.
    """
    began = perf_counter()
    if limit < 1:
        raise InvalidValue("limit", limit, ["a whole number from 1"])
    days = list(snapshots)
    with explained(text):
        query = within(parse(text), *window)
        counted = count(days, query, cap, weights)
        hits = _hits(days, query, limit)
    return Result(
        hits=hits,
        matched_documents=counted.matched,
        estimate=counted.found.value,
        low=counted.found.low,
        high=counted.found.high,
        interval=counted.basis,
        strata=_strata(counted.totals),
        days=len(days),
        took=perf_counter() - began,
    )


@dataclass(frozen=True)
class Counted:
    """How many events match: documents, the re-scaled count, and what its interval comes from."""

    matched: int
    found: Estimate
    basis: Basis
    totals: list[tuple[str, int, float, float]]


def count(
    days: list[Snapshot], query: tantivy.Query, cap: int = CAP, weights: Iterable[float] = ()
) -> Counted:
    """Count the events that match a query; `weights` are those in use, for when none does."""
    totals = [t for day in days for t in day.totals(query)]
    matched = sum(documents for _, documents, _, _ in totals)
    rarest = max((top for *_, top in totals), default=1.0)
    share = share_of(matched, rarest, cap)
    spread = variance(_cells(days, query, share), share) if rarest > 1.0 else 0.0
    value = sum(weight for _, _, weight, _ in totals)
    found = estimate(matched, value, spread, 1.0 if matched else max(weights, default=1.0))
    return Counted(matched, found, _basis(found.high - found.low, share), totals)


def share_of(matched: int, rarest: float, cap: int = CAP) -> float | None:
    """Return the part of the keys that the variance is computed from; None for all of them."""
    return None if matched <= cap else cap / matched / rarest


@cache
def _parser() -> tantivy.Index:
    return register(tantivy.Index(schema()))  # in memory: a query can be read without any day


def parse(text: str) -> tantivy.Query:
    """Return a query over events (never over the hours' statistics).

    Raises:
        ValueError: tantivy's, if the query cannot be read.
    """
    query = _parser().parse_query(text, ["text"], conjunction_by_default=True)
    return without_stats(query)


def without_stats(query: tantivy.Query) -> tantivy.Query:
    """Return the query without the documents that hold statistics."""
    stats = tantivy.Query.term_query(schema(), "kind", KIND_HOUR)
    return tantivy.Query.boolean_query(
        [(tantivy.Occur.Must, query), (tantivy.Occur.MustNot, stats)]
    )


def within(query: tantivy.Query, since: datetime | None, until: datetime | None) -> tantivy.Query:
    """Return the query for event times [since, until); None is open."""
    if since is None and until is None:
        return query
    low = microseconds(since) if since else None
    high = microseconds(until) - 1 if until else None
    return both(query, _range("at_us", low, high, tantivy.FieldType.Integer))


def _range(field: str, low: Any, high: Any, kind: tantivy.FieldType) -> tantivy.Query:
    return tantivy.Query.range_query(schema(), field, kind, low, high)


def both(*queries: tantivy.Query) -> tantivy.Query:
    """Return the query that all of these match."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, q) for q in queries])


def _hits(days: list[Snapshot], query: tantivy.Query, limit: int) -> list[Hit]:
    found = [(at, day, where) for day in days for at, where in day.newest(query, limit)]
    found.sort(key=lambda hit: hit[0], reverse=True)
    return [Hit(day.day, day.document(where)) for _, day, where in found[:limit]]


def _cells(
    days: list[Snapshot], query: tantivy.Query, share: float | None
) -> Counter[tuple[int, float]]:
    """Count documents per (key, weight); with a share, of the keys that pass its threshold."""
    sampled = sampled_only(query, share)
    return Counter(cell for day in days for cell in day.cells(sampled))


def sampled_only(query: tantivy.Query, share: float | None) -> tantivy.Query:
    """Return the query for documents that stand for more than themselves, of a part of the keys."""
    sampled = both(
        query,
        tantivy.Query.range_query(
            schema(), "weight", tantivy.FieldType.Float, 1.0, None, include_lower=False
        ),
    )
    if share is None:
        return sampled
    low = _SPACE - max(1, round(share * _SPACE))
    return both(sampled, _range("randomness", low, None, tantivy.FieldType.Unsigned))


def _strata(totals: list[tuple[str, int, float, float]]) -> dict[str, StratumCount]:
    counts: Counter[str] = Counter()
    sums: dict[str, float] = {}
    for name, count, weight, _ in totals:
        counts[name] += count
        sums[name] = sums.get(name, 0.0) + weight
    return {name: StratumCount(n, sums[name]) for name, n in counts.most_common()}


def _basis(width: float, share: float | None) -> Basis:
    if width == 0:
        return "exact"
    return "keys" if share is None else "some keys"


@contextmanager
def explained(text: str) -> Iterator[None]:
    """Turn tantivy's ValueError into one that names the query and the way out."""
    if not text.strip():
        raise UsageError("The query is empty.", "Ask for `*` to see the newest events.")
    try:
        yield
    except ValueError as error:
        unknown = re.search(r"Field does not exist: '(.*)'", str(error))
        if unknown:
            remedy = "A parameter is written params.<name>:<value>."
            raise NotFound("search field", unknown[1], FIELDS, remedy) from None
        told, column = _misread(text, str(error))
        line = None if column is None else text.count("\n", 0, column - 1) + 1
        if column is not None:
            column -= text.rfind("\n", 0, column - 1) + 1
        raise QueryRejected(
            f"The query `{text}` cannot be read: {told}.", _SYNTAX, line, column
        ) from None


def _misread(text: str, otherwise: str) -> tuple[str, int | None]:
    """Return what is wrong with a query, and at which character from 1 on.

    tantivy's strict reader says only that something is; the lenient one, where.
    """
    _, wrong = _parser().parse_query_lenient(text, ["text"], conjunction_by_default=True)
    for one in wrong:
        found = re.fullmatch(r"Syntax Error: (.*) at position (\d+)", str(one))
        if found:
            at = len(text.encode()[: int(found[2])].decode(errors="ignore")) + 1  # it counts bytes
            return f"{found[1]} at character {at}", at
    return otherwise, None
