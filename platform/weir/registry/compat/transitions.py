"""Judges each version of an event by those before it, and proposes what a changed schema becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from weir.registry.compat.compare import compare
from weir.registry.compat.model import Difference, broken, mode_of
from weir.registry.meaning import changed_at
from weir.registry.model import Event, Schema

Kind = Literal["same", "patch", "minor", "major"]
"""same: nothing; patch: words only; minor: allowed by the mode; major: forbidden by it.

Words are what the hash of an active version leaves out (`weir.registry.meaning`), and nothing else.
"""


@dataclass(frozen=True)
class Transition:
    """The step from one version of an event to a later one.

    Attributes:
        event: the event.
        before: the earlier version.
        after: the later version.
        differences: all, those that hurt first.
        violations: those that the event's mode forbids.
        breaking: why it was let in all the same; None if it was not.
    """

    event: str
    before: int
    after: int
    differences: tuple[Difference, ...]
    violations: tuple[Difference, ...]
    breaking: str | None = None

    @classmethod
    def between(cls, event: Event, before: int, after: int) -> Transition:
        """Return the step between two of an event's versions."""
        every = {**event.versions, **event.drafts}
        record = event.records.get(after)
        return _step(event, before, after, every[after], record.breaking if record else None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "event": self.event,
            "before": self.before,
            "after": self.after,
            "allowed": self.allowed,
            "breaking": self.breaking,
            "differences": [one.as_dict() for one in self.differences],
            "violations": [one.as_dict() for one in self.violations],
        }

    @property
    def allowed(self) -> bool:
        """Whether the mode allows it, or somebody said why it must be."""
        return not self.violations or self.breaking is not None


@dataclass(frozen=True)
class Proposal:
    """What a changed schema can become.

    Attributes:
        kind: how far it is from the newest version.
        version: the number that it gets; that of the newest version if it can stay in its file.
        advice: what to do, as a sentence.
        transitions: the steps from the earlier versions that the event's mode looks at.
    """

    kind: Kind
    version: int
    advice: str
    transitions: tuple[Transition, ...]


def transitions(event: Event) -> Iterator[Transition]:
    """Yield the steps between an event's versions, drafts included, the oldest first.

    Each version is held against the one before it; in a transitive mode against all before it.
    """
    every = {**event.versions, **event.drafts}
    for number in sorted(every)[1:]:
        yield from steps_to(event, number, every[number])


def steps_to(event: Event, number: int, schema: Schema) -> Iterator[Transition]:
    """Yield the steps to a schema from the versions before a number that the mode looks at.

    Where versions were activated, drafts in between are nobody's past.
    """
    _, transitive = mode_of(event.compatibility)
    earlier = sorted(n for n in event.versions if n < number)
    earlier = earlier or sorted(n for n in event.drafts if n < number)
    record = event.records.get(number)
    for before in earlier if transitive else earlier[-1:]:
        yield _step(event, before, number, schema, record.breaking if record else None)


def _step(
    event: Event, before: int, after: int, schema: Schema, breaking: str | None
) -> Transition:
    old = {**event.versions, **event.drafts}[before]
    mode, _ = mode_of(event.compatibility)
    every = _differences(old, schema)
    found = sorted(every, key=lambda one: (not one.breaks(mode), not one.hurts))
    return Transition(event.name, before, after, tuple(found), tuple(broken(found, mode)), breaking)


def propose(event: Event, schema: Schema) -> Proposal:
    """Return what a schema can become as the next version of an event.

    Args:
        event: as it is.
        schema: the parameters as they are wanted, with every `$ref` resolved.
    """
    every = {**event.versions, **event.drafts}
    newest = max(every)
    steps = tuple(steps_to(event, newest + 1, schema))
    violated = newest in event.drafts and any(step.violations for step in steps)
    if not violated and _is_reworded(every[newest], schema):
        return _kept(newest, every[newest], schema, steps)
    if newest in event.drafts:
        return _judged(newest, f"Version {newest} is a draft: change v{newest}.json.", steps)
    return _judged(newest + 1, f"Write it as v{newest + 1}.json.", steps)


def _is_reworded(old: Schema, new: Schema) -> bool:
    return changed_at(old, new) is None and not any(one.hurts for one in compare(old, new))


def _kept(newest: int, old: Schema, new: Schema, steps: tuple[Transition, ...]) -> Proposal:
    if not _differences(old, new):
        return Proposal("same", newest, f"Nothing differs from version {newest}.", steps)
    advice = f"Only words differ: write them into v{newest}.json, no new version is needed."
    return Proposal("patch", newest, advice, steps)


def _differences(old: Schema, new: Schema) -> list[Difference]:
    """Return what differs, and where nothing but words is told, what else the hash tells apart."""
    found = list(compare(old, new))
    place = changed_at(old, new)
    if place is not None and all(one.rule == "annotation_changed" for one in found):
        why = "It is written otherwise and allows the same: an active version stays as it was written."
        found.append(Difference(place, "written_otherwise", why))
    return found


def _judged(version: int, advice: str, steps: tuple[Transition, ...]) -> Proposal:
    if not any(step.violations for step in steps):
        return Proposal("minor", version, advice, steps)
    advice = (
        "It breaks what the event's mode protects. Do as the remedies say, or send it as another "
        f"event. If it must be: {advice} Activate it with --breaking and the reason; parameters of "
        f"another type get columns of their own (`__v{version}`)."
    )
    return Proposal("major", version, advice, steps)
