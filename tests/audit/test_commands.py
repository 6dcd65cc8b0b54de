"""Every command is declared as reading or writing, and what writes is in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from weir.audit import ACTIONS, Wanted, log_of
from weir.audit.reading import Found, find
from weir.cli.audited import READS, WRITES, Write
from weir.cli.main import COMMANDS, app
from weir.core.settings import load

ROOT = Path(__file__).resolve().parents[2]


def commands() -> dict[str, Any]:
    root: Any = get_command(app)
    return dict(c for name in COMMANDS for c in _below(root.get_command(None, name), name))


def _below(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    members = getattr(command, "commands", {})
    if not members or command.invoke_without_command:
        yield path, command
    for name, member in members.items():
        yield from _below(member, f"{path} {name}")


def test_every_command_is_declared_as_reading_or_writing() -> None:
    undeclared = sorted(set(commands()) - READS - set(WRITES))
    assert not undeclared, "put them into READS or WRITES of weir/cli/audited.py"
    assert not READS & set(WRITES)


def test_every_writing_command_has_an_action_and_parameters_that_exist() -> None:
    found = commands()
    for path, write in WRITES.items():
        assert write.action in ACTIONS
        names = {parameter.name for parameter in found[path].params} if path in found else None
        if names is not None and not write.own:
            assert set(write.unless + write.only) <= names, path


def test_a_command_with_a_dry_run_is_audited_without_it_only() -> None:
    for path, command in commands().items():
        names = {one.name for one in command.params if getattr(one, "is_flag", False)}
        if path in WRITES and names & {"dry_run", "plan", "check_only"}:
            assert set(WRITES[path].unless) & names, path


def test_write_decides_by_parameters() -> None:
    assert Write("run").writes({})
    assert not Write("run", unless=("plan",)).writes({"plan": True})
    assert Write("run", unless=("plan",)).writes({"plan": False})
    assert not Write("x", only=("out",)).writes({"out": None})
    assert Write("x", only=("out",)).writes({"out": "f"})


@pytest.fixture
def weir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WEIR_ACTOR", "agent:tester")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(
            app, ["--project", str(ROOT), "--home", str(tmp_path), *arguments]
        )

    return run


def entries(home: Path) -> list[Found]:
    return find(log_of(load(ROOT, home)), Wanted())[::-1]


def test_commands_that_write_are_entered_and_those_that_read_are_not(
    weir: Any, tmp_path: Path
) -> None:
    made = json.loads(weir("tokens", "create", "shop", "--json").stdout)
    weir("tokens", "list")
    weir("tokens", "revoke", made["id"])
    weir("tokens", "revoke", "0000")
    weir("events", "generate", "--check")
    weir("status")
    created, revoked, refused = entries(tmp_path)
    assert (created.action, created.result, created.name) == ("tokens.create", "ok", "tester")
    assert created.did == {"token_id": made["id"]}
    assert made["token"] not in json.dumps([e.as_dict() for e in entries(tmp_path)])
    assert created.arguments == {"producer": "shop", "environment": "prod", "channel": "server", "expires": "never"}  # fmt: skip
    assert (revoked.action, revoked.arguments) == ("tokens.revoke", {"token_id": made["id"]})
    assert (refused.result, refused.message[:8]) == ("refused", "There is")


def test_a_wrong_actor_is_told(weir: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WEIR_ACTOR", "nobody")
    assert "WEIR_ACTOR" in str(weir("tokens", "create", "shop").exception)
    assert not (tmp_path / "tokens.json").exists()


def test_list_show_and_verify(weir: Any) -> None:
    assert "Nothing of that" in weir("audit", "list").output
    weir("tokens", "create", "shop")
    shown = weir("audit", "list").stdout
    assert "tokens.create" in shown
    assert "agent tester" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert json.loads(weir("audit", "list", "--json").stdout)[0]["result"] == "ok"
    assert "did token_id" in weir("audit", "show", "1").stdout
    assert json.loads(weir("audit", "show", "1", "--json").stdout)["id"] == 1
    verified = weir("audit", "verify")
    assert "head 2:" in verified.stdout
    wrong = weir("audit", "verify", "--head", "2:feed", "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["ok"]) == (1, False)
