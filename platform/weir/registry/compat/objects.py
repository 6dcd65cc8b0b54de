"""Compares what objects declare: their properties, which are required, and what else may be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.registry.compat import kinds, openness
from weir.registry.compat.model import Content, Difference, Node
from weir.registry.compat.openness import Compare
from weir.registry.findings import escape


def compare(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    """Yield what changed in the objects that both schemas admit."""
    if "object" not in kinds.admitted(old) & kinds.admitted(new):
        return  # no old object meets the new rules, or no new one comes: the type says it all
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield _removed(name, old, new, content, at, compare_nodes)
    for name in sorted(after.keys() - before.keys()):
        yield _added(name, old, new, content, at, compare_nodes)
    for name in before.keys() & after.keys():
        place = f"{at}/properties/{escape(name)}"
        yield from _property(before[name], after[name], content, place, compare_nodes)
    yield from _required(old, new, at)
    yield from openness.compare(old, new, content, at, compare_nodes)


def _property(
    old: Any, new: Any, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    yield from compare_nodes(_node(old), _node(new), content, at)


def _node(schema: Any) -> Node:
    """Return a schema as an object: `true` admits all, `false` nothing."""
    if isinstance(schema, Mapping):
        return schema
    return {} if schema else {"enum": []}


def _removed(
    name: str, old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Difference:
    rest, needed = openness.rest(new), name in old.get("required", ())
    refused, unread = False, rest is True and openness.holds(name, new, content)
    if isinstance(rest, Mapping):
        refused, unread = _hurts(compare_nodes(_node(old["properties"][name]), rest, content, ""))
    elif rest is False:
        refused = needed or content != "lenient"
    why = "its column gets no value any more, and who reads it loses it"
    if refused:
        why += "; old events that carry it are refused, by what undeclared keys may be"
    return Difference(
        f"{at}/properties/{escape(name)}", "property_removed", f"`{name}` is gone: {why}.",
        f"Keep `{name}`, optional, and say in its description that it is no longer sent.",
        backward=refused, forward=needed or unread, columns=True,
    )  # fmt: skip


def _added(
    name: str, old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Difference:
    place, rest = f"{at}/properties/{escape(name)}", openness.rest(old)
    refused, unread = rest is True and openness.holds(name, old, content), rest is False
    if isinstance(rest, Mapping):
        refused, unread = _hurts(compare_nodes(rest, _node(new["properties"][name]), content, ""))
    retyped = bool(at) and openness.shape(old) == "map"
    if name in _fresh(new, old):
        return Difference(
            place, "required_added", f"`{name}` is new and required: old events may lack it.",
            f"Leave `{name}` out of `required`.",
            backward=True, forward=unread, columns=retyped,
        )  # fmt: skip
    if refused:
        return Difference(
            place, "property_added_to_open",
            f"`{name}` is new, and old events may carry an undeclared `{name}` of another type.",
            "Declare it where nobody can have sent it: in an object of its own beside this one.",
            backward=True, forward=unread, columns=retyped,
        )  # fmt: skip
    reason, remedy = f"`{name}` is new and may be absent.", ""
    if unread:
        remedy = "First update whoever judges by the old version: it refuses undeclared keys."
    if retyped:
        reason += " The column of the log changes its type."
        remedy = "Leave the keys free, and add a parameter beside them."
    return Difference(place, "property_added", reason, remedy, forward=unread, columns=retyped)


def _hurts(found: Iterator[Difference]) -> tuple[bool, bool]:
    """Return whether any difference hurts backward, and whether any hurts forward."""
    several = list(found)
    return any(one.backward for one in several), any(one.forward for one in several)


def _fresh(node: Node, other: Node) -> set[str]:
    """Return what a schema requires and the other does not."""
    return set(node.get("required", ())) - set(other.get("required", ()))


def _required(old: Node, new: Node, at: str) -> Iterator[Difference]:
    """Yield what is required otherwise of keys that are neither new nor gone: those are told."""
    was, declared = old.get("properties", {}).keys(), new.get("properties", {}).keys()
    for name in sorted(_fresh(new, old) - (declared - was)):
        yield Difference(
            f"{at}/required", "required_added", f"`{name}` is required now: old events may lack it.",
            f"Leave `{name}` out of `required`.", backward=True,
        )  # fmt: skip
    for name in sorted(_fresh(old, new) - (was - declared)):
        yield Difference(
            f"{at}/required", "required_removed",
            f"`{name}` may be absent now: who judges by the old version misses it.",
            f"Keep `{name}` in `required`.", forward=True,
        )  # fmt: skip
