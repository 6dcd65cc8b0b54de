"""The guide's examples are what the commands print, in the order in which it shows them."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from weir.cli.main import main

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "naming.md").read_text()


def test_what_the_guide_shows_is_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    skip = shutil.ignore_patterns("target", "logs")
    for folder in ("assets/events", "dbt"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skip)
    (tmp_path / "workspace.yaml").write_text("")
    # `readers` parses dbt's project and leaves its variables behind: monkeypatch takes them away
    monkeypatch.setenv("WEIR_HOME", str(tmp_path / ".weir"))
    monkeypatch.setenv("WEIR_DBT_TARGET", "sqlite")
    monkeypatch.setenv("WEIR_CLOSE_LAG_MINUTES", "60")
    blocks = re.findall(r"^```console\n\$ weir (.+)\n((?:.*\n)*?)```$", GUIDE, re.MULTILINE)
    assert len(blocks) == 7
    for command, printed in blocks:
        arguments = ["weir", "--project", str(tmp_path), *shlex.split(command)]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit):
            main()
        said = capsys.readouterr()
        assert said.out + said.err == printed, command


def test_each_rule_of_a_name_is_in_the_guide():
    folder = ROOT / "platform" / "weir" / "registry" / "naming"
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    rules = set(re.findall(r'Finding\(\s*[^"]*"[^"]*",\s*"([a-z_]+)"', source))
    rules |= set(re.findall(r'Finding\(\s*(?:POINTER|one\.pointer), "([a-z_]+)"', source))
    assert {"form", "order", "other_type"} <= rules
    assert [rule for rule in rules if f"| `{rule}` |" not in GUIDE] == []
