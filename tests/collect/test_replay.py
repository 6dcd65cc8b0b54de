"""Replays against collectors that fail, and against the real one: everything arrives, once noted."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import orjson
import pytest

from weir.cli.replay import describe
from weir.collect.app import Collector, Limits
from weir.collect.journal import Journal
from weir.collect.posting import ATTEMPTS
from weir.collect.replay import Options, ReplayReport, replay, replay_file
from weir.collect.rules import Rules
from weir.collect.segments import list_segments, read_segment
from weir.collect.sources import Source, open_source
from weir.collect.spool import Rotation, Spool
from weir.core.errors import InvalidValue, ServiceUnavailable, WeirError
from weir.core.landing import LANES
from weir.core.settings import Settings

LINES = 1000
Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Fake:
    """A collector that keeps what it acknowledges, and fails as told."""

    def __init__(
        self, fail: Callable[[list[bytes]], httpx.Response | None] = lambda _: None
    ) -> None:
        self.kept: Counter[str] = Counter()
        self.batches: list[int] = []
        self._fail = fail

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/batch"
        lines = request.content.split(b"\n")
        if (failure := self._fail(lines)) is not None:
            return failure
        self.kept.update(line.decode() for line in lines)
        self.batches.append(len(lines))
        results = [{"id": "x", "verdict": "accepted"} for _ in lines]
        return httpx.Response(200, json={"accepted": len(lines), "results": results})


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "a.ndjson"
    rows = [{"id": str(n), "name": "click_item_home", "time": "2026-01-01T00:00:00Z", "version": 1,
             "params": {"item_id": n}} for n in range(LINES)]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return open_source(path)


def play(source: Source, journal: Path, answer: Answer, **options: object) -> ReplayReport:
    clock = Clock()

    async def main() -> ReplayReport:
        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
            with Journal(journal, source.digest) as opened:
                return await replay(
                    source, client, opened, Options(**options), clock=clock, sleep=clock.sleep
                )

    report = asyncio.run(main())
    report.slept = clock.slept  # type: ignore[attr-defined]
    return report


def test_everything_once_then_nothing(source: Source, tmp_path: Path) -> None:
    fake = Fake()
    report = play(source, tmp_path / "j", fake, batch=300)
    assert (report.posted, report.before, report.complete) == (LINES, 0, True)
    assert sorted(fake.batches) == [100, 300, 300, 300]
    assert set(fake.kept.values()) == {1}
    assert len(fake.kept) == LINES
    again = play(source, tmp_path / "j", lambda _: pytest.fail("nothing must be posted"))
    assert (again.posted, again.before, again.complete) == (0, LINES, True)
    assert json.dumps(describe(again))


@pytest.mark.parametrize("seed", range(5))
def test_a_failing_collector_gets_everything(source: Source, tmp_path: Path, seed: int) -> None:
    """It may have kept what it did not acknowledge: then the same bytes come again."""
    chance = random.Random(seed)
    fake = Fake()

    def flaky(request: httpx.Request) -> httpx.Response:
        how = chance.random()
        if how < 0.2:
            raise httpx.ConnectError("refused")
        if how < 0.3:
            return httpx.Response(503, headers={"retry-after": "3"})
        if how < 0.35:
            return httpx.Response(429, headers={"retry-after": "soon"})
        answer = fake(request)
        if how < 0.45:
            raise httpx.ReadTimeout("kept, but not told")
        return answer

    report = play(source, tmp_path / "j", flaky, batch=37)
    assert report.complete
    assert report.posted == LINES == len(fake.kept)
    assert report.retries > 0
    assert any(s >= 3 for s in report.slept)  # type: ignore[attr-defined]


def test_an_interrupted_replay_goes_on(source: Source, tmp_path: Path) -> None:
    fake = Fake()
    for allowed in (3, 5):
        left = [allowed]

        def dying(request: httpx.Request, left: list[int] = left) -> httpx.Response:
            left[0] -= 1
            return fake(request) if left[0] >= 0 else httpx.Response(500)

        with pytest.raises(ServiceUnavailable, match=f"{ATTEMPTS} attempts.* goes on from here"):
            play(source, tmp_path / "j", dying, batch=50, concurrency=1)
    report = play(source, tmp_path / "j", fake, batch=50)
    assert report.before == 8 * 50
    assert report.posted == LINES - 8 * 50
    assert set(fake.kept.values()) == {1}
    assert len(fake.kept) == LINES


def test_cancelled_in_the_middle_it_notes_what_was_acknowledged(
    source: Source, tmp_path: Path
) -> None:
    fake, seen = Fake(), list[int]()

    async def main() -> None:
        transport = httpx.MockTransport(fake)
        async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
            with Journal(tmp_path / "j", source.digest) as journal:
                task = asyncio.current_task()
                assert task is not None

                def tell(report: ReplayReport) -> None:
                    seen.append(report.posted)
                    if report.posted >= 200:
                        task.cancel()

                await replay(source, client, journal, Options(50), on_progress=tell)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    report = play(source, tmp_path / "j", fake)
    assert report.before == max(seen) < LINES
    assert len(fake.kept) == LINES


@pytest.mark.parametrize("rate", [0.5, 7, 90, 100.5, 4000])
def test_the_rate_is_exact_on_average(source: Source, tmp_path: Path, rate: float) -> None:
    report = play(source, tmp_path / "j", Fake(), rate=rate)
    assert report.seconds == pytest.approx(LINES / rate)
    assert report.rate == pytest.approx(rate)


def test_too_large_a_batch_is_halved_and_too_large_an_event_told(
    source: Source, tmp_path: Path
) -> None:
    def picky(lines: list[bytes]) -> httpx.Response | None:
        bad = len(lines) > 30 or any(b'"item_id":17}' in line for line in lines)
        return httpx.Response(413) if bad else None

    fake = Fake(picky)
    report = play(source, tmp_path / "j", fake, batch=100)
    assert (report.posted, report.failures.count, report.complete) == (LINES - 1, 1, False)
    assert report.failures.first[0].line == 18
    assert play(source, tmp_path / "j", Fake()).posted == 1, "told again, and posted when it may"


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(400, text="no"), httpx.Response(200, text="<html>"), httpx.Response(200, json=[]),
     httpx.Response(200, json={"results": []}),
     httpx.Response(200, json={"results": [{"verdict": "throttled"}] * 500})],
)  # fmt: skip
def test_an_answer_that_is_none_acknowledges_nothing(
    source: Source, tmp_path: Path, answer: httpx.Response
) -> None:
    with pytest.raises(WeirError, match="--url"):
        play(source, tmp_path / "j", lambda _: answer)
    with Journal(tmp_path / "j", source.digest) as journal:
        assert len(journal.lines) == 0


def test_no_collector_is_told_at_once(source: Source, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", project=tmp_path, collect_port=1)
    with pytest.raises(ServiceUnavailable, match="weir up"):
        replay_file(settings, source.path)
    assert not settings.spool_dir.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"batch": 0}, {"batch": 10_001}, {"concurrency": 0}, {"rate": 0}, {"origin": "import"}],
)
def test_options_are_checked(wrong: dict) -> None:
    with pytest.raises(InvalidValue):
        Options(**wrong)


def test_the_real_collector_keeps_every_line(tmp_path: Path, rules: Rules, spool_dir: Path) -> None:
    path = tmp_path / "mixed.ndjson"
    good = {"name": "click_item_home", "time": "2026-01-01T00:00:00Z", "params": {"item_id": 1}}
    rows = [json.dumps(good)] * 40 + ["no json", "[1]", '{"name": "no_such_event"}', '"\\ud800"']
    path.write_text("\n".join(rows) + "\n\n")
    source = open_source(path)

    async def main() -> ReplayReport:
        spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: datetime(2026, 11, 21))
        app = Collector(spool, rules, Limits(10_000, 50_000), lambda: "server-id")
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
            with Journal(tmp_path / "j", source.digest) as journal:
                report = await replay(source, client, journal, Options(batch=7))
        await spool.close()
        return report

    report = asyncio.run(main())
    assert report.verdicts == {"accepted": 40, "quarantined": 4}
    kept = [
        orjson.loads(payload)
        for lane in LANES
        for segment in list_segments(spool_dir, lane)
        for _, payload in read_segment(segment.path)
    ]
    assert {row["origin"] for row in kept} == {"replay"}
    assert len({row["event_id"] for row in kept if not row["id_assigned"]}) == 41
    assert {"no json", "[1]"} <= {row["raw"] for row in kept}
