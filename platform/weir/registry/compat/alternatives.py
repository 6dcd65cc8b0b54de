"""Compares alternatives: anyOf and oneOf widen with each option, allOf narrows, not turns round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from weir.registry.compat import kinds
from weir.registry.compat.model import Content, Difference, Node
from weir.registry.keywords import APPLIES

Compare = Callable[[Node, Node, Content, str], Iterator[Difference]]
_Fits = Callable[[Any, Any], bool]


def compare(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    """Yield what changed in anyOf, oneOf, allOf and not."""

    def fits(sent: Any, judge: Any) -> bool:
        if not isinstance(sent, Mapping) or not isinstance(judge, Mapping):
            return bool(sent == judge)
        return not any(each.backward for each in compare_nodes(sent, judge, content, ""))

    for keyword in ("anyOf", "oneOf", "allOf"):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            yield _options(keyword, before, after, f"{at}/{keyword}", fits)
    if old.get("not") != new.get("not"):
        yield Difference(
            f"{at}/not", "not_comparable", "What may not be sent changed.",
            "Keep `not` as it was.", backward=True, forward=True,
        )  # fmt: skip


def _options(
    keyword: str, before: Sequence[Node] | None, after: Sequence[Node] | None, at: str, fits: _Fits
) -> Difference:
    if keyword == "allOf":  # one condition more refuses old events, one less admits new ones
        old, new = before or [], after or []
        lost, won = _unmatched(new, old, _turned(fits)), _unmatched(old, new, _turned(fits))
    else:
        lost, won = _unmatched(before, after, fits), _unmatched(after, before, fits)
        if keyword == "oneOf" and before is not None and after is not None:
            lost, won = lost or _collide(before, after), won or _collide(after, before)
    hurts = [
        "old events may not fit" if lost else "",
        "new events may be what old readers do not expect" if won else "",
    ]
    told = "; ".join(filter(None, hurts)) or "the options are written otherwise, and allow the same"
    remedy = f"Keep what `{keyword}` allowed, and only add to it." if lost else ""
    reason, retyped = f"`{keyword}` changed: {told}.", (before is None) != (after is None)
    return Difference(at, "alternatives_changed", reason, remedy, lost, won, retyped)


def _collide(before: Sequence[Node], after: Sequence[Node]) -> bool:
    """Tell whether a value of one old option may fit two new ones, which is one too many.

    An option that changed stands for one that is gone; with any other it must share nothing.
    """
    gone, fresh = _without(before, after), _without(after, before)
    for option in fresh:
        alike = any(_beside_objects(old) == _beside_objects(option) for old in gone)
        shared = [old for old in before if _may_fit(old, option, alike=alike and old not in gone)]
        if len(shared) > 1 or any(old not in gone for old in shared):
            return True
    return False


def _beside_objects(option: Any) -> Any:
    """Return what an option says of values that are no objects."""
    if not isinstance(option, Mapping):
        return option
    return {k: v for k, v in option.items() if APPLIES.get(k) != ("object",) and k != "title"}


def _without(some: Sequence[Node], others: Sequence[Node]) -> list[Node]:
    left = list(others)
    gone = []
    for option in some:
        if option in left:
            left.remove(option)
        else:
            gone.append(option)
    return gone


def _may_fit(old: Any, new: Any, *, alike: bool) -> bool:
    """Tell whether a value can fit both; `alike` leaves out those to which nothing new was said."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return True
    shared = kinds.admitted(old) & kinds.admitted(new)
    undeclared = set(new.get("required", ())) - set(old.get("properties", ()))
    objects = "object" in shared and not undeclared
    return objects or bool(shared - {"object"} and not alike)


def _turned(fits: _Fits) -> _Fits:
    return lambda one, other: fits(other, one)


def _unmatched(have: Sequence[Node] | None, others: Sequence[Node] | None, fits: _Fits) -> bool:
    """Tell whether an option of `have` finds none of `others` that takes all it admits.

    No alternatives at all admit everything.
    """
    if others is None:
        return False
    if have is None:
        return True
    return not all(any(fits(one, other) for other in others) for one in have)
