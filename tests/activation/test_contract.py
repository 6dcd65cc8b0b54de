"""A wrong fact is told by model, column and remedy when the project is parsed."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from weir.activation.contract import Broken, fact_of, zones_in

META = {"kind": "fact", "key": "user_id", "time_zone": "Asia/Seoul", "start": "2026-01-01"}
COLUMNS = {
    "user_id": "varchar", "activity_date": "date", "event_count": "bigint", "country": "varchar",
    "signed_up": "date", "score": "double",
}  # fmt: skip
SQL = """select {{ local_date("event_time", "Asia/Seoul") }} from {{ ref("a") }}
where {{ event_window("event_time", zone="Asia/Seoul") }}"""


def model(**meta: Any) -> dict[str, Any]:
    return {
        "name": "users_did_it",
        "original_file_path": "models/fact/users_did_it.sql",
        "config": {
            "materialized": "partition_range", "partition_column": "activity_date", "clock": "day",
            "meta": {"weir": {**META, **meta}},
        },
        "columns": {name: {"name": name, "data_type": kind} for name, kind in COLUMNS.items()},
        "raw_code": SQL,
    }  # fmt: skip


def test(name: str, **arguments: Any) -> dict[str, Any]:
    return {"test_metadata": {"name": name, "kwargs": arguments}}


test.__test__ = False  # type: ignore[attr-defined]
TESTS = [
    test("part_not_null", column_name="user_id"),
    test("part_not_null", column_name="activity_date"),
    test("part_not_null", column_name="signed_up"),
    test("part_unique", columns=["activity_date", "user_id"]),
]


def test_a_fact_says_all_that_its_layers_need() -> None:
    fact = fact_of(
        model(dimensions=["country"], birth="signed_up", inactive_rows=90, spans=True,
              week_start="sunday", end="2026-12-31", wakeup_latency=7),
        TESTS,
    )  # fmt: skip
    assert (fact.key, fact.zone, fact.start, fact.end) == (
        "user_id", "Asia/Seoul", date(2026, 1, 1), date(2026, 12, 31),
    )  # fmt: skip
    assert (fact.dimensions, fact.birth, fact.horizon) == (("country",), "signed_up", 90)
    assert (fact.spans, fact.week_start, fact.wakeup_latency) == (True, "sunday", 7)


def test_three_lines_are_enough() -> None:
    fact = fact_of(model(), TESTS)
    assert (fact.dimensions, fact.birth, fact.horizon, fact.spans) == (
        (),
        "first_activity",
        0,
        False,
    )


@pytest.mark.parametrize(
    ("meta", "column", "words"),
    [
        ({"key": ""}, "meta.weir.key", "Add `key: user_id`"),
        ({"start": None}, "meta.weir.start", "Add `start: 2026-01-01`"),
        ({"start": "soon"}, "meta.weir.start", "2026-01-31"),
        ({"end": "2025-12-31"}, "meta.weir.end", "before the start"),
        ({"time_zone": "Seoul"}, "meta.weir.time_zone", "Asia/Seoul"),
        ({"dimension": ["country"]}, "meta.weir.dimension", "Did you mean `dimensions`?"),
        ({"dimensions": "country"}, "meta.weir.dimensions", "[country, platform]"),
        ({"dimensions": ["contry"]}, "contry", "describe it under `columns:`"),
        ({"dimensions": ["score"]}, "score", "floating-point"),
        ({"dimensions": ["state"]}, "state", "Rename the column"),
        ({"dimensions": ["country", "country"]}, "country", "there twice"),
        ({"week_start": "Sun"}, "meta.weir.week_start", "sunday"),
        ({"birth": "created"}, "created", "the YAML does not declare it"),
        ({"birth": "country"}, "country", "must be a date"),
        ({"inactive_rows": True}, "meta.weir.inactive_rows", "number of periods"),
        ({"inactive_rows": 0.5}, "meta.weir.inactive_rows", "number of periods"),
        ({"spans": "yes"}, "meta.weir.spans", "true or false"),
        ({"time_zone": "UTC"}, "activity_date", "`Asia/Seoul` (`local_date`), the YAML says `UTC`"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    meta: dict[str, Any], column: str, words: str
) -> None:
    with pytest.raises(Broken) as caught:
        fact_of(model(**meta), TESTS)
    assert caught.value.column == column
    assert "users_did_it" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("missing", range(len(TESTS)))
def test_the_promises_must_be_tested(missing: int) -> None:
    left = [one for number, one in enumerate(TESTS) if number != missing]
    with pytest.raises(Broken, match=r"nothing checks.*Add `data_tests"):
        fact_of(model(birth="signed_up"), left)


@pytest.mark.parametrize("column", ["user_id", "activity_date", "event_count"])
def test_the_columns_of_the_contract_must_be_declared(column: str) -> None:
    wrong = copy.deepcopy(model())
    del wrong["columns"][column]
    with pytest.raises(Broken, match=f"`{column}`: the contract needs the column"):
        fact_of(wrong, TESTS)


@pytest.mark.parametrize(
    "config", [{"materialized": "table"}, {"partition_column": "day"}, {"clock": "landing"}]
)
def test_a_fact_is_incremental_by_day(config: dict[str, str]) -> None:
    wrong = model()
    wrong["config"] |= config
    with pytest.raises(Broken, match="not incremental by day"):
        fact_of(wrong, TESTS)


def test_zones_are_read_wherever_they_are_called() -> None:
    text = """{%- for e in events %}{{ local_date('t', 'UTC') }}{% endfor %}
    {% do log(event_window('t', zone='Asia/Seoul')) %} {{ local_date('t', zone_of(x)) }}"""
    assert zones_in(text) == [("local_date", "UTC"), ("event_window", "Asia/Seoul")]
