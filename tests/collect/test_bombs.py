"""Bodies made to hurt: gzip bombs, endless members; and schemas made to make the collector call out."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from weir.collect.wire import MAX_MEMBERS, Body, Refusal, decompress
from weir.registry import compile_event, load
from weir.registry.model import Event

LIMIT = 1_000_000


def refused(data: bytes, limit: int = LIMIT) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decompress(Body(data, b"", b"gzip"), limit)
    return caught.value


def peak(data: bytes) -> int:
    """Return the most memory that refusing the data took, in bytes."""
    tracemalloc.start()
    try:
        assert refused(data).code == "body_too_large"
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_of_1_to_1000_is_refused_within_the_limit() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    assert len(bomb) < 200_000
    assert peak(bomb) < 4 * LIMIT


def test_a_bomb_of_many_members_is_refused_within_the_limit() -> None:
    assert peak(gzip.compress(bytes(99_999)) * 5_000) < 4 * LIMIT


def test_a_bomb_inside_a_bomb_is_opened_once() -> None:
    inner = gzip.compress(bytes(50_000_000))
    opened = decompress(Body(gzip.compress(inner), b"", b"gzip"), LIMIT)
    assert opened == inner


def test_endless_empty_members_end_soon() -> None:
    empty = gzip.compress(b"")
    began = time.perf_counter()
    assert "members" in refused(empty * 1_000_000).message
    assert time.perf_counter() - began < 5
    assert decompress(Body(empty * MAX_MEMBERS, b"", b"gzip"), LIMIT) == b""


@pytest.mark.parametrize("cut", [1, 9, 15, -1, -5])
def test_a_stream_that_ends_early(cut: int) -> None:
    whole = gzip.compress(b"x" * 40_000)
    assert refused(whole[:cut]).code == "broken_gzip"
    assert refused(whole + whole[:cut]).code == "broken_gzip"


def test_what_follows_a_stream_is_no_part_of_it() -> None:
    assert refused(gzip.compress(b"{}") + b"tail").code == "broken_gzip"
    assert refused(gzip.compress(b"{}") + b"\0" * 8).code == "broken_gzip"


@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, LIMIT])
def test_bodies_up_to_the_limit_come_out_whole(size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    for level in (0, 9):
        packed = gzip.compress(data, level)
        assert decompress(Body(packed, b"", b"gzip"), LIMIT) == data
        if size:
            assert refused(packed, size - 1).status == 413


def test_a_raw_deflate_stream_is_no_gzip() -> None:
    assert refused(zlib.compress(b"{}")).code == "broken_gzip"


@pytest.fixture
def listener() -> socket.socket:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_no_schema_makes_a_connection(listener: socket.socket, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
    schemas = [
        {"type": "object", "properties": {"a": {"$ref": url}}},
        {"type": "object", "properties": {"a": {"$ref": f"{url}#/$defs/x"}}},
        {"$schema": url, "type": "object", "properties": {"a": {"type": "string"}}},
        {"$id": url, "type": "object", "properties": {"a": {"$ref": "other.json"}}},
        {"type": "object", "properties": {"a": {"$dynamicRef": url}}},
    ]
    template = load(Path(__file__).parents[2] / "assets" / "events").get("purchase_item_shop")
    for schema in schemas:
        event = Event(**{**_fields(template), "versions": {1: schema}})
        with contextlib.suppress(Exception):  # whatever it is: nobody may be called
            compile_event(event).violations(1, {"a": "x"})
        folder = tmp_path / "events" / "shop" / "purchase_item_shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "event.json").write_text(json.dumps({"name": "purchase_item_shop"}))
        (folder / "v1.json").write_text(json.dumps(schema))
        with pytest.raises(ExceptionGroup):
            load(tmp_path / "events")
    with pytest.raises(BlockingIOError):
        listener.accept()


def _fields(event: Event) -> dict:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}
