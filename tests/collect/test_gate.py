"""Who is admitted: tokens, limits, environments, strictness, and nothing of a refused request kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pytest

from weir.collect import rates as rates_module
from weir.collect.app import Collector, Limits
from weir.collect.gate import Gate, check_exposure
from weir.collect.judging import Judging
from weir.collect.producers import Producer
from weir.collect.rates import Rates, Window
from weir.collect.rules import Rules
from weir.collect.segments import list_segments, read_segment
from weir.collect.spool import Rotation, Spool
from weir.collect.tokens import Grant, TokenFile
from weir.collect.verdict import judge, unreadable
from weir.core.errors import UsageError
from weir.core.landing import LANES

NOW = datetime(2026, 11, 21, 5, 40)
Story = Callable[[httpx.AsyncClient], Awaitable[None]]


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now, self.seconds = NOW, 0.0

    def step(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path, clock: Clock) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json", lambda: clock.now)


@pytest.fixture
def gate(tokens: TokenFile, clock: Clock) -> Gate:
    return Gate(tokens, required=True, clock=lambda: clock.now, monotonic=lambda: clock.seconds)


@pytest.fixture
def played(spool_dir: Path, rules: Rules, gate: Gate) -> Callable[[Story], dict[str, list[dict]]]:
    """Play a story against a collector that asks for tokens; return the records it left, by lane."""

    def play(story: Story) -> dict:
        async def main() -> Collector:
            spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: NOW)
            limits = Limits(10_000, 50_000, 0.2)
            app = Collector(spool, rules, limits, lambda: "server-id", gate=gate)
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
                await story(client)
            await spool.close()
            return app

        asyncio.run(main())
        return {
            lane: [
                orjson.loads(payload)
                for segment in list_segments(spool_dir, lane, complete=None)
                for _, payload in read_segment(segment.path)
            ]
            for lane in LANES
        }

    return play


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_the_token_stamps_its_producer(
    played: Callable, tokens: TokenFile, event: Callable
) -> None:
    _, text = tokens.create(Grant("shop-web", channel="client"))

    async def story(client: httpx.AsyncClient) -> None:
        for scheme in ("Bearer", "bearer"):
            headers = {"authorization": f"{scheme} {text}"}
            answer = await client.post("/v1/events", json=event(), headers=headers)
            assert answer.status_code == 200
        answer = await client.post("/v1/batch", content=b"no\n", headers=bearer(text))
        assert answer.status_code == 400
        ndjson = {"content-type": "application/x-ndjson", **bearer(text)}
        assert (await client.post("/v1/batch", content=b"no\n", headers=ndjson)).status_code == 200

    kept = played(story)
    rows = [*kept["normal"], *kept["quarantine"]]
    assert [(r["producer"], r["environment"], r["channel"]) for r in rows] == [
        ("shop-web", "prod", "client")
    ] * 3


WRONG = [
    ({}, "only with a write token"),
    ({"authorization": "Basic dXNlcjpwYXNz"}, "no Bearer token"),
    ({"authorization": "Bearer"}, "no write token of Weir"),
    ({"authorization": "Bearer secret"}, "no write token of Weir"),
    ({"authorization": "Bearer weir_0123456789_" + "0" * 40}, "unknown"),
    ({"authorization": "Bearer \xff"}, "no write token of Weir"),
    ({"content-type": "text/plain;token=weir_0123456789_" + "0" * 40}, "unknown"),
]


@pytest.mark.parametrize(("headers", "why"), WRONG)
def test_without_a_valid_token_nothing_is_kept(
    played: Callable, tokens: TokenFile, event: Callable, headers: dict, why: str
) -> None:
    tokens.create(Grant("shop"))

    async def story(client: httpx.AsyncClient) -> None:
        raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
        answer = await client.post("/v1/events", content=orjson.dumps(event()), headers=raw)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (401, "unauthorized")
        assert why in error["message"]
        assert "weir tokens create" in error["remedy"]
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert (await client.get("/healthz")).json()["counts"] == {"unauthorized": 1}

    assert not any(played(story).values())


def test_a_secret_of_another_token_proves_nothing(gate: Gate, tokens: TokenFile) -> None:
    one, two = tokens.create(Grant("one"))[1], tokens.create(Grant("two"))[1]
    mixed = one.rsplit("_", 1)[0] + "_" + two.rsplit("_", 1)[1]
    with pytest.raises(Exception, match="unknown"):
        gate.admit({b"authorization": b"Bearer " + mixed.encode()}, None)


def test_changes_reach_a_running_gate(gate: Gate, tokens: TokenFile, clock: Clock) -> None:
    token, text = tokens.create(Grant("shop", lasts=timedelta(hours=1)))
    headers = {b"authorization": b"Bearer " + text.encode()}
    assert gate.admit(headers, None).name == "shop"
    tokens.revoke(token.id)
    assert gate.admit(headers, None).name == "shop"  # looked at most once a second
    clock.step(1)
    with pytest.raises(Exception, match="is revoked"):
        gate.admit(headers, None)
    new, text = tokens.create(Grant("shop", lasts=timedelta(hours=1)))
    clock.step(1)
    headers = {b"authorization": b"Bearer " + text.encode()}
    assert gate.admit(headers, None).token == new.id
    clock.step(3600)
    with pytest.raises(Exception, match="is expired"):
        gate.admit(headers, None)


def test_a_file_that_broke_leaves_the_known_tokens_in_force(
    gate: Gate, tokens: TokenFile, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = tokens.create(Grant("shop"))
    headers = {b"authorization": b"Bearer " + text.encode()}
    assert gate.admit(headers, None).name == "shop"
    tokens.path.write_bytes(b"{broken")
    clock.step(2)
    assert gate.admit(headers, None).name == "shop"
    assert "stay in force" in caplog.text


def test_no_token_is_ever_logged(
    played: Callable, tokens: TokenFile, event: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = tokens.create(Grant("shop"))
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")

    async def story(client: httpx.AsyncClient) -> None:
        for token in (text, wrong):
            answer = await client.post("/v1/events", json=event(), headers=bearer(token))
            assert token[16:] not in answer.text

    with caplog.at_level(logging.DEBUG):
        played(story)
    assert text[16:] not in caplog.text
    assert wrong[16:] not in caplog.text


def test_off_takes_anyone_but_no_wrong_token(tokens: TokenFile) -> None:
    gate = Gate(tokens, required=False, clock=lambda: NOW)
    assert gate.admit({}, None).name == "anonymous"
    with pytest.raises(Exception, match="unknown"):
        gate.admit({b"authorization": b"Bearer weir_0123456789_" + b"0" * 40}, None)


def test_a_beacon_carries_its_token_in_its_type(
    played: Callable, tokens: TokenFile, event: Callable
) -> None:
    _, browser = tokens.create(Grant("web", channel="client"))
    _, server = tokens.create(Grant("backend"))

    async def story(client: httpx.AsyncClient) -> None:
        for text, status in ((browser, 200), (server, 401)):
            headers = {"content-type": f"text/plain;charset=utf-8;token={text}"}
            body = orjson.dumps(event())
            answer = await client.post("/v1/events", content=body, headers=headers)
            assert answer.status_code == status

    assert [row["producer"] for row in played(story)["normal"]] == ["web"]


def test_a_token_for_some_origins(played: Callable, tokens: TokenFile, event: Callable) -> None:
    _, text = tokens.create(Grant("web", channel="client", origins=("https://shop.example",)))

    async def story(client: httpx.AsyncClient) -> None:
        for origin, status in (
            ("https://shop.example", 200), ("https://evil.example", 403), (None, 403),
        ):  # fmt: skip
            headers = bearer(text) | ({"origin": origin} if origin else {})
            answer = await client.post("/v1/events", json=event(), headers=headers)
            assert answer.status_code == status
        assert answer.json()["error"]["code"] == "origin_not_allowed"
        assert "https://shop.example" in answer.json()["error"]["remedy"]

    assert len(played(story)["normal"]) == 1


def test_events_that_a_token_is_not_for(judging: Judging, event: Callable, rules: Rules) -> None:
    producer = Producer("shop", events=("buy_*_shop", "view_*"))
    held = Judging(rules, NOW, lambda: "x", 10_000, producer=producer)
    assert judge(event(name="buy_item_shop"), held).verdict == "accepted"
    record = judge(event(), held)
    assert (record.verdict, record.lane) == ("quarantined", "quarantine")
    (found,) = record.violations
    assert (found.pointer, found.rule) == ("/name", "not_allowed")
    assert "buy_*_shop, view_*" in found.expected


@pytest.mark.parametrize(
    ("changes", "lenient", "strict", "rules_broken"),
    [
        ({}, "accepted", "accepted", []),
        ({"params": {"item_id": 1, "x": 2}}, "flagged", "quarantined", ["undeclared"]),
        ({"colour": "red"}, "flagged", "quarantined", ["undeclared"]),
        ({"id": ...}, "accepted", "quarantined", ["missing"]),
        ({"version": None}, "accepted", "quarantined", ["missing"]),
        ({"sent_at": "now"}, "flagged", "quarantined", ["wrong_type"]),
        ({"name": "lax_item_home", "params": {}}, "flagged", "quarantined", ["type"]),
        ({"name": "strict_item_home", "version": ...}, "accepted", "rejected", ["missing"]),
        ({"id": ..., "version": ..., "colour": 1}, "flagged", "quarantined",
         ["missing", "missing", "undeclared"]),
    ],
)  # fmt: skip
def test_a_strict_token_quarantines_what_is_else_flagged(
    rules: Rules, event: Callable, judging: Judging, changes: dict, lenient: str, strict: str,
    rules_broken: list[str],
) -> None:  # fmt: skip
    held = Judging(rules, NOW, lambda: "x", 10_000, producer=Producer("p", strict=True))
    assert judge(event(**changes), judging).verdict == lenient
    record = judge(event(**changes), held)
    assert record.verdict == record.columns["verdict"] == strict
    assert sorted(v.rule for v in record.violations) == rules_broken


def test_test_traffic_is_judged_and_kept_apart(rules: Rules, event: Callable) -> None:
    producer = Producer("app", environment="test")
    held = Judging(rules, NOW, lambda: "x", 10_000, producer=producer)
    sent = [event(), event(colour=1), event(params={}), [1]]
    records = [judge(item, held) for item in sent] + [unreadable(b"{", "why", held)]
    assert [r.verdict for r in records] == [
        "accepted", "flagged", "quarantined", "quarantined", "quarantined",
    ]  # fmt: skip
    for record in records:
        assert (record.lane, record.columns["verdict"]) == ("quarantine", "quarantined")
        assert record.columns["environment"] == "test"
        first = orjson.loads(record.columns["violations"])[0]
        assert (first["rule"], first["found"]) == (
            "test_traffic", f"one of test; verdict {record.verdict}",
        )  # fmt: skip
    assert records[0].violations == []
    rejected = judge(event(name="strict_item_home", params={}), held)
    assert (rejected.verdict, rejected.lane) == ("rejected", None)


def test_over_the_rate_is_429_and_nothing_is_kept(
    played: Callable, tokens: TokenFile, event: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = fixed_time(monkeypatch)
    _, text = tokens.create(Grant("shop", rate=5, burst=10))

    async def story(client: httpx.AsyncClient) -> None:
        async def post(count: int) -> httpx.Response:
            items = [event(id=f"e{i}") for i in range(count)]
            return await client.post("/v1/batch", json=items, headers=bearer(text))

        assert (await post(8)).status_code == 200
        refused = await post(3)  # read, but not kept
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "over_rate")
        assert refused.headers["x-ratelimit-limit"] == "10"
        assert refused.headers["x-ratelimit-remaining"] == "2"
        after = int(refused.headers["retry-after"])
        assert 1 <= after <= 4
        assert (await post(2)).status_code == 200  # the refused ones used nothing up
        assert (await post(1)).status_code == 429  # refused before the body is read
        at[0] += int((await post(10)).headers["retry-after"])  # it knows of one event at least
        at[0] += int((await post(10)).headers["retry-after"])  # it has counted them
        assert (await post(10)).status_code == 200
        at[0] += 60
        too_many = await post(11)
        assert (too_many.status_code, too_many.json()["error"]["code"]) == (413, "over_burst")
        counts = (await client.get("/healthz")).json()["counts"]
        assert (counts["over_rate"], counts["over_burst"]) == (4, 1)

    assert len(played(story)["normal"]) == 20


def test_bytes_are_limited_before_the_body_is_read(
    gate: Gate, tokens: TokenFile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_time(monkeypatch)
    _, text = tokens.create(Grant("shop", rate_bytes=100))
    headers = {b"authorization": b"Bearer " + text.encode(), b"content-length": b"600"}
    producer = gate.admit(headers, None)
    gate.charge(producer, 1, 600)
    with pytest.raises(Exception, match="1000 bytes in 10 s"):
        gate.admit(headers, None)
    assert gate.admit(headers | {b"content-length": b"300"}, None) == producer


def fixed_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1_000_000.0]
    monkeypatch.setattr(rates_module.time, "time", lambda: at[0])
    assert rates_module.time.time() == at[0]
    return at


@pytest.mark.parametrize("used", [[10], [3, 3, 4], [7, 0, 3]])
@pytest.mark.parametrize("amount", [1, 4, 10])
def test_what_retry_after_promises_is_kept(
    monkeypatch: pytest.MonkeyPatch, used: list[int], amount: int
) -> None:
    at = fixed_time(monkeypatch)
    rates, window = Rates(), Window(10, 2)
    for taken in used:
        assert not taken or rates.take("k", window, taken)
        at[0] += 0.3
    wait = rates.state("k", window, amount).wait
    assert 0 < wait <= 4
    at[0] += wait + 0.001
    assert rates.take("k", window, amount)


@pytest.mark.parametrize(
    ("rate", "burst", "window"),
    [
        (1000, None, (10_000, 10)),
        (5, 10, (10, 2)),
        (5, 5, (5, 1)),
        (3, 10, (10, 3)),
        (1, None, (10, 10)),
    ],
)
def test_windows(rate: int, burst: int | None, window: tuple[int, int]) -> None:
    assert Window.of(rate, burst) == window


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    check_exposure(host, "off")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "no-such-host.invalid"])
def test_others_must_not_reach_a_collector_without_tokens(host: str) -> None:
    with pytest.raises(UsageError, match="WEIR_COLLECT_AUTH=required"):
        check_exposure(host, "off")
    check_exposure(host, "required")
