"""PostHog's lifecycle cases through the real models: dbt, Dagster and the lake.

Each case has actors with their events and the numbers that PostHog's own tests expect. Its `new` is the
period of an actor's creation; ours is the first activity, or a fact's `birth`. By default 20 of the 22
cases agree; with `birth`, all of them.

Cases of one grain, week and zone share a fact: an actor's key carries its case, and the dimension
`case_name` splits the summary by it. Identities, filters and excluded events were applied to the actors
of the cases; instants become dates in the case's zone here, where a fact is prepared.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest

from benchmarks.fact_files import FactFile, make_project
from weir.core import grains
from weir.core.grains import Grain, Range
from weir.core.names import layer_of
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.lineage.plan import RangeRun
from weir.orchestra.instance import ENVIRONMENT
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project

Json = dict[str, Any]
Counts = Counter[tuple[str, str]]
"""(First day of the period, PostHog's status) → users; those who left count negative."""
Moves = dict[tuple[str, str, str], int]
"""(First day of the period, previous state, state) → users."""

CASES = (
    "whole_range", "trend", "trend_all_events", "trend_zero_person_ids", "trend_action",
    "property_filter", "person_property_filter", "single_event_person",
    "identity_merge_two_distinct_ids", "all_time_frozen_2020-01-17T13:01:01Z", "weeks_sunday",
    "weeks_monday", "months", "exclude_test_accounts", "timezone_utc", "timezone_us_pacific",
    "cohort_filter_totals", "personless_events_excluded", "dormant_on_dst_change",
    "group_aggregation_one_group", "group_aggregation_two_groups", "group_created_at",
)  # fmt: skip
DIFFERING = {"group_aggregation_two_groups", "group_created_at"}  # New by creation, not by activity
ROW_CASES = ("inner_rows_whole_range", "inner_rows_partial_range")
pytestmark = pytest.mark.slow
OTHERS = (  # in other grains or zones than the rest: their facts with `birth` are built in slow runs
    "weeks_sunday", "weeks_monday", "months", "timezone_us_pacific", "dormant_on_dst_change",
)  # fmt: skip
START, END = date(2019, 12, 1), date(2025, 3, 31)  # of every fact
LAYERS = {"day": "daily", "week": "weekly", "month": "monthly"}
CHECKPOINTS = {"day": Grain.MONTH, "week": Grain.QUARTER, "month": Grain.YEAR}
STATUSES = {"New": "new", "Retained": "returning", "Reactivated": "resurrecting"}
BIRTHS = ("first_activity", "created")
MODULES = ("definitions", "assets", "sensors", "resources")  # of a project
TYPES = {"case_name": "varchar", "created": "date"}


class Group(NamedTuple):
    """What the cases of one fact share."""

    unit: str
    week_start: str
    zone: str
    year: str

    def fact(self, birth: str) -> str:
        """Return the name of its fact."""
        return "_".join((*self, birth)).replace("/", "_").lower()

    @property
    def grain(self) -> Grain:
        """The periods of its layer."""
        return Grain.week(self.week_start) if self.unit == "week" else Grain.parse(self.unit)

    @property
    def usual(self) -> bool:
        """Whether most cases are of this group."""
        return (self.unit, self.zone) == ("day", "UTC")


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Json]:
    """The cases by name; those of rows among them."""
    told = json.loads((shared / "data" / "posthog_lifecycle_cases.json").read_text())
    rows = [{"interval": "day", "timezone": "UTC", **case} for case in told["row_cases"]]
    return {case["name"]: case for case in (*told["cases"], *rows)}


Facts = dict[tuple[Group, str], list[Json]]
"""(Group, birth) → the cases of a fact."""


@pytest.fixture(scope="module")
def built(cases: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lifecycle]:
    """The layers of all cases, and with `birth` those of the usual group."""
    facts = {
        (group, birth): its
        for birth in BIRTHS
        for group, its in _grouped(cases).items()
        if birth == "first_activity" or group.usual
    }
    yield from _built(facts, tmp_path_factory.mktemp("posthog"))


@pytest.fixture(scope="module")
def others(cases: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lifecycle]:
    """The layers with `birth` of the other groups."""
    facts = {(group, "created"): its for group, its in _grouped(cases).items() if not group.usual}
    yield from _built(facts, tmp_path_factory.mktemp("posthog"))


