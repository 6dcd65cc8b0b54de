"""The sealer's loop: it ends when it is told to, between two transactions, and for no other reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import duckdb
import pytest

from tests.collect.test_sealer import rows, segment, settings
from tests.engines.spool_records import T0
from weir.collect.sealer import Sealer, run
from weir.core.errors import SpoolError
from weir.core.settings import Settings

__all__ = ["rows", "segment", "settings"]


def test_the_loop_ends_when_told_and_survives_a_failing_pass(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reports: list = []
    seal, failures = Sealer.seal, [SpoolError("The disk is gone.")]

    def flaky(self: Sealer):
        if failures:
            raise failures.pop()
        return seal(self)

    monkeypatch.setattr(Sealer, "seal", flaky)
    run(settings, lambda: bool(reports), lambda: T0, lambda _: None, reports.append)
    assert len(reports) == 1
    assert "tried again: The disk is gone." in caplog.text


def test_a_stop_ends_a_pass_between_two_transactions_and_closes_nothing(
    settings: Settings, segment: Callable, rows: Callable
) -> None:
    for epoch in (1, 2, 3):
        segment("normal", epoch, 0, 5)
    segment("bulk", 1, 0, 5)
    later = T0 + timedelta(hours=3)
    asked = iter([False] * 2 + [True] * 99)  # two transactions, in the first lane with records
    first = Sealer(settings, lambda: later, stop=lambda: next(asked)).seal()
    assert (first.rows, first.closed_until) == (5, None)
    rest = Sealer(settings, lambda: later).seal()
    assert (rest.rows, rest.relanded) == (15, 0)
    assert rest.closed_until is not None
    assert rows("SELECT count(*) FROM landing.normal") == [(15,)]
    assert rows("SELECT count(*) FROM landing.bulk") == [(5,)]


@pytest.mark.parametrize(
    "error", [duckdb.IOException("No space left"), FileNotFoundError("x"), ValueError("unheard of")]
)
@pytest.mark.parametrize("step", ["start", "_retire"])
def test_nothing_but_stop_ends_the_loop(
    settings: Settings, segment: Callable, step: str, error: Exception,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    segment("normal", 1, 0, 3)
    step_itself, failures, reports = getattr(Sealer, step), [error], []

    def flaky(self: Sealer, *arguments: object) -> int:
        if failures:
            raise failures.pop()
        return step_itself(self, *arguments)

    monkeypatch.setattr(Sealer, step, flaky)
    run(settings, lambda: bool(reports), lambda: T0, lambda _: None, reports.append)
    assert len(reports) == 1
    assert "Traceback" in caplog.text
