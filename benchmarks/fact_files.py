"""A throw-away project whose facts are read from Parquet files: layers without events before them.

Used where the activation layer alone is measured or tested, through dbt, Dagster and the lake.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from weir.activation.contract import fact_of, tests_of
from weir.activation.layers import files_of
from weir.core.settings import CONFIG_FILE, Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.manifest import prepare

REPOSITORY = Path(__file__).parent.parent
_FACT = """\
select {columns}
from read_parquet('{file}')
where
    activity_date >= cast('{{{{ range_start() }}}}' as date)
    and activity_date < cast('{{{{ range_end() }}}}' as date)
"""


@dataclass(frozen=True)
class FactFile:
    """A fact in a Parquet file: its key, `activity_date`, `event_count`, and what `meta` names.

    Attributes:
        name: the fact's model.
        file: the Parquet file, or a pattern of files; one row per key and day. Where folders are named
            `activity_date=<day>`, the files have no such column, and a run reads those of its days.
        start: first day.
        end: last day.
        key: the column that says who.
        types: types of further columns (dimensions, birth).
        meta: further settings of the fact: `dimensions`, `birth`, `week_start`, ...
    """

    name: str
    file: Path
    start: date
    end: date
    key: str = "user_id"
    key_type: str = "varchar"
    types: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


def make_project(
    folder: Path, facts: Iterable[FactFile], grains: Iterable[str], *, memory: str | None = None
) -> Settings:
    """Write a project with these facts and their layers of these grains, and its empty lake.

    Args:
        folder: where the project and its home come to be.
        facts: the facts.
        grains: grains of the layers: `daily`, `weekly`, `monthly`.
        memory: what DuckDB may use (`4GB`); beyond, it spills to `folder / "spill"`.
    """
    project = folder / "project"
    for name in ("dbt", "sensors", "resources", "assets"):
        shutil.copytree(REPOSITORY / name, project / name, ignore=_ignored)
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(REPOSITORY / name, project / name)
    settings = load(project, folder / "home")
    models = project / "dbt" / "models"
    (models / "fact").mkdir(parents=True)
    for fact in facts:
        (models / "fact" / f"{fact.name}.sql").write_text(_sql(fact))
        (models / "fact" / f"{fact.name}.yml").write_text(json.dumps(_yaml(fact)))
    manifest = prepare(settings).json
    tests = tests_of(manifest)
    for model in [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]:
        contract = fact_of(model, tests[model["unique_id"]])
        for grain in grains:
            for path, text in files_of(contract, grain).items():
                (project / "dbt" / path).parent.mkdir(exist_ok=True)
                (project / "dbt" / path).write_text(text)
    Lake(settings).create()
    if memory:
        with (settings.home / CONFIG_FILE).open("a") as file:
            file.write(f'memory_limit = "{memory}"\nspill_dir = "{folder / "spill"}"\n')
    return load(project, settings.home)


def _ignored(folder: str, inside: list[str]) -> set[str]:
    left_out = {"__pycache__", "target", "logs", "models"}
    return left_out | (
        set(inside) - {"dictionary.json"} if Path(folder).name == "events" else set()
    )


def _columns(fact: FactFile) -> dict[str, str]:
    return {
        fact.key: fact.key_type, "activity_date": "date", "event_count": "bigint", **fact.types
    }  # fmt: skip


def _sql(fact: FactFile) -> str:
    return _FACT.format(columns=", ".join(_columns(fact)), file=fact.file)


def _yaml(fact: FactFile) -> dict[str, Any]:
    meta = {
        "kind": "fact", "key": fact.key, "time_zone": "UTC", "start": str(fact.start),
        "end": str(fact.end), **fact.meta,
    }  # fmt: skip
    unique = {"part_unique": {"arguments": {"columns": [fact.key, "activity_date"]}}}
    needed = {fact.key, "activity_date", "event_count", fact.meta.get("birth")}
    columns = [
        {
            "name": name, "description": f"The {name}.", "data_type": kind,
            **({"data_tests": ["part_not_null"]} if name in needed else {}),
        }
        for name, kind in _columns(fact).items()
    ]  # fmt: skip
    model = {
        "name": fact.name, "description": "Made up.", "config": {"meta": {"weir": meta}},
        "data_tests": [unique], "columns": columns,
    }  # fmt: skip
    return {"version": 2, "models": [model]}
