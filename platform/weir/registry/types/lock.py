"""The lock file of generated types: which version of each event a sender's code is written for.

A locked version stays until `--update`: a new version in the registry changes no sender's build.
Pure but for `read_lock`; writing it is `weir.registry.types.files`' business.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weir.core.canonical import canonical_json
from weir.core.errors import InvalidValue, UsageError, WeirError
from weir.registry.keywords import is_map
from weir.registry.model import Event, Registry, Schema

FILE = "weir-types.lock.json"
FORMAT = 1
_SENT = ("active", "deprecated")
_UPDATE = "Take what the registry has now with --update."


@dataclass(frozen=True)
class Locked:
    """The version of one event, and the hash of its schema."""

    version: int
    schema: str


@dataclass(frozen=True)
class Lock:
    """What one folder of types was made from.

    Args:
        lang: the language.
        generator: the generator's name and version.
        only: the events that were asked for by name; None means every active one.
        events: what is locked, by event.
    """

    lang: str
    generator: str
    only: tuple[str, ...] | None
    events: Mapping[str, Locked]

    def text(self) -> str:
        """Return the file's text."""
        content = {
            "format": FORMAT,
            "lang": self.lang,
            "generator": self.generator,
            "only": self.only,
            "events": {
                name: {"version": one.version, "schema": one.schema}
                for name, one in sorted(self.events.items())
            },
        }
        return json.dumps(content, indent=2) + "\n"


@dataclass
class Resolved:
    """The lock to write, and what its user should know."""

    lock: Lock
    notes: list[str] = field(default_factory=list)


def content_hash(schema: Schema) -> str:
    """Return the hash of a schema's canonical JSON."""
    return f"sha256:{hashlib.sha256(canonical_json(schema)).hexdigest()}"


def read_lock(path: Path) -> Lock | None:
    """Read a lock file; None if there is none.

    Raises:
        WeirError: if it is no lock file of this format.
    """
    if not path.is_file():
        return None
    try:
        return _parsed(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeirError(
            f"`{path}` is no lock file of types (format {FORMAT}): {error!r}.",
            "Restore it from version control, or remove it to lock anew.",
        ) from None


def _parsed(content: Mapping[str, Any]) -> Lock:
    if content["format"] != FORMAT:
        raise ValueError(f"its format is {content['format']}")
    only = content["only"]
    events = {
        str(name): Locked(int(one["version"]), str(one["schema"]))
        for name, one in content["events"].items()
    }
    return Lock(
        str(content["lang"]),
        str(content["generator"]),
        None if only is None else tuple(only),
        events,
    )


def resolve(
    registry: Registry,
    lock: Lock | None,
    lang: str,
    generator: str,
    asked: Sequence[str] = (),
    *,
    update: bool = False,
) -> Resolved:
    """Decide the version of every event.

    Args:
        registry: the events.
        lock: what is locked, if anything.
        lang: the language.
        generator: the generator's name and version.
        asked: the events wanted, `name` or `name@version`; empty means those of the lock, else
            every active one.
        update: take the newest versions instead of the locked ones.

    Raises:
        NotFound: if a wanted event is not registered.
        UsageError: if the folder holds another language, or a version or event cannot be had.
    """
    if lock is not None and lock.lang != lang:
        raise UsageError(
            f"The folder holds types for {lock.lang}, not for {lang}.",
            "Give each language its own folder with --out.",
        )
    pins = dict(_pin(one) for one in asked)
    only = tuple(sorted(pins)) if pins else (lock.only if lock else None)
    held = {} if update or lock is None else dict(lock.events)
    notes: list[str] = []
    events: dict[str, Locked] = {}
    for name in _names(registry, only, held):
        events[name] = _choose(registry, name, pins.get(name), held.get(name), notes)
    return Resolved(Lock(lang, generator, only, events), notes)


def _names(
    registry: Registry, only: tuple[str, ...] | None, held: Mapping[str, Locked]
) -> list[str]:
    if only is not None:
        return sorted(only)
    active = {name for name, event in registry.events.items() if event.status == "active"}
    return sorted(active | set(held))


def _pin(asked: str) -> tuple[str, int | None]:
    name, _, version = asked.partition("@")
    if version and not version.isdecimal():
        raise InvalidValue("event", asked, ["NAME", "NAME@VERSION, e.g. purchase_item_shop@1"])
    return name, int(version) if version else None


def _choose(
    registry: Registry, name: str, pin: int | None, held: Locked | None, notes: list[str]
) -> Locked:
    event = registry.get(name)
    if held is None and event.status not in _SENT:
        raise UsageError(
            f"`{name}` is {event.status}: the collector does not accept it.",
            "Activate it first, or leave it out.",
        )
    version = pin or (held.version if held else event.newest)
    if version not in event.versions:
        known = ", ".join(str(v) for v in event.versions)
        raise UsageError(f"`{name}` has no version {version}.", f"It has {known}. {_UPDATE}")
    chosen = Locked(version, content_hash(event.versions[version]))
    if held and held.version == version and held.schema != chosen.schema:
        raise UsageError(f"Version {version} of `{name}` is not what was locked.", _UPDATE)
    notes += _notes(event, version)
    return chosen


def _notes(event: Event, version: int) -> list[str]:
    notes = []
    if is_map(event.versions[version]):
        notes.append(f"`{event.name}` takes any parameters: its type has none of them.")
    if version < event.newest:
        notes.append(f"`{event.name}` is held at version {version}; {event.newest} is the newest.")
    if event.status == "deprecated":
        instead = f": send `{event.replacement}` instead" if event.replacement else ""
        notes.append(f"`{event.name}` is deprecated{instead}.")
    elif event.status not in _SENT:
        notes.append(f"`{event.name}` is {event.status}: the collector quarantines it. {_UPDATE}")
    return notes
