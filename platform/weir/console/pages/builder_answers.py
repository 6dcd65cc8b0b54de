"""What the builder takes and answers, and how it is made of what the registry says."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from weir.console.pages.answers import Given
from weir.console.pages.events import Difference
from weir.core.names import MAX_NAME, RESERVED
from weir.registry.authoring import Base, Made, NewTerm, Opened, Verdict, Wanted
from weir.registry.dictionary import SECTIONS
from weir.registry.fragments import PREFIX
from weir.registry.keywords import APPLIES, FORMATS
from weir.registry.model import COMPATIBILITY, PII, POLICIES, TIERS
from weir.registry.reserved import BASE_COLUMNS, TAKEN
from weir.registry.sync.change import check_path
from weir.registry.sync.message import STEM

BRANCH = r"^(?:[A-Za-z0-9][A-Za-z0-9._/-]*)?$"
SAVED = rf"^(?:{STEM}[A-Za-z0-9][A-Za-z0-9._/-]*)?$"
"""The branches that a save from here may move: those that saves make, and no other of the house."""
MAX_TEXT = 500_000
"""Characters of an event's parameters."""
MAX_NODES = 1_000
"""JSON objects that the parameters are made of: each is compared with those beside it."""


class Side(StrEnum):
    """Which side a conflict is decided for."""

    MINE = "mine"
    THEIRS = "theirs"


class Word(BaseModel):
    """A word of the dictionary."""

    name: str = Field(max_length=MAX_NAME)
    meaning: str = Field(max_length=1000)


class AddedWord(Word):
    """A word that the dictionary gets with an event."""

    section: str = Field(description=f"One of {', '.join(SECTIONS)}.")


class Listed(Word):
    """A word of the dictionary, and what people say instead."""

    synonyms: list[str] = []


class Fragment(BaseModel):
    """A schema that events share."""

    ref: str = Field(description="What a `$ref` says.")
    description: str
    kind: str | None


class Dictionaries(BaseModel):
    """What an event is made of."""

    words: dict[str, list[Listed]] = Field(
        description="By slot: action, object, service, parameter."
    )
    owners: dict[str, list[str]] = Field(description="Who may add words, by slot; all, if none.")
    fragments: list[Fragment]
    events: list[str]
    event_owners: list[str]
    domains: list[str]
    tiers: list[str]
    policies: list[str]
    modes: list[str]
    pii: list[str]
    formats: list[str]
    applies: dict[str, list[str]] = Field(description="Keyword → the types that it constrains.")
    reserved: list[str] = Field(description="Names that no parameter may have.")
    max_name: int
    git: bool
    remote: bool = Field(description="Whether a branch can be pushed.")
    branch: str = Field(description="What is saved against; '' without git.")


class Document(BaseModel):
    """An event as it is edited."""

    name: str
    envelope: dict[str, Any] = Field(description="The content of `event.json`.")
    parameters: dict[str, Any] = Field(description="JSON Schema, as it is written.")
    version: int
    draft: bool = Field(description="Whether that version can still change in its file.")
    read: dict[str, str] = Field(description="The files' texts: a save brings them back.")
    branch: str = Field(description="The branch with earlier saves; '' for none.")


class Check(Given):
    """An event as somebody wants it."""

    envelope: dict[str, Any]
    parameters: dict[str, Any]
    read: dict[str, str] = Field({}, description="`read` of the document; empty for a new event.")
    terms: list[AddedWord] = Field([], max_length=20)
    branch: str = Field("", max_length=200, pattern=BRANCH)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        size = len(_written(self.envelope, self.parameters)) + sum(map(len, self.read.values()))
        if size > 3 * MAX_TEXT:
            raise ValueError(f"the event has {size} characters, and {3 * MAX_TEXT} are allowed")
        nodes = _nodes(self.parameters)
        if nodes > MAX_NODES:
            raise ValueError(
                f"the parameters have {nodes:,} JSON objects, and the builder takes {MAX_NODES:,}:"
                " edit the files, and save them with `weir events save`"
            )
        return self

    def wanted(self) -> Wanted:
        """Return it as the registry takes it.

        Raises:
            NameRejected: if a file has a name that no event's file has.
        """
        for path in self.read:
            check_path(path)
        return Wanted(
            self.envelope,
            self.parameters,
            self.read,
            tuple(NewTerm(one.section, one.name, one.meaning) for one in self.terms),
        )


class Save(Check):
    """An event to be saved."""

    branch: str = Field(
        "", max_length=200, pattern=SAVED,
        description=f"A branch with earlier saves, below `{STEM}`; '' for a new one.",
    )  # fmt: skip
    message: str = Field("", max_length=2000, description="First words; '' for what follows.")
    activate: bool = Field(default=False, description="It may be sent, and never changes again.")
    breaking: str = Field("", max_length=1000, description="Why it may break what is protected.")
    push: bool = Field(default=False, description="Push the branch.")
    dry_run: bool = Field(default=False, description="Store nothing; show what would be.")
    resolutions: dict[str, Side] = Field({}, description="By a conflict's id.", max_length=1000)

    def wanted(self) -> Wanted:
        """Return it as the registry takes it."""
        plain = super().wanted()
        breaking = self.breaking.strip() or None
        return Wanted(
            plain.envelope, plain.parameters, plain.read, plain.terms, self.activate, breaking
        )


class Note(BaseModel):
    """One thing that is to say."""

    part: str = Field(description="name, event, parameters or dictionary.")
    pointer: str = Field(description="Where in that part: a JSON pointer.")
    rule: str
    severity: str
    text: str
    remedy: str
    suggestion: str | None


