"""Made-up shops for tests: a project of one event and one fact, and a home of it with commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from weir.activation.contract import fact_of, tests_of
from weir.activation.layers import files_of
from weir.core.settings import CONFIG_FILE, Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.manifest import prepare
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]
FACT, EVENT = "shoppers_bought", "purchase_item_shop"
FACT_FILE, LOG_FILE = f"models/fact/{FACT}.sql", f"models/event_log/{EVENT}.sql"
_LEFT_OUT = (
    "__pycache__", "target", "logs", "git", "activation", "users_purchased_*", "users_contributed_*",
    "*_git.*",
)  # fmt: skip
_SQL = """\
select user_id, {{ local_date("event_time", "%(zone)s") }} as activity_date, count(*) as event_count
from {{ ref("purchase_item_shop") }}
where
    user_id is not null
    and {{ event_window("event_time", "%(zone)s") }}
    and {{ landing_days(events=["purchase_item_shop"]) }}
group by 1, 2
"""


class Shop:
    """A project and a home of it; commands run in processes of their own, which have one home."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home

    @classmethod
    def open(cls, folder: Path, home: Path, start: date) -> Shop:
        """Make the home, which takes events of a day at a time."""
        home.mkdir(parents=True)
        (home / CONFIG_FILE).write_text(f'landing_grain = "day"\nlanding_start = {start}\n')
        shop = cls(folder, home)
        Lake(shop.settings).create()
        return shop

    def copy(self, home: Path) -> Shop:
        """Return the shop on a copy of its home."""
        shutil.copytree(self.home, home)
        return Shop(self.folder, home)

    @property
    def settings(self) -> Settings:
        """The settings as a new process reads them."""
        return load(self.folder, self.home)

    def project(self, **settings: Any) -> Project:
        """Return the project as a new process sees it, with some settings changed."""
        return Project(self.settings.model_copy(update=settings))

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command."""
        order = [
            sys.executable,
            "-m",
            "weir",
            "--project",
            str(self.folder),
            "--home",
            str(self.home),
        ]
        told = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
        environment = {**told, "COLUMNS": "80"}
        piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([*order, *words], text=True, env=environment, **piped)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, well or not."""
        process = self.start(*words)
        out, err = process.communicate(timeout=600)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def weir(self, *words: str) -> Any:
        """Run a command that must succeed and return its JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def load(self, file: Path) -> None:
        """Import a file of events."""
        self.weir("import", str(file), "--received-at", "received_at")

    def path(self, name: str) -> Path:
        """Return a file of the dbt project."""
        return self.folder / "dbt" / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the text of a file of the dbt project."""
        text = self.path(name).read_text()
        assert old in text
        self.path(name).write_text(text.replace(old, new))

    def file(self, asset: str, month: int) -> Path:
        """Return the one Parquet file of a month of an asset."""
        (found,) = self.home.glob(f"lake/data/{asset}/*/month={month}/*.parquet")
        return found

    def hashes(self) -> dict[str, dict[str, tuple[int, str]]]:
        """Return rows and content hash of every partition of facts and layers."""
        project = self.project()
        with project.history.reading():
            project.ledger.sync(project.history)
        return {
            node.asset: {k: (b.rows, b.hash) for k, b in project.ledger.built(node.asset).items()}
            for node in project.nodes
            if node.stage in ("fact", "activation")
        }

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the lake."""
        with Lake(self.settings).read() as connection:
            found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a command as kill -9 does. Its pipes are closed, not read: Dagster's children may hold them."""
    process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def make_project(folder: Path, meta: Mapping[str, Any], grains: Sequence[str]) -> Path:
    """Write a project whose fact has the given contract and layers, and return its folder."""
    for name in ("assets", "dbt", "sensors", "resources"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    models = folder / "dbt" / "models"
    (models / "fact" / f"{FACT}.sql").write_text(_SQL % {"zone": meta["time_zone"]})
    (models / "fact" / f"{FACT}.yml").write_text(yaml.safe_dump(_yaml(meta)))
    if grains:
        _write_layers(folder, grains)
    return folder


def _write_layers(folder: Path, grains: Sequence[str]) -> None:
    manifest = prepare(load(folder, folder / "parse")).json
    (node,) = [n for n in manifest["nodes"].values() if n["name"] == FACT]
    fact = fact_of(node, tests_of(manifest)[node["unique_id"]])
    for grain in grains:
        for path, text in files_of(fact, grain).items():
            (folder / "dbt" / path).parent.mkdir(exist_ok=True)
            (folder / "dbt" / path).write_text(text)
    shutil.rmtree(folder / "parse")


def _yaml(meta: Mapping[str, Any]) -> dict[str, Any]:
    types = {"user_id": "varchar", "activity_date": "date", "event_count": "bigint"}
    unique = {"part_unique": {"arguments": {"columns": ["user_id", "activity_date"]}}}
    columns = [
        {"name": n, "description": n, "data_type": t, "data_tests": ["part_not_null"]}
        for n, t in types.items()
    ]
    model = {
        "name": FACT, "description": "Who bought on which day.",
        "config": {"meta": {"weir": dict(meta)}}, "data_tests": [unique], "columns": columns,
    }  # fmt: skip
    return {"version": 2, "models": [model]}
