"""What is kept for a moment: never older than said, never made twice at once, never a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from weir.console.recent import FRESH_SECONDS, USABLE_SECONDS, Recent


class Later(Executor):
    """Runs what was submitted when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.waiting.append(lambda: fn(*args, **named))
        return Future()

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


class World:
    """A clock that is set by hand, and something that counts how often it was made."""

    def __init__(self) -> None:
        self.now, self.later, self.made, self.broken = 0.0, Later(), 0, False
        self.recent = Recent(lambda: self.now, self.later, most=3)

    def make(self) -> int:
        if self.broken:
            raise RuntimeError("away")
        self.made += 1
        return self.made

    def get(self, key: str = "a") -> int:
        return self.recent.get(key, self.make)


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_new_is_given_again(world: World) -> None:
    assert (world.get(), world.get()) == (1, 1)
    world.now = FRESH_SECONDS * 0.9
    assert world.get() == 1
    assert world.later.waiting == []


def test_what_is_a_little_old_is_given_at_once_and_made_anew_behind_it_once(world: World) -> None:
    world.get()
    world.now = FRESH_SECONDS
    assert (world.get(), world.get()) == (1, 1)
    assert len(world.later.waiting) == 1
    world.later.run()
    assert world.get() == 2
    assert world.later.waiting == []


def test_what_is_too_old_is_waited_for(world: World) -> None:
    world.get()
    world.now = USABLE_SECONDS
    assert world.get() == 2


def test_age_counts_from_before_it_was_made(world: World) -> None:
    def slow() -> int:
        world.now += FRESH_SECONDS
        return world.make()

    world.recent.get("a", slow)
    world.get()
    assert len(world.later.waiting) == 1


def test_a_failure_is_told_and_not_kept(world: World) -> None:
    world.broken = True
    for _ in range(2):
        with pytest.raises(RuntimeError):
            world.get()
    world.broken = False
    assert world.get() == 1
    world.now, world.broken = FRESH_SECONDS, True
    assert world.get() == 1  # made anew behind it, which fails
    world.later.run()
    with pytest.raises(RuntimeError):
        world.get()


def test_after_forgetting_it_is_made_again(world: World) -> None:
    world.get()
    world.recent.forget()
    assert world.get() == 2


def test_what_was_begun_before_forgetting_is_not_given_after(world: World) -> None:
    world.get()
    world.now = FRESH_SECONDS
    world.get()
    world.recent.forget()
    world.later.run()  # made anew for nobody: 2
    assert world.get() == 3


def test_few_keys_are_kept(world: World) -> None:
    for key in "abcd":
        world.get(key)
    assert world.get("d") == 4
    assert world.get("a") == 5


def test_several_that_wait_make_it_once() -> None:
    recent, made, gate = Recent(), [], threading.Event()

    def slow() -> int:
        gate.wait(5)
        made.append(1)
        return len(made)

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(recent.get("a", slow))) for _ in "abc"]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert (found, made) == ([1, 1, 1], [1])