class Compatibility(BaseModel):
    """How far the parameters are from the newest version's."""

    kind: str = Field(description="same, patch, minor or major.")
    version: int
    advice: str
    before: list[int]
    allowed: bool
    differences: list[Difference]


class Column(BaseModel):
    """A column of the event's log."""

    name: str
    duckdb: str
    bigquery: str
    description: str
    change: str = Field(description="added, retyped, removed, or '' if it stays.")
    duckdb_before: str | None = None


class Judged(BaseModel):
    """What is to say of an event as it is wanted."""

    ok: bool
    notes: list[Note]
    suggestion: str | None = Field(description="The name that is meant.")
    completions: list[str]
    version: int
    compatibility: Compatibility | None
    columns: list[Column]
    example: dict[str, Any] | None
    example_wrong: str
    diff: str


class SavedEvent(BaseModel):
    """What a save made."""

    told: str
    version: int
    branch: str
    commit: str
    base: str
    files: list[str]
    message: str
    nothing: bool = Field(description="Whether there was nothing to save.")
    in_place: bool = Field(description="Whether it was written into the folder: there is no git.")
    pushed: bool
    columns: list[str] = Field(description="The columns that change.")
    document: Document | None


def _written(*parts: Any) -> bytes:
    try:
        return json.dumps(parts, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a character is no text: a surrogate stands alone") from None


def _nodes(content: Any) -> int:
    """Return how many JSON objects a value is made of."""
    left, count = [content], 0
    while left:
        one = left.pop()
        count += isinstance(one, dict)
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        left.extend(each for each in inside if isinstance(each, dict | list))
    return count


def dictionaries(base: Base, *, git: bool, remote: bool) -> Dictionaries:
    """Return what an event is made of."""
    registry, dictionary = base.registry, base.registry.dictionary
    events = registry.events.values()
    return Dictionaries(
        words={
            section: [
                Listed(name=term.name, meaning=term.meaning, synonyms=list(term.synonyms))
                for term in dictionary.of(section).values()
            ]
            for section in SECTIONS
        },
        owners={section: list(owners) for section, owners in dictionary.owners.items()},
        fragments=[_fragment(key, content) for key, content in sorted(base.fragments.items())],
        events=sorted(registry.events),
        event_owners=sorted({event.owner for event in events}),
        domains=sorted({event.domain for event in events}),
        tiers=list(TIERS),
        policies=list(POLICIES),
        modes=list(COMPATIBILITY),
        pii=list(PII),
        formats=list(FORMATS),
        applies={keyword: list(types) for keyword, types in APPLIES.items()},
        reserved=sorted({*RESERVED, *TAKEN, *BASE_COLUMNS}),
        max_name=MAX_NAME,
        git=git,
        remote=remote,
        branch=base.branch,
    )


def document(base: Base, opened: Opened) -> Document:
    """Return an event as it is edited."""
    branch = base.branch if base.branch.startswith(STEM) else ""
    return Document(**vars(opened), branch=branch)


def judged(verdict: Verdict) -> Judged:
    """Return what is to say of an event."""
    return Judged(
        ok=verdict.ok,
        notes=[
            Note(
                part=note.part,
                pointer=note.finding.pointer,
                rule=note.finding.rule,
                severity=note.finding.severity.value,
                text=note.finding.what,
                remedy=note.finding.remedy,
                suggestion=note.finding.suggestion,
            )
            for note in verdict.notes
        ],
        suggestion=verdict.suggestion,
        completions=list(verdict.completions),
        version=verdict.version,
        compatibility=_compatibility(verdict),
        columns=list(_columns(verdict)),
        example=verdict.example,
        example_wrong=verdict.example_wrong,
        diff=verdict.diff,
    )


def saved(made: Made, opened: Document | None) -> SavedEvent:
    """Return what a save made."""
    done = made.saved
    return SavedEvent(
        told=made.told,
        version=made.version,
        branch=done.branch or "",
        commit=done.commit or "",
        base=done.base or "",
        files=list(done.files),
        message=done.message,
        nothing=done.nothing,
        in_place=done.in_place,
        pushed=done.pushed,
        columns=[str(log) for log in done.column_diff],
        document=opened,
    )


def _fragment(key: str, content: Any) -> Fragment:
    said = content if isinstance(content, dict) else {}
    kind, words = said.get("type"), said.get("description")
    return Fragment(
        ref=f"{PREFIX}{key}",
        description=words if isinstance(words, str) else "",
        kind=kind if isinstance(kind, str) else None,
    )


def _compatibility(verdict: Verdict) -> Compatibility | None:
    proposal = verdict.proposal
    if proposal is None:
        return None
    violations = {one for step in proposal.transitions for one in step.violations}
    different = dict.fromkeys(one for step in proposal.transitions for one in step.differences)
    return Compatibility(
        kind=proposal.kind,
        version=proposal.version,
        advice=proposal.advice,
        before=[step.before for step in proposal.transitions],
        allowed=not violations,
        differences=[
            Difference(
                pointer=one.pointer, rule=one.rule, reason=one.reason, remedy=one.remedy,
                breaking=one in violations,
            )
            for one in different
        ],
    )  # fmt: skip


def _columns(verdict: Verdict) -> list[Column]:
    changes = {change.name: change for change in verdict.changes}
    found = []
    for one in verdict.columns:
        said = changes[one.name].as_dict() if one.name in changes else {}
        found.append(
            Column(
                name=one.name, duckdb=one.duckdb, bigquery=one.bigquery,
                description=one.description, change=said.get("change") or "",
                duckdb_before=said.get("duckdb_before"),
            )
        )  # fmt: skip
    return found
