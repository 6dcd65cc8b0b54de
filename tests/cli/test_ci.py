"""`weir ci`: the command's words, files and exit codes; what a review finds is tested apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from weir.cli import ci
from weir.core.errors import RunFailed, UsageError
from weir.lineage.columns.changes import Change, ModelChange
from weir.lineage.review.changed import By, Changed
from weir.lineage.review.report import Impact, Report

ROOT = Path(__file__).resolve().parents[2]
Weir = Callable[..., Result]
BREAK = ModelChange("fact/f", Change.BREAKING, rows=True, reasons=("The filter differs.",))
REPORT = Report(
    "main at abc", [Changed(BREAK, By.FILE, owner="data")], [Impact("activation/l", None, "growth")],
    cost_note="not estimated: no data", data_note="not compared: no data",
)  # fmt: skip


@pytest.fixture(autouse=True)
def reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ci, "review", lambda *_, **__: REPORT)


def test_a_break_fails_in_words_and_is_written(weir: Weir, tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as told:
        weir("ci", "--out", str(tmp_path / "s.md"))
    assert "fact/f: The filter differs. Ask data" in str(told.value.exceptions[0])
    assert "**breaking**" in (tmp_path / "s.md").read_text()


def test_json_says_what_nobody_looked_at(weir: Weir) -> None:
    done = weir("ci", "--json")
    body = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (body["ok"], body["data"], body["cost"]) == (False, None, None)
    assert [one["rule"] for one in body["violations"]] == ["breaking"]
    meant = weir("ci", "--json", "--allow-breaking")
    assert (meant.exit_code, json.loads(meant.stdout)["violations"]) == (0, [])


def test_words_without_a_problem(weir: Weir) -> None:
    done = weir("ci", "--allow-breaking")
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("p.yml", "allow: ['fact/*']", ""),
        ("p.toml", "[tool.weir.ci]\nallow = ['fact/f']", ""),
        ("p.toml", "[project]\nname = 'x'", "ExceptionGroup"),
        ("p.yml", "alow: []", "the rule `alow` is wrong"),
        ("p.yml", "a: [", "cannot be read"),
        ("p.toml", "a = [", "cannot be read"),
        ("none/p.yml", "", "cannot be read: No such file"),
    ],
)
def test_policies(weir: Weir, tmp_path: Path, name: str, text: str, told: str) -> None:
    file = tmp_path / name
    if file.parent.is_dir():
        file.write_text(text)
    if not told:
        assert weir("ci", "--policy", str(file)).exit_code == 0
        return
    expected = ExceptionGroup if told == "ExceptionGroup" else UsageError
    with pytest.raises(expected, match="1 problems" if expected is ExceptionGroup else told):
        weir("ci", "--policy", str(file))


def test_a_project_that_does_not_parse_leaves_its_reason(
    weir: Weir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> Report:
        raise RunFailed("dbt cannot parse it", "Mend it.")

    monkeypatch.setattr(ci, "review", fails)
    with pytest.raises(RunFailed):
        weir("ci", "--out", str(tmp_path / "s.md"))
    assert "dbt cannot parse it" in (tmp_path / "s.md").read_text()


def test_one_output_at_a_time(weir: Weir, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both print"):
        weir("ci", "--json", "--out", "-")
    with pytest.raises(UsageError, match="cannot be written"):
        weir("ci", "--out", str(tmp_path / "none" / "s.md"))


def test_the_workflow_trusts_no_pull_request() -> None:
    text = (ROOT / ".github" / "workflows" / "data-changes.yml").read_text()
    body = yaml.safe_load(text)
    assert list(body[True]) == ["pull_request"]  # YAML 1.1 reads the key `on` so
    assert "secrets" not in "\n".join(x for x in text.splitlines() if x[:1] != "#")
    assert body["permissions"] == {}
    jobs = body["jobs"]
    assert jobs["compare"]["permissions"] == {"contents": "read"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    assert not [step for step in jobs["comment"]["steps"] if "run" in step]
    assert "head.repo.full_name == github.repository" in jobs["comment"]["if"]
    runs = [step.get("run", "") for step in jobs["compare"]["steps"]]
    assert "${{" not in "".join(runs)  # nothing of the pull request becomes a command
    assert any("weir ci" in run for run in runs)
    assert any("weir events check" in run for run in runs)
