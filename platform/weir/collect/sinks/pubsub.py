"""Google Pub/Sub as a sink: one publish request per lane of a commit, acknowledged by the service.

A request is taken or refused as a whole. No order is promised: landing orders by arrival time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from weir.collect.sinks.broker import BrokerSink, Limits, Message, chunks, unavailable
from weir.core.errors import UsageError

if TYPE_CHECKING:
    from google.pubsub_v1 import PublisherAsyncClient
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

MESSAGE_BYTES = 9_500_000  # the service takes 10 MB per message and per request
REQUEST_BYTES = 9_500_000
REQUEST_MESSAGES = 1_000


class PubSubSink(BrokerSink):
    """Sends to the topics `projects/<project>/topics/<prefix>-<lane>`.

    Args:
        client: Google's asynchronous publisher.
        project: the Google Cloud project.
        prefix: of the topics.
        limits: its bounds.
        clock: naive UTC time.
        epoch: the number of this writer.
    """

    def __init__(
        self,
        client: PublisherAsyncClient,
        project: str,
        prefix: str,
        limits: Limits,
        clock: Callable[[], datetime],
        epoch: int = 0,
    ) -> None:
        super().__init__(prefix, limits, clock, epoch)
        self._client, self._project = client, project

    async def _send(self, lane: str, messages: list[Message]) -> None:
        sending = [self._publish(lane, chunk) for chunk in _requests(messages)]
        try:
            outcomes = await asyncio.gather(*sending, return_exceptions=True)
        finally:
            self.flying -= sum([message.size for message in messages])
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _publish(self, lane: str, chunk: list[Message]) -> None:
        topic = f"projects/{self._project}/topics/{self.topics[lane]}"
        body = [{"data": m.body, "attributes": m.attributes} for m in chunk]
        answer = await self._client.publish(
            request={"topic": topic, "messages": body}, timeout=self.limits.seconds
        )
        if len(answer.message_ids) != len(chunk) or not all(answer.message_ids):
            raise unavailable(lane, f"{len(answer.message_ids)} of {len(chunk)} were taken")

    async def _end(self) -> None:
        await self._client.transport.close()  # type: ignore[no-untyped-call]


def _requests(messages: list[Message]) -> list[list[Message]]:
    return list(chunks(messages, REQUEST_MESSAGES, REQUEST_BYTES))


def publisher(endpoint: str = "") -> PublisherAsyncClient:
    """Return Google's publisher; needs the running loop.

    Args:
        endpoint: `host:port` of an emulator, reached without TLS and credentials; empty for Google.

    Raises:
        UsageError: if google-cloud-pubsub is not installed, or there are no credentials.
    """
    try:
        from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415 - optional
        from google.pubsub_v1 import PublisherAsyncClient  # noqa: PLC0415 - optional
    except ImportError:
        raise UsageError(
            "WEIR_COLLECT_SINK=pubsub needs google-cloud-pubsub, which is not installed.",
            "Run `pip install 'weir[google]'`.",
        ) from None
    try:
        return PublisherAsyncClient(transport=_transport(endpoint) if endpoint else None)
    except DefaultCredentialsError as error:
        raise UsageError(
            f"There are no credentials for Pub/Sub: {error}",
            "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.",
        ) from None


def _transport(endpoint: str) -> PublisherGrpcAsyncIOTransport:
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 - optional
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport  # noqa: PLC0415 - optional

    channel = grpc.aio.insecure_channel(
        endpoint, options=[("grpc.max_reconnect_backoff_ms", 2_000)]
    )
    return PublisherGrpcAsyncIOTransport(channel=channel)
