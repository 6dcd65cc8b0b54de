"""What the client raises into the app: wrong use only. What goes wrong on the way is told by callbacks.

WeirClientError
├── InvalidEvent   an event that no collector could keep
├── QueueError     the queue's file cannot be used
└── ClientClosed   `track` after `close`
"""

from __future__ import annotations


class WeirClientError(Exception):
    """Base of the client's errors."""


class InvalidEvent(WeirClientError, ValueError):
    """An event that cannot be sent as it is."""


class QueueError(WeirClientError):
    """The queue's file cannot be opened or is in use."""


class ClientClosed(WeirClientError, RuntimeError):
    """The client was closed."""
