"""Compares what objects declare: their properties, which are required, and what else may be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from weir.registry.compat import kinds
from weir.registry.compat.model import Content, Difference, Node
from weir.registry.findings import escape, show

Compare = Callable[[Node, Node, Content, str], Iterator[Difference]]


def compare(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    """Yield what changed in the objects that both schemas admit."""
    if "object" not in kinds.admitted(old) & kinds.admitted(new):
        return  # no old object meets the new rules, or no new one comes: the type says it all
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield _removed(name, old, new, content, at)
    for name in sorted(after.keys() - before.keys()):
        yield _added(name, old, new, content, at)
    for name in before.keys() & after.keys():
        place = f"{at}/properties/{escape(name)}"
        yield from _property(before[name], after[name], content, place, compare_nodes)
    yield from _required(old, new, at)
    yield from _openness(old, new, content, at, compare_nodes)


def _property(
    old: Any, new: Any, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    yield from compare_nodes(_node(old), _node(new), content, at)


def _node(schema: Any) -> Node:
    """Return a schema as an object: `true` admits all, `false` nothing."""
    if isinstance(schema, Mapping):
        return schema
    return {} if schema else {"enum": []}


def _removed(name: str, old: Node, new: Node, content: Content, at: str) -> Difference:
    closed = new.get("additionalProperties") is False
    needed = name in old.get("required", ())
    refused = closed and (needed or content == "strict")
    why = "its column gets no value any more, and who reads it loses it"
    if refused:
        why += "; old events that carry it are refused, since undeclared keys are"
    return Difference(
        f"{at}/properties/{escape(name)}", "property_removed", f"`{name}` is gone: {why}.",
        f"Keep `{name}`, optional, and say in its description that it is no longer sent.",
        backward=refused, forward=needed or (content == "strict" and not closed), columns=True,
    )  # fmt: skip


def _added(name: str, old: Node, new: Node, content: Content, at: str) -> Difference:
    place, schema = f"{at}/properties/{escape(name)}", new["properties"][name]
    closed = old.get("additionalProperties") is False
    default = isinstance(schema, Mapping) and "default" in schema
    if name in new.get("required", ()) and not default:
        return Difference(
            place, "required_added", f"`{name}` is new and required: no old event has it.",
            f"Leave `{name}` out of `required`, or give it a default.",
            backward=True, forward=closed,
        )  # fmt: skip
    if content == "strict" and not closed:
        return Difference(
            place, "property_added_to_open",
            f"`{name}` is new, and old events may carry an undeclared `{name}` of another type.",
            "Close the object with `additionalProperties: false` before adding to it.",
            backward=True,
        )  # fmt: skip
    reason = f"`{name}` is new and may be absent."
    remedy = "First update whoever judges by the old version: it refuses undeclared keys."
    return Difference(place, "property_added", reason, remedy if closed else "", forward=closed)


def _required(old: Node, new: Node, at: str) -> Iterator[Difference]:
    """Yield what is required otherwise of keys that are neither new nor gone: those are told."""
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    was, declared = old.get("properties", {}).keys(), new.get("properties", {}).keys()
    for name in sorted((after - before) - (declared - was)):
        yield Difference(
            f"{at}/required", "required_added", f"`{name}` is required now: old events may lack it.",
            f"Leave `{name}` out of `required`.", backward=True,
        )  # fmt: skip
    for name in sorted((before - after) - (was - declared)):
        yield Difference(
            f"{at}/required", "required_removed",
            f"`{name}` may be absent now: who judges by the old version misses it.",
            f"Keep `{name}` in `required`.", forward=True,
        )  # fmt: skip


def _openness(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if before == after:
        return
    place = f"{at}/additionalProperties"
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from compare_nodes(before, after, content, place)
        return
    closing, opening = before is True, after is True
    judged = content == "strict" or isinstance(before, Mapping) or isinstance(after, Mapping)
    if closing:
        why = "Undeclared keys were allowed and are bound now: old events may carry some."
    elif opening:
        why = "Undeclared keys were bound and are allowed now: new events may carry some."
    else:
        why = f"Undeclared keys were {show(before)} and are {show(after)}."
    yield Difference(
        place, "openness_changed", why, "Leave `additionalProperties` as it was." if judged else "",
        backward=judged and not opening, forward=judged and not closing,
    )  # fmt: skip
