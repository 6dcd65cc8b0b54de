"""What can be done to an event and its versions: each step returns the files as they would be. Pure.

draft → active → deprecated → archived. An activated version is never changed again; a step that
touches what an owner answers for needs the owner, or the owner's approval, where reviews are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from weir.core.errors import Incompatible, UsageError
from weir.registry.compat.transitions import Transition, steps_to
from weir.registry.load import ENVELOPE
from weir.registry.meaning import meaning_hash
from weir.registry.model import Event, VersionRecord
from weir.registry.versions.files import EventFiles
from weir.registry.versions.history import RECORDS, Audit, History, stamp
from weir.registry.versions.reviews import ARCHIVE, DEPRECATE, need_approval


@dataclass(frozen=True)
class Acting:
    """Who does a step, and when.

    Args:
        by: an address.
        at: naive UTC.
        review: whether an owner must have approved.
    """

    by: str
    at: datetime
    review: bool = False

    @property
    def today(self) -> date:
        """The UTC day."""
        return self.at.date()


@dataclass(frozen=True)
class Step:
    """What a step comes to.

    Args:
        files: JSON by path relative to the events' folder.
        told: what was done, as a sentence.
        transitions: the comparisons that were made on the way.
    """

    files: Mapping[str, Any]
    told: str
    transitions: tuple[Transition, ...] = field(default=())


def new_version(event: Event, files: EventFiles, acting: Acting) -> Step:
    """Copy the newest version into a draft of the next number.

    Raises:
        UsageError: if the event is archived, or has a draft already.
    """
    _not_archived(event)
    if event.status == "draft" or event.drafts:
        number = max(event.drafts or event.versions)
        what = f"Version {number} of `{event.name}` is a draft already."
        raise UsageError(what, f"Edit v{number}.json, then `weir events activate {event.name}`.")
    source = event.newest
    number = max(event.versions) + 1
    history = adopted(event, files, acting)
    done = {f"{event.folder}/v{number}.json": files.schemas[source]}
    if files.history is None:
        done[f"{event.folder}/{RECORDS}"] = history.as_dict()
    told = f"Version {number} of `{event.name}` is a draft, a copy of version {source}."
    return Step(done, told)


def activate(
    event: Event,
    files: EventFiles,
    acting: Acting,
    version: int | None = None,
    day: date | None = None,
    breaking: str | None = None,
) -> Step:
    """Activate a version, and with it an event that is a draft.

    Args:
        event: the event.
        files: its files.
        acting: who and when.
        version: which; default is the newest draft.
        day: the first UTC day on which it is taken; default is at once.
        breaking: why it may break what the event's mode protects.

    Raises:
        Incompatible: if it breaks that, and nobody said why it may.
        UsageError: if it cannot be activated, or an owner has not approved.
    """
    _not_archived(event)
    drafts = event.versions if event.status == "draft" else event.drafts
    number = _draft(event, drafts, version)
    schema = drafts[number]
    steps = () if event.status == "draft" else tuple(steps_to(event, number, schema))
    _check_compatible(event, number, steps, breaking)
    history = adopted(event, files, acting)
    subject = f"v{number}"
    _approved(event, subject, history, acting)
    needed = breaking if any(step.violations for step in steps) else None
    starts = None if day is None or day <= acting.today else day
    record = VersionRecord("active", meaning_hash(schema), starts, breaking=needed)
    notes = (f"from {starts}" if starts else "", f"breaking: {needed}" if needed else "")
    note = "; ".join(filter(None, notes))
    history = replace(history, records={**history.records, number: record})
    history = _noted(history, acting, "activate", number, note, done=subject)
    changes = {"status": "active"} if event.status == "draft" else {}
    when = f" from {starts}" if starts else ""
    told = f"Version {number} of `{event.name}` is active{when}, and never changes again."
    return _step(files, history, changes, told, steps)


def deprecate(
    event: Event,
    files: EventFiles,
    acting: Acting,
    replacement: Event | None = None,
    day: date | None = None,
    until: date | None = None,
) -> Step:
    """Ask senders to send another event instead; this one is taken until it is archived.

    Args:
        event: the event.
        files: its files.
        acting: who and when.
        replacement: what to send instead; default is what the event names already.
        day: the UTC day from which it is deprecated; default is at once.
        until: the first UTC day on which it is no longer taken.

    Raises:
        UsageError: if it is not active, names no replacement, or an owner has not approved.
    """
    if event.status != "active":
        raise UsageError(
            f"`{event.name}` is {event.status}.", "Only an active event is deprecated."
        )
    other = replacement.name if replacement else event.replacement
    if replacement and replacement.status not in ("active", "deprecated"):
        what = f"`{other}` is {replacement.status}: nobody may send it."
        raise UsageError(what, "Activate it first, or name another event.")
    if other is None or other == event.name:
        what = "A deprecated event names what to send instead."
        remedy = "Give --replacement; or, if there is none, archive it: `weir events archive`."
        raise UsageError(what, remedy)
    history = adopted(event, files, acting)
    _approved(event, DEPRECATE, history, acting)
    later = day is not None and day > acting.today
    changes: dict[str, Any] = {"replacement": other}
    changes |= {"deprecated_from": f"{day}"} if later else {"status": "deprecated"}
    if until:
        changes["archived_from"] = until.isoformat()
    when = f" from {day}" if later else ""
    ends = f" until {until}" if until else ""
    note = f"send {other} instead{when}{ends}"
    history = _noted(history, acting, DEPRECATE, 0, note, done=DEPRECATE)
    return _step(files, history, changes, f"`{event.name}` is deprecated{when}: {note}.")


def end_version(
    event: Event, files: EventFiles, acting: Acting, version: int, day: date | None = None
) -> Step:
    """Archive one version: from a day on its events are no longer taken, others are.

    Raises:
        UsageError: if it is not active, is the last one, or an owner has not approved.
    """
    record = adopted(event, files, acting).records.get(version)
    if record is None or record.status == "archived":
        what = f"Version {version} of `{event.name}` is not active."
        known = ", ".join(str(n) for n in event.versions)
        raise UsageError(what, f"Its activated versions are {known}.")
    others = [
        n for n in event.versions if n != version and n not in event.closed_on(day or acting.today)
    ]
    if not others:
        what = f"Version {version} is the only one that senders of `{event.name}` can use."
        raise UsageError(
            what, "Activate another one first, or archive the event without --version."
        )
    history = adopted(event, files, acting)
    subject = f"{ARCHIVE} v{version}"
    _approved(event, subject, history, acting)
    later = day is not None and day > acting.today
    ended = replace(record, archived_from=day) if later else replace(record, status="archived")
    history = replace(history, records={**history.records, version: ended})
    when = f" from {day}" if later else ""
    history = _noted(history, acting, ARCHIVE, version, when.strip(), done=subject)
    told = f"Version {version} of `{event.name}` is archived{when}: send version {max(others)}."
    return _step(files, history, {}, told)


def archive(event: Event, files: EventFiles, acting: Acting, day: date | None = None) -> Step:
    """End an event: from a day on it is no longer taken. What was stored stays.

    Raises:
        UsageError: if it is archived already, or an owner has not approved.
    """
    _not_archived(event)
    history = adopted(event, files, acting)
    _approved(event, ARCHIVE, history, acting)
    later = day is not None and day > acting.today
    changes = {"archived_from": f"{day}"} if later else {"status": "archived"}
    when = f" from {day}" if later else ""
    history = _noted(history, acting, ARCHIVE, 0, when.strip(), done=ARCHIVE)
    return _step(files, history, changes, f"`{event.name}` is archived{when}.")


def adopted(event: Event, files: EventFiles, acting: Acting) -> History:
    """Return an event's history; one that never had any gets a record of each version it has."""
    if files.history is not None:
        return files.history
    if event.status == "draft":
        return History()
    records = {n: VersionRecord("active", meaning_hash(s)) for n, s in event.versions.items()}
    history = History(records)
    return _noted(history, acting, "adopt", 0, "recorded as it was found")


