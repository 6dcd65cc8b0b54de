"""A data file is deleted; `weir why` and `weir plan` alone find it and bring everything back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weir.cli.main import app
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]
FACT = "fact/users_purchased_item"


def hashes(project: Project, asset: str) -> dict[str, str]:
    project.ledger.sync(project.history)
    return {key: built.hash for key, built in project.ledger.built(asset).items()}


@pytest.mark.slow
def test_a_deleted_file_is_found_and_its_rows_come_back(story: Any) -> None:
    def weir(*arguments: str) -> Result:
        home = ["--project", str(ROOT), "--home", str(story.settings.home)]
        return CliRunner().invoke(app, [*home, *arguments])

    before = hashes(Project(story.settings), FACT)
    folder = story.settings.lake_dir / "data" / FACT
    (lost, *_) = sorted(folder.rglob("year=1998/month=3/*.parquet"))
    lost.unlink()
    asked = weir("why", FACT, "--json")
    assert asked.exit_code == 1, asked.output
    told = json.loads(asked.stdout)
    assert told["causes"][0]["cause"].startswith("C02")
    plan = json.loads(weir("plan", "recover", FACT, "--downstream", "--json").stdout)
    assert plan["faults"] == {"broken": 31}
    assert plan["steps"][0]["partitions"] == "1998-03-01..1998-03-31"
    done = weir("plan", "apply", plan["id"], "--digest", plan["digest"], "--json")
    assert done.exit_code == 0, done.output
    assert {line["step"] for line in json.loads(done.stdout)["journal"] if "run" in line} == {1}
    assert hashes(Project(story.settings), FACT) == before
    assert weir("partitions", "check", FACT, "--level", "hash").exit_code == 0
    assert weir("why", FACT).exit_code == 0
