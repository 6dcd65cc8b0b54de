"""Compares alternatives: anyOf and oneOf widen with each option, allOf narrows, not turns round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from weir.registry.compat import kinds
from weir.registry.compat.model import Content, Difference, Node
from weir.registry.compat.openness import holds, rest
from weir.registry.compat.values import same
from weir.registry.keywords import APPLIES

Compare = Callable[[Node, Node, Content, str], Iterator[Difference]]
_Fits = Callable[[Any, Any], bool]


def compare(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    """Yield what changed in anyOf, oneOf, allOf and not."""
    inside: Content = "written" if content == "lenient" else content

    def fits(sent: Any, judge: Any) -> bool:
        if not isinstance(sent, Mapping) or not isinstance(judge, Mapping):
            return same(sent, judge)
        return not any(each.backward for each in compare_nodes(sent, judge, inside, ""))

    for keyword in ("anyOf", "oneOf", "allOf"):
        before, after = old.get(keyword), new.get(keyword)
        if not same(before, after):
            yield _options(keyword, before, after, f"{at}/{keyword}", fits, inside)
    if not same(old.get("not"), new.get("not")):
        yield Difference(
            f"{at}/not", "not_comparable", "What may not be sent changed.",
            "Keep `not` as it was.", backward=True, forward=True,
        )  # fmt: skip


def _options(
    keyword: str,
    before: Sequence[Node] | None,
    after: Sequence[Node] | None,
    at: str,
    fits: _Fits,
    content: Content,
) -> Difference:
    if keyword == "allOf":  # one condition more refuses old events, one less admits new ones
        old, new = before or [], after or []
        lost, won = _unmatched(new, old, _turned(fits)), _unmatched(old, new, _turned(fits))
    else:
        lost, won = _unmatched(before, after, fits), _unmatched(after, before, fits)
        if keyword == "oneOf" and before is not None and after is not None:
            lost = lost or _collide(before, after, content)
            won = won or _collide(after, before, content)
    hurts = [
        "old events may not fit" if lost else "",
        "new events may be what old readers do not expect" if won else "",
    ]
    told = "; ".join(filter(None, hurts)) or "the options are written otherwise, and allow the same"
    remedy = f"Keep what `{keyword}` allowed, and only add to it." if lost else ""
    reason, retyped = f"`{keyword}` changed: {told}.", (before is None) != (after is None)
    return Difference(at, "alternatives_changed", reason, remedy, lost, won, retyped)


def _collide(before: Sequence[Node], after: Sequence[Node], content: Content) -> bool:
    """Tell whether a value of one old option may fit two new ones, which is one too many.

    An option that changed stands for one that is gone; with any other it must share nothing.
    """
    gone, fresh = _without(before, after), _without(after, before)
    for option in fresh:
        alike = any(same(_beside_objects(old), _beside_objects(option)) for old in gone)
        kept = [_among(old, gone) is None for old in before]
        shared = [
            stays
            for old, stays in zip(before, kept, strict=True)
            if _may_fit(old, option, content, alike=alike and stays)
        ]
        if len(shared) > 1 or any(shared):
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
        place = _among(option, left)
        if place is None:
            gone.append(option)
        else:
            del left[place]
    return gone


def _among(option: Any, others: Sequence[Any]) -> int | None:
    return next((n for n, other in enumerate(others) if same(option, other)), None)


def _may_fit(old: Any, new: Any, content: Content, *, alike: bool) -> bool:
    """Tell whether a value can fit both; `alike` leaves out those to which nothing new was said."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return True
    shared = kinds.admitted(old) & kinds.admitted(new)
    undeclared = set(new.get("required", ())) - set(old.get("properties", ()))
    missing = [name for name in undeclared if not _may_hold(name, old, content)]
    objects = "object" in shared and not missing
    return objects or bool(shared - {"object"} and not alike)


def _may_hold(name: str, node: Node, content: Content) -> bool:
    free = rest(node)
    if free is True:
        return node.get("properties") is None or holds(name, node, content)
    return free is not False


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
