"""The places that keep events, each with a way to read it back, to break it and to mend it.

The spool is real files, Pub/Sub is Google's emulator, Kafka is librdkafka's mock cluster: a broker of
its wire protocol in memory, without replication or disk, that forgets beyond 5 MB per partition.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import orjson
import pytest

from tests.collect.sinks.mock_kafka import (
    FLIGHT_BYTES,
    MESSAGE_BYTES,
    NUMBERS,
    SECONDS,
    KafkaPlace,
    checked,
)
from weir.collect.segments import list_segments, read_segment
from weir.collect.sinks import Sink, pubsub
from weir.collect.sinks.broker import Limits
from weir.collect.spool import Rotation, Spool
from weir.core.clock import utc_now
from weir.core.landing import LANES

EMULATOR = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
PROJECT = "weir-test"


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
            raise OSError(errno.EIO, "Input/output error")
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
        self.prefix = f"weir{next(NUMBERS)}"
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
                yield checked(one.message.data, dict(one.message.attributes), lane)
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
