"""Every command's help, JSON and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from weir.cli.main import COMMANDS, app
from weir.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SILENT = {"up", "events generate"}  # no result; one path a line


def commands() -> dict[str, typer.core.TyperCommand]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    found = {}
    for name in COMMANDS:
        command = root.get_command(None, name)
        found[name] = command
        for sub, member in getattr(command, "commands", {}).items():
            found[f"{name} {sub}"] = member
    return found


def options(command: typer.core.TyperCommand) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", commands())
def test_help_ends_with_an_example(name: str) -> None:
    command = commands()[name]
    words = f"{command.help or ''} {command.epilog or ''}"
    assert f"Example: weir {name}" in " ".join(words.split())


@pytest.mark.parametrize(
    "name", [n for n, c in commands().items() if n not in SILENT and not isinstance(c, TyperGroup)]
)
def test_a_command_with_a_result_has_json(name: str) -> None:
    assert "--json" in options(commands()[name])


def call(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")}
    return subprocess.run(
        [sys.executable, "-c", "from weir.cli.main import main; main()", *arguments],
        cwd=cwd, env=plain | environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "nonsense"),
        (["sql"], "statement"),
        (["sql", "select 1", "--limit", "0"], "--limit"),
        (["sql", "select 1", "--csv", "--json"], "Give one of them."),
        (["search", "x", "--from", "yesterday"], "Valid values are"),
        (["--project", "/nowhere", "status"], "weir init"),
    ],
)
def test_wrong_use_exits_2_and_says_what_to_do(
    settings: Settings, arguments: list[str], told: str
) -> None:
    ended = call(*arguments, cwd=ROOT, WEIR_HOME=str(settings.home))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_outside_a_project(tmp_path: Path) -> None:
    ended = call("status", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[0].startswith("error: There is no Weir project in")
    assert "weir init" in ended.stderr
    assert call("--help", cwd=tmp_path).returncode == 0


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    ended = call("sql", "select 1", cwd=ROOT, WEIR_LANDING_GRAIN="week", WEIR_HOME=str(tmp_path))
    assert ended.returncode == 2
    assert "WEIR_LANDING_GRAIN='week'" in ended.stderr


def test_what_fails_exits_1(tmp_path: Path) -> None:
    ended = call("sql", "select 1", cwd=ROOT, WEIR_HOME=str(tmp_path))
    assert ended.returncode == 1
    assert "There is no lake" in ended.stderr
    assert "weir demo" in ended.stderr


def test_an_error_of_the_file_system_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = call("seal", "--now", cwd=ROOT, WEIR_HOME=str(tmp_path / "file" / "home"))
    assert ended.returncode == 1
    assert "error:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_goes_away_hears_nothing(settings: Settings) -> None:
    code = "from weir.cli.main import main; "
    statement = "select repeat('x', 1000) as x from range(2000)"
    with subprocess.Popen(
        [sys.executable, "-c", code + "main()", "sql", statement, "--limit", "2000", "--json"],
        cwd=ROOT, env=os.environ | {"WEIR_HOME": str(settings.home)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_seal_now_and_plan_print_json(weir, tmp_path: Path) -> None:
    sealed = json.loads(weir("seal", "--now", "--json", home=tmp_path).stdout)
    assert sealed["rows"] == 0
    assert "Nothing waited" in weir("seal", "--now", home=tmp_path).output
    assert json.loads(weir("run", "--plan", "--json", home=tmp_path).stdout) == []


def test_search_without_an_index(weir) -> None:
    from weir.core.errors import NotReady

    with pytest.raises(NotReady, match="weir run"):
        weir("search", "x", "--json")


def test_events_print_json(weir) -> None:
    assert json.loads(weir("events", "list", "--json").stdout)
    assert json.loads(weir("events", "show", "purchase_item_shop", "--json").stdout)["columns"]
    assert json.loads(weir("events", "check", "--json").stdout)["ok"]
