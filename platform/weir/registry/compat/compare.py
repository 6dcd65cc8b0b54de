"""Compares two resolved schemas, node by node, and yields what differs and whom it hurts.

Annotations (titles, descriptions, examples, defaults) are told and hurt nobody: nothing in Weir fills
in a default. What a keyword means is JSON Schema 2020-12's business; keywords that no rule knows are
told as not comparable.
"""

from __future__ import annotations

from collections.abc import Iterator

from weir.registry.compat import alternatives, kinds, limits, objects
from weir.registry.compat.model import Content, Difference, Node
from weir.registry.compat.values import same
from weir.registry.findings import escape
from weir.registry.keywords import ANNOTATION, COMPOSITION, NUMERIC

_IDENTITY = frozenset(("$schema", "$id", "id", "self"))
_KNOWN = frozenset(
    (
        *_IDENTITY, *ANNOTATION, *COMPOSITION, *limits.KEYWORDS, "type", "enum", "const",
        "properties", "required", "additionalProperties", "items", "$defs", "definitions",
    )
)  # fmt: skip


def compare(
    old: Node, new: Node, content: Content = "lenient", at: str = ""
) -> Iterator[Difference]:
    """Yield every difference of two resolved schemas.

    Args:
        old: the earlier version.
        new: the later version.
        content: what undeclared keys of open objects count for.
        at: pointer of the nodes.
    """
    if same(old, new):
        return
    yield from _types(old, new, at)
    yield from limits.values(old, new, at)
    yield from limits.bounds(old, new, at)
    yield from objects.compare(old, new, content, at, compare)
    yield from _items(old, new, content, at)
    yield from alternatives.compare(old, new, content, at, compare)
    yield from _annotations(old, new, at)
    yield from _unknown(old, new, at)


def _types(old: Node, new: Node, at: str) -> Iterator[Difference]:
    before, after = kinds.admitted(old), kinds.admitted(new)
    if before == after:
        return
    lost, won = before - after, after - before
    retyped = _retyped(kinds.column(old), kinds.column(new))
    hurts = [
        "old events may hold what is no longer allowed" if lost else "",
        "new events may hold what was not allowed" if won else "",
        "the column of the log changes its type" if retyped else "",
    ]
    what = f"The type was {kinds.words(before)} and is {kinds.words(after)}"
    keep = "Keep the type, and add a parameter of another name for the new one."
    yield Difference(
        f"{at}/type", "type_changed", f"{what}: {'; '.join(filter(None, hurts))}.",
        keep if lost or retyped else "", bool(lost), bool(won), retyped,
    )  # fmt: skip


def _retyped(before: frozenset[str] | None, after: frozenset[str] | None) -> bool:
    widened = (frozenset(NUMERIC[:1]), frozenset(NUMERIC[1:]))
    return before != after and (before, after) != widened and before != frozenset()


def _items(old: Node, new: Node, content: Content, at: str) -> Iterator[Difference]:
    if not {"array"} <= kinds.admitted(old) & kinds.admitted(new):
        return
    before, after = old.get("items", True), new.get("items", True)
    if same(before, after):
        return
    place = f"{at}/items"
    if isinstance(before, dict) and isinstance(after, dict):
        yield from compare(before, after, content, place)
        return
    yield Difference(
        place, "items_changed", "What the list holds is described otherwise.",
        "Keep `items` as it was, and add a parameter for the new list.",
        backward=after is not True, forward=before is not True, columns=True,
    )  # fmt: skip


def _annotations(old: Node, new: Node, at: str) -> Iterator[Difference]:
    for keyword in sorted(ANNOTATION):
        if not _said_alike(keyword, old, new):
            place, what = f"{at}/{escape(keyword)}", f"`{keyword}` says something else"
            if keyword == "default":
                told = f"{what}: who fills it in gets another value from this version on."
                yield Difference(place, "default_changed", told)
            else:
                yield Difference(place, "annotation_changed", f"{what}.")


def _unknown(old: Node, new: Node, at: str) -> Iterator[Difference]:
    for keyword in sorted((old.keys() | new.keys()) - _KNOWN):
        if not _said_alike(keyword, old, new):
            yield Difference(
                f"{at}/{escape(keyword)}", "not_comparable",
                f"`{keyword}` changed, and what that allows or forbids cannot be told.",
                "Leave it as it was, or write it with keywords that can be compared.",
                backward=True, forward=True,
            )  # fmt: skip


def _said_alike(keyword: str, old: Node, new: Node) -> bool:
    """Tell whether a keyword is in both with the same value, or in neither: null is a value."""
    return (keyword in old) == (keyword in new) and same(old.get(keyword), new.get(keyword))
