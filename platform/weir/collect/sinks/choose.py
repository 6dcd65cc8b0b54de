"""The broker that a project's settings name. Opening the spool is `weir.collect.server`'s business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from weir.collect.sinks import kafka, pubsub
from weir.collect.sinks.broker import GROWTH, ROOM, BrokerSink, Limits, fits
from weir.core.errors import UsageError
from weir.core.settings import Settings

Clock = Callable[[], datetime]


def broker_of(settings: Settings, clock: Clock, epoch: int = 0) -> BrokerSink:
    """Return the broker sink of `collect_sink`; needs the running loop.

    Raises:
        UsageError: if a setting is missing or wrong, or the broker's library is not installed.
    """
    return (
        _pubsub(settings, clock, epoch)
        if settings.collect_sink == "pubsub"
        else _kafka(settings, clock, epoch)
    )


def _pubsub(settings: Settings, clock: Clock, epoch: int) -> BrokerSink:
    project = _needed(settings.pubsub_project, "WEIR_PUBSUB_PROJECT", "pubsub")
    limits = _limits(settings, pubsub.MESSAGE_BYTES)
    client = pubsub.publisher(settings.pubsub_endpoint)
    return pubsub.PubSubSink(client, project, settings.collect_topic_prefix, limits, clock, epoch)


def _kafka(settings: Settings, clock: Clock, epoch: int) -> BrokerSink:
    servers = _needed(settings.kafka_servers, "WEIR_KAFKA_SERVERS", "kafka")
    limits = _limits(settings, kafka.MESSAGE_BYTES)
    config = kafka.options(servers, limits, kafka.parsed(settings.kafka_options))
    prefix = settings.collect_topic_prefix
    return kafka.KafkaSink(kafka.producer, config, prefix, limits, clock, epoch)


def _needed(value: str, name: str, sink: str) -> str:
    if not value:
        raise UsageError(f"WEIR_COLLECT_SINK={sink} needs {name}.", f"Set {name}.")
    return value


def _limits(settings: Settings, message_bytes: int) -> Limits:
    if not fits(settings.max_event_bytes, message_bytes):
        raise UsageError(
            f"WEIR_MAX_EVENT_BYTES={settings.max_event_bytes} is too large for the sink"
            f" `{settings.collect_sink}`, which takes messages of {message_bytes} bytes.",
            f"Set it to {(message_bytes - ROOM) // GROWTH} at most: a record can be {GROWTH} times"
            " its event.",
        )
    return Limits(settings.collect_sink_seconds, settings.collect_sink_bytes, message_bytes)