def _built(facts: Facts, folder: Path) -> Iterator[Lifecycle]:
    """Build the layers of facts in a home of their own."""
    files = [_fact(group, birth, facts[group, birth], folder) for group, birth in facts]
    with pytest.MonkeyPatch.context() as patch, _own_modules():
        for name, value in {**ENVIRONMENT, "WEIR_HOME": str(folder), "DAGSTER_HOME": ""}.items():
            patch.setenv(name, value)  # so that what the home sets is put back at the end
        settings = make_project(folder, files, LAYERS.values())
        wanted = {(group.fact(birth), LAYERS[group.unit]) for group, birth in facts}
        for model in list((settings.project / "dbt" / "models" / "activation").iterdir()):
            layer = layer_of(model.stem)
            if layer and (layer.fact, layer.grain) not in wanted:
                model.unlink()
        launcher = InProcessLauncher(Project(settings))
        for run in _runs(facts):
            launcher.launch(run)
        yield Lifecycle(settings, facts)


@contextmanager
def _own_modules() -> Iterator[None]:
    """Let Dagster import the modules of the project it is given, not those of one before it."""

    def taken() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name.partition(".")[0] in MODULES]
        return {name: sys.modules.pop(name) for name in names}

    before = taken()
    try:
        yield
    finally:
        taken()
        sys.modules.update(before)


def _grouped(cases: dict[str, Json]) -> dict[Group, list[Json]]:
    groups: dict[Group, list[Json]] = defaultdict(list)
    for case in cases.values():
        groups[_group(case)].append(case)
    return groups


def _group(case: Json) -> Group:
    week = case.get("week_start") or "monday"
    return Group(case["interval"], week, case["timezone"], case["date_from"][:4])


def _fact(group: Group, birth: str, cases: Iterable[Json], folder: Path) -> FactFile:
    """Prepare a fact: one row per actor and day in the zone."""
    name = group.fact(birth)
    days = Counter(
        (f"{case['name']}/{a['actor']}", _day(event, group.zone), case["name"],
         _day(a["created_at"], group.zone))
        for case in cases for a in case["actors"] for event in a["events"]
    )  # fmt: skip
    file = folder / f"{name}.parquet"
    with duckdb.connect() as con:
        con.execute(
            "create table fact (user_id varchar, activity_date date, case_name varchar,"
            " created date, event_count bigint)"
        )
        con.executemany(
            "insert into fact values (?, ?, ?, ?, ?)", [(*k, n) for k, n in days.items()]
        )
        con.execute(f"copy fact to '{file}'")
    meta = {
        "time_zone": group.zone, "week_start": group.week_start, "dimensions": ["case_name"],
        "birth": birth,
    }  # fmt: skip
    return FactFile(name, file, START, END, types=TYPES, meta=meta)


