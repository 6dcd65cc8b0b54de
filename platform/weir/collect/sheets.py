"""One small file that one process writes again and again, and others read whole. Bytes only.

The file has two halves, written in turn: whoever reads while one is written, or after a kill in its
middle, finds the other. Its space is taken when it is made, so a full disk stops no writing. What is
said on it is not made durable: it is worth nothing after the machine's end.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

HALF_BYTES = 32_768
_HEAD = struct.Struct("<QII")


class Sheet:
    """A file for one writer.

    Args:
        path: the file; one that is there is replaced at the first `write`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd, self._half, self._number = -1, 0, 0

    def write(self, body: bytes) -> None:
        """Say something instead of what was said before.

        Raises:
            OSError: if the file cannot be made, or made larger; what it said before stands.
        """
        self._number += 1
        text = _HEAD.pack(self._number, len(body), zlib.crc32(body)) + body
        if len(text) > self._half:
            self._replace(text)
        else:
            os.pwrite(self._fd, text, (self._number % 2) * self._half)

    def close(self) -> None:
        """Let go of the file; it stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _replace(self, text: bytes) -> None:
        """Put a file in its place that has room for the text."""
        half = max(HALF_BYTES, 2 * len(text))
        fresh = self.path.with_suffix(".new")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            os.posix_fallocate(fd, 0, 2 * half)
            os.pwrite(fd, text, (self._number % 2) * half)
            fresh.replace(self.path)
        except OSError:
            os.close(fd)
            with suppress(OSError):
                fresh.unlink()
            raise
        self.close()
        self._fd, self._half = fd, half


def read_sheet(path: Path) -> bytes | None:
    """Return what a sheet says, or None where it is not there or says nothing (yet)."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    half = len(content) // 2
    said = [found for at in (0, half) if (found := _half(content, at, half)) is not None]
    return max(said)[1] if said else None


def _half(content: bytes, at: int, room: int) -> tuple[int, bytes] | None:
    if room < _HEAD.size:
        return None
    number, length, crc = _HEAD.unpack_from(content, at)
    body = content[at + _HEAD.size : at + _HEAD.size + length]
    right = number and len(body) == length and zlib.crc32(body) == crc
    return (number, body) if right else None
