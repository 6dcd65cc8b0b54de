"""Bytes that BigQuery would bill for one run of a layer, from table statistics. Pure: no I/O.

BigQuery bills the logical bytes of each column that a query reads, once per query, in the partitions
that literal bounds leave, and at least 10 MB per query. A DELETE adds all columns of the partitions
that it changes (its rule for partitioned tables). What it stores compressed does not matter.

What a model reads is what its macro says (`dbt/macros/activation*.sql`, `firstlast*.sql`); how many
rows there are is the caller's to say. Nothing of this was compared with a real bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from weir.activation.contract import COUNT, DATE, FIRST_ACTIVITY, Fact
from weir.activation.layers import columns_of, parts_of
from weir.core import grains
from weir.core.grains import CHECKPOINT_OF, Grain
from weir.core.names import Layer

MINIMUM = 10 * 2**20
"""Least bytes billed for one query; also what the list of a dataset's partitions costs."""
_SIZES = {
    "bigint": 8, "integer": 8, "double": 8, "date": 8, "timestamp": 8, "boolean": 1, "decimal": 16,
}  # fmt: skip
_STATE = 8.0  # letters of New, Retained, Reactivated, Inactive: 8 on average, weighed by nothing
_OF_LAYER = {
    "returns": ("period_start", "previous_period", "state"),
    "summary": ("period_start", "state", "previous_state", "streak", "interval_periods"),
}

Rows = Mapping[str, Mapping[date, int]]
"""Part (fact, checkpoint, activation, …) → partition's label → rows."""


@dataclass(frozen=True)
class Statistics:
    """What is known of a fact's tables.

    Attributes:
        rows: rows of each part by partition; of a part that is not built, none.
        texts: UTF-8 bytes of an average value, by text column; 8 where not said.
    """

    rows: Rows
    texts: Mapping[str, float]


@dataclass(frozen=True)
class Billed:
    """Logical bytes of one model's run.

    Attributes:
        model: its name.
        reads: part that is read → bytes.
        replaced: bytes of the partitions that DELETE changes; 0 the first time.
        lookup: bytes of finding the newest checkpoint.
        written: bytes that the run stores; they are not billed as read.
    """

    model: str
    reads: Mapping[str, int]
    replaced: int
    lookup: int
    written: int

    @property
    def billed(self) -> int:
        """Bytes billed: what is read, and at least 10 MB for each of the two statements."""
        inserted = max(MINIMUM, sum(self.reads.values()))
        return inserted + max(MINIMUM, self.replaced) + self.lookup


def size(kind: str, text: float = 8.0) -> float:
    """Return the logical bytes of one value of a type, named as in the models' YAML.

    Args:
        kind: `bigint`, `varchar`, `decimal(18,2)`, …
        text: UTF-8 bytes of the value, if it is text or JSON.

    >>> size("bigint"), size("varchar", 6), size("decimal(18,2)"), size("boolean")
    (8.0, 8.0, 16.0, 1.0)
    """
    return float(_SIZES.get(kind.partition("(")[0].lower(), 2 + text))


def row_size(columns: Mapping[str, str], texts: Mapping[str, float]) -> float:
    """Return the logical bytes of a row of these columns (name → type).

    >>> row_size({"user_id": "bigint", "first": "date", "last": "date", "streak": "date"}, {})
    32.0
    """
    return sum(size(kind, texts.get(name, _STATE)) for name, kind in columns.items())


def layer_bytes(fact: Fact, grain: str, span: tuple[date, date], known: Statistics) -> list[Billed]:
    """Return what each model of a layer would cost over a range, in the data's order.

    Args:
        fact: the contract.
        grain: daily, weekly or monthly.
        span: first day and the day after the last; the checkpoints of its periods are built whole.
        known: statistics of the tables. A layer's partition that is not built counts as many rows as
            its fact has: more than it can have.
    """
    layer = _Layer(fact, grain, known)
    return [layer.billed(part, span) for part in parts_of(fact)]


