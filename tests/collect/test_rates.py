"""Windows that processes share: right sums as time goes by, few places, broken files, many processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.collect.test_gate import Clock, bearer, clock, fixed_time, gate, tokens
from tests.collect.test_metrics_workers import ITEM, one_of_each
from tests.collect.test_supervisor import Collector, start
from weir.collect import windows as windows_module
from weir.collect.gate import Gate
from weir.collect.rates import Charge, Rates, Window
from weir.collect.tokens import Grant, TokenFile
from weir.collect.windows import FILE, Windows
from weir.collect.wire import Refusal

__all__ = ["clock", "gate", "start", "tokens"]


def admit(gate: Gate, text: str, events: int, size: int = 0) -> str:
    """Return the code of the refusal, or nothing."""
    try:
        producer = gate.admit({b"authorization": b"Bearer " + text.encode()}, None)
        gate.charge(producer, events, size)
    except Refusal as refusal:
        return refusal.code
    return ""


def test_windows_pass(tmp_path: Path) -> None:
    windows = Windows(tmp_path / FILE)
    windows.add("a", 10, 1_000.0, 3)
    windows.add("a", 10, 1_009.9, 4)
    windows.add("b", 10, 1_000.0, 100)
    assert windows.read("a", 10, 1_005.0) == (0, 7)
    assert windows.read("a", 10, 1_010.0) == (7, 0)
    assert windows.read("a", 10, 1_020.0) == (0, 0)
    assert windows.read("a", 5, 1_000.0) == (0, 0)
    windows.add("a", 10, 1_012.0, 1)
    assert windows.read("a", 10, 1_019.0) == (7, 1)
    assert windows.read("a", 10, 1_009.0) == (7, 1), "a clock that is set back forgets nothing"
    assert windows.read("a", 10, 900.0) == (0, 0), "unless it is set back far"
    assert Windows(tmp_path / FILE).read("a", 10, 1_019.0) == (7, 1)
    assert Windows().read("a", 10, 1_019.0) == (0, 0)


def test_more_names_than_places_push_out_what_ends_first(tmp_path: Path) -> None:
    windows = Windows(tmp_path / FILE)
    for number in range(3 * windows_module.SLOTS):
        windows.add(f"old{number}", 1, 1_000.0, 1)
    for number in range(100):
        windows.add(f"new{number}", 1, 1_010.0, 1)
    assert [windows.read(f"new{n}", 1, 1_010.0) for n in range(100)] == [(0, 1)] * 100
    assert (tmp_path / FILE).stat().st_size == windows_module._BYTES


def test_a_file_that_cannot_be_had_leaves_one_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).mkdir()
    rates = Rates(Windows(tmp_path / FILE))
    assert rates.take("k", Window(1, 1_000_000_000), 1)
    assert not rates.take("k", Window(1, 1_000_000_000), 1)
    assert "counts rates alone" in caplog.text


def test_all_or_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed_time(monkeypatch)
    rates = Rates()
    events, size = Window(10, 10), Window(100, 10)
    many = [Charge("e", events, 5), Charge("b", size, 101)]
    assert rates.take_all(many) == many[1]
    assert rates.take("e", events, 10)


def _take(path: Path, tries: int, taken: multiprocessing.Queue) -> None:
    rates = Rates(Windows(path))
    taken.put(sum(rates.take("k", Window(1_000, 1_000_000_000), 1) for _ in range(tries)))


def test_processes_share_a_window(tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    taken = spawned.Queue()
    many = [spawned.Process(target=_take, args=(tmp_path / FILE, 400, taken)) for _ in range(4)]
    for process in many:
        process.start()
    found = [taken.get(timeout=60) for _ in many]
    for process in many:
        process.join(60)
    assert sum(found) == 1_000


def test_tokens_of_a_producer_share_its_rate(
    gate: Gate, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_time(monkeypatch)
    _, first = tokens.create(Grant("shop", rate=5, burst=10))
    _, second = tokens.create(Grant("shop", rate=5, burst=10))
    _, other = tokens.create(Grant("web", rate=5, burst=10))
    _, test = tokens.create(Grant("shop", environment="test", rate=5, burst=10))
    assert admit(gate, first, 6) == ""
    assert admit(gate, second, 5) == "over_rate"
    assert admit(gate, second, 4) == ""
    assert admit(gate, first, 1) == "over_rate"
    assert admit(gate, other, 10) == "", "another producer has its own"
    assert admit(gate, test, 10) == "", "so has test traffic"


def test_rotating_a_token_gives_nothing(
    gate: Gate, tokens: TokenFile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_time(monkeypatch)
    token, first = tokens.create(Grant("shop", rate=5, burst=10))
    assert admit(gate, first, 10) == ""
    _, second = tokens.rotate(token.id, timedelta(hours=1))
    clock.step(2)  # the gate looks at the file again; the window stands
    assert admit(gate, second, 1) == "over_rate"


def test_each_token_is_held_to_its_own_rate_of_what_all_sent(
    gate: Gate, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_time(monkeypatch)
    _, small = tokens.create(Grant("shop", rate=1, burst=10))  # 10 in 10 s
    _, large = tokens.create(Grant("shop", rate=20, burst=100))  # 100 in 5 s
    _, free = tokens.create(Grant("shop"))
    assert admit(gate, large, 4) == ""
    assert admit(gate, small, 7) == "over_rate"
    assert admit(gate, small, 6) == ""
    assert admit(gate, small, 1) == "over_rate"
    assert admit(gate, large, 91) == "over_rate"
    assert admit(gate, free, 1_000) == "", "a token without a rate has none, and uses none up"
    assert admit(gate, large, 90) == ""


def test_a_batch_that_has_too_many_bytes_uses_up_no_events(
    gate: Gate, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_time(monkeypatch)
    _, text = tokens.create(Grant("shop", rate=1, burst=10, rate_bytes=100))
    assert admit(gate, text, 1, 900) == ""
    for _ in range(3):
        assert admit(gate, text, 5, 200) == "over_rate"
    assert admit(gate, text, 9, 100) == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_do_not_multiply_a_rate(
    start: Callable[..., Collector], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setenv("WEIR_COLLECT_AUTH", "required")
    collector = start(workers)
    file = TokenFile(tmp_path / "home" / "tokens.json", lambda: Clock().now)
    texts = [file.create(Grant("shop", rate=1, burst=20_000))[1] for _ in range(2)]
    status: list[int] = []
    with one_of_each(collector.url, workers) as clients:
        for number in range(50):
            items = [{**ITEM, "id": f"{number}-{i}"} for i in range(1_000)]
            client, headers = clients[number % workers], bearer(texts[number % 2])
            status.append(client.post("/v1/batch", json=items, headers=headers).status_code)
    assert sorted(status) == [200] * 20 + [429] * 30
