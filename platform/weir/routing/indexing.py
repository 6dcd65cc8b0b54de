"""From accepted rows to the search index: draws the sample in batches and replaces the hours.

Two passes over the micro-batch: `counts` comes from a GROUP BY, so every inclusion probability is
exact; then the rows stream by, in memory bounded by one batch. Reading the lake stays with the
caller: see `ROWS_SQL` and `COUNTS_SQL`, to be run in one snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from weir.core.errors import NotReady
from weir.core.landing import TIERS
from weir.engines.embedded.search import Document, HourStats, Offer, SearchIndex
from weir.routing.sampling import KEEP_ALL, KEY, Draw, Policy, randomness

Cell = tuple[datetime, str]
"""A landing hour and a stratum (the event's name)."""

_STAMP, _TEXT = pa.timestamp("us"), pa.string()
ROWS = pa.schema(
    {
        "landing_hour": _STAMP,
        "lane": _TEXT,
        "epoch": pa.int64(),
        "offset": pa.int64(),
        "received_at": _STAMP,
        "event_id": _TEXT,
        "event_name": _TEXT,
        "event_time": _STAMP,
        "user_id": _TEXT,
        "device_id": _TEXT,
        "platform": _TEXT,
        "app_version": _TEXT,
        "params": _TEXT,
    }
)
"""The columns of `accepted.<tier>` that a document needs."""

ACCEPTED_SQL = " union all ".join(f"select * from accepted.{tier}" for tier in TIERS)
"""All accepted rows."""

_COLUMNS = ", ".join(f'"{name}"' for name in ROWS.names)
ROWS_SQL = (
    f"select {_COLUMNS} from ({{source}}) "
    "where landing_hour >= $start and landing_hour < $end order by landing_hour"
)
"""Rows in the order that `build` needs; put the accepted tiers' union for `{source}`."""

COUNTS_SQL = (
    "select landing_hour, event_name, count(*) from ({source}) "
    "where landing_hour >= $start and landing_hour < $end group by all"
)
"""Exact stratum sizes for `build`."""

_BATCH = 8192
_KEYS = 1 << 17  # users come again, batch after batch


def build(
    index: SearchIndex,
    start: datetime,
    end: datetime,
    rows: Iterable[pa.RecordBatch] | Iterable[Mapping[str, Any]],
    counts: Mapping[Cell, int],
    policies: Mapping[str, Policy],
    secret: bytes = KEY,
) -> list[HourStats]:
    """Replace the landing hours [start, end) of an index by a fresh sample of accepted rows.

    Args:
        index: the index.
        start: first landing hour.
        end: first landing hour that stays as it is.
        rows: accepted rows, landing days in order: record batches with the columns `ROWS`
            (`connection.to_arrow_reader()`), or mappings with these keys.
        counts: exact number of accepted rows by (landing hour, event name).
        policies: by event name; an event without one is kept whole.
        secret: key of the sampling hash.

    Returns:
        Per landing hour with rows: offered, kept per stratum, content hash.

    Raises:
        NotReady: if the rows are others than were counted; that day keeps its old documents.
    """
    cells = {
        cell: (policy := policies.get(cell[1], KEEP_ALL), policy.draw(n))
        for cell, n in counts.items()
        if n
    }
    offers: dict[datetime, dict[str, Offer]] = {}
    for (hour, name), (policy, draw) in cells.items():
        offer = Offer(counts[hour, name], draw.weight, policy.version)
        offers.setdefault(hour, {})[name] = offer
    draws = {cell: draw for cell, (_, draw) in cells.items()}
    draw_key = lru_cache(_KEYS)(partial(randomness, secret=secret))
    documents = _documents(_batches(rows), counts, draws, offers, draw_key)
    return index.replace_hours(start, end, documents, offers)


def _documents(
    batches: Iterable[pa.RecordBatch],
    counts: Mapping[Cell, int],
    draws: Mapping[Cell, Draw],
    offers: Mapping[datetime, Mapping[str, Offer]],
    draw_key: Callable[[str], int],
) -> Iterator[Document]:
    """Yield the kept documents; compare what came by with the counts before each day is left."""
    left = {cell: n for cell, n in counts.items() if n}
    days = iter(sorted({hour.date() for hour, _ in left}))
    day = next(days, None)
    for batch in batches:
        _subtract(left, batch)
        for row, key in _kept(batch, draws, draw_key):
            hour = row["landing_hour"]
            while day is not None and hour.date() > day:
                _settled(left, [c for c in left if c[0].date() == day])
                day = next(days, None)
            yield _document(row, key, offers[hour][row["event_name"]])
    _settled(left, list(left))


def _subtract(left: dict[Cell, int], batch: pa.RecordBatch) -> None:
    """Take a batch's rows off the counts."""
    found = pa.table([batch["landing_hour"], batch["event_name"]], names=["hour", "name"])
    for group in found.group_by(["hour", "name"]).aggregate([([], "count_all")]).to_pylist():
        cell = (group["hour"], group["name"])
        left[cell] = left.get(cell, 0) - group["count_all"]
    _settled(left, [c for c, n in left.items() if n < 0])


def _settled(left: Mapping[Cell, int], cells: Iterable[Cell]) -> None:
    wrong = [(cell, left[cell]) for cell in cells if left[cell]]
    if wrong:
        (hour, name), missing = wrong[0]
        raise NotReady(
            f"{name} of {hour:%Y-%m-%d %H:%M}: {missing:+d} rows against its count.",
            "Count and read the accepted rows in one snapshot of the lake, then run this again.",
        )


def _kept(
    batch: pa.RecordBatch, draws: Mapping[Cell, Draw], draw_key: Callable[[str], int]
) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each kept row with its randomness. Only distinct keys are hashed."""
    device = pc.if_else(pc.equal(batch["device_id"], ""), None, batch["device_id"])
    user = pc.if_else(pc.equal(batch["user_id"], ""), None, batch["user_id"])
    keys = pc.coalesce(user, device, batch["event_id"]).dictionary_encode()
    distinct = np.array([draw_key(k) for k in keys.dictionary.to_pylist()], np.uint64)
    numbers = distinct[keys.indices.to_numpy()]
    keep = numbers >= _thresholds(batch, draws)
    chosen = batch.filter(pa.array(keep))
    return zip(chosen.to_pylist(), numbers[keep].tolist(), strict=True)


def _thresholds(batch: pa.RecordBatch, draws: Mapping[Cell, Draw]) -> npt.NDArray[np.uint64]:
    """Return each row's threshold."""
    hours = batch["landing_hour"].dictionary_encode()
    names = batch["event_name"].dictionary_encode()
    table = np.array(
        [
            [draws[h, n].threshold if (h, n) in draws else 0 for n in names.dictionary.to_pylist()]
            for h in hours.dictionary.to_pylist()
        ],
        np.uint64,
    ).reshape(len(hours.dictionary), len(names.dictionary))
    found: npt.NDArray[np.uint64] = table[hours.indices.to_numpy(), names.indices.to_numpy()]
    return found


def _document(row: Mapping[str, Any], key: int, offer: Offer) -> Document:
    return Document(
        landing_hour=row["landing_hour"],
        event_id=row["event_id"],
        receipt=f"{row['lane']}/{row['epoch']}/{row['offset']}",
        event_name=row["event_name"],
        event_time=row["event_time"],
        received_at=row["received_at"],
        user_id=row["user_id"],
        device_id=row["device_id"],
        platform=row["platform"],
        app_version=row["app_version"],
        params=row["params"] or "{}",
        weight=offer.weight,
        stratum=row["event_name"],
        policy_version=offer.policy_version,
        randomness=key,
    )


def _batches(
    rows: Iterable[pa.RecordBatch] | Iterable[Mapping[str, Any]],
) -> Iterator[pa.RecordBatch]:
    """Yield record batches with the columns `ROWS`, whatever form the rows come in."""
    stream: Iterator[Any] = iter(rows)
    for first in stream:
        if isinstance(first, pa.RecordBatch):
            yield first.select(ROWS.names).cast(ROWS)
        else:
            yield pa.RecordBatch.from_pylist([first, *islice(stream, _BATCH - 1)], schema=ROWS)
