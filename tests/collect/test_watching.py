"""Watching what arrives: a text to look for, a pace, long events, writers that are not there yet; trying one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.collect.conftest import NOW
from weir.collect import passing as passing_module
from weir.collect import watching
from weir.collect.judging import Judging
from weir.collect.listeners import Filter, Listener, shown
from weir.collect.passing import Passing
from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.rules import Rules
from weir.collect.trying import try_event
from weir.collect.verdict import judge
from weir.collect.watching import Watcher, as_sent, watch

Event = Callable[..., dict[str, Any]]


def watched(
    folder: Path,
    watcher: Watcher,
    act: Callable[[set[Listener]], None],
    until: str,
    per_second: int = 50,
) -> list[tuple[str, Any]]:
    """Start a writer after the watcher, let it act, and return what is seen until something comes."""

    async def main() -> list[tuple[str, Any]]:
        theirs: set[Listener] = set()
        writer = Passing(folder, 1, theirs)
        seen, acted = [], False
        async with asyncio.timeout(20):
            async for kind, what in watch(folder, watcher, per_second):
                if kind == "tick" and writer._server is None:
                    await writer.start()
                elif kind == "tick" and theirs and not acted:
                    act(theirs)
                    acted = True
                elif kind != "tick":
                    seen.append((kind, what))
                if kind == until:
                    break
        await writer.close()
        return seen

    return asyncio.run(main())


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(watching, "TICK_SECONDS", 0.2)


def test_what_arrives_is_seen_filtered_by_the_writer_and_by_its_text(
    tmp_path: Path, judging: Judging, event: Event
) -> None:
    def act(theirs: set[Listener]) -> None:
        (listener,) = theirs
        assert listener.filter.event == {"click_item_home"}
        for n in range(3):
            listener.put("event", judge(event(id=f"E-{n}"), judging))
        listener.put("refused", {"code": "e-1"})

    watcher = Watcher(Filter(event=frozenset({"click_item_home"})), "e-1")
    found = watched(tmp_path, watcher, act, "refused")
    assert [kind for kind, _ in found] == ["event", "refused"]
    assert found[0][1]["event"]["event_id"] == "E-1"
    assert as_sent(found[0][1]["event"]) == event(id="E-1", time="2026-11-21T05:00:00.000000Z")


def test_what_is_too_much_for_eyes_is_counted(
    tmp_path: Path, judging: Judging, event: Event
) -> None:
    def act(theirs: set[Listener]) -> None:
        for listener in theirs:
            for n in range(20):
                listener.put("event", judge(event(id=f"e{n}"), judging))

    found = watched(tmp_path, Watcher(Filter()), act, "left_out", per_second=5)
    assert [kind for kind, _ in found].count("event") == 5
    assert found[-1] == ("left_out", 15)


def test_a_long_event_is_cut_and_a_slow_watcher_loses_the_oldest(
    judging: Judging, event: Event
) -> None:
    watcher = Watcher(Filter(), most=2)
    assert watcher.put("event", judge(event(params={"item_id": 1, "note": "x" * 9_000}), judging))
    big = shown(judge(event(), judging))
    big["event"]["raw"] = "y" * 70_000
    assert watcher.put("event", big)
    assert not watcher.put("event", judge(event(), judging))
    assert watcher.dropped == 1

    async def first() -> list[Any]:
        watcher.close()
        return [what async for what in watcher.take()]

    kinds = asyncio.run(first())
    assert kinds[0] == ("dropped", {"dropped": 1})
    cut = watching.orjson.loads(watching.text(kinds[1][1]))
    assert cut["cut"] > 70_000
    assert "raw" not in cut["event"]


def test_an_event_is_told_as_it_was_sent(judging: Judging, event: Event) -> None:
    odd = event(colour="red", user_id=7)
    assert as_sent(shown_event(odd, judging)) == odd
    bare = {"name": "click_item_home", "params": {"item_id": 1}, "time": "2026-11-21T05:00:00Z"}
    assert as_sent(shown_event(bare, judging)) == {**bare, "time": "2026-11-21T05:00:00.000000Z"}
    assert as_sent({"raw": "{torn"}) == "{torn"


def shown_event(item: dict[str, Any], judging: Judging) -> dict[str, Any]:
    found: dict[str, Any] = watching.orjson.loads(watching.text(judge(item, judging)))["event"]
    return found


def test_trying_says_what_the_collector_would(rules: Rules, event: Event) -> None:
    def tried(body: bytes, producer: Producer = ANONYMOUS) -> Any:
        return try_event(body, rules, 10_000, NOW, producer)

    good = tried(watching.orjson.dumps(event()))
    assert (good.verdict, good.lane, good.tier, good.violations) == (
        "accepted",
        "normal",
        "normal",
        (),
    )
    assert good.stored["params"] == {"item_id": 17}
    wrong = tried(watching.orjson.dumps(event(params={})))
    assert (wrong.verdict, wrong.lane) == ("quarantined", "quarantine")
    assert wrong.violations[0].pointer == "/params/item_id"
    unknown = tried(watching.orjson.dumps(event(name="click_item_hom")))
    assert (unknown.meant, unknown.tier) == ("click_item_home", "")
    assert tried(watching.orjson.dumps(event(name="strict_item_home", params={}))).lane is None
    bare = watching.orjson.dumps(event(id=...))
    assert tried(bare).verdict == "accepted"
    assert tried(bare, Producer(strict=True)).verdict == "quarantined"
    torn = tried(b'{"name": "x",}')
    assert (torn.verdict, torn.refusal["code"], torn.refusal["line"]) == ("refused", "not_json", 1)
