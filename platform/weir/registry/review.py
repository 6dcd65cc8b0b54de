"""What is to say about events that load, drafts included: warnings and hints. Pure.

What keeps an event from loading is `weir.registry.load`'s; how a version may change, not this
module's either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from weir.registry.dictionary import FILE, SECTIONS, Dictionary
from weir.registry.findings import Finding, Severity, escape
from weir.registry.model import Event, Registry
from weir.registry.naming.duplicates import Names
from weir.registry.naming.parameters import parameter_findings
from weir.registry.personal import personal
from weir.registry.words import singular

ENVELOPE = "event.json"
RETIRED = "archived"


def review(registry: Registry, root: str = "assets/events") -> list[Finding]:
    """Return every warning and hint, by file and place.

    Args:
        registry: the events that load.
        root: the events' folder, as the findings name it.
    """
    events = [event for event in registry.events.values() if event.status != RETIRED]
    found = [
        *_duplicates(events, registry.dictionary, root),
        *(
            replace(finding, path=_version(event, event.latest, root))
            for event, finding in parameter_findings(_latest(events), registry.dictionary)
        ),
        *(
            replace(finding, path=_version(event, number, root))
            for event in events
            for number, finding in _personal(event, registry.dictionary)
        ),
        *(replace(finding, path=f"{root}/{FILE}") for finding in _terms(registry.dictionary)),
    ]
    return sorted(found, key=lambda finding: (finding.path, finding.pointer, finding.rule))


def review_versions(
    registry: Registry, versions: Mapping[str, tuple[Event, int]], root: str = "assets/events"
) -> list[Finding]:
    """Return what is to say about some versions before they are fixed for good.

    Args:
        registry: the events that load.
        versions: by event's name: the event, as it is there or as it would be, and its version or
            draft.
        root: the events' folder, as the findings name it.
    """
    if not versions:
        return []
    others = [e for e in registry.events.values() if e.status != RETIRED and e.name not in versions]
    judged = [*_latest(others), *versions.values()]
    found = [
        *parameter_findings(judged, registry.dictionary, versions.keys()),
        *((e, one) for e, n in versions.values() for one in personal(e, registry.dictionary, n)),
    ]
    paths = {name: _version(event, number, root) for name, (event, number) in versions.items()}
    placed = [replace(one, path=paths[event.name]) for event, one in found]
    return sorted(placed, key=lambda one: (one.path, one.pointer, one.rule))


def review_version(
    registry: Registry, event: Event, number: int, root: str = "assets/events"
) -> list[Finding]:
    """Return what is to say about one version; as `review_versions`."""
    return review_versions(registry, {event.name: (event, number)}, root)


def _latest(events: list[Event]) -> list[tuple[Event, int]]:
    return [(event, event.latest) for event in events]


def _version(event: Event, number: int, root: str) -> str:
    return f"{root}/{event.folder}/v{number}.json"


def _personal(event: Event, dictionary: Dictionary) -> Iterator[tuple[int, Finding]]:
    """Yield what looks personal in the newest version, and what its draft adds to that."""
    told: set[Finding] = set()
    for number in sorted({event.newest, event.latest}):
        fresh = [one for one in personal(event, dictionary, number) if one not in told]
        yield from ((number, one) for one in fresh)
        told.update(fresh)


def _duplicates(events: list[Event], dictionary: Dictionary, root: str) -> Iterator[Finding]:
    by_name = {event.name: event for event in events}
    for name, other, why in Names(by_name, dictionary).pairs():
        what = f"`{name}` reads like `{other}`: {why}."
        remedy = "Deprecate one of them with the other as its `replacement`, or tell them apart."
        path = f"{root}/{by_name[name].folder}/{ENVELOPE}"
        yield Finding("/name", "near_duplicate", what, remedy, Severity.WARNING, other, path)


def _terms(dictionary: Dictionary) -> Iterator[Finding]:
    """Yield terms of one slot that are singular and plural of one word."""
    for section in SECTIONS:
        seen: dict[str, str] = {}
        for name in dictionary.of(section):
            other = seen.setdefault(singular(name), name)
            if other != name:
                what = f"`{name}` and `{other}` are one word in singular and plural."
                remedy = "Make one of them a synonym of the other."
                place = f"/{section}/{escape(name)}"
                yield Finding(place, "near_duplicate", what, remedy, Severity.WARNING, other)
