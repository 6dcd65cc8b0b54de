"""The views beside a layer: other systems' states, against plain counting."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.activation.reference import active_rows, duolingo

FACT = "users_did_it"
START = date(2024, 1, 1)
DAYS = 150
OFTEN = settings(max_examples=20, deadline=None)


def histories(seed: int) -> dict[str, set[int]]:
    """Return up to eight users with streaks, pauses of every length, and single days."""
    chance = random.Random(seed)
    found: dict[str, set[int]] = {}
    for user in range(chance.randint(1, 8)):
        day, days = chance.randrange(40), set[int]()
        while day < DAYS:
            days |= set(range(day, min(DAYS, day + chance.choice([1, 1, 2, 10]))))
            day = max(days) + chance.choice([2, 3, 6, 7, 8, 29, 30, 31, 90])
        found[f"u{user}"] = days
    return found


def built(layer_of: Any, users: dict[str, set[int]], **meta: Any) -> Any:
    layer = layer_of(FACT, "daily", start=str(START), **meta)
    layer.facts((user, START + timedelta(day)) for user, days in users.items() for day in days)
    for kind in ("activation", "summary", "returns"):
        layer.build(kind, (START, START + timedelta(DAYS)))
    return layer


def select(layer: Any, macro: str, kind: str, *, spec: bool = False) -> list[tuple[Any, ...]]:
    harness = layer.harness
    arguments = [layer.table(kind)]
    if spec:
        known = harness.context["activation_fact"](FACT)
        arguments.insert(0, {**known, **harness.context["period_unit"]("daily")})
    sql = harness.render(macro, *arguments)
    found: list[tuple[Any, ...]] = harness.con.execute(sql).fetchall()
    return found


@OFTEN
@given(seed=st.integers(0, 2**32))
def test_duolingos_seven_states_without_a_row_of_who_is_away(layer_of: Any, seed: int) -> None:
    users = histories(seed)
    layer = built(layer_of, users)
    last = max(map(max, users.values()))
    expected = Counter(
        (START + timedelta(day), state)
        for days in users.values()
        for day in range(last + 1)
        if (state := duolingo(days, day))
    )
    got = {(day, state): n for day, state, n in select(layer, "activation_duolingo", "returns")}
    assert got == dict(expected)


@OFTEN
@given(seed=st.integers(0, 2**32), latency=st.integers(1, 30))
def test_each_row_has_its_variants(layer_of: Any, seed: int, latency: int) -> None:
    users = histories(seed)
    layer = built(layer_of, users, wakeup_latency=latency)
    rows = select(layer, "activation_variants", "activation", spec=True)
    got = {(user, day): variants for user, day, _, _, *variants in rows}
    for user, days in users.items():
        for row in active_rows(days):
            woken = row.churned is None or row.churned >= latency
            waking = row.state.value if woken else "Retained"
            expected = [waking, row.state.value, duolingo(days, row.period)]
            assert got[user, START + timedelta(row.period)] == expected


def test_who_returns_after_a_year_is_new_again(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start=str(START))
    later = START + timedelta(365)
    layer.facts([("a", START), ("a", later), ("b", START), ("b", later + timedelta(1))])
    layer.build("activation", (START, later + timedelta(2)))
    rows = select(layer, "activation_variants", "activation", spec=True)
    assert {user: year for user, day, *_, year, _ in rows if day >= later} == {
        "a": "Reactivated",
        "b": "New",
    }


@pytest.mark.parametrize("seed", range(5))
def test_pulse_and_churn_are_ratios_of_the_summary(layer_of: Any, seed: int) -> None:
    users = histories(seed)
    layer = built(layer_of, users)
    rows = {row[0]: row[4:] for row in select(layer, "activation_pulse", "summary", spec=True)}
    for day in range(1, DAYS):
        here = {u for u, days in users.items() if day in days}
        before = {u for u, days in users.items() if day - 1 in days}
        seen = {u for u, days in users.items() if min(days) <= day}
        if not seen:
            continue
        came, went = here - before, before - here
        new, retained, reactivated, active, gone, away, pulse, churn = rows[START + timedelta(day)]
        assert (new + reactivated, retained, active) == (len(came), len(here & before), len(here))
        assert (gone, away) == (len(went), len(seen - here - before))
        assert pulse == (len(came) / len(went) if went else None)
        assert churn == (len(went) / len(before) if before else None)


def test_churn_by_dimension_is_of_those_who_had_the_value(layer_of: Any) -> None:
    """Ten in KR; the day after, five of them are in JP and five went: half of KR's went."""
    layer = layer_of(FACT, "daily", start=str(START), dimensions=["country"])
    users = [f"u{n}" for n in range(10)]
    layer.facts([*((u, START) for u in users), *((u, START + timedelta(1)) for u in users[:5])])
    layer.harness.con.execute(f"alter table {FACT} add column country varchar default 'KR'")
    layer.harness.con.execute(
        f"update {FACT} set country = 'JP' where activity_date = date '{START + timedelta(1)}'"
    )
    for kind in ("activation", "summary"):
        layer.build(kind, (START, START + timedelta(2)))
    rows = select(layer, "activation_pulse", "summary", spec=True)
    second = {row[1:3]: row[-1] for row in rows if row[0] == START + timedelta(1)}
    assert second == {("total", ""): 0.5, ("country", "KR"): 0.5, ("country", "JP"): None}
