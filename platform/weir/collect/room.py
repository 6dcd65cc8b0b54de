"""How many bytes of bodies one process holds at a time: its memory is bounded, whoever sends. Pure."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from weir.collect.wire import Refusal


class Room:
    """Room for bodies.

    Args:
        size: in bytes.
    """

    def __init__(self, size: int) -> None:
        self.size, self.used = size, 0

    def guest(self) -> Guest:
        """Return one request's share, empty at first."""
        return Guest(self)


class Guest:
    """What one request holds, until the block ends."""

    def __init__(self, room: Room) -> None:
        self._room, self._held = room, 0

    def take(self, size: int) -> None:
        """Hold more bytes.

        Raises:
            Refusal: 503 if there is no room for them.
        """
        room = self._room
        if room.used + size > room.size:
            raise Refusal(
                503, "busy", f"The collector holds {room.used} bytes of other requests.",
                "Nothing of this one was kept: send it again in a second, or in smaller batches.",
            )  # fmt: skip
        room.used += size
        self._held += size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.used -= self._held
        self._held = 0
