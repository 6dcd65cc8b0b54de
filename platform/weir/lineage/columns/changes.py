"""What a change of a model's code does to what is already built: nothing, something new, or a break.

Careful by rule: what cannot be read or compared is breaking, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.parsing import Unreadable
from weir.lineage.columns.prints import ModelPrints, Print, prints_of
from weir.lineage.columns.widening import widens

EXTRA = "_extra"
_WORDS = frozenset(
    {"owner", "domain", "description", "tags", "kind", "united", "url", "label", "sla", "docs"}
)
"""Keys of `meta.weir` that say something about a model and change no row."""


class Change(StrEnum):
    """What a change does, the least first."""

    NONE = "none"
    ADDITIVE = "additive"
    WIDENING = "widening"
    BREAKING = "breaking"


_ORDER = list(Change)


@dataclass(frozen=True)
class ColumnChange:
    """What a change does to one column, with the reason in a sentence."""

    column: str
    change: Change
    reason: str


@dataclass(frozen=True)
class ModelChange:
    """What a change does to one model.

    Attributes:
        asset: the model.
        change: the worst of what is found.
        rows: which rows there are may differ, so that every column does.
        reasons: why, of what concerns the whole model.
        columns: the columns that are concerned, in order of their names.
    """

    asset: str
    change: Change
    rows: bool = False
    reasons: tuple[str, ...] = ()
    columns: tuple[ColumnChange, ...] = ()

    def names(self, change: Change) -> frozenset[str]:
        """Return the columns with one kind of change."""
        return frozenset(one.column for one in self.columns if one.change is change)

    def sentences(self) -> list[str]:
        """Return every reason as a sentence."""
        return [*self.reasons, *(one.reason for one in self.columns)]

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return {
            "asset": self.asset,
            "change": self.change.value,
            "rows": self.rows,
            "reasons": list(self.reasons),
            "columns": [
                {"column": one.column, "change": one.change.value, "reason": one.reason}
                for one in self.columns
            ],
        }


def classify(old: ModelCode, new: ModelCode) -> ModelChange:
    """Compare two versions of a model's code."""
    if old.digest == new.digest:
        return ModelChange(new.asset, Change.NONE)
    meta = list(_meta(old.meta, new.meta))
    if old.sql == new.sql and old.inputs == new.inputs:
        return _whole(new.asset, meta, [], [])
    try:
        before, after = prints_of(old), prints_of(new)
    except Unreadable as why:
        told = f"The SQL cannot be compared: {why}."
        return ModelChange(new.asset, Change.BREAKING, rows=True, reasons=(told,))
    columns = list(_columns(before.columns, after.columns))
    if new.meta.get("kind") == "event_log":
        columns = _without_extra(columns)
    return _whole(new.asset, meta, _rows(before, after), columns)


def _whole(
    asset: str,
    meta: Sequence[tuple[Change, str]],
    rows: Sequence[str],
    columns: Sequence[ColumnChange],
) -> ModelChange:
    found = [*(change for change, _ in meta), *(one.change for one in columns)]
    found += [Change.BREAKING] if rows else []
    broken = bool(rows) or any(change is Change.BREAKING for change, _ in meta)
    return ModelChange(
        asset,
        max(found, key=_ORDER.index, default=Change.NONE),
        rows=broken,
        reasons=(*(reason for _, reason in meta), *rows),
        columns=tuple(sorted(columns, key=lambda one: one.column)),
    )


def _rows(before: ModelPrints, after: ModelPrints) -> list[str]:
    """Say what decides the rows otherwise; nothing if the rows are the same."""
    if before.rows == after.rows:
        return []
    names = {
        "source": "what it reads",
        "filter": "the filter",
        "join": "a join",
        "grouping": "the grouping",
        "limit": "the limit or its order",
    }
    told = [
        words
        for name, words in names.items()
        if before.clauses.get(name, set()) != after.clauses.get(name, set())
    ]
    # an inner step changes the prints of what stands on it; the first that differs is the cause
    return [f"Its rows change: {told[0] if told else 'the order of its steps'} differs."]


def _columns(before: Mapping[str, Print], after: Mapping[str, Print]) -> Iterator[ColumnChange]:
    for name in before.keys() - after.keys():
        again = [n for n in after.keys() - before.keys() if after[n].whole == before[name].whole]
        told = f"`{name}` is now called `{again[0]}`." if again else f"`{name}` is gone."
        yield ColumnChange(name, Change.BREAKING, told)
    for name in after.keys() - before.keys():
        yield ColumnChange(name, Change.ADDITIVE, f"`{name}` is new.")
    for name in before.keys() & after.keys():
        if before[name].whole != after[name].whole:
            yield _column(name, before[name], after[name])


def _column(name: str, old: Print, new: Print) -> ColumnChange:
    if old.bare != new.bare or old.kind is None or new.kind is None:
        return ColumnChange(name, Change.BREAKING, f"`{name}` is computed otherwise.")
    if widens(old.kind, new.kind):
        told = f"`{name}` widens from {_kind(old)} to {_kind(new)}."
        return ColumnChange(name, Change.WIDENING, told)
    told = f"`{name}` turns from {_kind(old)} into {_kind(new)}."
    return ColumnChange(name, Change.BREAKING, told)


def _kind(one: Print) -> str:
    return str(one.kind).replace("'", "")


def _without_extra(columns: Sequence[ColumnChange]) -> list[ColumnChange]:
    """Leave out that `_extra` holds other parameters, where only columns came: they hold them now."""
    others = [one for one in columns if one.column != EXTRA]
    added = any(one.change is Change.ADDITIVE for one in others)
    return others if added else list(columns)


def _meta(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Change, str]]:
    """Yield what the keys of `meta.weir` and of the storage change."""
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if key in _WORDS or str(was) == str(now):
            continue
        if key == "end" and (now is None or (was is not None and str(now) > str(was))):
            yield Change.WIDENING, f"`end` moves from {was} to {now or 'open'}: more partitions."
        else:
            yield Change.BREAKING, f"`meta.weir.{key}` changes from {was} to {now}."
