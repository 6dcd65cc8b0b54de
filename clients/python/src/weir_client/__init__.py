"""Sends events to a Weir collector: batched, kept while offline, each landing once.

`Client.track` gives an event its id and time and puts it into a queue; one thread sends the queue
in batches and takes an event out when the collector has answered for it. A retry has the same id,
so a doubled delivery is one accepted event. Standard library only.
"""

from weir_client.answers import Verdict
from weir_client.client import Client
from weir_client.errors import ClientClosed, InvalidEvent, QueueError, WeirClientError
from weir_client.events import uuid7
from weir_client.options import Dropped, Options, Problem, Stats
from weir_client.queue import FileQueue, MemoryQueue, Queue
from weir_client.transport import Answer, HttpTransport, Transport, Unreachable

__all__ = [
    "Answer",
    "Client",
    "ClientClosed",
    "Dropped",
    "FileQueue",
    "HttpTransport",
    "InvalidEvent",
    "MemoryQueue",
    "Options",
    "Problem",
    "Queue",
    "QueueError",
    "Stats",
    "Transport",
    "Unreachable",
    "Verdict",
    "WeirClientError",
    "uuid7",
]
