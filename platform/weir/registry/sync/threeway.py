"""Merges two edits of one JSON file, node by node. Pure: what a file is called does not matter here.

Objects are keyed by name whatever their order; `required`, `enum` and the like are sets; everything
else is one value. Edits of different nodes are both kept, of the same node are a conflict. Whether
the result is a right schema is lint's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from weir.registry.findings import escape
from weir.registry.sync.change import canonical
from weir.registry.vocabulary import MAP


class Absent(Enum):
    """What stands for no value: of a node that is not there, and of one that nobody decided."""

    ABSENT = "absent"
    UNDECIDED = "undecided"


ABSENT: Final = Absent.ABSENT
UNDECIDED: Final = Absent.UNDECIDED
SETS = frozenset(("required", "enum", "type", "synonyms", "audit"))
"""Keywords whose list is a set."""
WHOLE = frozenset(("const", "default", "examples"))
"""Keywords whose value is data of a sender, never taken apart."""
_NAMED = frozenset((*MAP, "dependentRequired", "pii", "owners", "action", "object", "service",
                    "parameter", "versions", "reviews"))  # fmt: skip
"""Keys whose value is an object of free names: two edits that bring it about share it."""


@dataclass(frozen=True)
class Node:
    """One node that both sides changed, each in its own way."""

    pointer: str
    base: Any
    mine: Any
    theirs: Any


def _nothing(node: Node) -> Any:
    del node
    return UNDECIDED


def merge(
    base: Any, mine: Any, theirs: Any, decide: Callable[[Node], Any] = _nothing
) -> tuple[Any, list[Node]]:
    """Return the merged value, and the nodes that cannot be merged (they are as theirs in it).

    >>> merge({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 1, "c": 3})
    ({'a': 2, 'b': 1, 'c': 3}, [])

    Args:
        base: what both sides started from; `ABSENT` if there was nothing.
        mine: what is to be saved; `ABSENT` to remove it.
        theirs: what is there now; `ABSENT` if it is gone.
        decide: returns the value of a node that both changed, or `UNDECIDED`.
    """
    merger = _Merger(decide)
    return merger.value(base, mine, theirs, (), named=False), merger.conflicts


def same(one: Any, other: Any, key: str = "") -> bool:
    """Tell whether two values of a key are the same one."""
    if one is ABSENT or other is ABSENT:
        return one is other
    if key in SETS and isinstance(one, list) and isinstance(other, list):
        return sorted(map(canonical, one)) == sorted(map(canonical, other))
    return canonical(one) == canonical(other)


class _Merger:
    def __init__(self, decide: Callable[[Node], Any]) -> None:
        self.decide = decide
        self.conflicts: list[Node] = []

    def value(
        self, base: Any, mine: Any, theirs: Any, path: tuple[str, ...], *, named: bool
    ) -> Any:
        """Merge one node. `named`: its object's keys are free names, not keywords."""
        key = "" if named or not path else path[-1]
        if same(mine, theirs, key) or same(mine, base, key):
            return theirs
        if same(theirs, base, key):
            return mine
        return self._both(base, mine, theirs, path, key)

    def _both(self, base: Any, mine: Any, theirs: Any, path: tuple[str, ...], key: str) -> Any:
        if key not in WHOLE:
            inside = key in _NAMED
            if base is ABSENT and (inside or key in SETS):
                base = {} if inside else []
            if all(isinstance(side, dict) for side in (base, mine, theirs)):
                return self._object(base, mine, theirs, path, free=inside)
            if key in SETS and all(isinstance(side, list) for side in (base, mine, theirs)):
                return _set(base, mine, theirs)
        pointer = "".join(f"/{escape(token)}" for token in path)
        return self._decided(Node(pointer, base, mine, theirs))

    def _decided(self, node: Node) -> Any:
        value = self.decide(node)
        if value is UNDECIDED:
            self.conflicts.append(node)
            return node.theirs
        return value

    def _object(
        self,
        base: Mapping[str, Any],
        mine: Mapping[str, Any],
        theirs: Mapping[str, Any],
        path: tuple[str, ...],
        *,
        free: bool,
    ) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for name in _order(base, mine, theirs):
            was, here, there = (side.get(name, ABSENT) for side in (base, mine, theirs))
            value = self.value(was, here, there, (*path, name), named=free)
            if value is not ABSENT:
                merged[name] = value
        return merged


def _order(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the names in theirs' order, with mine's new ones at the end; base's only to see them go."""
    first = mine if list(theirs) == list(base) else theirs
    second = theirs if first is mine else mine
    yield from dict.fromkeys((*first, *second, *base))


def _set(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    was, kept = ({canonical(v) for v in side} for side in (base, mine))
    merged = [v for v in theirs if canonical(v) in kept or canonical(v) not in was]
    there = {canonical(v) for v in theirs} | was
    return merged + [v for v in mine if canonical(v) not in there]
