"""Reads what somebody says about conflicts: which side to take at which place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from weir.core.errors import UsageError
from weir.registry.sync.change import ROOT
from weir.registry.sync.merging import MINE, THEIRS, Conflict, Resolutions

_REMEDY = "Name each by its id, or by `file#pointer`."


def resolutions_for(
    conflicts: Sequence[Conflict], mine: Iterable[str] = (), theirs: Iterable[str] = ()
) -> Resolutions:
    """Return what to do about conflicts, by their ids.

    Args:
        conflicts: those that were reported.
        mine: where to take what is to be saved: a conflict's id, `file#pointer` or its pointer.
        theirs: where to keep what others made of it.

    Raises:
        UsageError: if one names no conflict, several, or one for which the other side was named.
    """
    chosen: dict[str, str] = {}
    for side, places in ((MINE, mine), (THEIRS, theirs)):
        for place in places:
            conflict = _named(place, conflicts)
            if chosen.setdefault(conflict.id, side) != side:
                what = f"`{place}` is named with both --mine and --theirs."
                raise UsageError(what, "Take one side; another value goes into the file itself.")
    return chosen


def _named(place: str, conflicts: Sequence[Conflict]) -> Conflict:
    found = [conflict for conflict in conflicts if place in _names(conflict)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(f"{one.id} ({one.path})" for one in found)
        raise UsageError(f"`{place}` is a conflict in several files: {several}.", _REMEDY)
    known = ", ".join(f"{one.id} ({one.path}#{one.pointer})" for one in conflicts) or "none"
    what = f"There is no conflict at `{place}`. What others saved since may have changed it."
    raise UsageError(what, f"Conflicts now: {known}. {_REMEDY}")


def _names(conflict: Conflict) -> Iterator[str]:
    yield conflict.id
    for path in (conflict.path, f"{ROOT}/{conflict.path}"):
        yield f"{path}#{conflict.pointer}"
        if not conflict.pointer:
            yield path
    if conflict.pointer:
        yield conflict.pointer
