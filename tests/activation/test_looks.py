"""What the console asks of a layer: computed ones, one value, an earlier time, queries as text."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.activation.test_analysis import DAYS, FACT, FIRST, GRAINS, World
from weir.activation import adhoc, analysis
from weir.activation.charted import Chart, statement
from weir.activation.compared import Earlier, earlier
from weir.activation.tables import Tables, Window, window
from weir.core.errors import NotFound


@pytest.fixture(params=GRAINS, ids="-".join, scope="module")
def world(request: pytest.FixtureRequest, layer_of: Any) -> World:
    return World(layer_of, *request.param, closed=None)


def test_a_layer_computed_from_the_fact_alone_is_the_one_that_is_built(world: World) -> None:
    until = world.tables.shift(world.tables.floor(FIRST + timedelta(DAYS)), 1)
    sql = world.layer.harness.render("activation_adhoc", FACT, world.tables.grain, until)
    parts = adhoc.parts_of(sql)
    assert list(parts) == ["activation", "summary", "returns"]
    built = {
        part: sorted(
            world.con.execute(f"SELECT * FROM {world.tables.name(part)}").fetchall(), key=str
        )
        for part in parts
    }
    with world.con.cursor() as con:
        for part, text in parts.items():
            name = world.tables.name(part)
            con.execute(f"CREATE TEMP TABLE {name} AS {text}")
            found = con.execute(f"SELECT * FROM temp.{name}").fetchall()
            assert sorted(found, key=str) == built[part]
            assert found


def test_the_text_of_a_query_gives_what_the_query_gives(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST)
    frames = analysis.analyse(world.con, world.tables, seen, "country")
    last = analysis.last_complete(world.con, world.tables)
    for chart in Chart:
        told = statement(frames, chart, last)
        assert told is not None
        assert "$" not in told.text
        assert sorted(world.con.execute(told.text).fetchall()) == sorted(told.run(world.con))


def test_one_value_alone_has_the_figures_that_it_has_among_others(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST)
    every = analysis.decomposition(world.con, world.tables, seen, "country")
    largest = every["dim_value"].iloc[0]
    one = analysis.analyse(world.con, world.tables, seen, "country", largest)
    pd.testing.assert_frame_equal(
        one.periods, every[every["dim_value"] == largest].reset_index(drop=True)
    )
    came = one.transitions[one.transitions["state"] != "Inactive"]["users"].sum()
    assert came == one.periods.set_index("period_start")["active"][seen.at]
    with pytest.raises(NotFound, match="atlantis"):
        analysis.analyse(world.con, world.tables, seen, "country", "atlantis")


def test_an_earlier_time_is_as_long_and_meets_the_weekdays() -> None:
    weekly, daily = Tables(FACT, "weekly"), Tables(FACT, "daily")
    seen = Window(date(2024, 5, 6), date(2024, 5, 20), date(2024, 5, 13), is_complete=True)
    before = earlier(weekly, seen, Earlier.PERIOD)
    assert (before.start, before.until, before.at) == (
        date(2024, 4, 22), date(2024, 5, 6), date(2024, 4, 29),
    )  # fmt: skip
    assert earlier(daily, seen, Earlier.YEAR).start == date(2023, 5, 8)
    assert earlier(Tables(FACT, "monthly"), seen, Earlier.YEAR).start == date(2023, 5, 1)
