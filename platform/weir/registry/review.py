"""What is to say about events that load: warnings and hints over the whole registry. Pure.

What keeps an event from loading is `weir.registry.load`'s; how a version may change, not this
module's either.
"""

from __future__ import annotations

from collections.abc import Iterator
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
            replace(finding, path=_version(event, root))
            for event, finding in parameter_findings(events, registry.dictionary)
        ),
        *(
            replace(finding, path=_version(event, root))
            for event in events
            for finding in personal(event, registry.dictionary)
        ),
        *(replace(finding, path=f"{root}/{FILE}") for finding in _terms(registry.dictionary)),
    ]
    return sorted(found, key=lambda finding: (finding.path, finding.pointer, finding.rule))


def _version(event: Event, root: str) -> str:
    return f"{root}/{event.folder}/v{event.newest}.json"


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
