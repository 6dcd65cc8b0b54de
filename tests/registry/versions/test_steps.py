"""The life of an event and its versions: what each step writes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tests.registry.conftest import PARAMS, Files
from weir.core.errors import Incompatible, UsageError
from weir.registry import Event
from weir.registry.versions import reviews, steps
from weir.registry.versions.files import read_event, write_files
from weir.registry.versions.history import Audit

NAME = "click_item_home"
OWNER, OTHER = "growth@example.com", "someone@example.com"
NOW = datetime(2026, 11, 21, 9, 30)
LATER = date(2026, 12, 1)
TEXT = {"type": "object", "properties": {"item_id": {"type": "string", "description": "It."}}}
MORE = {
    "type": "object",
    "properties": {**PARAMS["properties"], "place": {"type": "string", "description": "Where."}},
}

Do = Callable[..., Event]


@pytest.fixture
def do(files: Files) -> Do:
    """Do one step to the event, write it, and return the event as it loads afterwards."""

    def run(step: Callable[..., steps.Step], *args: Any, by: str = OWNER, review: bool = False, **more: Any) -> Event:  # fmt: skip
        event = files.load().get(NAME)
        acting = steps.Acting(by, NOW, review)
        done = step(event, read_event(files.root, event), acting, *args, **more)
        write_files(files.root.parent.parent, done.files)
        return files.load().get(NAME)

    return run


def draft(files: Files, number: int, schema: Any) -> None:
    files.write(f"home/{NAME}/v{number}.json", schema)


def test_a_draft_becomes_active_and_stays_as_it_is(files: Files, do: Do) -> None:
    files.event(status="draft")
    event = do(steps.activate)
    assert (event.status, list(event.versions), event.records[1].status) == (
        "active",
        [1],
        "active",
    )
    draft(files, 1, TEXT)
    (error,) = files.errors()
    assert "says something else than it did" in error.what
    assert error.path.endswith("v1.json")


def test_words_of_an_active_version_may_be_mended(files: Files, do: Do) -> None:
    files.event()
    do(steps.seal)
    better = {"item_id": {"type": "integer", "description": "The item's number.", "title": "Item"}}
    draft(files, 1, {"type": "object", "title": "A click", "properties": better})
    assert files.load().get(NAME).versions[1]["title"] == "A click"


def test_a_missing_version_is_told(files: Files, do: Do) -> None:
    files.event()
    do(steps.seal)
    draft(files, 2, MORE)
    do(steps.activate)
    (files.root / "home" / NAME / "v1.json").unlink()
    (error,) = files.errors()
    assert "v1.json is missing" in error.what


def test_a_new_version_is_nobodys_until_it_is_active(files: Files, do: Do) -> None:
    files.event()
    event = do(steps.new_version)
    assert (list(event.versions), list(event.drafts), event.newest) == ([1], [2], 1)
    with pytest.raises(UsageError, match="is a draft already"):
        do(steps.new_version)
    draft(files, 2, MORE)
    event = do(steps.activate, day=LATER)
    assert (list(event.versions), event.records[2].active_from) == ([1, 2], LATER)
    assert event.closed_on(NOW.date()) == {2: "active from 2026-12-01"}
    assert event.closed_on(LATER) == {}
    with pytest.raises(UsageError, match="has no draft"):
        do(steps.activate)


def test_the_mode_is_kept(files: Files, do: Do) -> None:
    files.event()
    do(steps.new_version)
    draft(files, 2, TEXT)
    with pytest.raises(Incompatible, match="mode `backward`") as caught:
        do(steps.activate)
    assert [one.pointer for one in caught.value.differences] == ["/properties/item_id/type"]
    event = do(steps.activate, breaking="Ids are texts now.")
    assert event.records[2].breaking == "Ids are texts now."


@pytest.mark.parametrize(
    ("mode", "allowed"),
    [
        ("none", True), ("backward", True), ("forward", True), ("full", True),
        ("backward_transitive", False), ("forward_transitive", False), ("full_transitive", False),
    ],
)  # fmt: skip
def test_transitive_modes_look_at_all_versions(
    files: Files, do: Do, mode: str, allowed: bool
) -> None:
    """A parameter goes by way of a version that breaks, and comes back as another type."""
    middle = {"type": "object", "properties": {"other": {"type": "string", "description": "O."}}}
    last = {"type": "object", "properties": {**middle["properties"], **TEXT["properties"]}}
    files.event(compatibility=mode)
    do(steps.new_version)
    draft(files, 2, middle)
    do(steps.activate, breaking="On purpose.")
    do(steps.new_version)
    draft(files, 3, last)
    if allowed:
        assert list(do(steps.activate).versions) == [1, 2, 3]
    else:
        with pytest.raises(Incompatible):
            do(steps.activate)


def test_a_draft_below_an_active_version_is_refused(files: Files, do: Do) -> None:
    files.event()
    do(steps.seal)
    draft(files, 2, MORE)
    draft(files, 3, MORE)
    do(steps.activate, 3)
    with pytest.raises(UsageError, match=r"Version 3 of .* was activated before version 2"):
        do(steps.activate, 2)
    with pytest.raises(UsageError, match=r"Version 7 of .* is no draft"):
        do(steps.activate, 7)


def test_a_deprecated_event_names_another(files: Files, do: Do) -> None:
    files.event(name="view_item_home")
    files.event()
    with pytest.raises(UsageError, match="names what to send instead"):
        do(steps.deprecate)
    event = do(steps.deprecate, files.load().get("view_item_home"), until=LATER)
    assert (event.status, event.replacement, event.archived_from) == (
        "deprecated", "view_item_home", LATER,
    )  # fmt: skip
    assert event.status_on(LATER) == "archived"
    with pytest.raises(UsageError, match="Only an active event"):
        do(steps.deprecate, files.load().get("view_item_home"))


def test_it_may_be_deprecated_later(files: Files, do: Do) -> None:
    files.event(name="view_item_home")
    files.event()
    event = do(steps.deprecate, files.load().get("view_item_home"), LATER)
    assert (event.status, event.status_on(LATER)) == ("active", "deprecated")


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_replacement_must_be_there_for_senders(files: Files, do: Do, status: str) -> None:
    files.event(name="view_item_home", status=status)
    files.event()
    with pytest.raises(UsageError, match=f"is {status}"):
        do(steps.deprecate, files.load().get("view_item_home"))
    files.event(status="deprecated", replacement="view_item_home")
    (error,) = files.errors()
    assert error.pointer == "/replacement"
    assert f"is {status}" in error.what


def test_a_version_ends_and_the_last_one_does_not(files: Files, do: Do) -> None:
    files.event()
    with pytest.raises(UsageError, match="the only one"):
        do(steps.end_version, 1)
    do(steps.new_version)
    do(steps.activate)
    event = do(steps.end_version, 1, LATER)
    assert event.closed_on(NOW.date()) == {}
    assert event.closed_on(LATER) == {1: "archived since 2026-12-01"}
    with pytest.raises(UsageError, match="the only one"):
        do(steps.end_version, 2, LATER)
    event = do(steps.end_version, 1)
    assert (event.newest, event.closed_on(NOW.date())) == (2, {1: "archived"})
    with pytest.raises(UsageError, match="is not active"):
        do(steps.end_version, 1)


def test_nothing_follows_the_archive(files: Files, do: Do) -> None:
    files.event()
    assert do(steps.archive, LATER).status_on(LATER) == "archived"
    assert do(steps.archive).status == "archived"
    for step in (steps.archive, steps.activate, steps.new_version):
        with pytest.raises(UsageError, match="is archived"):
            do(step)


def test_an_owner_approves_what_touches_the_event(files: Files, do: Do) -> None:
    files.event()
    do(steps.new_version)
    draft(files, 2, MORE)
    activate = lambda: do(steps.activate, by=OTHER, review=True)  # noqa: E731
    with pytest.raises(UsageError, match="has not approved `v2`"):
        activate()
    say(files, "requested", OTHER, "A place, please.")
    with pytest.raises(UsageError, match="is requested: A place, please"):
        activate()
    with pytest.raises(UsageError, match="does not own"):
        say(files, "approved", OTHER)
    say(files, "approved", OWNER.upper())
    draft(files, 2, {**MORE, "additionalProperties": False})
    with pytest.raises(UsageError, match="was changed after"):
        activate()
    draft(files, 2, MORE)
    event = activate()
    assert list(event.versions) == [1, 2]
    kept = read_event(files.root, event).history
    assert kept is not None
    assert kept.reviews == {}, "used up"
    assert [(one.by, one.action) for one in kept.audit] == [
        (OWNER, "adopt"), (OTHER, "requested"), (OWNER.upper(), "approved"), (OTHER, "activate"),
    ]  # fmt: skip
    assert kept.audit[-1] == Audit("2026-11-21T09:30:00Z", OTHER, "activate", 2, "")


@pytest.mark.parametrize(
    ("subject", "step", "args"),
    [
        ("archive", steps.archive, ()),
        ("archive v1", steps.end_version, (1,)),
        ("deprecate", steps.deprecate, ()),
    ],
)
def test_ends_need_the_owner_too(
    files: Files, do: Do, subject: str, step: Callable[..., steps.Step], args: tuple[Any, ...]
) -> None:
    files.event(name="view_item_home")
    files.event(replacement="view_item_home")
    do(steps.new_version)
    do(steps.activate)
    with pytest.raises(UsageError, match=f"has not approved `{subject}`"):
        do(step, *args, by=OTHER, review=True)
    say(files, "approved", OWNER, subject=subject)
    do(step, *args, by=OTHER, review=True)


def say(files: Files, state: str, by: str, note: str = "", subject: str = "v2") -> None:
    event = files.load().get(NAME)
    history = read_event(files.root, event).history
    assert history is not None
    done = reviews.reviewed(event, history, subject, state, by, NOW, note)
    write_files(files.root.parent.parent, reviews.review_files(event, done))


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ([], ""),
        ({"version": {}}, "/version"),
        ({"versions": []}, "/versions"),
        ({"versions": {"one": {}}}, "/versions/one"),
        ({"versions": {"1": {"status": "on", "hash": "sha256:1"}}}, "/versions/1/status"),
        ({"versions": {"1": {"status": "active"}}}, "/versions/1/hash"),
        ({"versions": {"1": {"status": "active", "hash": "sha256:", "archived_from": "soon"}}},
         "/versions/1/archived_from"),
        ({"versions": {}}, "/versions"),
        ({"audit": [{"at": "now", "by": "me"}]}, "/audit/0/action"),
        ({"audit": ["done"]}, "/audit/0"),
        ({"reviews": {"v2": {"state": "fine", "hash": "", "by": "", "at": ""}}}, "/reviews/v2/state"),
        ("{", ""),
    ],
)  # fmt: skip
def test_a_broken_file_of_versions_is_told(files: Files, content: Any, pointer: str) -> None:
    files.event()
    files.write(f"home/{NAME}/versions.json", content if content == "{" else json.dumps(content))
    error = files.errors()[0]
    assert error.path.endswith(f"{NAME}/versions.json")
    assert error.pointer == pointer
    assert error.remedy


def test_dates_follow_each_other(files: Files) -> None:
    files.event(active_from="2026-12-01", archived_from="2026-11-01")
    (error,) = files.errors()
    assert error.pointer == "/archived_from"
    assert "is before `active_from`" in error.what
