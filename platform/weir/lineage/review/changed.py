"""Which assets differ between two commits, by what, and whether that breaks what is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from weir.lineage.columns.changes import Change, ColumnChange, ModelChange, classify
from weir.lineage.review.side import Parts, Side


class By(StrEnum):
    """What a model differs by: the first that applies."""

    ADDED = "added"
    REMOVED = "removed"
    FILE = "file"
    MACRO = "macro"
    UPSTREAM = "upstream"


@dataclass(frozen=True)
class Changed:
    """One asset that differs.

    Attributes:
        change: what differs, and what that breaks.
        by: why it differs.
        macros: the macros that differ, where it differs by them.
        owner: who answers for it; '' if nobody is named.
    """

    change: ModelChange
    by: By
    macros: tuple[str, ...] = ()
    owner: str = ""

    @property
    def asset(self) -> str:
        """Its key."""
        return self.change.asset

    @property
    def breaks(self) -> bool:
        """Whether what is built would no longer be what the code makes."""
        return self.change.change is Change.BREAKING

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **self.change.as_json(),
            "by": self.by.value,
            "macros": list(self.macros),
            "owner": self.owner,
        }


def changed(old: Side, new: Side) -> list[Changed]:
    """Return the assets that differ, in the order of the new project's graph, then those that are gone."""
    gone = [asset for asset in old.codes if asset not in new.codes]
    found = [one for asset in new.codes for one in _changed(old, new, asset)]
    return [*found, *(_removed(old, asset) for asset in gone)]


def _changed(old: Side, new: Side, asset: str) -> Iterator[Changed]:
    before, after, owner = old.codes.get(asset), new.codes[asset], new.owner(asset)
    if before is None:
        columns = tuple(
            ColumnChange(name, Change.ADDITIVE, f"`{name}` is new.") for name in after.columns
        )
        change = ModelChange(
            asset, Change.ADDITIVE, reasons=("The model is new.",), columns=columns
        )
        yield Changed(change, By.ADDED, owner=owner)
        return
    by, macros = _by(old, new, asset)
    if by is By.UPSTREAM and before.digest == after.digest:
        return
    change = classify(before, after)
    is_own = by is not By.UPSTREAM and asset not in new.beside
    if is_own or change.change is not Change.NONE:
        yield Changed(change, by, macros, owner)


def _removed(old: Side, asset: str) -> Changed:
    change = ModelChange(asset, Change.BREAKING, rows=True, reasons=("The model is gone.",))
    return Changed(change, By.REMOVED, owner=old.owner(asset))


def _by(old: Side, new: Side, asset: str) -> tuple[By, tuple[str, ...]]:
    own = new.beside.get(asset, asset)
    none = Parts("", "")
    before, after = old.parts.get(own, none), new.parts.get(own, none)
    if (before.file, before.meta) != (after.file, after.meta):
        return By.FILE, ()
    differ = sorted(
        name.rpartition(".")[2]
        for name in before.macros.keys() | after.macros.keys()
        if before.macros.get(name) != after.macros.get(name)
    )
    return (By.MACRO, tuple(differ)) if differ else (By.UPSTREAM, ())
