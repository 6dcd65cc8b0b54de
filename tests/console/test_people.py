"""People, their tokens and roles: of secrets only hashes are kept, and what ended is good for nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.console.conftest import Clock
from weir.console.access import People, Role
from weir.console.access.store import FILE
from weir.core.errors import InvalidValue, LastAdmin, NotFound, UsageError


def test_a_token_is_its_persons_and_its_secret_is_not_kept(people: People, tmp_path: Path) -> None:
    people.add("ann", Role.EDITOR)
    held, text = people.make_token("ann")
    person = people.by_token(text)
    assert person is not None
    assert (person.name, person.role) == ("ann", Role.EDITOR)
    secret = text.rpartition("_")[2]
    assert all(secret.encode() not in file.read_bytes() for file in tmp_path.glob(f"{FILE}*"))
    assert held in people.tokens("ann")
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["", " ", "x", "weirp_", "weir_0123456789_" + "0" * 40])
def test_what_is_no_token_is_nobodys(people: People, change: str) -> None:
    people.add("ann", Role.VIEWER)
    _, text = people.make_token("ann")
    assert people.by_token(change) is None
    assert people.by_token(text + change) is None or not change
    assert people.by_token(text[:-1] + ("0" if text[-1] != "0" else "1")) is None


def test_a_token_ends_with_its_time_its_revocation_and_its_person(
    people: People, clock: Clock
) -> None:
    people.add("ann", Role.VIEWER)
    _, short = people.make_token("ann", timedelta(hours=1))
    held, revoked = people.make_token("ann")
    _, gone = people.make_token("ann")
    clock.wait(minutes=59)
    assert people.by_token(short)
    clock.wait(minutes=1)
    assert people.by_token(short) is None
    people.revoke(held.id)
    assert people.by_token(revoked) is None
    assert people.by_token(gone)
    people.remove("ann")
    assert people.by_token(gone) is None
    assert people.tokens() == []


def test_a_links_token_is_good_for_one_sign_in_however_many_try(people: People) -> None:
    people.add("ann", Role.VIEWER)
    _, text = people.make_token("ann", once=True)
    assert people.by_token(text) is None  # it is no token for scripts
    found: list[object] = []
    every = [
        threading.Thread(target=lambda: found.append(people.by_token(text, signing_in=True)))
        for _ in range(8)
    ]
    for thread in every:
        thread.start()
    for thread in every:
        thread.join()
    assert len([one for one in found if one]) == 1
    assert len(found) == 8


def test_names_and_roles_are_checked(people: People) -> None:
    people.add("ann@example.com", Role.VIEWER)
    with pytest.raises(UsageError, match="is a person"):
        people.add("ann@example.com", Role.ADMIN)
    for name in ("", "Ann", "a b", "../ann", "a" * 101):
        with pytest.raises(InvalidValue):
            people.add(name, Role.VIEWER)
    with pytest.raises(InvalidValue, match="viewer, editor, operator, admin"):
        Role.of("root")
    for act in (people.get, people.remove, people.make_token, people.revoke):
        with pytest.raises(NotFound):
            act("bob")


def test_each_role_may_do_what_those_before_it_may() -> None:
    order = list(Role)
    for i, mine in enumerate(order):
        assert [mine.may(needed) for needed in order] == [j <= i for j in range(len(order))]


def test_two_admins_cannot_leave_nobody_who_lets_others_in(people: People) -> None:
    people.add("ann", Role.ADMIN)
    people.add("bob", Role.ADMIN)
    people.add("eve", Role.VIEWER)
    people.remove("bob", keep_an_admin=True)
    for change in (
        lambda: people.remove("ann", keep_an_admin=True),
        lambda: people.set_role("ann", Role.EDITOR, keep_an_admin=True),
    ):
        with pytest.raises(LastAdmin):
            change()
    assert people.get("ann").role is Role.ADMIN
    people.remove("eve", keep_an_admin=True)
    people.set_role("ann", Role.VIEWER)  # who has the machine may
