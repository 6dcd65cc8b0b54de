"""Pages of listed origins may send; no other page is told anything, and no cookie is ever asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from weir.collect.app import Collector, Limits
from weir.collect.cors import Cors
from weir.collect.rules import Rules
from weir.collect.spool import Rotation, Spool

NOW = datetime(2026, 11, 21, 5, 40)
SHOP, EVIL = "https://shop.example", "https://shop.example.evil"
ASKING = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
}


@pytest.fixture
def played(spool_dir: Path, rules: Rules) -> Callable[..., None]:
    def play(cors: Cors | None, story: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        async def main() -> None:
            spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: NOW)
            app = Collector(spool, rules, Limits(10_000, 50_000), lambda: "id", cors=cors)
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
                await story(client)
            await spool.close()

        asyncio.run(main())

    return play


def allowed(answer: httpx.Response) -> str | None:
    assert "access-control-allow-credentials" not in answer.headers
    return answer.headers.get("access-control-allow-origin")


def test_a_listed_page_may_ask_and_send(played: Callable, event: Callable) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/events", headers={"origin": SHOP, **ASKING})
        assert (asked.status_code, allowed(asked), asked.content) == (204, SHOP, b"")
        assert "POST" in asked.headers["access-control-allow-methods"]
        for name in ("authorization", "content-type", "content-encoding", "x-weir-origin"):
            assert name in asked.headers["access-control-allow-headers"]
        assert asked.headers["vary"] == "Origin"
        sent = await client.post("/v1/events", json=event(), headers={"origin": SHOP})
        assert (sent.status_code, allowed(sent), sent.headers["vary"]) == (200, SHOP, "Origin")
        refused = await client.post("/v1/events", content=b"no", headers={"origin": SHOP})
        assert (refused.status_code, allowed(refused)) == (400, SHOP)
        assert "retry-after" in refused.headers["access-control-expose-headers"]

    played(Cors.of(f"https://a.example, {SHOP}"), story)


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "https://SHOP.example", "http://shop.example", ""]
)
def test_other_pages_are_refused_and_told_nothing(
    played: Callable, event: Callable, origin: str
) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/events", headers={"origin": origin, **ASKING})
        assert (asked.status_code, allowed(asked)) == (403, None)
        error = asked.json()["error"]
        assert error["code"] == "origin_not_allowed"
        assert "WEIR_COLLECT_CORS_ORIGINS" in error["remedy"]
        sent = await client.post("/v1/events", json=event(), headers={"origin": origin})
        assert (sent.status_code, allowed(sent), sent.headers["vary"]) == (200, None, "Origin")

    played(Cors.of(SHOP), story)


def test_any_page(played: Callable) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/batch", headers={"origin": EVIL, **ASKING})
        assert (asked.status_code, allowed(asked)) == (204, "*")
        assert "vary" not in asked.headers

    played(Cors.of("*"), story)


@pytest.mark.parametrize("cors", [None, Cors.of("")])
def test_without_a_list_no_page_may(played: Callable, event: Callable, cors: Cors | None) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/events", headers={"origin": SHOP, **ASKING})
        assert (asked.status_code, allowed(asked)) == (403, None)
        sent = await client.post("/v1/events", json=event(), headers={"origin": SHOP})
        assert (sent.status_code, allowed(sent)) == (200, None)
        assert "vary" not in sent.headers
        assert (await client.options("/v1/nothing")).status_code == 404

    played(cors, story)
