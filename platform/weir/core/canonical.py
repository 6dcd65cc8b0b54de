"""Canonical JSON, payload hashes and fingerprints. Pure: no I/O.

`payload_hash` decides whether two landed events are the same one. `fingerprint` is additive: the
sum over a set is compared between stages, so a swapped event shows where counts would agree.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

_SORTED = orjson.OPT_SORT_KEYS
_SAFE_INTEGER = 2**53 - 1  # RFC 8785 numbers are IEEE doubles


def _plain(value: Any) -> bool:
    """Tell whether orjson's sorted output of `value` already is its RFC 8785 form.

    The two differ in the order of non-ASCII keys (UTF-16 code units), in integers beyond 2^53 and
    in how whole, very small and very large floats are written.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    if kind is float:
        return bool(1e-3 <= abs(value) < 1e15 and not value.is_integer())
    if kind is dict:
        for key, child in value.items():
            if not key.isascii() or not (type(child) is str or _plain(child)):
                return False
        return True
    return kind is list and all(map(_plain, value))


def _in_range(value: Any) -> Any:
    """Return `value` with integers beyond 2^53 as tagged text, which RFC 8785 cannot carry."""
    if isinstance(value, dict):
        return {k: _in_range(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_in_range(v) for v in value]
    if isinstance(value, int) and not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        return f"integer:{value}"
    return value


def canonical_json(value: Any) -> bytes:
    """Return the canonical UTF-8 JSON of `value` (RFC 8785, JSON Canonicalization Scheme).

    Integers beyond 2^53 have no RFC 8785 form; they are written as the text `integer:<digits>`.

    >>> canonical_json({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    if _plain(value):
        return orjson.dumps(value, option=_SORTED)
    return rfc8785.dumps(_in_range(value))


def payload_hash(event: Mapping[str, Any], text: bytes | None = None) -> str:
    """Return 32 hex digits that identify an event's content, without its `sent_at`.

    A sender that retries stamps a new `sent_at`; the event is still the same one.

    Args:
        event: the event.
        text: what orjson writes for it with sorted keys, where that is at hand.
    """
    body = event
    if "sent_at" in event:
        body = {k: v for k, v in event.items() if k != "sent_at"}
    elif text is not None and _plain(event):
        return hashlib.blake2b(text, digest_size=16).hexdigest()
    return hashlib.blake2b(canonical_json(body), digest_size=16).hexdigest()


def raw_hash(raw: bytes) -> str:
    """Return the payload hash of a body that is no JSON object."""
    return hashlib.blake2b(raw, digest_size=16, person=b"weir-raw").hexdigest()


def fingerprint(lane: str, epoch: int, offset: int, payload: str) -> tuple[int, int, int, int]:
    """Return H(receipt id ‖ payload hash) as four 32-bit integers for SQL to sum.

    Args:
        lane: the spool lane.
        epoch: the collector epoch of the lane.
        offset: the record's number inside (lane, epoch).
        payload: the event's `payload_hash`.
    """
    text = f"{lane}/{epoch}/{offset}/{payload}".encode()
    digest = hashlib.blake2b(text, digest_size=16).digest()
    a, b, c, d = struct.unpack("<IIII", digest)
    return a, b, c, d
