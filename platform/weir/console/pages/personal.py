"""Hides from viewers what an event's `pii` names: the values, not that they are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weir.console.access import Person, Role
from weir.registry.model import Registry

HIDDEN = "•••"


def tagged(registry: Registry, name: object, person: Person) -> frozenset[str]:
    """Return the columns of an event that a person may not see; a nested one is `parent__child`."""
    event = registry.events.get(name) if isinstance(name, str) else None
    if event is None or person.role.may(Role.EDITOR):
        return frozenset()
    return frozenset(event.pii)


def without(event: Any, columns: Iterable[str]) -> Any:
    """Return an event, as it was sent, without the values of these columns.

    >>> without({"name": "x", "params": {"mail": "a@b", "n": 1}}, ["mail"])
    {'name': 'x', 'params': {'mail': '•••', 'n': 1}}
    """
    names = frozenset(columns)
    if not names or not isinstance(event, Mapping) or not isinstance(event.get("params"), Mapping):
        return event if not names or isinstance(event, Mapping) else HIDDEN
    return {**event, "params": _params(event["params"], names, "")}


def found_without(pointer: str, found: str, columns: Iterable[str]) -> str:
    """Return what a violation found, or `•••` if it tells a value that is hidden.

    >>> found_without("/params/mail", "7 (integer)", ["mail"]), found_without("/time", "never", ["mail"])
    ('•••', 'never')
    """
    place = "__".join(pointer.removeprefix("/params/").split("/"))
    names = tuple(columns)
    if not pointer.startswith("/params") or not names:
        return found
    whole = pointer == "/params"
    inside = any(place == name or place.startswith(f"{name}__") for name in names)
    around = any(name.startswith(f"{place}__") for name in names)
    return HIDDEN if whole or inside or around else found


def _params(params: Mapping[str, Any], names: frozenset[str], above: str) -> dict[str, Any]:
    return {key: _value(value, names, f"{above}{key}") for key, value in params.items()}


def _value(value: Any, names: frozenset[str], name: str) -> Any:
    if name in names:
        return HIDDEN
    return _params(value, names, f"{name}__") if isinstance(value, Mapping) else value
