"""Hides from viewers what an event's `pii` names, and what may be that: the values, not that they are there.

A malformed event has its personal values anywhere: below a list, in a text, beside `params`, under a name
that nobody registered. So a viewer sees only what is known to be something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.collect.verdict import ENVELOPE
from weir.console.access import Person, Role
from weir.registry.model import Registry
from weir.registry.walk import declared

HIDDEN = "•••"
_HARMLESS = ("too_large", "too_deep", "test_traffic")
"""Rules about a whole event of which nothing is told but sizes."""


@dataclass(frozen=True)
class Mask:
    """What somebody may not see of an event.

    Attributes:
        on: whether anything is hidden at all.
        names: the columns that are hidden; a nested one is `parent__child`.
        known: the declared parameters, wherever there are `names`; None if the event is not registered.
    """

    on: bool = False
    names: frozenset[str] = frozenset()
    known: frozenset[str] | None = None

    def event(self, sent: Any) -> Any:
        """Return an event, as it was sent, without the values that are hidden.

        >>> mask = Mask(on=True, names=frozenset({"mail"}), known=frozenset({"mail", "n"}))
        >>> mask.event({"name": "x", "params": {"mail": "a@b", "n": 1}, "mail": "a@b"})
        {'name': 'x', 'params': {'mail': '•••', 'n': 1}, 'mail': '•••'}
        """
        if not self.on:
            return sent
        if not isinstance(sent, Mapping):
            return HIDDEN
        return {
            key: self._params(value) if key == "params" else self._field(key, value)
            for key, value in sent.items()
        }

    def violation(self, one: Mapping[str, str]) -> dict[str, str]:
        """Return a violation without what it found, if that tells a value that is hidden."""
        if not self.on or not self._tells(one["pointer"], one["rule"], one["found"]):
            return dict(one)
        inside = one["pointer"].startswith("/params")  # where remedies repeat values
        return {**one, "found": HIDDEN, "remedy": "" if inside else one["remedy"]}

    def _tells(self, pointer: str, rule: str, found: str) -> bool:
        if not pointer:
            return rule not in _HARMLESS
        _, top, *path = pointer.split("/")
        if top != "params":
            return top not in ENVELOPE or found[:1] in ("{", "[")
        place = "__".join(part for part in path if not part.isdecimal())
        return not path or self.known is None or self._undeclared(path[0]) or self._around(place)

    def _params(self, params: Any) -> Any:
        if self.known is None or not isinstance(params, Mapping):
            return HIDDEN
        return {
            key: HIDDEN if self._undeclared(key) else self._value(value, key)
            for key, value in params.items()
        }

    def _value(self, value: Any, name: str) -> Any:
        if self._inside(name):
            return HIDDEN
        if isinstance(value, Mapping):
            return {key: self._value(below, f"{name}__{key}") for key, below in value.items()}
        if isinstance(value, list):
            return [self._value(below, name) for below in value]
        return HIDDEN if self._around(name) else value

    def _undeclared(self, name: str) -> bool:
        """Tell whether a parameter may be a mistyped one that is hidden."""
        return bool(self.names) and name not in (self.known or ())

    def _inside(self, name: str) -> bool:
        return any(name == one or name.startswith(f"{one}__") for one in self.names)

    def _around(self, name: str) -> bool:
        return self._inside(name) or any(one.startswith(f"{name}__") for one in self.names)

    @staticmethod
    def _field(name: str, value: Any) -> Any:
        return HIDDEN if name not in ENVELOPE or isinstance(value, (Mapping, list)) else value


def mask_of(registry: Registry, name: object, person: Person) -> Mask:
    """Return what a person may not see of an event of this name."""
    if person.role.may(Role.EDITOR):
        return Mask()
    event = registry.events.get(name) if isinstance(name, str) else None
    if event is None:
        return Mask(on=True)
    schemas = event.versions.values() if event.pii else ()
    known = frozenset(one.path[0] for schema in schemas for one in declared(schema))
    return Mask(on=True, names=frozenset(event.pii), known=known)
