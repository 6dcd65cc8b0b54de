"""What every place that keeps events must do, run against each: what is acknowledged is stored."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest

from weir.collect.app import Collector, Limits
from weir.collect.judging import Judging, Record
from weir.collect.rules import Rules
from weir.collect.sinks import Sink
from weir.collect.sinks.broker import BrokerSink
from weir.collect.verdict import judge
from weir.core.errors import SinkError, SinkFull, SinkRefused, SpoolError, SpoolFull, WeirError
from weir.core.landing import LANES

FAILED = (SinkError, SpoolError)
NAMES = {"critical": "buy_item_shop", "normal": "click_item_home", "bulk": "view_page_web"}
NOW = datetime(2026, 11, 21, 5, 40)
SECONDS = 1.5


@pytest.fixture
def records(event: Callable, judging: Judging) -> Callable[..., list[Record]]:
    def make(ids: list[str], lane: str = "normal", **changes: object) -> list[Record]:
        made = [judge(event(id=i, name=NAMES[lane], **changes), judging) for i in ids]
        assert {r.lane for r in made} <= {lane}
        return made

    return make


def ids(stored: dict[str, list[dict]]) -> dict[str, list[str]]:
    return {lane: [row["event_id"] for row in rows] for lane, rows in stored.items() if rows}


async def until_taken(sink: Sink, make: Callable[[], list[Record]], seconds: float = 20) -> int:
    """Commit as a sender does, again and again; return how often it failed."""
    failed, end = 0, time.monotonic() + seconds
    while True:
        try:
            await sink.commit(make())
        except FAILED:
            failed += 1
            assert time.monotonic() < end, "it did not recover by itself"
            await asyncio.sleep(0.1)
        else:
            return failed


def test_a_commit_is_stored_whole_in_its_lanes(
    place: object, play: Callable, records: Callable, event: Callable, judging: Judging
) -> None:
    async def story(sink: Sink) -> None:
        batch = [*records(["a", "b"]), *records(["c"], "critical"), *records(["d"], "bulk")]
        batch += [judge(event(id="q", time="no"), judging), judge(["no object"], judging)]
        batch += [judge(event(id="r", name="strict_item_home", params={}), judging)]
        await sink.commit(batch)
        assert sink.failed_lanes == []

    play(story)
    stored = place.stored()
    kept = ids(stored)
    assert sorted(kept["normal"]) == ["a", "b"]
    assert (kept["critical"], kept["bulk"]) == (["c"], ["d"])
    assert sorted(kept["quarantine"]) == ["q", "server-id"]
    row = stored["critical"][0]
    assert (row["verdict"], row["params"], row["producer"]) == (
        "accepted", '{"item_id":17}', "anonymous",
    )  # fmt: skip


def test_nothing_is_kept_of_nothing(place: object, play: Callable) -> None:
    async def story(sink: Sink) -> None:
        await sink.commit([])

    play(story)
    assert ids(place.stored()) == {}


def test_many_commits_at_once_are_all_stored(
    place: object, play: Callable, records: Callable
) -> None:
    async def story(sink: Sink) -> None:
        lanes = list(NAMES)
        await asyncio.gather(
            *[
                sink.commit(records([f"{i}-{j}" for j in range(20)], lanes[i % 3]))
                for i in range(60)
            ]
        )

    play(story)
    kept = Counter(i for rows in ids(place.stored()).values() for i in rows)
    assert len(kept) == 1200
    assert set(kept.values()) == {1}


def test_the_order_of_a_key_is_kept_where_it_is_promised(
    place: object, play: Callable, records: Callable
) -> None:
    if not place.ordered:
        pytest.skip(f"{place.name} promises no order")

    async def story(sink: Sink) -> None:
        for i in range(30):
            await sink.commit([r for u in "ab" for r in records([f"{u}{i}"], user_id=u)])

    play(story)
    kept = ids(place.stored())["normal"]
    for user in "ab":
        assert [i for i in kept if i[0] == user] == [f"{user}{i}" for i in range(30)]


def test_awkward_names_and_keys_do_not_matter(
    place: object, play: Callable, event: Callable, judging: Judging
) -> None:
    long = "é" * 3000
    awkward = [event(id="1", name=long), event(id="2", user_id=long), event(id="3", user_id=""),
               event(id="4", name=""), event(id="5", name="goog\n", user_id="\x01")]  # fmt: skip

    async def story(sink: Sink) -> None:
        await sink.commit([judge(item, judging) for item in awkward])

    play(story)
    stored = place.stored()
    assert {i for rows in ids(stored).values() for i in rows} == set("12345")


def test_down_is_told_and_recovers_by_itself(
    place: object, play: Callable, records: Callable
) -> None:
    async def story(sink: Sink) -> None:
        await sink.commit(records(["before"]))
        place.down()
        began = time.monotonic()
        with pytest.raises(FAILED) as caught:
            await sink.commit(records(["during"]))
        assert time.monotonic() - began < SECONDS + 3
        assert caught.value.remedy
        assert sink.failed_lanes == ["normal"]
        await asyncio.to_thread(place.up)
        await until_taken(sink, lambda: records(["after"]))
        assert sink.failed_lanes == []

    play(story)
    kept = ids(place.stored())["normal"]
    assert "after" in kept
    assert place.name == "pubsub" or "before" in kept  # the emulator forgets when it is killed


def test_what_hangs_is_given_up_in_time_and_recovers(
    place: object, play: Callable, records: Callable
) -> None:
    async def story(sink: Sink) -> None:
        await sink.commit(records(["before"]))
        place.hang()
        began = time.monotonic()
        with pytest.raises(FAILED):
            await sink.commit(records(["during"]))
        assert time.monotonic() - began < SECONDS + 3
        place.resume()
        await until_taken(sink, lambda: records(["after"]))

    play(story)
    assert {"before", "after"} <= set(ids(place.stored())["normal"])


def test_one_lane_that_is_refused_leaves_the_others_in_peace(
    place: object, play: Callable, records: Callable
) -> None:
    place.refuse("bulk")

    async def story(sink: Sink) -> None:
        with pytest.raises(FAILED):
            await sink.commit([*records(["n1"]), *records(["b1"], "bulk")])
        assert sink.failed_lanes == ["bulk"]
        await sink.commit(records(["n2"]))
        await sink.commit(records(["c"], "critical"))
        await asyncio.to_thread(place.accept, "bulk")
        await until_taken(sink, lambda: records(["b2"], "bulk"))
        assert sink.failed_lanes == []

    play(story)
    kept = ids(place.stored())
    assert {"n2"} <= set(kept["normal"])
    assert kept["critical"] == ["c"]
    assert "b2" in kept["bulk"]


def test_a_record_that_no_message_holds_is_refused_with_the_reason(
    place: object, play: Callable, event: Callable, rules: Rules, records: Callable
) -> None:
    if place.name == "spool":
        pytest.skip("a frame of the spool holds any record")
    judging = Judging(rules, NOW, lambda: "s", 10**6)
    large = judge(event(id="large", params={"item_id": 1, "note": "x" * 400_000}), judging)

    async def story(sink: Sink) -> None:
        with pytest.raises(SinkRefused, match="larger than the 300000 bytes"):
            await sink.commit([*records(["beside"]), large])
        assert sink.failed_lanes == []
        assert sink.flying == 0
        await sink.commit(records(["after"]))

    play(story)
    assert ids(place.stored()) == {"normal": ["after"]}


def test_memory_is_bounded_while_nothing_moves(
    place: object, play: Callable, event: Callable, rules: Rules
) -> None:
    if place.name == "spool":
        pytest.skip("tests/collect/test_spool.py bounds what waits for the disk")
    judging = Judging(rules, NOW, lambda: "s", 10**6)

    def batch(i: int) -> list[Record]:
        note = "x" * 50_000
        items = [event(id=f"{i}-{j}", params={"item_id": 1, "note": note}) for j in range(4)]
        return [judge(item, judging) for item in items]

    async def attempt(sink: BrokerSink, i: int) -> type[BaseException]:
        try:
            await sink.commit(batch(i))
        except FAILED as error:  # nothing of it may be held: its frames hold the records
            return type(error)
        return type(None)

    async def story(sink: BrokerSink) -> None:
        await sink.commit(batch(0))
        place.down()
        tracemalloc.start()
        outcomes = await asyncio.gather(*[attempt(sink, i) for i in range(1, 201)])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert outcomes.count(SinkFull) > 150  # 200 kB each: 2 MB hold ten of them
        assert all(issubclass(outcome, FAILED) for outcome in outcomes)
        assert peak < 30_000_000
        assert sink.flying <= 2_000_000
        await asyncio.to_thread(place.up)
        await until_taken(sink, lambda: batch(999))
        assert sink.flying == 0

    play(story)
    assert "999-0" in ids(place.stored())["normal"]


def test_closing_waits_for_what_is_on_its_way(
    place: object, play: Callable, records: Callable
) -> None:
    tasks: list[asyncio.Task] = []

    async def story(sink: Sink) -> None:
        tasks.extend(asyncio.create_task(sink.commit(records([str(i)]))) for i in range(20))
        await asyncio.sleep(0)

    play(story)
    stored = set(ids(place.stored()).get("normal", []))
    assert {str(i) for i, task in enumerate(tasks) if not task.exception()} <= stored
    assert len(stored) == 20


def test_closing_has_a_deadline(place: object, records: Callable) -> None:
    if place.name == "spool":
        pytest.skip(
            "the spool waits for its disk: what is queued may have been acknowledged to nobody yet"
        )

    async def main() -> None:
        sink = place.open()
        await sink.commit(records(["a"]))
        place.down()
        task = asyncio.create_task(sink.commit(records(["b"])))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await sink.close()
        assert time.monotonic() - began < SECONDS + 8
        with pytest.raises(FAILED):
            await task

    asyncio.run(main())


def test_through_http_a_broken_place_is_503_and_a_mended_one_200(
    place: object, play: Callable, event: Callable, rules: Rules
) -> None:
    async def story(sink: Sink) -> None:
        app = Collector(sink, rules, Limits(10_000, 50_000), lambda: "server-id")
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
            assert (await client.post("/v1/events", json=event(id="a"))).status_code == 200
            assert (await client.get("/readyz")).status_code == 200
            place.down()
            refused = await client.post("/v1/events", json=event(id="b"))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert refused.json()["error"]["code"] == "unavailable"
            assert (await client.get("/readyz")).status_code == 503
            await asyncio.to_thread(place.up)
            for _ in range(50):
                again = await client.post("/v1/events", json=event(id="c"))
                if again.status_code == 200:
                    break
                await asyncio.sleep(0.1)
            assert again.status_code == 200
            assert (await client.get("/readyz")).status_code == 200

    play(story)
    assert "c" in ids(place.stored())["normal"]


def test_the_errors_are_of_one_tree() -> None:
    assert all(issubclass(e, WeirError) for e in (*FAILED, SinkFull, SinkRefused, SpoolFull))
    assert set(NAMES) < set(LANES)
