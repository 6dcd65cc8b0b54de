"""What is each broker's own: Kafka's errors, Pub/Sub's requests, the settings that choose a sink."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from weir.collect.judging import Judging
from weir.collect.sinks import kafka, pubsub
from weir.collect.sinks.broker import GROWTH, ROOM, Limits, Message, chunks, fits
from weir.collect.sinks.choose import broker_of
from weir.collect.verdict import judge
from weir.core.errors import SinkRefused, SinkUnavailable, UsageError
from weir.core.settings import Settings

NOW = datetime(2026, 11, 21, 5, 40)
LIMITS = Limits(1.5, 2_000_000, 300_000)
NOT_ENOUGH_REPLICAS, MSG_SIZE_TOO_LARGE, OUT_OF_ORDER_SEQUENCE = 19, 10, 45


@pytest.fixture
def one(event: Callable, judging: Judging) -> Callable:
    return lambda i: [judge(event(id=i), judging)]


def test_kafka_tries_again_what_may_pass(kafka_place: object, one: Callable) -> None:
    async def main() -> None:
        sink = kafka_place.open()
        kafka_place.fail_next(NOT_ENOUGH_REPLICAS, 2)
        await sink.commit(one("a"))
        await sink.close()

    asyncio.run(main())
    assert [row["event_id"] for row in kafka_place.stored()["normal"]] == ["a"]


def test_kafka_refuses_one_message_and_goes_on(kafka_place: object, one: Callable) -> None:
    async def main() -> None:
        sink = kafka_place.open()
        kafka_place.fail_next(MSG_SIZE_TOO_LARGE)
        with pytest.raises(SinkRefused):
            await sink.commit(one("a"))
        await sink.commit(one("b"))
        assert sink.flying == 0
        await sink.close()

    asyncio.run(main())
    assert [row["event_id"] for row in kafka_place.stored()["normal"]] == ["b"]


def test_a_kafka_producer_that_failed_for_good_is_replaced(
    kafka_place: object, one: Callable
) -> None:
    made = []

    async def main() -> None:
        sink = kafka_place.open()
        make = sink._make
        sink._make = lambda config: made.append(1) or make(config)
        await sink.commit(one("a"))
        sink._on_error(SimpleNamespace(fatal=lambda: True))
        await sink.commit(one("b"))
        await sink.close()

    asyncio.run(main())
    assert made == [1]
    assert {row["event_id"] for row in kafka_place.stored()["normal"]} == {"a", "b"}


def test_users_of_kafka_cannot_take_durability_away() -> None:
    more = {"acks": "0", "enable.idempotence": "false", "linger.ms": "50"}
    options = kafka.options("a:1", LIMITS, more)
    assert (options["acks"], options["enable.idempotence"], options["linger.ms"]) == (
        "all",
        True,
        "50",
    )


class Publisher:
    """A publisher that answers as it is told."""

    def __init__(self, answer: Callable[[list], list[str]]) -> None:
        self.answer, self.requests = answer, []
        self.transport = SimpleNamespace(close=self._close)

    async def publish(self, request: dict, timeout: float) -> SimpleNamespace:
        self.requests.append(request)
        await asyncio.sleep(0)
        return SimpleNamespace(message_ids=self.answer(request["messages"]))

    async def _close(self) -> None: ...


@pytest.mark.parametrize("answer", [lambda m: ["1"] * (len(m) - 1), lambda m: [""] * len(m)])
def test_pubsub_that_says_ok_but_takes_less_is_no_ok(answer: Callable, one: Callable) -> None:
    async def main() -> None:
        sink = pubsub.PubSubSink(Publisher(answer), "p", "weir", LIMITS, lambda: NOW)
        with pytest.raises(SinkUnavailable, match="were taken"):
            await sink.commit([*one("a"), *one("b")])
        assert (sink.flying, sink.failed_lanes) == (0, ["normal"])

    asyncio.run(main())


def test_pubsub_gets_requests_that_it_takes(event: Callable, judging: Judging) -> None:
    publisher = Publisher(lambda messages: ["1"] * len(messages))

    async def main() -> None:
        sink = pubsub.PubSubSink(publisher, "p", "weir", Limits(1, 10**8, 10**6), lambda: NOW)
        await sink.commit([judge(event(id=str(i)), judging) for i in range(2_500)])
        assert sink.flying == 0

    asyncio.run(main())
    assert [len(r["messages"]) for r in publisher.requests] == [1000, 1000, 500]
    assert {r["topic"] for r in publisher.requests} == {"projects/p/topics/weir-normal"}


class Slow(pubsub.PubSubSink):
    """Its answers come later than its room is free."""

    async def _send(self, lane: str, messages: list[Message]) -> None:
        await super()._send(lane, messages)
        await asyncio.sleep(0.05)


def test_closing_waits_until_senders_are_told(one: Callable) -> None:
    async def main() -> None:
        sink = Slow(
            Publisher(lambda messages: ["1"] * len(messages)), "p", "weir", LIMITS, lambda: NOW
        )
        task = asyncio.create_task(sink.commit(one("a")))
        while not sink.flying:
            await asyncio.sleep(0)
        while sink.flying:
            await asyncio.sleep(0)
        assert not task.done()
        await sink.close()
        assert task.done()
        assert task.exception() is None

    asyncio.run(main())


def test_a_commit_that_is_given_up_frees_its_room(one: Callable) -> None:
    async def main() -> None:
        publisher = Publisher(lambda messages: ["1"] * len(messages))
        publisher.publish = lambda **_: asyncio.sleep(60)
        sink = pubsub.PubSubSink(publisher, "p", "weir", Limits(0.01, 10**6, 10**6), lambda: NOW)
        task = asyncio.create_task(sink.commit(one("a")))
        await asyncio.sleep(0.05)
        assert sink.flying > 0
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)
        assert sink.flying == 0

    asyncio.run(main())


def test_chunks_keep_order_and_bounds() -> None:
    messages = [Message("k", bytes(size), {}) for size in (100, 5_000, 100, 9_000, 1)]
    parts = list(chunks(messages, 2, 7_000))
    assert [m for part in parts for m in part] == messages
    assert [len(part) for part in parts] == [2, 1, 1, 1]


@pytest.mark.parametrize("text", ['"' * 50, "\\" * 50, "\x01" * 50, "é" * 50, "x" * 50, "\n" * 50])
@pytest.mark.parametrize("broken", [True, False])
def test_no_record_outgrows_what_fits(
    event: Callable, judging: Judging, text: str, broken: bool
) -> None:
    import orjson

    sent = event(params={"item_id": "1" if broken else 1, "note": text * 100, "x": 1}, colour="y")
    size = len(orjson.dumps(judge(sent, judging).columns))
    assert size <= GROWTH * len(orjson.dumps(sent)) + ROOM
    assert fits(1_000_000, kafka.MESSAGE_BYTES)
    assert fits(1_000_000, pubsub.MESSAGE_BYTES)


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings(home=tmp_path, project=tmp_path, **given)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"collect_sink": "pubsub"}, "WEIR_PUBSUB_PROJECT"),
        ({"collect_sink": "kafka"}, "WEIR_KAFKA_SERVERS"),
        ({"collect_sink": "kafka", "kafka_servers": "a:1", "kafka_options": "x"}, "without `=`"),
        ({"collect_sink": "kafka", "kafka_servers": "a:1", "kafka_options": "no.such=1"}, "refuses"),
        ({"collect_sink": "kafka", "kafka_servers": "a:1", "max_event_bytes": 2_000_000},
         "Set it to 1233616 at most"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_told_at_the_start(
    tmp_path: Path, given: dict, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        broker_of(settings(tmp_path, **given), lambda: NOW)


def test_settings_choose_the_broker(tmp_path: Path, kafka_place: object, one: Callable) -> None:
    chosen = settings(tmp_path, collect_sink="kafka", kafka_servers=kafka_place.servers, collect_sink_seconds=1.5,
                      collect_topic_prefix=kafka_place.prefix)  # fmt: skip

    async def main() -> None:
        sink = broker_of(chosen, lambda: NOW, epoch=7)
        sink.start()
        assert sink.epoch == 7
        await sink.commit(one("a"))
        await sink.close()

    asyncio.run(main())
    (row,) = kafka_place.stored()["normal"]
    assert row["receipt"].startswith("7-")


def test_pubsub_is_chosen_with_its_emulator(
    tmp_path: Path, pubsub_place: object, one: Callable
) -> None:
    chosen = settings(tmp_path, collect_sink="pubsub", pubsub_project="weir-test",
                      pubsub_endpoint=pubsub_place.endpoint,
                      collect_topic_prefix=pubsub_place.prefix)  # fmt: skip

    async def main() -> None:
        sink = broker_of(chosen, lambda: NOW)
        await sink.commit(one("a"))
        await sink.close()

    asyncio.run(main())
    assert [row["event_id"] for row in pubsub_place.stored()["normal"]] == ["a"]


def test_a_real_collector_keeps_its_events_in_kafka(
    served: Callable, tmp_path: Path, kafka_place: object
) -> None:
    events = [
        {"id": f"e-{i}", "name": "purchase_item_shop", "version": 1, "time": "2026-01-02T03:04:05Z",
         "params": {"quantity": 2 if i % 5 else "x", "price": 1}}
        for i in range(50)
    ]  # fmt: skip
    with served(tmp_path, collect_sink="kafka", kafka_servers=kafka_place.servers, collect_sink_seconds=1.5,
                collect_topic_prefix=kafka_place.prefix) as url:  # fmt: skip
        answer = httpx.post(f"{url}/v1/batch", json=events, timeout=30)
        assert (answer.status_code, answer.json()["accepted"]) == (200, 40)
        kafka_place.down()
        assert httpx.post(f"{url}/v1/batch", json=events, timeout=30).status_code == 503
        kafka_place.up()
        for _ in range(100):
            if httpx.post(f"{url}/v1/events", json=events[1], timeout=30).status_code == 200:
                break
        else:
            pytest.fail("it did not recover")
    stored = kafka_place.stored()
    assert len({row["event_id"] for row in stored["quarantine"]}) == 10
    assert {row["event_id"] for rows in stored.values() for row in rows} == {
        e["id"] for e in events
    }
