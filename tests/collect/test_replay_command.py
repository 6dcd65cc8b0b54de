"""`weir replay` as a command: exit codes, what it prints, and Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from weir.cli import replay as command
from weir.collect.replay import Progress, ReplayReport
from weir.collect.sources import Failures
from weir.core.errors import InvalidValue
from weir.core.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "cdnow"
PURCHASES = [str(EXAMPLE / "cdnow_sample.csv"), "--mapping", str(EXAMPLE / "mapping.yml")]


@pytest.fixture
def ask(tmp_path: Path):
    state = SimpleNamespace(settings=Settings(home=tmp_path / "home", project=tmp_path))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(command.app, [*PURCHASES, *arguments], obj=state)

    return run


def stub(monkeypatch: pytest.MonkeyPatch, report: ReplayReport, *, interrupt: bool = False) -> None:
    def replay_file(*_: object, on_progress: Progress, **__: object) -> ReplayReport:
        on_progress(report)
        if interrupt:
            raise KeyboardInterrupt
        return report

    monkeypatch.setattr(command, "replay_file", replay_file)


def test_a_dry_run_prints_and_posts_nothing(ask, tmp_path: Path) -> None:
    result = ask("--dry-run", "2")
    assert result.exit_code == 0
    first, _ = map(json.loads, result.stdout.splitlines())
    assert first["params"] == {"quantity": 2, "price": 29.33}
    assert json.loads(ask("--dry-run", "1", "--json").stdout) == {"events": [first], "failed": 0}
    assert not (tmp_path / "home").exists()


def test_the_result_as_json(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    report = ReplayReport(10, posted=4, before=6, seconds=2.0, complete=True)
    report.verdicts.update(accepted=3, flagged=1)
    stub(monkeypatch, report)
    result = ask("--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert (said["posted"], said["flagged"], said["events_per_second"]) == (4, 1, 2)


def test_failed_lines_end_in_1_and_are_listed(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = Failures()
    for line in range(25):
        failures.add(line, "[no] time")
    stub(monkeypatch, ReplayReport(25, failures=failures))
    result = ask()
    assert result.exit_code == 1
    assert "line 19: [no] time" in result.output
    assert "5 more" in result.output


def test_nothing_left_is_said(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, ReplayReport(6919, before=6919, complete=True))
    result = ask()
    assert result.exit_code == 0
    assert "Nothing to post: all 6,919 events" in result.output


def test_ctrl_c_says_how_to_go_on(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, ReplayReport(10, posted=4, before=3), interrupt=True)
    result = ask()
    assert result.exit_code == 130
    assert "4 events were acknowledged now, 3 before" in result.output


@pytest.mark.parametrize("rate", ["fast", "5/day", "0", "-1"])
def test_a_wrong_rate_names_right_ones(ask, rate: str) -> None:
    result = ask(f"--rate={rate}")
    assert isinstance(result.exception, InvalidValue)
