"""Files as wire events: one meaning in every format and compression, stable ids, nothing silent."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weir.collect.sources import Mapping, files, open_source
from weir.collect.sources.values import Unmappable, convert
from weir.core.errors import InvalidValue, NotFound, UsageError, WeirError

PROJECT = Path(__file__).parents[2]
MAPPING = Mapping.model_validate(
    {
        "id": "key",
        "name": {"value": "buy_item_shop"},
        "time": {"column": "day", "zone": "Asia/Seoul", "at": "12:00"},
        "user_id": "user",
        "params": {
            "count": {"column": "count", "type": "integer"},
            "price": {"column": "price", "type": "number"},
            "note": "note",
        },
    }
)
FORMS = ("ndjson", "csv", "ndjson.gz", "csv.gz", "ndjson.zst", "csv.zst", "parquet")


def write(folder: Path, form: str, rows: list[dict]) -> Path:
    path = folder / f"rows.{form}"
    if form == "parquet":
        schema = pa.schema(
            [("key", "string"), ("day", pa.date32()), ("user", "string"), ("count", "int64"),
             ("price", "float64"), ("note", "string")]
        )  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows, schema), path)
        return path
    plain = folder / f"rows.{form.split('.', maxsplit=1)[0]}"
    with plain.open("w", newline="") as file:
        if plain.suffix == ".csv":
            writer = csv.DictWriter(file, ["key", "day", "user", "count", "price", "note"])
            writer.writeheader()
            writer.writerows(rows)
        else:
            file.writelines(json.dumps(row, default=str) + "\n" for row in rows)
    data = plain.read_bytes()
    if form.endswith("gz"):
        path.write_bytes(gzip.compress(data))
    elif form.endswith("zst"):
        half = len(data) // 2
        frames = [zstandard.compress(part) for part in (data[:half], data[half:])]
        path.write_bytes(b"".join(frames))
    return path


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=20)
ROW = st.fixed_dictionaries(
    {
        "key": TEXT,
        "day": st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        "user": st.none() | st.from_regex(r"0[0-9]{3}", fullmatch=True),
        "count": st.none() | st.integers(-(2**60), 2**60),
        "price": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "note": st.none() | TEXT,
    }
)


@given(rows=st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_format_and_compression_means_the_same(tmp_path: Path, rows: list[dict]) -> None:
    found = []
    for form in FORMS:
        source = open_source(write(tmp_path, form, rows), MAPPING)
        found.append([e.event for e in source])
        assert source.failures.count == 0
    assert all(events == found[0] for events in found)
    assert [e["id"] for e in found[0]] == [row["key"] for row in rows]
    for event, row in zip(found[0], rows, strict=True):
        assert event["time"] == f"{row['day']}T12:00:00+09:00"
        assert event.get("user_id") == row["user"]
        wanted = {k: row[k] for k in ("count", "price", "note") if row[k] is not None}
        assert event["params"] == wanted


def test_ids_follow_content_and_line_not_name_or_compression(tmp_path: Path) -> None:
    mapping = Mapping.model_validate({"name": {"value": "a_b_c"}, "time": "t"})
    text = b"t,v\n2026-01-01T00:00:00Z,1\n\n2026-01-01T00:00:00Z,1\n"
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "c.csv").write_bytes(text + b"\n")
    a, b, c = (open_source(tmp_path / n, mapping) for n in ("a.csv", "b.csv.gz", "c.csv"))
    ids = [[(e.line, e.event["id"]) for e in source] for source in (a, b, c)]
    assert ids[0] == ids[1]
    assert [line for line, _ in ids[0]] == [2, 4]
    assert len({i for _, i in ids[0] + ids[2]}) == 4
    assert a.digest == b.digest != c.digest
    other = Mapping.model_validate({"name": {"value": "a_b_d"}, "time": "t"})
    assert open_source(tmp_path / "a.csv", other).digest != a.digest


def test_what_is_no_json_travels_on_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    big = 2**70
    path.write_bytes(b'not json\n\n[1]\r\n{"name": "a_b_c", "params": {"n": %d}}' % big)
    events = list(open_source(path))
    assert [(e.line, e.raw) for e in events] == [(1, b"not json"), (3, b"[1]"), (4, None)]
    assert events[0].text() == b"not json"
    assert json.loads(events[2].text()) == {**events[2].event, "params": {"n": big}}
    assert len(events[2].event["id"]) == 32


def test_bad_lines_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('k,t,n\n1,2026-01-01,x\n1,2026-01-01\n2,,1\n3,yesterday,1\n4,2026-01-02,"5"\n')
    mapping = Mapping.model_validate(
        {
            "name": {"column": "k", "map": {1: "a_b_c", 3: "a_b_c", 4: "a_b_c"}},
            "time": {"column": "t", "zone": "UTC"},
            "params": {"n": {"column": "n", "type": "integer"}},
        }
    )
    source = open_source(path, mapping)
    assert [e.event["params"] for e in source] == [{"n": 5}]
    assert [f.line for f in source.failures.first] == [2, 3, 4, 5]
    said = " ".join(f.what for f in source.failures.first)
    for part in (
        "`x`, which is no integer",
        "2 cells, the header 3",
        "`2`, which its map",
        "yesterday",
    ):
        assert part in said
    assert len(list(source)) == 1, "a second pass starts anew"
    assert source.failures.count == 4


def test_a_cut_file_is_an_error_not_a_short_file(tmp_path: Path) -> None:
    data = b'{"name": "a_b_c"}\n' * 50_000
    for name, packed in (
        ("a.ndjson.gz", gzip.compress(data)),
        ("a.ndjson.zst", zstandard.compress(data)),
    ):
        (tmp_path / name).write_bytes(packed[: len(packed) // 2])
        with pytest.raises(WeirError, match="cannot be read to its end"):
            open_source(tmp_path / name)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(WeirError, match="as Parquet"):
        open_source(tmp_path / "a.parquet", MAPPING)


def test_a_file_that_grows_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text('{"name": "a"}\n')
    source = open_source(path)
    path.write_text('{"name": "a"}\n{"name": "b"}\n')
    with pytest.raises(WeirError, match="changed while it was read"):
        list(source)


def test_a_line_of_any_length_is_read_in_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 50)
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"a": "' + b"x" * 500 + b'"}\n{"name": "b"}\n')
    source = open_source(path)
    assert [e.line for e in source] == [2]
    assert source.failures.first[0].line == 1


def test_wrong_use_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user_id,day\n1,2026-01-01\n")
    with pytest.raises(UsageError, match=r"Did you mean `day`\?"):
        open_source(path, Mapping.model_validate({"name": {"value": "a"}, "time": "days"}))
    with pytest.raises(UsageError, match="--mapping"):
        open_source(path)
    with pytest.raises(UsageError, match="--received-at"):
        open_source(path, MAPPING, since=date(2026, 1, 1))
    with pytest.raises(NotFound):
        open_source(tmp_path / "absent.csv")
    for name in ("a.txt", "a.parquet.gz"):
        (tmp_path / name).touch()
        with pytest.raises(InvalidValue, match=r"\.ndjson, \.jsonl"):
            open_source(tmp_path / name)
    for header in ("a,a\n", ""):
        path.write_text(header)
        with pytest.raises(UsageError, match="header"):
            open_source(path, MAPPING)


def test_arrivals_since(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    rows = [("2024-12-31T23:59:59-01:00", 1), ("2024-12-31T23:59:59Z", 2), (None, 3)]
    path.write_text("".join(json.dumps({"at": at, "name": f"n{n}"}) + "\n" for at, n in rows))
    source = open_source(path, received_at="at", since=date(2025, 1, 1))
    (event,) = source.read()
    assert event.received_at == datetime(2025, 1, 1, 0, 59, 59)
    assert event.event["name"] == "n1"
    assert "at" not in event.event
    assert (source.left_out, source.failures.count) == (1, 1)
    assert source.digest != open_source(path, received_at="at").digest


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1.5", "integer"), (True, "integer"), ("1_0", "number"), ("nan", "number"), ("", "number"),
     (True, "number"), ("yes", "boolean"), ({}, "string"), ("{", "json"), (float("nan"), None),
     (b"\xff", None)],
)  # fmt: skip
def test_a_value_of_another_type_is_told(value: object, kind: str | None) -> None:
    with pytest.raises(Unmappable, match="column `c`"):
        convert(value, kind, "c")


def test_all_purchases_map() -> None:
    folder = PROJECT / "examples" / "cdnow"
    source = open_source(folder / "cdnow_sample.csv", folder / "mapping.yml")
    events = [e.event for e in source]
    assert (len(events), source.failures.count, source.total) == (6919, 0, 6919)
    assert len({e["id"] for e in events}) == 6919
    assert len({(e["user_id"], e["time"][:10]) for e in events}) == 6696
    assert {len(e["user_id"]) for e in events} == {5}, "leading zeros are kept"
    assert all(e["params"]["quantity"] >= 1 for e in events)


def test_all_git_activity_maps(shared: Path) -> None:
    data = shared / "data" / "git_activity" / "events.ndjson.gz"
    mapping = PROJECT / "examples" / "git_activity" / "mapping.yml"
    source = open_source(data, mapping, "received_time", date(2025, 1, 1))
    recent = Counter(e.event["name"] for e in source)
    assert recent.total() == 13_469
    assert recent.total() + source.left_out == 59_440
    assert set(recent) == {
        "push_commit_git", "merge_branch_git", "publish_release_git", "revert_commit_git"
    }  # fmt: skip
