"""Compares what limits a value: listed values, bounds, patterns and formats."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from weir.registry.compat import kinds
from weir.registry.compat.model import Difference, Node
from weir.registry.compat.values import identity, same
from weir.registry.findings import show
from weir.registry.keywords import APPLIES

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
KEYWORDS = (*_LOWER, *_UPPER, *_EXACT)
_Allowed = dict[Hashable, Any]


def values(old: Node, new: Node, at: str) -> Iterator[Difference]:
    """Yield what changed in the closed lists of values (`enum`, `const`)."""
    before, after = _allowed(old), _allowed(new)
    if (before and before.keys()) == (after and after.keys()):
        return
    place = f"{at}/{'enum' if 'enum' in old or 'enum' in new else 'const'}"
    if before is None:
        yield Difference(
            place, "enum_added", "Any value was allowed, now a list is: old events may hold another.",
            "Leave the list away, or list every value that was ever sent.", backward=True,
        )  # fmt: skip
    elif after is None:
        yield Difference(
            place, "enum_removed", "Only listed values were allowed, now any is.",
            "Keep the list, and add the new values to it.", forward=True,
        )  # fmt: skip
    else:
        yield from _listed(before, after, place)


def _allowed(node: Node) -> _Allowed | None:
    listed = node["enum"] if "enum" in node else [node["const"]] if "const" in node else None
    return None if listed is None else {identity(value): value for value in listed}


def _listed(before: _Allowed, after: _Allowed, at: str) -> Iterator[Difference]:
    gone = sorted(show(before[key]) for key in before.keys() - after.keys())
    more = sorted(show(after[key]) for key in after.keys() - before.keys())
    if gone:
        yield Difference(
            at, "enum_narrowed", f"{', '.join(gone)} may no longer be sent: old events hold it.",
            "Keep the value in the list; say in the description that it is no longer sent.",
            backward=True,
        )  # fmt: skip
    if more:
        yield Difference(
            at, "enum_widened", f"{', '.join(more)} may be sent now: old readers do not know it.",
            "Tell the readers first, or add a parameter instead.", forward=True,
        )  # fmt: skip


def bounds(old: Node, new: Node, at: str) -> Iterator[Difference]:
    """Yield what changed in bounds, patterns and formats."""
    for keyword in KEYWORDS:
        before, after = old.get(keyword), new.get(keyword)
        if same(before, after) or not (before or after or before == 0 or after == 0):
            continue
        tighter, looser = _direction(keyword, before, after)
        tighter = tighter and _applies(keyword, old) and not _listed_fits(keyword, after, old)
        looser = looser and _applies(keyword, new)
        word = "changed" if tighter == looser else "tightened" if tighter else "loosened"
        yield Difference(
            f"{at}/{keyword}", f"limit_{word}", _reason(keyword, before, after, tighter, looser),
            f"Keep `{keyword}` {_shown(before)}." if tighter else "", tighter, looser,
        )  # fmt: skip


def _applies(keyword: str, node: Node) -> bool:
    """Tell whether values of a schema can be of the types that a keyword limits."""
    return not kinds.admitted(node).isdisjoint(APPLIES[keyword])


def _listed_fits(keyword: str, limit: Any, old: Node) -> bool:
    """Tell whether every value that was listed keeps within a length: then it takes nothing away."""
    listed = _allowed(old)
    if listed is None or keyword not in ("minLength", "maxLength"):
        return False
    lengths = [len(value) for value in listed.values() if isinstance(value, str)]
    return all(n <= limit if keyword == "maxLength" else n >= limit for n in lengths)


def _direction(keyword: str, before: Any, after: Any) -> tuple[bool, bool]:
    """Return whether old values may be refused now, and whether new ones were refused before."""
    absent = [value is None or value is False for value in (before, after)]
    if any(absent):
        return absent[0], absent[1]
    if keyword in _LOWER:
        return after > before, after < before
    if keyword in _UPPER:
        return after < before, after > before
    if keyword == "multipleOf":
        return before % after != 0, after % before != 0
    return True, True


def _reason(keyword: str, before: Any, after: Any, tighter: bool, looser: bool) -> str:  # noqa: FBT001
    hurts = [
        "old events may be outside" if tighter else "",
        "new events may be outside of what old readers expect" if looser else "",
    ]
    told = " and ".join(filter(None, hurts)) or "no value is concerned"
    return f"`{keyword}` was {_shown(before)} and is {_shown(after)}: {told}."


def _shown(value: Any) -> str:
    return "absent" if value is None else show(value)
