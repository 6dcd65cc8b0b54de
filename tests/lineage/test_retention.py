"""What retention may drop, and what stays as it is when something it was made of is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.lineage.commits import Commits, run_all
from tests.lineage.conftest import NOW, OPEN, counted
from weir.core.errors import NotReady
from weir.engines.history import Counted, Expiry, LandedHour, LandingHistory
from weir.lineage.expired import require_kept
from weir.lineage.ledger import Ledger
from weir.lineage.retention import cutoffs
from weir.lineage.stale import Picture

LATER = NOW + timedelta(days=100)
HOURS = [datetime(2026, 1, day, 9) for day in (5, 6, 7)]
Look = Callable[..., Picture]


@pytest.fixture
def closed() -> LandingHistory:
    """Three days of purchases, each landed in its own hour, all closed."""
    hours = {("normal", hour): LandedHour(1, counted(10), closed=True) for hour in HOURS}
    events: dict[tuple[datetime, datetime], Counted] = {(h, h): counted(10) for h in HOURS}
    return LandingHistory(hours, {"buy_item_shop": events}, HOURS[0], OPEN)


@pytest.fixture
def built(look: Look, closed: LandingHistory, ledger: Ledger) -> LandingHistory:
    run_all(look, closed, ledger, Commits())
    return closed


def ends(picture: Picture, **days: int) -> dict[str, datetime]:
    return {c.node.asset: c.end for c in cutoffs(picture, days, LATER)}


def waits(picture: Picture, **days: int) -> dict[str, str]:
    return {c.node.asset: c.waits_for for c in cutoffs(picture, days, LATER) if c.waits_for}


def test_only_stages_with_a_retention_are_cut(look: Look, built: LandingHistory) -> None:
    assert ends(look(built)) == {}
    found = ends(look(built), event_log=90)
    assert found == dict.fromkeys(
        ("event_log/buy_item_shop", "event_log/see_item_shop"), datetime(2026, 1, 20)
    )


def test_an_assets_own_retention_wins(look: Look, built: LandingHistory) -> None:
    found = cutoffs(look(built), {"landing": 0, "landing/quarantine": 95}, LATER)
    assert [(c.node.asset, c.end) for c in found] == [("landing/quarantine", OPEN.replace(hour=0))]


def test_an_open_landing_hour_is_never_dropped(look: Look, built: LandingHistory) -> None:
    assert ends(look(built), landing=30)["landing/normal"] == OPEN.replace(hour=0)


def test_what_still_has_to_be_read_is_kept(look: Look, built: LandingHistory) -> None:
    grown = replace(
        built, hours={**built.hours, ("normal", HOURS[2]): LandedHour(2, counted(12), closed=True)}
    )
    assert waits(look(grown), landing=30) == {"landing/normal": "accepted/normal"}
    first = HOURS[2] - timedelta(hours=168)
    assert ends(look(grown), landing=30)["landing/normal"] == first.replace(hour=0)


def test_a_stale_fact_keeps_the_hours_of_its_events(look: Look, built: LandingHistory) -> None:
    nodes = [
        replace(node, code="new") if node.asset == "fact/users_bought" else node
        for node in look(built).nodes.values()
    ]
    picture = look(built, nodes=nodes)
    assert picture.look(picture.nodes["fact/users_bought"]).stale
    assert waits(picture, event_log=30) == {"event_log/buy_item_shop": "fact/users_bought"}
    assert ends(picture, event_log=30)["event_log/buy_item_shop"] == datetime(2026, 1, 5)


def gone(
    history: LandingHistory, *assets: str, end: datetime = datetime(2026, 1, 7)
) -> LandingHistory:
    return replace(history, expired={a: [Expiry(None, end, LATER)] for a in assets})


def todo(picture: Picture) -> dict[str, list[datetime]]:
    return {a: t for a, n in picture.nodes.items() if (t := picture.look(n).todo)}


def test_nothing_is_stale_because_something_expired(look: Look, built: LandingHistory) -> None:
    everything = list(look(built).nodes)
    before = todo(look(built))
    for asset in everything:
        assert todo(look(gone(built, asset))) == before
    assert todo(look(gone(built, *everything))) == before


def test_changed_code_does_not_rebuild_from_what_is_gone(look: Look, built: LandingHistory) -> None:
    """A fact day whose hours expired stays; the day whose hours are there is stale."""
    nodes = [
        replace(node, code="new") if node.asset == "fact/users_bought" else node
        for node in look(built).nodes.values()
    ]
    picture = look(gone(built, "event_log/buy_item_shop"), nodes=nodes)
    fact = picture.nodes["fact/users_bought"]
    lost = {datetime(2026, 1, 5), datetime(2026, 1, 6)}
    assert picture.beyond(fact) == lost
    assert not lost & set(picture.look(fact).stale)
    assert datetime(2026, 1, 7) in picture.look(fact).stale
    picture.demand(fact, picture.due(fact))
    assert not lost & set(picture.look(fact).stale)
    with pytest.raises(NotReady, match=r"2026-01-05\.\.2026-01-06 cannot be built any more"):
        require_kept(picture, fact, picture.due(fact))
    require_kept(picture, fact, [datetime(2026, 1, 7)])


def test_accepted_needs_a_week_of_landing_before_it(look: Look, built: LandingHistory) -> None:
    picture = look(gone(built, "landing/normal", end=HOURS[0] - timedelta(days=6)))
    assert picture.beyond(picture.nodes["accepted/normal"]) == {HOURS[0]}


def test_what_was_built_after_it_expired_is_there_again(look: Look, built: LandingHistory) -> None:
    old = Expiry(None, datetime(2026, 1, 7), datetime(2025, 1, 1))  # before the ledger's entries
    picture = look(replace(built, expired={"event_log/buy_item_shop": [old]}))
    assert picture.beyond(picture.nodes["event_log/buy_item_shop"]) == set()
