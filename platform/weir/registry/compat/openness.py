"""Compares what may be in an object besides what it declares, and tells what that is of one key.

The collector flags an undeclared key where properties are declared; it judges by the schema as it is
written where none are (a free object, a map) and where alternatives are (`weir.registry.compiled`,
`weir.registry.undeclared`). What is only flagged is nobody's content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from weir.registry.compat.model import Content, Difference, Node
from weir.registry.compat.values import same
from weir.registry.findings import show
from weir.registry.keywords import SHAPING, is_composed, is_map

Compare = Callable[[Node, Node, Content, str], Iterator[Difference]]


def rest(node: Node) -> Any:
    """Return the schema of the keys that an object does not declare."""
    return node.get("additionalProperties", True)


def shape(node: Node) -> Literal["record", "map", "free"]:
    """Return what an object's column is: a field per property, a map, or JSON."""
    if node.get("properties"):
        return "record"
    return "map" if is_map(node) else "free"


def holds(name: str, node: Node, content: Content) -> bool:
    """Tell whether an undeclared key of an open object is to be reckoned with, and of any type.

    Of a free object it could be told too. Wikimedia declares properties of one in a minor version,
    and lenient follows: that somebody sent this very name as another type is the rarer case.
    """
    return content == "strict" or name in node.get("required", ()) or _in_options(name, node)


def compare(
    old: Node, new: Node, content: Content, at: str, compare_nodes: Compare
) -> Iterator[Difference]:
    """Yield what changed in what an object says of undeclared keys."""
    before, after = rest(old), rest(new)
    if same(before, after):
        return
    place = f"{at}/additionalProperties"
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from compare_nodes(before, after, content, place)
    elif isinstance(before, Mapping) or isinstance(after, Mapping):
        yield _free_keys(old, new, place, columns=bool(at) and shape(old) != shape(new))
    elif before is True:
        yield _closed(place, refuses=_judges(old, content) and old.get("maxProperties") != 0)
    else:
        yield _opened(place, refuses=_judges(new, content))


def _free_keys(old: Node, new: Node, at: str, *, columns: bool) -> Difference:
    before, after = rest(old), rest(new)
    what = f"Undeclared keys were {_shown(before)} and are {_shown(after)}"
    why = ": the column of the log changes its type" if columns else ""
    return Difference(
        at, "openness_changed", f"{what}{why}.", "Leave `additionalProperties` as it was.",
        backward=after is not True, forward=before is not True, columns=columns,
    )  # fmt: skip


def _closed(at: str, *, refuses: bool) -> Difference:
    if not refuses:
        why = "Undeclared keys were flagged and are refused now; no version declared any."
        return Difference(at, "openness_changed", why)
    return Difference(
        at, "openness_changed",
        "Undeclared keys were taken and are refused now: old events may carry some.",
        "Leave `additionalProperties: false` away; declare the keys that you know.", backward=True,
    )  # fmt: skip


def _opened(at: str, *, refuses: bool) -> Difference:
    if not refuses:
        why = "Undeclared keys were refused and are flagged now; no version declares any."
        return Difference(at, "openness_changed", why)
    return Difference(
        at, "openness_changed",
        "Undeclared keys were refused and are taken now: new events may carry some.",
        "Keep `additionalProperties: false`, and declare the new keys.", forward=True,
    )  # fmt: skip


def _judges(node: Node, content: Content) -> bool:
    """Tell whether undeclared keys of an open object are more than flagged."""
    return content != "lenient" or node.get("properties") is None or is_composed(node)


def _in_options(name: str, node: Node) -> bool:
    return any(_says(name, node[keyword]) for keyword in SHAPING if keyword in node)


def _says(name: str, value: Any) -> bool:
    """Tell whether a key is named anywhere in a value."""
    if isinstance(value, Mapping):
        return name in value or any(_says(name, inner) for inner in value.values())
    return any(_says(name, inner) for inner in value) if isinstance(value, list) else value == name


def _shown(schema: Any) -> str:
    return {True: "free", False: "none"}[schema] if isinstance(schema, bool) else show(schema)