class _Layer:
    def __init__(self, fact: Fact, grain: str, known: Statistics) -> None:
        self.fact, self.grain, self.known = fact, grain, known
        self.period = grains.of_layer(grain, fact.week_start)
        self.checkpoint = CHECKPOINT_OF[self.period.unit]
        self.columns = {part: columns_of(fact, grain, part) for part in parts_of(fact)}
        names = {fact.key, DATE, COUNT, *fact.dimensions}
        names |= {fact.birth} - {FIRST_ACTIVITY}
        self.columns["fact"] = {n: (fact.types or {}).get(n, "bigint") for n in names}
        self.columns["fact"][DATE] = "date"

    def billed(self, part: str, span: tuple[date, date]) -> Billed:
        unit = self.checkpoint if part == "checkpoint" else self.period
        first, until = self._cut(span, unit)
        reads, lookup = self._reads(part, first, until)
        return Billed(
            str(Layer(self.fact.name, self.grain, part)),
            reads,
            self._size(part, self._count(part, first, until)),
            lookup,
            self._size(part, self._written(part, first, until)),
        )

    def _reads(self, part: str, first: date, until: date) -> tuple[dict[str, int], int]:
        found: dict[str, int] = {}
        if part in _OF_LAYER:
            names = {*_OF_LAYER[part]}
            if part == "summary":
                names |= {p + d for d in self.fact.dimensions for p in ("", "previous_")}
            rows = self._written("activation", first, until)
            found["activation"] = self._size("activation", rows, names)
        if part == "returns":
            return found, 0
        back = {"activation": self.fact.horizon, "summary": 1}.get(part, 0)
        since = max(
            self._label(self._index(first) - back), self._label(self._index(self.fact.start))
        )
        start, after = self._checkpoint_before(since)
        end = until if part != "summary" else max(first, after)
        found["fact"] = self._size("fact", self._count("fact", after, end))
        if start:
            rows = self.known.rows["checkpoint"][start]
            found["checkpoint"] = self._size("checkpoint", rows)
        return found, MINIMUM

    def _checkpoint_before(self, since: date) -> tuple[date | None, date]:
        """Return the newest checkpoint that ends before a period, and the day to read facts from."""
        last = self._label(self._index(since) + 1) - timedelta(days=1)
        needed = _start(grains.index(_midnight(last), self.checkpoint) - 1, self.checkpoint)
        rows = self.known.rows.get("checkpoint", {})
        usable = [label for label, count in rows.items() if label <= needed and count]
        if not usable:
            return None, self._label(self._index(self.fact.start))
        newest = max(usable)
        after = _start(grains.index(_midnight(newest), self.checkpoint) + 1, self.checkpoint)
        return newest, self._label(self._index(after))

    def _written(self, part: str, first: date, until: date) -> int:
        built = self._count(part, first, until)
        if built or part in ("summary", "returns"):
            return built
        if part == "checkpoint":
            newest = max(self.known.rows.get(part, {}).items(), default=(None, 0))[1]
            return max(newest, self._count("fact", self.fact.start, until))
        return self._count("fact", first, until)

    def _count(self, part: str, first: date, until: date) -> int:
        rows = self.known.rows.get(part, {})
        return sum(count for label, count in rows.items() if first <= label < until)

    def _size(self, part: str, rows: int, names: set[str] | None = None) -> int:
        columns = self.columns[part]
        chosen = {n: k for n, k in columns.items() if names is None or n in names}
        return ceil(rows * row_size(chosen, self.known.texts))

    def _cut(self, span: tuple[date, date], unit: Grain) -> tuple[date, date]:
        first = _start(grains.index(_midnight(span[0]), unit), unit)
        last = grains.index(_midnight(span[1] - timedelta(days=1)), unit)
        return first, _start(last + 1, unit)

    def _index(self, day: date) -> int:
        return grains.index(_midnight(day), self.period)

    def _label(self, index: int) -> date:
        return _start(index, self.period)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _start(index: int, grain: Grain) -> date:
    return grains.start(index, grain).date()
