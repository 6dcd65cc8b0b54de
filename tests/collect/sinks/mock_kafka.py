"""librdkafka's mock cluster as a place that keeps events, to be broken and mended."""

from __future__ import annotations

import ctypes
import itertools
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from weir.collect.sinks import Sink, kafka
from weir.collect.sinks.broker import Limits
from weir.core.landing import LANES

SECONDS = 1.5
MESSAGE_BYTES = 300_000
FLIGHT_BYTES = 2_000_000
NUMBERS = itertools.count()


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def checked(body: bytes, attributes: dict, lane: str) -> dict:
    """Return a message's record; its attributes must say the same."""
    record = orjson.loads(body)
    said = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    assert said["tier"] == lane
    assert said["receipt"] == record["receipt"]
    assert said["verdict"] == record["verdict"]
    assert (record["event_name"] or "").startswith(said["event_name"])
    return record


class KafkaPlace:
    """librdkafka's mock cluster, called by its C interface, which can also break it."""

    name, ordered = "kafka", True
    _BROKER = 1
    _PRODUCE = 0  # the request's number in Kafka's protocol
    _NOT_ENOUGH_REPLICAS = 19

    def __init__(self) -> None:
        import confluent_kafka

        folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
        found = list(folder.glob("librdkafka*"))
        if not found:
            pytest.skip("confluent-kafka is not built with a library of its own here")
        self._library = ctypes.CDLL(str(found[0]))
        self._declare()
        said = ctypes.create_string_buffer(512)
        conf = self._library.rd_kafka_conf_new()
        self._library.rd_kafka_conf_set(conf, b"log_level", b"0", said, 512)
        self._client = self._library.rd_kafka_new(0, conf, said, 512)
        assert self._client, said.value
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, 1)
        self.servers = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        self.prefix = ""

    def fresh(self) -> None:
        """Give the next test topics of its own."""
        self.prefix = f"weir{next(NUMBERS)}"
        for lane in LANES:
            topic = f"{self.prefix}-{lane}".encode()
            self._library.rd_kafka_mock_topic_create(self._cluster, topic, 2, 1)

    def _declare(self) -> None:
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        calls = {
            "conf_new": (pointer, []),
            "conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
            "new": (pointer, [number, pointer, text, ctypes.c_size_t]),
            "destroy": (None, [pointer]),
            "mock_cluster_new": (pointer, [pointer, number]),
            "mock_cluster_destroy": (None, [pointer]),
            "mock_cluster_bootstraps": (text, [pointer]),
            "mock_topic_create": (number, [pointer, text, number, number]),
            "mock_topic_set_error": (None, [pointer, text, number]),
            "mock_broker_set_down": (number, [pointer, ctypes.c_int32]),
            "mock_broker_set_up": (number, [pointer, ctypes.c_int32]),
            "mock_broker_set_rtt": (number, [pointer, ctypes.c_int32, number]),
            "mock_push_request_errors_array": (None, [pointer, ctypes.c_int16, ctypes.c_size_t,
                                                      ctypes.POINTER(number)]),
        }  # fmt: skip
        for name, (result, arguments) in calls.items():
            call = getattr(self._library, f"rd_kafka_{name}")
            call.restype, call.argtypes = result, arguments

    def open(self, **more: object) -> Sink:
        limits = Limits(SECONDS, FLIGHT_BYTES, MESSAGE_BYTES)
        config = kafka.options(self.servers, limits, {}) | more
        sink = kafka.KafkaSink(kafka.producer, config, self.prefix, limits, utc_now)
        sink.start()
        return sink

    def stored(self) -> dict[str, list[dict]]:
        from confluent_kafka import Consumer, TopicPartition

        settings = {
            "bootstrap.servers": self.servers,
            "group.id": "test",
            "enable.partition.eof": True,
        }
        with closing(Consumer({**settings, "auto.offset.reset": "earliest"})) as consumer:
            consumer.assign(
                [TopicPartition(f"{self.prefix}-{lane}", p, 0) for lane in LANES for p in (0, 1)]
            )
            ends, found = 0, {lane: [] for lane in LANES}
            until = time.monotonic() + 20
            while ends < 2 * len(LANES) and time.monotonic() < until:
                message = consumer.poll(1)
                if message is None:
                    continue
                if message.error():
                    ends += message.error().name() == "_PARTITION_EOF"
                    continue
                lane = message.topic().partition("-")[2]
                found[lane].append(checked(message.value(), dict(message.headers()), lane))
        return found

    def down(self) -> None:
        self._library.rd_kafka_mock_broker_set_down(self._cluster, self._BROKER)

    def up(self) -> None:
        self._library.rd_kafka_mock_broker_set_up(self._cluster, self._BROKER)

    def hang(self) -> None:
        self._library.rd_kafka_mock_broker_set_rtt(self._cluster, self._BROKER, 60_000)

    def resume(self) -> None:
        self._library.rd_kafka_mock_broker_set_rtt(self._cluster, self._BROKER, 0)
        self.down()  # answers that are still to come would hold the connection up
        self.up()

    def refuse(self, lane: str) -> None:
        """Refuse a topic for good: TOPIC_AUTHORIZATION_FAILED."""
        self._library.rd_kafka_mock_topic_set_error(
            self._cluster, f"{self.prefix}-{lane}".encode(), 29
        )

    def accept(self, lane: str) -> None:
        self._library.rd_kafka_mock_topic_set_error(
            self._cluster, f"{self.prefix}-{lane}".encode(), 0
        )

    def fail_next(self, error: int, times: int = 1) -> None:
        """Answer the next produce requests with an error."""
        errors = (ctypes.c_int * times)(*[error] * times)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, self._PRODUCE, times, errors
        )

    def close(self) -> None:
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)
