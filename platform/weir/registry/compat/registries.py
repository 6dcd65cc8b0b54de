"""Compares two states of a registry, such as a base branch and a change to it: event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from weir.registry.compat.model import Difference
from weir.registry.compat.transitions import Transition, transitions
from weir.registry.meaning import meaning_hash
from weir.registry.model import Event, Registry, Schema

NEXT: Mapping[str, frozenset[str]] = {
    "draft": frozenset(("active", "archived")),
    "active": frozenset(("deprecated", "archived")),
    "deprecated": frozenset(("active", "archived")),
    "archived": frozenset(),
}
"""Status → those that may follow it."""


@dataclass(frozen=True)
class EventChange:
    """One change of one event.

    Attributes:
        event: the event.
        version: the version concerned; 0 for the event as a whole.
        kind: what happened to it.
        differences: what differs from the versions before, each once.
        violations: those that the event's mode forbids and nobody justified.
        errors: what may not be, whatever the mode, as sentences with their remedy.
        note: what changed, as a phrase.
    """

    event: str
    version: int
    kind: Literal["added", "removed", "new_version", "changed", "status"]
    differences: tuple[Difference, ...] = ()
    violations: tuple[Difference, ...] = ()
    errors: tuple[str, ...] = ()
    note: str = field(default="")

    @property
    def ok(self) -> bool:
        """Whether it may be merged."""
        return not self.violations and not self.errors

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "event": self.event,
            "version": self.version,
            "kind": self.kind,
            "note": self.note,
            "differences": [one.as_dict() for one in self.differences],
            "violations": [one.as_dict() for one in self.violations],
            "errors": list(self.errors),
        }


def compare_registries(base: Registry, head: Registry) -> list[EventChange]:
    """Return every change from one state to the other, by event and version."""
    found: list[EventChange] = []
    for name in sorted({*base.events, *head.events}):
        old, new = base.events.get(name), head.events.get(name)
        if new is None and old is not None:
            found.append(_removed(old))
        elif old is None and new is not None:
            found.append(EventChange(name, 0, "added", note=f"a new event, {new.status}"))
            found.extend(_new_versions(new, set(_all(new))))
        elif old is not None and new is not None:
            found.extend(_status(old, new))
            found.extend(_versions(old, new))
    return found


def _removed(event: Event) -> EventChange:
    kept = event.status in ("active", "deprecated")
    error = f"`{event.name}` is {event.status}: archive it before its files go."
    return EventChange(event.name, 0, "removed", errors=(error,) if kept else (), note="removed")


def _status(old: Event, new: Event) -> Iterator[EventChange]:
    name, was, now = new.name, old.status, new.status
    if was != now:
        wrong = now not in NEXT[was]
        known = " or ".join(sorted(NEXT[was])) or "nothing: make a new event"
        error = f"`{name}` cannot go from {was} to {now}. After {was} comes {known}."
        note = f"{was} → {now}"
        yield EventChange(name, 0, "status", errors=(error,) if wrong else (), note=note)
    if old.compatibility != new.compatibility:
        note = f"compatibility {old.compatibility} → {new.compatibility}"
        yield EventChange(name, 0, "changed", note=note)


def _versions(old: Event, new: Event) -> Iterator[EventChange]:
    before, after = _all(old), _all(new)
    fixed = {} if old.status == "draft" else old.versions
    for number in sorted(before):
        if number not in after:
            yield _gone(new.name, number, active=number in fixed)
        elif meaning_hash(before[number]) != meaning_hash(after[number]):
            yield from _changed(new, number, active=number in fixed)
    yield from _new_versions(new, after.keys() - before.keys())


def _gone(name: str, number: int, *, active: bool) -> EventChange:
    what = f"v{number}.json of `{name}` is gone, and events of that version are stored."
    errors = (f"{what} Put it back; archive the version to end it.",) if active else ()
    return EventChange(name, number, "removed", errors=errors, note=f"version {number} removed")


def _changed(event: Event, number: int, *, active: bool) -> Iterator[EventChange]:
    if active:
        error = (
            f"v{number}.json of `{event.name}` is active and says something else now. Put it back, "
            "and write the change into a new version: `weir events new-version`."
        )
        yield EventChange(event.name, number, "changed", errors=(error,), note="active version")
    else:
        yield from _new_versions(event, {number}, kind="changed")


def _new_versions(
    event: Event, numbers: set[int], kind: Literal["new_version", "changed"] = "new_version"
) -> Iterator[EventChange]:
    steps = list(transitions(event))
    for number in sorted(numbers):
        found = [step for step in steps if step.after == number]
        if found or kind == "changed":
            yield EventChange(
                event.name, number, kind, _once(found, "differences"),
                () if event.status == "draft" else _once(
                    [step for step in found if not step.allowed], "violations"
                ),
                note="draft" if number in event.drafts or event.status == "draft" else "",
            )  # fmt: skip


def _once(steps: list[Transition], attribute: str) -> tuple[Difference, ...]:
    every = (one for step in steps for one in getattr(step, attribute))
    return tuple(dict.fromkeys(every))


def _all(event: Event) -> dict[int, Schema]:
    return {**event.versions, **event.drafts}
