"""Tokens on a real collector: curl without and with one, a revocation while it runs, and weir's own senders."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pytest

from weir.collect import server
from weir.collect.replay import replay_file
from weir.collect.tokens import Grant, TokenFile
from weir.core.errors import UsageError, WeirError
from weir.core.settings import Settings

ROOT = Path(__file__).parents[2]
EVENT = {
    "id": "e-1", "name": "purchase_item_shop", "version": 1, "time": "2026-01-02T03:04:05Z",
    "params": {"quantity": 2, "price": 25.99},
}  # fmt: skip


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def test_a_collector_that_asks_for_tokens(served: Callable, tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json", utc_now)
    events = tmp_path / "events.ndjson"
    events.write_bytes(orjson.dumps(EVENT))
    with served(tmp_path, collect_auth="required") as url:
        assert httpx.post(f"{url}/v1/events", json=EVENT).status_code == 401
        token, text = tokens.create(Grant("shop"))
        headers = {"authorization": f"Bearer {text}"}
        assert _eventually(200, f"{url}/v1/events", headers)
        settings = Settings(project=ROOT, home=tmp_path)
        with pytest.raises(WeirError, match="WEIR_COLLECT_TOKEN"):
            replay_file(settings, events, url=url)
        own = Settings(project=ROOT, home=tmp_path, collect_token=text)
        assert text not in repr(own)
        assert replay_file(own, events, url=url).verdicts == {"accepted": 1}
        tokens.revoke(token.id)
        assert _eventually(401, f"{url}/v1/events", headers)
    said = (tmp_path / "log").read_text()
    assert text[16:] not in said


def test_a_collector_for_others_needs_tokens(tmp_path: Path) -> None:
    settings = Settings(project=ROOT, home=tmp_path, collect_host="0.0.0.0", collect_port=0)
    with pytest.raises(UsageError, match="take events from anyone"):
        server.serve(settings)


def _eventually(status: int, url: str, headers: dict) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if httpx.post(url, json=EVENT, headers=headers).status_code == status:
            return True
        time.sleep(0.1)
    return False
