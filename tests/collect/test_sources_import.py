"""What the import needs of a source: no line of the file may be lost without a word."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from weir.collect.sources import load_mapping, open_source

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_with_arrival_times_a_failed_line_is_yielded(tmp_path: Path) -> None:
    path, rules = tmp_path / "a.csv", tmp_path / "mapping.yml"
    rules.write_text("name: {value: a_b_c}\ntime: t\nparams: {n: {column: n, type: integer}}\n")
    path.write_text(
        "t,n,r\n2026-01-01T00:00Z,1,2026-01-02T00:00Z\n2026-01-01T00:00Z,x,2026-01-02T00:00Z\n"
        "2026-01-01T00:00Z,3,2025-01-02T00:00Z\n2026-01-01T00:00Z,4,\n2026-01-01T00:00Z\n"
    )
    source = open_source(path, load_mapping(rules), "r", date(2026, 1, 1))
    found = list(source)
    assert [(e.line, e.received_at, e.error is None) for e in found] == [
        (2, datetime(2026, 1, 2), True), (3, None, False), (5, None, False), (6, None, False),
    ]  # fmt: skip
    assert "no integer" in (found[1].error or "")
    assert [e.line for e in source.read()] == [2]
    assert source.failures.count == 3


def test_every_purchase_of_the_example_maps() -> None:
    example = EXAMPLES / "cdnow"
    source = open_source(example / "cdnow_sample.csv", load_mapping(example / "mapping.yml"))
    events = list(source)
    assert len({e.event["id"] for e in events}) == len(events) == 6_919
    assert not source.failures.count
    assert events[0].event["time"] == "1997-01-01T12:00:00+00:00"
    assert events[0].event["params"] == {"quantity": 2, "price": 29.33}