def _day(instant: str, zone: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date()


def _runs(facts: Facts) -> Iterator[RangeRun]:
    """Yield the runs that build everything: what has the same range goes into one.

    Checkpoints are built where a case reaches into a second one: the months of 2019 and 2020.
    """
    found: dict[tuple[str, Range], list[str]] = defaultdict(list)
    for (group, birth), cases in facts.items():
        days = [_day(e, group.zone) for c in cases for a in c["actors"] for e in a["events"]]
        days += [date.fromisoformat(case["date_to"]) for case in cases]
        whole = _Y2020 if group.year == "2020" else _months(days, Grain.DAY)
        fact, layer = group.fact(birth), LAYERS[group.unit]
        found["fact", whole].append(f"fact/{fact}")
        if group.unit == "month":
            checkpoint = f"activation/{fact}_firstlast_{layer}"
            found["checkpoint", _months(days, Grain.YEAR)].append(checkpoint)
        stem = f"activation/{fact}_activation_{layer}"
        found["activation", _months(days, group.grain)] += [stem, f"{stem}_summary"]
    for wave in ("fact", "checkpoint", "activation"):
        yield from (
            RangeRun(wave, tuple(assets), span, 0, 0)
            for (its, span), assets in found.items()
            if its == wave
        )


def _months(days: Iterable[date], grain: Grain) -> Range:
    """Return the periods that hold the whole months of the days."""
    days = sorted(days)
    first, last = (datetime.combine(day, time()) for day in (days[0], days[-1]))
    start = grains.floor(first, Grain.MONTH)
    end = grains.shift(grains.floor(last, Grain.MONTH), Grain.MONTH, 1) - timedelta(days=1)
    return Range(grains.floor(start, grain), grains.shift(end, grain, 1), grain)


_Y2020 = Range(datetime(2019, 12, 1), datetime(2020, 10, 1), Grain.DAY)


class Lifecycle:
    """The built summaries: users by case, birth and move (period, previous state, state)."""

    def __init__(self, settings: Settings, facts: Facts) -> None:
        self.facts = facts
        self._moves: dict[tuple[Group, str, str], Moves] = defaultdict(dict)
        with Lake(settings).read() as connection:
            for group, birth in facts:
                summary = f"{group.fact(birth)}_activation_{LAYERS[group.unit]}_summary"
                for value, *move, users, complete in connection.execute(
                    "select dim_value, period_start::varchar, previous_state, state, users,"
                    f" is_complete from activation.{summary}"
                ).fetchall():
                    assert complete
                    self._moves[group, birth, value][tuple(move)] = users

    def moves(self, case: Json, birth: str) -> Moves:
        """Return the moves of a case."""
        return self._moves[_group(case), birth, case["name"]]

    def total(self, group: Group, birth: str) -> Moves:
        """Return the moves of all keys of a fact."""
        return self._moves[group, birth, ""]

    def counts(self, case: Json, birth: str) -> Counts:
        """Return a case's users as PostHog counts them."""
        found: Counts = Counter()
        for (period, before, state), users in self.moves(case, birth).items():
            if state in STATUSES:
                found[period, STATUSES[state]] += users
            elif before in STATUSES:
                found[period, "dormant"] -= users
        return found


def lists(found: Counts, case: Json, statuses: Iterable[str]) -> dict[str, list[int]]:
    """Return the counts in the form of a case: a list per status, a number per period."""
    return {s: [found[period, s] for period in case["expected_periods"]] for s in statuses}


def check_asserted(found: Counts, case: Json) -> None:
    """Check what PostHog's test asserts, which of some cases is a part."""
    if case["expected"] is None:
        totals = {s: sum(n) for s, n in lists(found, case, case["expected_totals"]).items()}
        assert totals == case["expected_totals"]
    else:
        assert lists(found, case, case["expected"]) == case["expected"]


def test_the_cases_are_all_here(cases: dict[str, Json]) -> None:
    assert set(cases) == {*CASES, *ROW_CASES}
    told = {name for name in CASES if cases[name]["first_activity_definition_differs"]}
    assert (len(CASES), told) == (22, DIFFERING)


@pytest.mark.parametrize("name", CASES)
def test_new_is_the_first_activity_by_default(
    built: Lifecycle, cases: dict[str, Json], name: str
) -> None:
    case = cases[name]
    found = built.counts(case, "first_activity")
    expected = case["result_with_first_activity_as_new"]
    assert lists(found, case, (*STATUSES.values(), "dormant")) == expected
    if name not in DIFFERING:
        check_asserted(found, case)


@pytest.mark.parametrize("name", [name for name in CASES if name not in OTHERS])
def test_with_birth_every_case_is_posthogs(
    built: Lifecycle, cases: dict[str, Json], name: str
) -> None:
    check_stated(built, cases[name])


@pytest.mark.parametrize("name", OTHERS)
def test_with_birth_every_other_case_is_posthogs(
    others: Lifecycle, cases: dict[str, Json], name: str
) -> None:
    check_stated(others, cases[name])


def check_stated(built: Lifecycle, case: Json) -> None:
    """Check what follows from PostHog's own definition."""
    found = built.counts(case, "created")
    expected = case["full_result_by_stated_semantics"]
    assert lists(found, case, (*STATUSES.values(), "dormant")) == expected
    check_asserted(found, case)


@pytest.mark.parametrize("birth", BIRTHS)
@pytest.mark.parametrize("name", ROW_CASES)
def test_every_inner_row_is_found(
    built: Lifecycle, cases: dict[str, Json], name: str, birth: str
) -> None:
    """Its rows begin a day before the range; who was active on its last day leaves on the day after."""
    case = cases[name]
    first, last = (date.fromisoformat(case[end]) for end in ("date_from", "date_to"))
    rows = sorted(
        [period, abs(users), status]
        for (period, status), users in built.counts(case, birth).items()
        if first <= date.fromisoformat(period) + timedelta(days=status != "dormant")
        and date.fromisoformat(period) <= last + timedelta(days=status == "dormant")
    )
    assert rows == sorted(case["rows"])


def test_the_total_is_the_sum_of_the_cases(built: Lifecycle) -> None:
    assert len(built.facts) == 7
    for (group, birth), cases in built.facts.items():
        total: Counter[Any] = Counter()
        for case in cases:
            total.update(built.moves(case, birth))
        assert total == built.total(group, birth)
