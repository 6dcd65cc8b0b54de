"""`weir init`: a project that works, and nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from weir.core.errors import UsageError


def test_a_project_in_a_folder_with_a_space_works(weir, tmp_path: Path) -> None:
    folder = tmp_path / "my [red] project"
    told = weir("init", str(folder)).stderr
    assert f"cd '{folder}'" in told
    assert json.loads(weir("events", "check", "--json", project=folder).stdout)["ok"]
    assert not list(folder.rglob("__pycache__"))
    assert not (folder / ".weir").exists()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="nothing was written"):
        weir("init", str(folder))
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_json_names_what_was_written(weir, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    written = json.loads(weir("init", str(tmp_path), "--json").stdout)["written"]
    assert "workspace.yaml" in written
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_file_is_no_folder(weir, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        weir("init", str(tmp_path / "file"))
