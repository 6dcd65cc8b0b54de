"""What Prometheus reads: right numbers, bounded labels, and a text that its parser takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.collect.observed import play
from weir.collect.judging import Judging, Record
from weir.collect.likely import LikelyDuplicates
from weir.collect.metrics import Gauges, Histogram, Metrics, exposition
from weir.collect.rules import Rules
from weir.collect.verdict import judge


def samples(text: bytes) -> dict[tuple, float]:
    """Return name and label values, the labels by name → value."""
    return {
        (sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_a_scrape_tells_what_was_received(tmp_path: Path, rules: Rules, event: Callable) -> None:
    async def story(client, app, observer) -> None:
        await client.post("/v1/batch", json=[event(id=str(i)) for i in range(3)])
        wrong = [event(id="x", params={}), event(name="who_is_this"), event(id="1"),
                 event(name="strict_item_home", params={}), 5]  # fmt: skip
        await client.post("/v1/batch", json=wrong)
        await client.post("/v1/events", content=b"{")
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = samples(answer.content)
        events = {key[1:]: value for key, value in found.items() if key[0] == "weir_events_total"}
        assert events == {
            ("click_item_home", "normal", "accepted"): 4,
            ("click_item_home", "quarantine", "quarantined"): 1,
            ("other", "quarantine", "quarantined"): 2,
            ("strict_item_home", "none", "rejected"): 1,
        }
        assert found["weir_violations_total", "unknown_event"] == 1
        assert found["weir_violations_total", "type"] == 2
        assert found["weir_refused_requests_total", "not_json"] == 1
        assert found["weir_request_seconds_count",] == 2
        assert found["weir_likely_duplicates_total",] == 1
        assert found["weir_epoch",] == 1
        assert found["weir_ready",] == 1
        assert found["weir_free_bytes",] > 0
        assert found["weir_registered_events",] == len(rules.events)
        assert found["weir_pending_bytes", "normal"] == 0
        assert found["weir_segments", "quarantine"] == 0
        assert found["weir_drops_waiting",] == 2
        assert found["weir_received_bytes_total",] > 500
        assert (await client.head("/metrics")).status_code == 200
        assert (await client.post("/metrics")).status_code == 405

    play(tmp_path, rules, story)


def test_flushes_are_told_by_lane(tmp_path: Path, rules: Rules, event: Callable) -> None:
    async def story(client, app, observer) -> None:
        await client.post("/v1/batch", json=[event(id=str(i)) for i in range(7)])
        found = samples((await client.get("/metrics")).content)
        assert found["weir_flush_records_count", "normal"] == 1
        assert found["weir_flush_records_sum", "normal"] == 7
        assert 0 < found["weir_flush_seconds_sum", "normal"] < 60

    play(tmp_path, rules, story)


def test_labels_are_bounded_by_the_registry(
    rules: Rules, judging: Judging, event: Callable
) -> None:
    metrics = Metrics()
    for number in range(500):
        records = [judge(event(name=f"made_up_{number}", id=str(number)), judging)]
        metrics.kept(records, Counter(r.verdict for r in records), 10, rules)
    assert len(metrics.events) == 1
    text = exposition(metrics, Gauges(), rules)
    assert b"made_up" not in text


def test_a_name_that_needs_escaping(rules: Rules) -> None:
    metrics = Metrics(refused=Counter({'a"b\\c\nd': 3}))
    found = samples(exposition(metrics, Gauges(), rules))
    assert found["weir_refused_requests_total", 'a"b\\c\nd'] == 3


@pytest.mark.parametrize(("value", "bucket"), [(0.5, 0), (1, 0), (1.01, 1), (10, 1), (11, 2)])
def test_buckets_hold_their_upper_bound(value: float, bucket: int) -> None:
    histogram = Histogram((1, 10))
    histogram.add(value)
    assert histogram.counts[bucket] == 1
    assert histogram.buckets()[-1] == ("+Inf", 1.0)


def record(content: str, *, id_assigned: bool = False) -> Record:
    return Record("normal", "accepted", [], {"payload_hash": content, "id_assigned": id_assigned})


def test_likely_duplicates_are_counted_within_and_between_requests() -> None:
    likely = LikelyDuplicates()
    assert likely.add([record("a"), record("b"), record("a")]) == 1
    assert likely.add([record("b"), record("c")]) == 1
    assert likely.add([record("z", id_assigned=True), record("z", id_assigned=True)]) == 0
    assert likely.count == 2


def test_likely_duplicates_are_remembered_for_at_least_one_generation() -> None:
    likely = LikelyDuplicates(most=100)
    for number in range(1_000):
        likely.add([record(str(number))])
    assert len(likely._young) + len(likely._old) <= 200
    assert likely.add([record(str(n)) for n in range(900, 1_000)]) == 100
    assert likely.add([record("0")]) == 0  # long forgotten
