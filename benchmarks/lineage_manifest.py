"""A large manifest made of the project's own models under other names, and loading its definitions."""

import gc
import hashlib
import importlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apart import Took

ROOT = Path(__file__).resolve().parents[1]
_PARTS = ("nodes", "unit_tests", "parent_map", "child_map")


def write_manifest(folder: str, models: int) -> dict[str, int]:
    """Write a manifest of so many models, and the columns that were followed; return its sizes."""
    from weir.core.settings import load
    from weir.orchestra.project import Project

    project = Project(load(ROOT, Path(folder) / "small"))
    manifest, columns = project.parsed.json, project.columns
    own = {u: n for u, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    words = [n["name"] for n in own.values() if n["schema"] in ("event_log", "fact")]
    known = re.compile("|".join(sorted(words, key=len, reverse=True)))
    texts = {part: json.dumps(manifest[part]) for part in _PARTS}
    size = -(-models // len(own))
    large: dict[str, Any] = {part: dict(manifest[part]) for part in _PARTS}
    for number in range(1, size):
        for part, text in texts.items():
            copy = json.loads(known.sub(lambda word: f"{word[0]}x{number}", text))  # noqa: B023
            for name, value in copy.items():
                if name not in large[part]:
                    large[part][name] = value
                elif part.endswith("_map"):
                    large[part][name] = [*dict.fromkeys([*large[part][name], *value])]
    _write(Path(folder), {**manifest, **large})
    _write_columns(Path(folder), columns, known, size)
    nodes = large["nodes"].values()
    return {
        "models": sum(1 for n in nodes if n["resource_type"] == "model"),
        "tests": sum(1 for n in nodes if n["resource_type"] == "test"),
    }


def load_bare(folder: str) -> Took:
    """Load the manifest's models as `@dbt_assets` makes them."""
    import dagster as dg
    from dagster_dbt import dbt_assets

    began = _now()

    @dbt_assets(manifest=Path(folder) / "manifest.json")
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from (context, [])[1]

    _resolve(dg.Definitions(assets=[models]))
    return _since(began)


def load_ours(folder: str) -> Took:
    """Load the project's definitions with the manifest in the place of its own."""
    os.environ["WEIR_HOME"] = str(Path(folder) / "small")
    sys.path.insert(0, str(ROOT))
    loaded = importlib.import_module("definitions")  # and the project's own: not measured
    gc.unfreeze()  # as in a process that loads the large manifest first
    from weir.core.settings import load
    from weir.orchestra import project as module
    from weir.orchestra.manifest import Parsed

    path = Path(folder) / "manifest.json"
    setattr(module, "prepare", lambda _: Parsed(json.loads(path.read_text()), path))  # noqa: B010
    began = _now()
    project = module.Project(load(ROOT, Path(folder) / "home"))
    (target := project.settings.home / "dbt" / "target").mkdir(parents=True, exist_ok=True)
    (Path(folder) / "columns.json").replace(target / "columns.json")
    try:
        _resolve(loaded.build_defs(project=project))
        return _since(began)
    finally:
        (target / "columns.json").replace(Path(folder) / "columns.json")


def _resolve(definitions: Any) -> None:
    """Do what a code server does with definitions before it answers."""
    definitions.get_repository_def().asset_graph.get_all_asset_keys()


def _write(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _write_columns(folder: Path, columns: Any, known: re.Pattern[str], size: int) -> None:
    """Write the sidecar: what was followed is renamed, not followed again."""
    import orjson

    codes = columns.codes()
    kept = orjson.loads(columns.path.read_bytes())
    compiled = dict(kept["compiled"])
    base = kept["followed"]
    sql_of = {asset: code.sql for asset, code in codes.items()}
    inputs_of = {asset: dict(code.inputs) for asset, code in codes.items()}
    followed = dict(base)
    for number in range(1, size):

        def renamed(text: str, number: int = number) -> str:
            return known.sub(lambda word: f"{word[0]}x{number}", text)

        compiled |= orjson.loads(renamed(json.dumps(kept["compiled"])))
        for asset, (_, _, lineage) in base.items():
            inputs = json.loads(renamed(json.dumps(inputs_of[asset])))
            ordered = {name: inputs[name] for name in sorted(inputs) if name != renamed(asset)}
            ordered |= {name: inputs[name] for name in inputs if name == renamed(asset)}
            followed[renamed(asset)] = [
                _hash(renamed(sql_of[asset])),
                _hash(repr(ordered)),
                json.loads(renamed(json.dumps(lineage))),
            ]
    value = {**kept, "manifest": "manifest.json", "compiled": compiled, "followed": followed}
    (folder / "columns.json").write_bytes(orjson.dumps(value))


def _hash(text: str) -> str:
    """Return what the sidecar calls a text by."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _now() -> Took:
    return Took(time.perf_counter(), time.process_time())


def _since(began: Took) -> Took:
    return Took(time.perf_counter() - began.wall, time.process_time() - began.cpu)
