"""The builder: an event's envelope and parameters, judged while they are edited, saved as a commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from weir.audit import audited
from weir.console.access import Person
from weir.console.context import Console
from weir.console.http.again import only_asks
from weir.console.http.errors import Refused
from weir.console.http.who import Asked, Editor, Viewer, acting
from weir.console.pages import builder_answers as answers
from weir.console.pages.builder_answers import (
    Check,
    Dictionaries,
    Document,
    Judged,
    Save,
    SavedEvent,
)
from weir.console.seats import Seats
from weir.core.errors import EditConflict, GitError, WeirError
from weir.registry.authoring import Wanted, judge, open_event, save
from weir.registry.sync import Author, Conflict, Options, open_repository
from weir.registry.sync.repository import GitRepository

router = APIRouter(prefix="/builder", tags=["builder"])
Branch = Annotated[
    str, Query(max_length=200, pattern=answers.BRANCH, description="A branch with earlier saves.")
]
_judging = Seats(2, 2, "events are judged")
_SHOWN = 20  # mistakes that one refusal lists
_LONGEST = 500  # characters of its message


@router.get("/dictionaries")
def dictionaries(console: Asked, _: Viewer, branch: Branch = "") -> Dictionaries:
    """Return what names are made of, and the rules that the page checks before it asks."""
    base = console.bases.get(branch)
    repository = open_repository(console.settings)
    return answers.dictionaries(base, git=repository is not None, remote=_has_remote(repository))


@router.get("/events/{name}")
def event(console: Asked, _: Viewer, name: str, branch: Branch = "") -> Document:
    """Return an event as it is edited: its newest version, or its draft, and the files' texts."""
    base = console.bases.get(branch)
    return answers.document(base, open_event(base, name))


@router.post("/check")
@only_asks
def check(console: Asked, person: Editor, given: Check) -> Judged:
    """Judge an event as it is wanted. Nothing is stored. 429 while others' are judged: ask again."""
    with _judging.one(person.name):
        base = console.bases.get(given.branch)
        return answers.judged(judge(base, given.wanted(), person.name, console.now()))


@router.post("/save")
def save_event(request: Request, console: Asked, person: Editor, given: Save) -> SavedEvent:
    """Save an event as a commit on a branch; without git, into the project's folder.

    Where others changed the same places since it was read, the answer is 409 `edit_conflict`, and its
    `details` are the places, each with what it was, mine and theirs.
    """
    options = Options(
        author=author_of(person),
        message=given.message or None,
        branch=given.branch or None,
        push=given.push,
        dry_run=given.dry_run,
    )
    by, wanted = acting(request, person), given.wanted()
    with _told():
        if given.dry_run:
            return _saved(console, wanted, person, options, given)
        with audited(
            console.settings, "events.save", by=by, event=wanted.name, activate=wanted.activate
        ) as entry:
            saved = _saved(console, wanted, person, options, given)
            entry.tell(branch=saved.branch, commit=saved.commit, files=saved.files)
    if saved.in_place:
        console.projects.renew()
    return saved


def author_of(person: Person) -> Author:
    """Return a person as git names who made a commit.

    >>> from weir.console.access import Role
    >>> author_of(Person(name="ann@example.com", role=Role.EDITOR)).name
    'ann'
    """
    name, at, _ = person.name.partition("@")
    plain = "".join(c for c in name if c.isprintable() and c not in "<>") or "somebody"
    return Author(plain, person.name if at else f"{plain}@localhost")


def _saved(
    console: Console, wanted: Wanted, person: Person, options: Options, given: Save
) -> SavedEvent:
    bases = console.bases
    resolutions = {name: side.value for name, side in given.resolutions.items()}
    made = save(console.settings, bases, wanted, person.name, console.now(), options, resolutions)
    branch = made.saved.branch or ""
    document = None
    if not given.dry_run:
        base = bases.get(branch, fresh=True)
        document = answers.document(base, open_event(base, wanted.name))
    return answers.saved(made, document)


def _has_remote(repository: GitRepository | None) -> bool:
    with suppress(GitError):
        return repository is not None and bool(repository.address())
    return False


@contextmanager
def _told() -> Iterator[None]:
    """Answer conflicts and mistakes with all of them, in the one shape of errors."""
    try:
        yield
    except EditConflict as error:
        conflicts = [one.as_dict() for one in error.conflicts if isinstance(one, Conflict)]
        what = f"{len(conflicts)} places were changed by others since you began."
        raise Refused(
            409, "edit_conflict", what, "Take a side for each.", details=conflicts
        ) from None
    except ExceptionGroup as group:
        several = [error for error in group.exceptions if isinstance(error, WeirError)]
        if len(several) < len(group.exceptions):
            raise
        raise _mistakes(several) from None


def _mistakes(several: list[WeirError]) -> Refused:
    listed: list[dict[str, Any]] = [
        {
            "path": getattr(one, "path", ""),
            "pointer": getattr(one, "pointer", ""),
            "text": getattr(one, "said", one.what),
            "remedy": one.remedy,
        }
        for one in several[:_SHOWN]
    ]
    more = f" And {len(several) - 1} more." if len(several) > 1 else ""
    what = several[0].what
    told = what if len(what) <= _LONGEST else what[: _LONGEST - 1] + "…"
    return Refused(422, "wrong_event", f"{told}{more}", several[0].remedy, details=listed)
