"""One worker of the collector: what its supervisor hands it, and its life.

The listening socket, the spool's lock and the epoch come from the supervisor. A worker loads the
events itself, so a new worker is also how a new version of Weir or of its settings comes in.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import NamedTuple

from weir.collect.server import open_sink, run
from weir.collect.writers import writer_of
from weir.core.settings import Settings


class Seat(NamedTuple):
    """What a worker inherits: an epoch, and the numbers of open descriptors.

    `heir` is 1 for one that replaces a crashed one: then the last right event files will do.
    """

    epoch: int
    listener: int
    ready: int
    lifeline: int
    heir: int = 0

    def text(self) -> str:
        """Return it as a command-line argument."""
        return ",".join(str(number) for number in self)

    @classmethod
    def parse(cls, text: str) -> Seat:
        """Return the seat of a command-line argument.

        >>> Seat.parse("7,3,4,5").epoch
        7
        """
        return cls(*map(int, text.split(",")))


def work(settings: Settings, seat: Seat) -> None:
    """Collect until a signal, or until the supervisor has gone.

    Raises:
        SpoolError: if another process writes this epoch.
        ExceptionGroup: if event files are wrong.
    """
    writer = writer_of(settings.spool_dir, seat.epoch)

    def ready() -> None:
        with suppress(BrokenPipeError):  # the supervisor has just gone: the lifeline tells
            os.write(seat.ready, b"ready")
        os.close(seat.ready)

    run(
        settings,
        None,
        socket.socket(fileno=seat.listener),
        lambda: open_sink(settings, writer),
        ready,
        seat.lifeline,
        fallback=bool(seat.heir),
    )