def seal(event: Event, files: EventFiles, acting: Acting) -> Step:
    """Record the versions of an active event as they are, so that no edit goes unnoticed.

    Raises:
        UsageError: if there is nothing to record.
    """
    if files.history is not None or event.status == "draft":
        what = f"`{event.name}` has nothing to record."
        raise UsageError(what, "Drafts are recorded when they are activated.")
    numbers = ", ".join(map(str, event.versions))
    told = f"Version {numbers} of `{event.name}` is recorded, and never changes again."
    return _step(files, adopted(event, files, acting), {}, told)


def _not_archived(event: Event) -> None:
    if event.status == "archived":
        what = f"`{event.name}` is archived."
        raise UsageError(what, "Nothing follows that: register a new event.")


def _draft(event: Event, drafts: Mapping[int, Any], version: int | None) -> int:
    number = version if version is not None else max(drafts, default=None)
    if number is None:
        what = f"`{event.name}` has no draft."
        raise UsageError(what, f"Make one: `weir events new-version {event.name}`.")
    if number not in drafts:
        known = ", ".join(map(str, drafts)) or "none"
        raise UsageError(f"Version {number} of `{event.name}` is no draft.", f"Drafts: {known}.")
    newest = max(event.records, default=0)
    if number < newest:
        what = f"Version {newest} of `{event.name}` was activated before version {number}."
        raise UsageError(what, f"Rename v{number}.json to v{max(newest, *drafts) + 1}.json.")
    return number


def _approved(event: Event, subject: str, history: History, acting: Acting) -> None:
    if acting.review:
        need_approval(event, subject, history, acting.by)


def _check_compatible(
    event: Event, number: int, steps: tuple[Transition, ...], breaking: str | None
) -> None:
    violations = [one for step in steps for one in step.violations]
    if violations and not breaking:
        raise Incompatible(event.name, number, event.compatibility, violations)


def _noted(
    history: History, acting: Acting, action: str, version: int, note: str, done: str = ""
) -> History:
    """Return a history with one more entry, without the review that it used up."""
    entry = Audit(stamp(acting.at), acting.by, action, version, note)
    left = {subject: review for subject, review in history.reviews.items() if subject != done}
    return replace(history, reviews=left, audit=(*history.audit, entry))


def _step(
    files: EventFiles,
    history: History,
    changes: Mapping[str, Any],
    told: str,
    steps: tuple[Transition, ...] = (),
) -> Step:
    done: dict[str, Any] = {f"{files.folder}/{RECORDS}": history.as_dict()}
    if changes:
        done[f"{files.folder}/{ENVELOPE}"] = {**files.envelope, **changes}
    return Step(done, told, steps)
