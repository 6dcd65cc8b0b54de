"""Owners' reviews of changes: asked for, given, and needed where git has no reviews. Pure.

A review is of a content: of a draft's meaning, or of the wish to deprecate or archive. Whoever edits
the draft afterwards needs another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from weir.core.errors import UsageError
from weir.registry.meaning import meaning_hash
from weir.registry.model import Event
from weir.registry.versions.history import RECORDS, Audit, History, Review, stamp

DEPRECATE, ARCHIVE = "deprecate", "archive"


def subject_hash(event: Event, subject: str) -> str:
    """Return the hash of what is reviewed.

    Args:
        event: the event.
        subject: `v<N>` of a draft, `deprecate`, `archive` or `archive v<N>`.

    Raises:
        UsageError: if there is no such thing.
    """
    every = {f"v{n}": schema for n, schema in {**event.versions, **event.drafts}.items()}
    if subject in every:
        return meaning_hash(every[subject])
    ends = {DEPRECATE, ARCHIVE, *(f"{ARCHIVE} {name}" for name in every)}
    if subject not in ends:
        known = ", ".join((*every, DEPRECATE, ARCHIVE))
        raise UsageError(f"`{subject}` of `{event.name}` cannot be reviewed.", f"Known: {known}.")
    return f"sha256:{hashlib.sha256(f'{event.name} {subject}'.encode()).hexdigest()}"


def is_owner(event: Event, who: str) -> bool:
    """Tell whether somebody answers for an event."""
    return who.strip().lower() == event.owner.strip().lower()


def reviewed(
    event: Event, history: History, subject: str, state: str, by: str, at: datetime, note: str = ""
) -> History:
    """Return a history with one more review.

    Args:
        event: the event.
        history: its history.
        subject: what is reviewed.
        state: requested, approved or rejected.
        by: who; to approve or reject it must be the owner.
        at: naive UTC.
        note: why.

    Raises:
        UsageError: if the subject cannot be reviewed, or not by this person.
    """
    if state != "requested" and not is_owner(event, by):
        what = f"{by} does not own `{event.name}`."
        raise UsageError(what, f"Its owner is {event.owner}: ask there.")
    review = Review(state, subject_hash(event, subject), by, stamp(at), note)
    said = f"{subject}: {note}" if note else subject
    entry = Audit(stamp(at), by, state, 0, said)
    reviews = {**history.reviews, subject: review}
    return replace(history, reviews=reviews, audit=(*history.audit, entry))


def need_approval(event: Event, subject: str, history: History, by: str) -> None:
    """Check that the owner does it, or has approved this very content.

    Raises:
        UsageError: if it is neither.
    """
    if is_owner(event, by):
        return
    review = history.reviews.get(subject)
    ask = f"weir events review {event.name} --of '{subject}'"
    if review is None:
        what = f"{event.owner} owns `{event.name}` and has not approved `{subject}`."
        raise UsageError(what, f"Ask for it: `{ask} --request`.")
    if review.state != "approved":
        what = f"The review of `{subject}` of `{event.name}` is {review.state}: {review.note}"
        raise UsageError(what.rstrip(": "), f"{event.owner} approves with `{ask} --approve`.")
    if review.hash != subject_hash(event, subject):
        what = f"`{subject}` of `{event.name}` was changed after {review.by} approved it."
        raise UsageError(what, f"Ask again: `{ask} --request`.")


def review_files(event: Event, history: History) -> Mapping[str, Any]:
    """Return the file that keeps a history."""
    return {f"{event.folder}/{RECORDS}": history.as_dict()}
