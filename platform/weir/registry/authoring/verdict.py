"""What is to say of an event while somebody edits it: mistakes, remedies, and what it would become.

Only the event itself is judged, in memory: no file is read, so that an answer can follow each key.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from weir.core.errors import NameRejected, RegistryError, UsageError
from weir.core.names import event_name
from weir.registry.authoring.bases import Base
from weir.registry.authoring.changes import place_of, with_mode, with_terms
from weir.registry.authoring.documents import Wanted
from weir.registry.budget import check_columns
from weir.registry.columns import Column, columns
from weir.registry.compat import Proposal, propose
from weir.registry.compiled import compile_event
from weir.registry.dictionary import FILE, Dictionary, check_dictionary
from weir.registry.envelope import check_envelope
from weir.registry.findings import Finding, Findings, Severity, escape
from weir.registry.lint import check_schema
from weir.registry.load import ENVELOPE, check_pii
from weir.registry.model import Event, Registry, Schema
from weir.registry.naming import suggest
from weir.registry.naming.adding import check_may_add
from weir.registry.review import review_version
from weir.registry.samples import sample
from weir.registry.sync.change import text, values
from weir.registry.sync.columndiff import ColumnChange, column_diff

NAME, EVENT, PARAMETERS, DICTIONARY = "name", "event", "parameters", "dictionary"
MAX_DIFF = 200_000
"""Characters of the files' differences that are told."""
_ID = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Note:
    """One finding, and the part of the event that it is of: name, event, parameters, dictionary."""

    part: str
    finding: Finding


@dataclass(frozen=True)
class Verdict:
    """What is to say of an event as it is wanted.

    Args:
        notes: mistakes first.
        suggestion: the name that is meant, if the dictionary tells.
        completions: names that it can become.
        version: the version that the edit goes to.
        proposal: how it differs from the versions before; None for a new event or one that is wrong.
        columns: of the log, as if the version were active; empty while it is wrong.
        changes: of them, what differs from the log as it is.
        example: an event that a sender could send; None while it is wrong.
        example_wrong: why that is none yet: only the author can tell a value.
        diff: what changes in the files, as unified differences.
    """

    notes: tuple[Note, ...]
    suggestion: str | None = None
    completions: tuple[str, ...] = ()
    version: int = 1
    proposal: Proposal | None = None
    columns: tuple[Column, ...] = ()
    changes: tuple[ColumnChange, ...] = ()
    example: dict[str, Any] | None = None
    example_wrong: str = ""
    diff: str = ""

    @property
    def ok(self) -> bool:
        """Whether it can be saved."""
        return not any(note.finding.severity is Severity.ERROR for note in self.notes)


def judge(base: Base, wanted: Wanted, by: str, at: datetime) -> Verdict:
    """Judge an event as it is wanted.

    Args:
        base: the events it is edited against.
        wanted: the event.
        by: who edits it: the dictionary's words have owners.
        at: the time that the example has; naive UTC.
    """
    dictionary, notes = _dictionary(base, wanted, by)
    said = _named(base, wanted, dictionary, notes)
    envelope = _envelope(wanted, notes)
    schema = _schema(base, wanted, notes)
    if schema is None:
        return _sorted(Verdict(tuple(notes), *said, diff=_diff(base, wanted, None)))
    event, number = place_of(base, wanted, schema)
    verdict = Verdict(tuple(notes), *said, version=number, diff=_diff(base, wanted, number))
    whole = _event(event, envelope, wanted, schema, number)
    if whole is None:
        return _sorted(verdict)
    return _sorted(_whole(base, verdict, event, whole, wanted, dictionary, schema, at))


def _whole(
    base: Base, verdict: Verdict, event: Event | None, whole: Event, wanted: Wanted,
    dictionary: Dictionary, schema: Schema, at: datetime,
) -> Verdict:  # fmt: skip
    """Judge what needs the event as a whole: columns, the versions before, the other events."""
    number, typed = verdict.version, columns(whole)
    found = Findings("")
    check_columns(typed, found)
    notes = [*_errors(PARAMETERS, found)]
    found = Findings("")
    check_pii(whole, typed, found)
    notes += _errors(EVENT, found)
    registry = Registry(base.registry.events, dictionary)
    notes += [Note(PARAMETERS, one) for one in review_version(registry, whole, number)]
    proposal = None
    if event is not None and event.status != "draft":
        proposal = propose(with_mode(event, wanted), schema)
    old = Registry({} if event is None else {event.name: event})
    logs = column_diff(old, Registry({whole.name: whole}))
    params, wrong = _example(whole, number, schema)
    return replace(
        verdict,
        notes=(*verdict.notes, *notes),
        proposal=proposal,
        columns=tuple(typed),
        changes=tuple(change for log in logs for change in log.columns),
        example=_sent(whole.name, number, params, at),
        example_wrong=wrong,
    )


def _sorted(verdict: Verdict) -> Verdict:
    order = list(Severity)
    notes = dict.fromkeys(verdict.notes)
    return replace(
        verdict, notes=tuple(sorted(notes, key=lambda n: order.index(n.finding.severity)))
    )


def _errors(part: str, found: Findings) -> list[Note]:
    return [
        *(Note(part, Finding(e.pointer, "wrong", e.said, e.remedy)) for e in found.errors),
        *(Note(part, note) for note in found.notes),
    ]


