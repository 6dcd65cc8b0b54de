"""Batching, back-off, splitting and overflow of the Python client, with a clock that waits for nobody."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weir_client import Answer, FileQueue, MemoryQueue, Options, QueueError
from weir_client.sender import Callbacks

from tests.clients.fakes import Bench, accepted, refusal, unreachable


def test_events_linger_for_others_but_a_full_batch_goes_at_once() -> None:
    bench = Bench(batch_events=3, linger=1.0)
    assert bench.sender.wait() is None
    assert bench.track("a")
    bench.clock.passed = 0.4
    assert not bench.track("b"), "the second event changes nothing about when to send"
    assert bench.sender.wait() == pytest.approx(0.6)
    assert bench.sender.wait(hurry=True) == 0
    assert bench.track("c")
    assert bench.sender.wait() == 0
    bench.sender.send()
    assert bench.line.ids == [["a", "b", "c"]]
    assert bench.sender.wait() is None


def test_a_batch_is_bounded_in_bytes_and_one_large_event_goes_alone() -> None:
    bench = Bench(batch_bytes=300, linger=10)
    bench.track("a", text="x" * 100)
    assert bench.sender.wait() == 10
    bench.track("b", text="x" * 100)
    bench.track("c", text="x" * 1000)
    assert bench.sender.wait() == 0
    bench.run()
    assert bench.line.ids == [["a"], ["b"], ["c"]]


def test_every_sending_has_its_own_sent_at_and_the_same_id_and_time() -> None:
    bench = Bench(unreachable, backoff_first=2.0)
    bench.track("a")
    bench.run()
    first, second = (request[0] for request in bench.line.requests)
    assert first["sent_at"] == "2023-11-14T22:13:20.000Z"
    assert second["sent_at"] == "2023-11-14T22:13:22.000Z"
    assert {k: v for k, v in first.items() if k != "sent_at"} == {
        k: v for k, v in second.items() if k != "sent_at"
    }
    assert first["time"] == "2023-11-14T22:13:20.000Z"


def test_the_back_off_doubles_up_to_its_longest_and_starts_anew_after_a_success() -> None:
    bench = Bench(*[unreachable] * 6, backoff_first=1.0, backoff_longest=10.0)
    bench.track("a")
    bench.run()
    assert [p.retry_in for p in bench.told.problems] == [1, 2, 4, 8, 10, 10]
    assert bench.sender.stats.failures == 6
    bench.line.replies = [unreachable]
    bench.track("b")
    bench.run()
    assert bench.told.problems[-1].retry_in == 1


def test_the_back_off_has_jitter_of_a_half() -> None:
    waits = []
    for chance in (0.0, 0.5, 1.0):
        bench = Bench(unreachable, chance=chance, backoff_first=4.0)
        bench.track("a")
        bench.run()
        waits.append(bench.told.problems[0].retry_in)
    assert waits == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("status", [429, 503, 507])
def test_retry_after_is_obeyed_even_by_a_flush(status: int) -> None:
    bench = Bench(refusal(status, retry_after="30"), backoff_first=0.5)
    bench.track("a")
    bench.sender.send()
    assert bench.sender.wait(hurry=True) == 30
    bench.run()
    assert bench.line.ids == [["a"], ["a"]]
    assert bench.told.problems[0].status == status
    assert bench.sender.stats.delivered == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("99999999", 3600), ("Tue, 14 Nov 2023 22:13:50 GMT", 30), ("nonsense", 1), ("-5", 1),
     ("nan", 1), ("inf", 1), ("", 1)],
)  # fmt: skip
def test_a_retry_after_is_bounded_and_may_be_a_date_or_nonsense(
    header: str, seconds: float
) -> None:
    bench = Bench(refusal(503, retry_after=header), backoff_first=1.0)
    bench.track("a")
    bench.sender.send()
    assert bench.sender.wait(hurry=True) == seconds


def test_a_body_that_is_too_large_is_sent_in_halves() -> None:
    def small_only(events: list[dict]) -> Answer:
        return accepted(events) if len(events) <= 2 else refusal(413)

    bench = Bench(*[small_only] * 50, batch_events=8)
    for number in range(8):
        bench.track(str(number))
    bench.run()
    assert [len(ids) for ids in bench.line.ids][:4] == [8, 4, 2, 4]
    assert sorted(i for ids, n in zip(bench.line.ids, map(len, bench.line.ids), strict=True)
                  if n <= 2 for i in ids) == [str(n) for n in range(8)]  # fmt: skip
    assert bench.told.problems == []
    assert bench.sender.stats.delivered == 8


def test_an_event_that_is_too_large_alone_is_given_up_and_told() -> None:
    def not_b(events: list[dict]) -> Answer:
        return refusal(413) if any(e["id"] == "b" for e in events) else accepted(events)

    bench = Bench(*[not_b] * 50)
    for name in "abc":
        bench.track(name)
    bench.run()
    assert [(d.id, d.reason) for d in bench.told.dropped] == [("b", "too_large")]
    assert json.loads(bench.told.dropped[0].event)["id"] == "b"
    assert [v.id for v in bench.told.verdicts] == ["a", "c"]
    assert bench.sender.stats.dropped == Counter(too_large=1)


def test_only_a_collector_can_refuse_an_event_for_good() -> None:
    proxy = Answer(400, b"<html>Bad Request</html>")
    bench = Bench(proxy, refusal(400, "not_json"), backoff_first=1.0)
    bench.track("a")
    bench.run()
    assert [p.status for p in bench.told.problems] == [400], "a proxy's 400 is tried again"
    assert [(d.id, d.reason) for d in bench.told.dropped] == [("a", "refused")]


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 408, 415, 425, 500, 502])
def test_what_may_be_mended_outside_keeps_the_events_and_is_told(status: int) -> None:
    bench = Bench(refusal(status), backoff_first=1.0)
    bench.track("a")
    bench.run()
    assert bench.line.ids == [["a"], ["a"]]
    assert [(p.status, p.events) for p in bench.told.problems] == [(status, 1)]
    assert bench.told.problems[0].why == f"{status} It is wrong. Mend it."
    assert bench.told.dropped == []


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in to the network</html>", b"", b"{}", b"[]", b'{"results": []}',
     b'{"results": [{"id": "other", "verdict": "accepted"}]}',
     b'{"results": [{"id": "a", "verdict": "maybe"}]}', b'{"results": ["a"]}', b"\xff" * 9,
     b"[" * 100_000],
)  # fmt: skip
def test_a_200_of_something_else_takes_nothing_out_of_the_queue(body: bytes) -> None:
    bench = Bench(Answer(200, body), backoff_first=1.0)
    bench.track("a")
    bench.sender.send()
    assert bench.queue.count == 1
    assert bench.told.verdicts == []
    bench.run()
    assert bench.sender.stats.delivered == 1


def test_every_verdict_is_told_with_its_violations() -> None:
    def mixed(events: list[dict]) -> Answer:
        violation = {"pointer": "/params/x", "rule": "type"}
        results = [
            {"id": "a", "verdict": "accepted"},
            {"id": "b", "verdict": "quarantined", "violations": [violation]},
            {"id": "c", "verdict": "rejected", "violations": [violation]},
        ]
        return Answer(200, json.dumps({"results": results}).encode())

    bench = Bench(mixed)
    for name in "abc":
        bench.track(name)
    bench.run()
    assert [(v.id, v.verdict) for v in bench.told.verdicts] == [
        ("a", "accepted"), ("b", "quarantined"), ("c", "rejected"),
    ]  # fmt: skip
    assert bench.told.verdicts[1].violations == ({"pointer": "/params/x", "rule": "type"},)
    assert bench.sender.stats.verdicts == Counter(accepted=1, quarantined=1, rejected=1)
    assert bench.queue.count == 0, "whatever the verdict, the collector has answered for it"


def test_a_full_queue_drops_the_newest_and_says_so() -> None:
    bench = Bench(queue_events=2)
    for name in "abc":
        bench.track(name)
    assert [(d.id, d.reason) for d in bench.told.dropped] == [("c", "queue_full")]
    bench.run()
    assert bench.line.ids == [["a", "b"]]


def test_a_full_queue_drops_the_oldest_but_never_what_is_under_way() -> None:
    bench = Bench(queue_events=3, overflow="oldest", batch_events=2)

    def late(events: list[dict]) -> Answer:
        for name in "de":
            bench.track(name)  # while a and b are under way
        return accepted(events)

    bench.line.replies = [late]
    for name in "abc":
        bench.track(name)
    bench.run()
    assert [(d.id, d.reason) for d in bench.told.dropped] == [
        ("c", "queue_full"), ("d", "queue_full"),
    ]  # fmt: skip
    assert bench.line.ids == [["a", "b"], ["e"]]


def test_a_queue_is_bounded_in_bytes() -> None:
    bench = Bench(queue_bytes=1000, overflow="oldest")
    for number in range(20):
        bench.track(f"{number:03}", text="x" * 200)
    assert bench.queue.size <= 1000
    assert bench.queue.count + len(bench.told.dropped) == 20
    bench.track("huge", text="x" * 5000)
    assert bench.told.dropped[-1].id == "huge"
    assert bench.queue.count == 0, "everything older had to go first, and it still did not fit"


def test_an_event_over_the_size_limit_is_not_queued() -> None:
    bench = Bench(event_bytes=200)
    bench.track("a", text="x" * 200)
    assert [(d.id, d.reason) for d in bench.told.dropped] == [("a", "too_large")]
    assert bench.sender.wait() is None


def test_a_token_is_sent_and_may_be_renewed() -> None:
    tokens = iter(["one", "two"])
    bench = Bench(refusal(401), token=lambda: next(tokens))
    bench.track("a")
    bench.run()
    assert [h["authorization"] for h in bench.line.headers] == ["Bearer one", "Bearer two"]
    assert "authorization" not in Bench().sender._headers()


def test_a_token_that_cannot_be_had_is_a_problem_like_any_other() -> None:
    tokens = iter([KeyError("no token"), "two"])

    def token() -> str:
        found = next(tokens)
        if isinstance(found, Exception):
            raise found
        return found

    bench = Bench(token=token)
    bench.track("a")
    bench.run()
    assert [p.why for p in bench.told.problems] == ["KeyError: 'no token'"]
    assert bench.line.ids == [["a"]]


def test_a_callback_that_raises_stops_nothing() -> None:
    bench = Bench(unreachable)

    def broken(_: object) -> None:
        raise KeyError("the app's own mistake")

    bench.sender.callbacks = Callbacks(broken, broken, broken)
    bench.track("a")
    bench.run()
    assert bench.line.ids == [["a"], ["a"]]
    assert bench.sender.stats.delivered == 1
    assert bench.sender.stats.callback_errors == 2


class FullDisk(MemoryQueue):
    """A queue whose file cannot be written for a while."""

    failing = False

    def add(self, id: str, event: bytes) -> int:  # noqa: A002
        if self.failing:
            raise QueueError("disk full")
        return super().add(id, event)

    def remove(self, numbers) -> None:
        if self.failing:
            raise QueueError("disk full")
        super().remove(numbers)


def test_a_full_disk_loses_only_what_was_told() -> None:
    queue = FullDisk()
    bench = Bench(queue=queue, backoff_first=1.0)
    bench.track("a")
    queue.failing = True
    bench.track("b")
    bench.sender.send()
    assert [(d.id, d.reason) for d in bench.told.dropped] == [("b", "queue_failed")]
    assert bench.told.problems[0].why == "disk full"
    assert bench.sender.stats.delivered == 0
    queue.failing = False
    bench.run()
    assert bench.line.ids == [["a"], ["a"]], "sent again; the collector keeps it once"
    assert bench.sender.stats.delivered == 1


@pytest.mark.parametrize("overflow", ["newest", "oldest"])
@given(script=st.lists(st.sampled_from(["track", "send", "fail", "413", "400", "portal"])))
def test_every_event_is_delivered_dropped_or_queued(overflow: str, script: list[str]) -> None:
    bench = Bench(queue_events=5, batch_events=3, overflow=overflow)
    replies = {"send": accepted, "fail": unreachable, "413": refusal(413), "400": refusal(400),
               "portal": Answer(200, b"hello")}  # fmt: skip
    tracked = 0
    for step in script:
        if step == "track":
            bench.track(f"e{tracked}")
            tracked += 1
        else:
            bench.line.replies = [replies[step]]
            bench.sender.send()
    stats = bench.sender.stats
    assert stats.tracked == tracked
    assert tracked == stats.delivered + stats.dropped.total() + bench.queue.count
    bench.line.replies = []
    bench.run()
    seen = [v.id for v in bench.told.verdicts] + [d.id for d in bench.told.dropped]
    assert sorted(seen) == sorted(f"e{n}" for n in range(tracked)), "each exactly once"


@pytest.mark.parametrize(
    "wrong", [{"batch_events": 0}, {"timeout": -1}, {"queue_bytes": 0}, {"overflow": "none"}]
)
def test_options_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Options(**wrong)


def test_a_file_queue_keeps_order_counts_and_numbers(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q")
    numbers = [queue.add(f"e{n}", b"x" * n) for n in range(1, 6)]
    assert (queue.count, queue.size) == (5, 15)
    assert [w.id for w in queue.head(10, 6)] == ["e1", "e2", "e3"]
    assert [w.id for w in queue.head(1, 1, after=numbers[3])] == ["e5"]
    queue.remove([numbers[0], numbers[0], 99])
    assert (queue.count, queue.size) == (4, 14)
    queue.close()
    again = FileQueue(tmp_path / "q")
    assert (again.count, again.size, again.last) == (4, 14, numbers[-1])
    again.remove(numbers)
    assert again.add("new", b"x") > numbers[-1], "a number is never given twice"
    again.close()


def test_one_process_at_a_time_has_the_file(tmp_path: Path) -> None:
    first = FileQueue(tmp_path / "q")
    with pytest.raises(QueueError, match="Give each process a file of its own"):
        FileQueue(tmp_path / "q")
    first.close()
    FileQueue(tmp_path / "q").close()


def test_a_file_that_is_no_queue_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(b"a letter to a friend" * 100)
    with pytest.raises(QueueError, match="cannot be used"):
        FileQueue(tmp_path / "q")
    assert (tmp_path / "q").read_bytes() == b"a letter to a friend" * 100
