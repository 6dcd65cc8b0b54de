"""Compares alternatives: anyOf and oneOf widen with each option, allOf narrows, not turns round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from weir.registry.compat import kinds
from weir.registry.compat.model import Content, Difference, Node

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
        lost = lost or (keyword == "oneOf" and _overlaps(before or [], after or [], fits))
    hurts = [
        "old events may not fit" if lost else "",
        "new events may be what old readers do not expect" if won else "",
    ]
    told = "; ".join(filter(None, hurts)) or "the options are written otherwise, and allow the same"
    remedy = f"Keep what `{keyword}` allowed, and only add to it." if lost else ""
    reason, retyped = f"`{keyword}` changed: {told}.", (before is None) != (after is None)
    return Difference(at, "alternatives_changed", reason, remedy, lost, won, retyped)


def _overlaps(before: Sequence[Node], after: Sequence[Node], fits: _Fits) -> bool:
    """Tell whether a value of an old option may fit a new one as well: two are one too many."""
    new = [one for one in after if not any(fits(old, one) for old in before)]
    return any(_may_fit(old, one) for one in new for old in before)


def _may_fit(old: Any, new: Any) -> bool:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return True
    shared = kinds.admitted(old) & kinds.admitted(new)
    undeclared = set(new.get("required", ())) - set(old.get("properties", ()))
    return bool(shared - {"object"} if undeclared else shared)


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
