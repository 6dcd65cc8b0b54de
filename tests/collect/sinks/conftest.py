"""The places that keep events, each with a way to read it back, to break it and to mend it.

The spool is real files, Pub/Sub is Google's emulator, Kafka is librdkafka's mock cluster: a broker of
its wire protocol in memory, without replication or disk, that forgets beyond 5 MB per partition.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import itertools
import os
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson
import pytest

from weir.collect.segments import list_segments, read_segment
from weir.collect.sinks import Sink, kafka, pubsub
from weir.collect.sinks.broker import Limits
from weir.collect.spool import Rotation, Spool
from weir.core.landing import LANES

SECONDS = 1.5
MESSAGE_BYTES = 300_000
FLIGHT_BYTES = 2_000_000
EMULATOR = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
PROJECT = "weir-test"
_NUMBERS = itertools.count()


class Place(Protocol):
    """What the suite needs of a place. `open` is called inside the running loop."""

    name: str
    ordered: bool

    def open(self) -> Sink: ...
    def stored(self) -> dict[str, list[dict]]: ...
    def down(self) -> None: ...
    def up(self) -> None: ...
    def hang(self) -> None: ...
    def resume(self) -> None: ...
    def refuse(self, lane: str) -> None: ...
    def accept(self, lane: str) -> None: ...


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class SpoolPlace:
    """The spool in a folder; its disk is full on order."""

    name, ordered = "spool", True

    def __init__(self, folder: Path) -> None:
        self._folder, self._full, self._refused = folder, False, ""

    def open(self) -> Sink:
        return Spool(self._folder, Rotation(10**9, 3600), utc_now, write=self._write)

    def _write(self, descriptor: int, data: bytes) -> int:
        here = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if self._full or (self._refused and f"/{self._refused}/" in here):
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, data)

    def stored(self) -> dict[str, list[dict]]:
        return {
            lane: [
                orjson.loads(payload)
                for segment in list_segments(self._folder, lane, complete=None)
                for _, payload in read_segment(segment.path)
            ]
            for lane in LANES
        }

    def down(self) -> None:
        self._full = True

    def up(self) -> None:
        self._full = False

    def hang(self) -> None:
        pytest.skip("a disk that hangs stops its process in the kernel: nothing here can bound it")

    def resume(self) -> None: ...

    def refuse(self, lane: str) -> None:
        self._refused = lane

    def accept(self, lane: str) -> None:
        self._refused = ""


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
        self.prefix = f"weir{next(_NUMBERS)}"
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
                found[lane].append(_checked(message.value(), dict(message.headers()), lane))
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


class PubSubPlace:
    """Google's emulator, in a process of its own on a loopback port."""

    name, ordered = "pubsub", False

    def __init__(self) -> None:
        jars = sorted(EMULATOR.glob("*.jar"))
        java = shutil.which("java")
        if not jars or java is None:
            pytest.skip("the Pub/Sub emulator is not installed (gcloud components install)")
        self._command = [java, "-Xmx256m", "-jar", str(jars[-1])]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.endpoint = f"127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.prefix = ""
        self._run()

    def fresh(self) -> None:
        """Give the next test topics of its own."""
        self.prefix = f"weir{next(_NUMBERS)}"
        if self._process is None:
            self._run()
        for lane in LANES:
            self.accept(lane)

    def open(self) -> Sink:
        limits = Limits(SECONDS, FLIGHT_BYTES, MESSAGE_BYTES)
        client = pubsub.publisher(self.endpoint)
        return pubsub.PubSubSink(client, PROJECT, self.prefix, limits, utc_now)

    def stored(self) -> dict[str, list[dict]]:
        with self._clients() as (_, subscriber):
            return {lane: list(self._pull(subscriber, lane)) for lane in LANES}

    def _pull(self, subscriber: object, lane: str) -> Iterator[dict]:
        name = f"projects/{PROJECT}/subscriptions/{self.prefix}-{lane}"
        while True:
            with warnings.catch_warnings():  # the emulator's other way is to wait for 90 s
                warnings.simplefilter("ignore", DeprecationWarning)
                answer = subscriber.pull(
                    subscription=name, max_messages=1000, return_immediately=True
                )
            if not answer.received_messages:
                return
            for one in answer.received_messages:
                yield _checked(one.message.data, dict(one.message.attributes), lane)
            acks = [one.ack_id for one in answer.received_messages]
            subscriber.acknowledge(subscription=name, ack_ids=acks)

    def _clients(self) -> object:
        import grpc
        from google.pubsub_v1 import PublisherClient, SubscriberClient
        from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
        from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

        @contextmanager
        def clients() -> Iterator[tuple[PublisherClient, SubscriberClient]]:
            with grpc.insecure_channel(self.endpoint) as channel:
                yield (
                    PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
                    SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
                )

        return clients()

    def down(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def up(self) -> None:
        """Start it; it keeps nothing on disk, so its topics are made anew."""
        self._run()
        for lane in LANES:
            self.accept(lane)

    def _run(self) -> None:
        self._process = subprocess.Popen(
            [*self._command, "--host=127.0.0.1", f"--port={self._port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    break
            time.sleep(0.05)

    def hang(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def refuse(self, lane: str) -> None:
        with self._clients() as (publisher, subscriber):
            publisher.delete_topic(topic=f"projects/{PROJECT}/topics/{self.prefix}-{lane}")
            subscriber.delete_subscription(
                subscription=f"projects/{PROJECT}/subscriptions/{self.prefix}-{lane}"
            )

    def accept(self, lane: str) -> None:
        topic = f"projects/{PROJECT}/topics/{self.prefix}-{lane}"
        with self._clients() as (publisher, subscriber):
            publisher.create_topic(name=topic)
            subscriber.create_subscription(
                name=f"projects/{PROJECT}/subscriptions/{self.prefix}-{lane}", topic=topic
            )

    def close(self) -> None:
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)
        self.down()


def _checked(body: bytes, attributes: dict, lane: str) -> dict:
    """Return a message's record; its attributes must say the same."""
    record = orjson.loads(body)
    said = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    assert said["tier"] == lane
    assert said["receipt"] == record["receipt"]
    assert said["verdict"] == record["verdict"]
    assert (record["event_name"] or "").startswith(said["event_name"])
    return record


@pytest.fixture(scope="session")
def mock_cluster() -> Iterator[KafkaPlace]:
    place = KafkaPlace()
    yield place
    place.close()


@pytest.fixture(scope="session")
def emulator() -> Iterator[PubSubPlace]:
    place = PubSubPlace()
    yield place
    place.close()


@pytest.fixture
def kafka_place(mock_cluster: KafkaPlace) -> KafkaPlace:
    mock_cluster.up()
    mock_cluster.fresh()
    return mock_cluster


@pytest.fixture
def pubsub_place(emulator: PubSubPlace) -> PubSubPlace:
    emulator.fresh()
    return emulator


@pytest.fixture(params=["spool", "pubsub", "kafka"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "spool":
        return SpoolPlace(tmp_path / "spool")
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
def play(place: Place) -> Callable:
    """Run a story with the place's sink, closed at the end."""

    def run(story: Callable, opened: Callable[[], Sink] | None = None) -> None:
        async def main() -> None:
            sink = (opened or place.open)()
            try:
                await story(sink)
            finally:
                await sink.close()

        asyncio.run(main())

    return run