def _dictionary(base: Base, wanted: Wanted, by: str) -> tuple[Dictionary, list[Note]]:
    notes = []
    for term in wanted.terms:
        try:
            check_may_add(base.registry.dictionary, term.section, term.name, by)
        except (UsageError, NameRejected) as error:
            place = f"/{term.section}/{escape(term.name)}"
            notes.append(Note(DICTIONARY, Finding(place, "term", error.what, error.remedy)))
    if not wanted.terms:
        return base.registry.dictionary, notes
    found = Findings("")
    content = with_terms(values(FILE, base.files.get(FILE, b"{}")), wanted.terms)
    dictionary = check_dictionary(content, found)
    return dictionary, [*notes, *_errors(DICTIONARY, found)]


def _named(
    base: Base, wanted: Wanted, dictionary: Dictionary, notes: list[Note]
) -> tuple[str | None, tuple[str, ...]]:
    name, events = wanted.name, base.registry.events
    if wanted.read:
        if name not in events:
            what = f"There is no event `{name}` any more."
            remedy = "Others removed it: save yours as a new event."
            notes.append(Note(NAME, Finding("/name", "gone", what, remedy)))
        return name, ()
    if name in events:
        what, remedy = f"The event `{name}` exists.", "Edit that one, or choose another name."
        notes.append(Note(NAME, Finding("/name", "exists", what, remedy)))
        return name, ()
    said = suggest(name, dictionary, tuple(events))
    notes += [Note(NAME, finding) for finding in said.findings]
    return said.name, said.completions


def _envelope(wanted: Wanted, notes: list[Note]) -> dict[str, Any] | None:
    found = Findings("")
    given = {"status": "draft", **wanted.envelope}
    checked = check_envelope(given, found)
    if wanted.name:
        notes += _errors(EVENT, found)
    else:  # of a name that is not there yet, its own findings say more
        notes += [n for n in _errors(EVENT, found) if n.finding.pointer != "/name"]
    return checked


def _schema(base: Base, wanted: Wanted, notes: list[Note]) -> Schema | None:
    found = Findings("")
    schema = check_schema(wanted.parameters, found, base.fragments)
    notes += _errors(PARAMETERS, found)
    return None if found.errors else schema


def _event(
    event: Event | None,
    envelope: dict[str, Any] | None,
    wanted: Wanted,
    schema: Schema,
    number: int,
) -> Event | None:
    """Return the event as if the version were active; None while it cannot be one."""
    try:
        service = event_name(wanted.name).service
    except NameRejected:
        return None
    if envelope is None:
        return None
    if event is None:
        return Event(**envelope, service=service, versions={1: schema})
    return Event(
        **{**envelope, "status": event.status}, service=service, records=event.records,
        versions={**event.versions, number: schema},
        drafts={n: s for n, s in event.drafts.items() if n != number},
    )  # fmt: skip


def _example(event: Event, number: int, schema: Schema) -> tuple[Any, str]:
    params = sample(schema)
    params = params if isinstance(params, dict) else {}
    wrong = next(iter(compile_event(event).violations(number, params, 1)), None)
    if wrong is None:
        return params, ""
    return params, f"{wrong.pointer or '/'}: no value is known that is {wrong.expected}."


def _sent(name: str, version: int, params: Any, at: datetime) -> dict[str, Any]:
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": _ID, "name": name, "version": version, "time": time, "user_id": "u1",
        "params": params,
    }  # fmt: skip


def _diff(base: Base, wanted: Wanted, number: int | None) -> str:
    parts = list(_diffs(base, wanted, number))
    whole = "\n".join(parts)
    return whole if len(whole) <= MAX_DIFF else whole[:MAX_DIFF] + "\n…"


def _diffs(base: Base, wanted: Wanted, number: int | None) -> Iterator[str]:
    event = base.registry.events.get(wanted.name)
    folder = f"{wanted.name.rpartition('_')[2]}/{wanted.name}" if event is None else event.folder
    path = f"{folder}/{ENVELOPE}"
    envelope = {**wanted.envelope, **({"status": "draft"} if event is None else {})}
    yield from _lines(path, path, wanted.read.get(path), envelope)
    before = next((p for p in wanted.read if p.startswith(f"{folder}/v")), None)
    after = f"{folder}/v{number}.json" if number else before or f"{folder}/v1.json"
    began = wanted.read[before] if before else None
    yield from _lines(before or after, after, began, wanted.parameters)
    if wanted.terms:
        now = base.files.get(FILE, b"{}")
        yield from _lines(FILE, FILE, now.decode(), with_terms(values(FILE, now), wanted.terms))


def _lines(before: str, after: str, old: str | None, new: Any) -> Iterator[str]:
    """Yield the lines in which a file differs; what keeps its value differs in none."""
    try:
        if old is not None and json.loads(old) == new and before == after:
            return
        now = text(new).decode()
    except (ValueError, RecursionError, RegistryError):
        return
    was = "" if old is None else old
    named = ("/dev/null" if old is None else f"a/{before}", f"b/{after}")
    yield from difflib.unified_diff(was.splitlines(), now.splitlines(), *named, lineterm="")
