"""How `weir demo` ends: with exit code 1 and the reason when anything is not accounted for."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from rich.console import Console

from weir.cli.demo import _conclude, _conservation
from weir.collect.replay import ReplayReport
from weir.engines.embedded.conservation import Conservation

LOST = "landed = sealed does not hold: 9 and 10; normal 1: 9 and 10."


def counts(*broken: str) -> Conservation:
    n = 123_456_789
    return Conservation(n, n, n, n, n, n, n, n, n, broken)


def test_all_accounted_for_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    _conclude(ReplayReport(10), counts())
    assert capsys.readouterr().err == ""


def test_a_loss_is_named_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        _conclude(ReplayReport(10), counts(LOST))
    assert ended.value.exit_code == 1
    assert f"error: {LOST}" in capsys.readouterr().err


def test_failed_lines_are_named_and_end_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    report = ReplayReport(10)
    report.failures.add(7, "it has no time [x]")
    with pytest.raises(typer.Exit) as ended:
        _conclude(report, counts())
    assert ended.value.exit_code == 1
    assert "1 lines were not posted; line 7: it has no time [x]." in capsys.readouterr().err


@pytest.mark.parametrize("broken", [(), (LOST,)])
def test_the_table_fits_80_columns(broken: tuple[str, ...]) -> None:
    console: Any = Console(width=80, record=True, quiet=False)
    console.print(_conservation(counts(*broken)))
    lines = console.export_text().splitlines()
    assert len(lines) == 9
    assert lines[3].split()[:2] == ["landed", "123,456,789"]
    assert ("it does not hold" in lines[0]) == bool(broken)
