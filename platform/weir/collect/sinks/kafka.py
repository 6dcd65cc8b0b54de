"""Kafka as a sink: an idempotent producer, acknowledged by all in-sync replicas.

Messages of one key (user, else device, else event) keep their order inside a lane. librdkafka calls
back in a thread of its own; a commit hears of all its messages at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from weir.collect.sinks.broker import BrokerSink, Limits, Message, too_large, unavailable
from weir.core.errors import SinkError, SinkFull, UsageError

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer

log = logging.getLogger(__name__)

MESSAGE_BYTES = 5_000_000
POLL_SECONDS = 0.1
TOO_LARGE = frozenset({"MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_MSG_SIZE"})

MakeProducer = Callable[[Mapping[str, Any]], "Producer"]


def options(servers: str, limits: Limits, more: Mapping[str, str]) -> dict[str, Any]:
    """Return librdkafka's options; those of the user win, but for what a 200 depends on."""
    return {
        "client.id": "weir-collector",
        "compression.type": "zstd",
        "linger.ms": 5,
        "log_level": 2,  # what goes wrong is heard by callbacks; each try to reconnect need not be
        "message.max.bytes": limits.message_bytes,
        "queue.buffering.max.messages": 1_000_000,
        "queue.buffering.max.kbytes": limits.flight_bytes // 1024 * 2,
        "message.timeout.ms": int(limits.seconds * 1000),
        "socket.timeout.ms": max(1_000, int(limits.seconds * 500)),
        "reconnect.backoff.max.ms": 2_000,
        **more,
        "bootstrap.servers": servers,
        "acks": "all",
        "enable.idempotence": True,
    }


class KafkaSink(BrokerSink):
    """Sends to the topics `<prefix>-<lane>`.

    Args:
        make: makes a producer; called again when one has failed for good.
        config: librdkafka's options.
        prefix: of the topics.
        limits: its bounds.
        clock: naive UTC time.
        epoch: the number of this writer.
    """

    def __init__(
        self,
        make: MakeProducer,
        config: Mapping[str, Any],
        prefix: str,
        limits: Limits,
        clock: Callable[[], datetime],
        epoch: int = 0,
    ) -> None:
        super().__init__(prefix, limits, clock, epoch)
        self._make, self._config = make, {**config, "error_cb": self._on_error}
        self._fatal = False
        self._producer = make(self._config)
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="kafka-poll", daemon=True)

    def start(self) -> None:
        """Begin to hear of deliveries."""
        self._poller.start()

    async def _send(self, lane: str, messages: list[Message]) -> None:
        if self._fatal:
            self._replace()
        delivery = _Delivery(self, lane, messages)
        delivery.produce(self._producer, self.topics[lane])
        await delivery.done

    async def _end(self) -> None:
        loop = asyncio.get_running_loop()
        left = await loop.run_in_executor(None, self._producer.flush, 1.0)
        if left:
            self._producer.purge()
        self._stopping.set()
        if self._poller.is_alive():
            await loop.run_in_executor(None, self._poller.join, 5.0)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(POLL_SECONDS)

    def _on_error(self, error: KafkaError) -> None:
        """Hear of what concerns no message: lost connections are mended by librdkafka itself."""
        if error.fatal():
            self._fatal = True
        log.log(logging.ERROR if error.fatal() else logging.INFO, "Kafka: %s", error)

    def _replace(self) -> None:
        log.warning("The Kafka producer failed for good and is replaced")
        old, self._fatal = self._producer, False
        self._producer = self._make(self._config)
        old.purge()
        old.poll(0)


class _Delivery:
    """What becomes of one lane's messages of a commit. The poller's thread calls `_heard`."""

    def __init__(self, sink: KafkaSink, lane: str, messages: list[Message]) -> None:
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._sink, self._lane, self._messages = sink, lane, messages
        self._lock = threading.Lock()
        self._left = len(messages)
        self._size = sum([message.size for message in messages])
        self._failure: SinkError | None = None

    def produce(self, producer: Producer, topic: str) -> None:
        """Hand the messages to librdkafka; those that it does not take have failed."""
        for number, message in enumerate(self._messages):
            try:
                producer.produce(
                    topic, message.body, message.key or None, on_delivery=self._heard,
                    headers=list(message.attributes.items()),
                )  # fmt: skip
            except BufferError:
                self._settle(len(self._messages) - number, SinkFull(
                    "The queue to Kafka is full.", "Nothing was acknowledged: send it again later.",
                ))  # fmt: skip
                return
            except Exception as error:  # noqa: BLE001 - KafkaException, which is not imported here
                self._settle(len(self._messages) - number, self._told(error.args[0], message.size))
                return

    def _heard(self, error: KafkaError | None, _message: object) -> None:
        self._settle(1, None if error is None else self._told(error, 0))

    def _told(self, error: Any, size: int) -> SinkError:
        name = error.name() if hasattr(error, "name") else ""
        if name.lstrip("_") in TOO_LARGE:
            return too_large(size or max(m.size for m in self._messages), self._limit)
        return unavailable(self._lane, error)

    @property
    def _limit(self) -> int:
        return self._sink.limits.message_bytes

    def _settle(self, count: int, failure: SinkError | None) -> None:
        with self._lock:
            self._left -= count
            self._failure = self._failure or failure
            left = self._left
        if not left and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        self._sink.flying -= self._size
        if self.done.done():  # the commit gave up before
            return
        if self._failure is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(self._failure)


def parsed(text: str) -> dict[str, str]:
    """Return the options of a `key=value,…` setting.

    Raises:
        UsageError: if a part has no `=`.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if wrong := [part for part in parts if "=" not in part]:
        raise UsageError(
            f"WEIR_KAFKA_OPTIONS has a part without `=`: `{wrong[0].split()[0]}`.",
            "Write key=value,key=value.",
        )
    return {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in parts)}


def producer(config: Mapping[str, Any]) -> Producer:
    """Return a librdkafka producer.

    Raises:
        UsageError: if confluent-kafka is not installed, or an option is wrong.
    """
    try:
        from confluent_kafka import KafkaException, Producer  # noqa: PLC0415 - optional
    except ImportError:
        raise UsageError(
            "WEIR_COLLECT_SINK=kafka needs confluent-kafka, which is not installed.",
            "Run `pip install 'weir[kafka]'`.",
        ) from None
    try:
        return Producer(dict(config), logger=log)
    except KafkaException as error:
        raise UsageError(
            f"Kafka's client refuses its options: {error.args[0].str()}.",
            "Correct WEIR_KAFKA_SERVERS or WEIR_KAFKA_OPTIONS.",
        ) from None
