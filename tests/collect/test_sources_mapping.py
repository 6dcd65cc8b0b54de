"""Mapping files: what they may say, and how clearly they are refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from weir.collect.sources import Mapping, load_mapping
from weir.collect.sources.values import Unmappable, event_of, utc_of
from weir.core.errors import NotFound, UsageError


def mapping(**changes: object) -> Mapping:
    base = {"name": {"value": "a_b_c"}, "time": {"column": "t", "zone": "UTC"}}
    return Mapping.model_validate({**base, **changes})


def told(time: dict, value: object) -> str:
    row = {"t": value}
    return str(event_of(row, mapping(time={"column": "t", **time}))["time"])


def test_the_whole_grammar(tmp_path: Path) -> None:
    path = tmp_path / "m.yml"
    path.write_text(
        "name: {column: kind, map: {true: yes_it_is, 3: no_it_is}, default: what_it_is}\n"
        "version: 2\ntime: t\nuser_id: u\n"
        "params:\n  '*': extra\n  plan: {value: free}\n  seats: {column: s, default: 1}\n"
        "params.files: deep.files\n"
    )
    found = load_mapping(path)
    row = {"kind": True, "t": "2026-01-01T01:02:03+09:00", "u": 17, "extra": {"a": 1, "plan": "x"},
           "deep": {"files": {"added": 1}}}  # fmt: skip
    assert event_of(row, found) == {
        "name": "yes_it_is",
        "version": 2,
        "time": "2026-01-01T01:02:03+09:00",
        "user_id": "17",
        "params": {"a": 1, "plan": "free", "seats": 1, "files": {"added": 1}},
    }
    assert event_of({**row, "kind": 3}, found)["name"] == "no_it_is"
    assert event_of({**row, "kind": "?"}, found)["name"] == "what_it_is"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nme: a\ntime: t", "Did you mean `name`?"),
        ("name: a\ntime: {column: t, zon: UTC}", "Did you mean `zone`?"),
        ("name: a\ntime: t\nparams: {x: {column: c, typ: integer}}", "`params.x.typ`"),
        ("name: a\ntime: t\nparams: {x: {column: c, zone: UTC}}", "`params.x.zone` is no key"),
        ("name: a", "`time` is missing"),
        ("name: a\ntime: {column: t, zone: Mars}", "Mars"),
        ("name: a\ntime: {column: t, unit: seconds, format: '%Y'}", "name one of them"),
        ("name: {}\ntime: t", "either a `column`"),
        ("name: {value: a, type: string}\ntime: t", "stands alone"),
        ("name: a\ntime: t\nparams: {x: {column: c, type: int}}", "'integer'"),
        ("- a", "is no mapping"),
        ("name: [", "as YAML"),
    ],
)
def test_a_wrong_mapping_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        load_mapping(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)
    assert error.value.remedy


def test_an_absent_mapping(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_mapping(tmp_path / "m.yml")


@pytest.mark.parametrize(
    ("time", "value", "wanted"),
    [
        ({"zone": "UTC"}, "1997-01-01", "1997-01-01T00:00:00+00:00"),
        ({"zone": "UTC", "at": "12:00"}, "19970101", "1997-01-01T12:00:00+00:00"),
        ({"zone": "UTC", "at": "12:00"}, "1997-01-01T01:00", "1997-01-01T01:00:00+00:00"),
        ({"format": "%d.%m.%Y", "zone": "UTC", "at": "12:00"}, "31.12.1997", "1997-12-31T12:00:00+00:00"),
        ({"format": "%d.%m.%Y %H:%M %z"}, "31.12.1997 08:00 +0900", "1997-12-31T08:00:00+09:00"),
        ({"zone": "America/New_York"}, "2026-07-01T00:00:00", "2026-07-01T00:00:00-04:00"),
        ({}, "2026-07-01T00:00:00.25Z", "2026-07-01T00:00:00.250000+00:00"),
        ({"unit": "milliseconds"}, "1500", "1970-01-01T00:00:01.500000+00:00"),
        ({"unit": "seconds"}, Decimal("0.000001"), "1970-01-01T00:00:00.000001+00:00"),
        ({"zone": "UTC"}, datetime(2026, 1, 1, 5), "2026-01-01T05:00:00+00:00"),
    ],
)  # fmt: skip
def test_times(time: dict, value: object, wanted: str) -> None:
    assert told(time, value) == wanted


@pytest.mark.parametrize(
    ("time", "value"),
    [({}, "1997-01-01"), ({}, "soon"), ({"zone": "UTC"}, 5), ({"unit": "seconds"}, "x"),
     ({"unit": "seconds"}, 10**20), ({"unit": "seconds"}, True), ({"unit": "seconds"}, "nan"),
     ({"format": "%Y", "zone": "UTC"}, "97")],
)  # fmt: skip
def test_unreadable_times_are_told(time: dict, value: object) -> None:
    with pytest.raises(Unmappable, match="column `t` is"):
        told(time, value)


def test_an_arrival_is_naive_utc() -> None:
    field = mapping(time={"column": "t", "zone": "Asia/Seoul"}).time
    assert utc_of({"t": "2026-01-01T00:00:00"}, field) == datetime(2025, 12, 31, 15)
    with pytest.raises(Unmappable, match="is empty"):
        utc_of({}, field)
    with pytest.raises(Unmappable, match="out of range"):
        utc_of({"t": "0001-01-01T00:00:00"}, field)


def test_the_digest_is_of_the_meaning() -> None:
    assert mapping(user_id="u").digest == mapping(user_id={"column": "u"}).digest
    assert mapping(user_id="u").digest != mapping(user_id="v").digest
    assert mapping().digest != mapping(version=1).digest
