"""`weir events plan` on a real lake."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weir.cli.main import app
from weir.core.errors import LakeError, NotFound
from weir.core.settings import load as load_settings
from weir.engines.embedded.lake import Lake
from weir.registry.columns import columns
from weir.registry.evolution.steps import all_columns
from weir.registry.evolution.structures import duckdb_type
from weir.registry.load import load

ROOT = Path(__file__).resolve().parents[3]
NAME = "purchase_item_shop"
FOLDER = f"assets/events/shop/{NAME}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The repository's events, and a lake with the log of one of them."""
    shutil.copytree(ROOT / "assets" / "events", tmp_path / "assets" / "events")
    shutil.copy(ROOT / "workspace.yaml", tmp_path)
    lake = Lake(load_settings(tmp_path, tmp_path / "home"))
    lake.create()
    event = load(tmp_path / "assets" / "events").get(NAME)
    kinds = ", ".join(f'"{n}" {duckdb_type(k)}' for n, k in all_columns(columns(event)).items())
    with lake.write() as connection:
        connection.execute(f"CREATE TABLE event_log.{NAME} ({kinds})")
    return tmp_path


@pytest.fixture
def weir(project: Path) -> Callable[..., Result]:
    def run(*arguments: str, home: str = "home") -> Result:
        given = ["--project", str(project), "--home", str(project / home), "events", "plan"]
        return CliRunner().invoke(app, [*given, *arguments], catch_exceptions=True)

    return run


def add_version(project: Path, **changed: Any) -> None:
    first = json.loads((project / FOLDER / "v1.json").read_text())
    first["properties"] |= changed
    del first["examples"]
    (project / FOLDER / "v2.json").write_text(json.dumps(first))


def test_it_says_that_there_is_nothing_to_do(weir):
    result = weir()
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing to do: 1 event logs have the columns" in result.stderr
    assert f"{NAME} has the columns" in weir(NAME).stderr
    assert "there is no log yet" in weir("push_commit_git").stderr


def test_it_shows_the_steps_and_the_sql_and_changes_nothing(weir, project):
    add_version(
        project,
        coupon={"type": "string", "description": "It."},
        quantity={"type": "string", "description": "Q."},
    )
    before = sorted((project / "home").rglob("*.parquet"))
    assert "Nothing to do" in weir(NAME).stderr  # version 2 is a draft
    out = weir(NAME, "--drafts").stdout
    assert out.splitlines()[:4] == [
        NAME, "  add quantity__v2 VARCHAR", "  add coupon VARCHAR", f"  create view {NAME}__united",
    ]  # fmt: skip
    assert f'    ALTER TABLE event_log."{NAME}" ADD COLUMN "coupon" VARCHAR;' in out.splitlines()
    (project / FOLDER / "versions.json").unlink()
    assert weir(NAME).stdout == out
    assert sorted((project / "home").rglob("*.parquet")) == before
    assert "ADD COLUMN `coupon` STRING" in weir("--engine", "bigquery").stdout


def test_as_json(weir, project):
    assert json.loads(weir("--json").stdout) == [
        {"event": NAME, "steps": [], "sql": [], "nothing_to_do": True}
    ]
    add_version(project, coupon={"type": "string", "description": "It."})
    (one,) = json.loads(weir(NAME, "--json", "--drafts").stdout)
    assert one == {
        "event": NAME,
        "steps": [{"step": "AddColumn", "text": "add coupon VARCHAR"}],
        "sql": [f'ALTER TABLE event_log."{NAME}" ADD COLUMN "coupon" VARCHAR'],
        "nothing_to_do": False,
    }


def test_a_wrong_name_engine_and_a_home_without_a_lake_are_told(weir):
    assert isinstance(weir("purchase_item_shpo").exception, NotFound)
    assert weir("--engine", "oracle").exit_code == 2
    assert isinstance(weir(home="nowhere").exception, LakeError)
