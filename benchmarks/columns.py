"""Column lineage of generated projects: seconds to follow all models, cold and from the sidecar's content.

The models are the project's own, as dbt compiles them, again and again under other names: event logs, facts,
layers, in their real proportions. dbt's compiling is measured apart, on the project as it is.

    python benchmarks/columns.py --out benchmarks/results/columns.json
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from weir.core.settings import load
from weir.lineage.columns.assemble import Assembled, Source, assemble
from weir.lineage.columns.changes import classify
from weir.lineage.columns.graph import ColumnGraph
from weir.orchestra.outline import Outliner
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[1]
SIZES = (50, 500, 5_000)
TABLE = re.compile(r'"(event_log|fact|activation)"\."([a-z_0-9]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compiling, sources = project_models(Path(folder))
    measured = [measure(sources, size) for size in given.sizes]
    result = {
        "machine": f"{os.cpu_count()} shared cores, others worked at the same time; CPU seconds",
        "dbt_compile": compiling,
        "follow": measured,
        "growth": growth(measured),
    }
    print(json.dumps(result, indent=2))
    if given.out:
        given.out.write_text(json.dumps(result, indent=2) + "\n")


def project_models(home: Path) -> tuple[dict[str, float], list[Source]]:
    """Return what compiling takes, and the project's models and views."""
    project = Project(load(ROOT, home))
    nodes = project.parsed.json["nodes"]
    models = [uid for uid, node in nodes.items() if node["resource_type"] == "model"]
    outliner = Outliner(project.settings, project.parsed)
    outliner.outline(models[:1])  # imports
    seconds, _ = timed(lambda: outliner.outline(models))
    codes = project.columns.codes()
    sources = [Source(a, c.code, c.sql, c.columns, c.meta) for a, c in codes.items()]
    return {"models": len(models), "seconds": round(seconds, 2)}, sources


def copies(sources: list[Source], size: int) -> list[Source]:
    """Return `size` models: the project's, again and again, each copy reading its own."""
    found: list[Source] = []
    for number in range(-(-size // len(sources))):
        for one in sources:
            sql = TABLE.sub(rf'"\1"."\2_{number}"', one.sql)
            found.append(Source(f"{one.asset}_{number}", one.code, sql, one.declared, one.meta))
    return found[:size]


def measure(sources: list[Source], size: int) -> dict[str, Any]:
    models = copies(sources, size)
    cold, whole = timed(lambda: assemble(models))
    assert not [a for a, one in whole.followed.items() if one.lineage.unresolved]
    warm, _ = timed(lambda: assemble(models, whole.followed))
    graph = ColumnGraph(whole.lineages())
    down, steps = timed(lambda: graph.down("landing/normal", "params"))
    compared, _ = timed(lambda: compare(whole))
    return {
        "models": size,
        "columns": sum(len(one.lineage.columns) for one in whole.followed.values()),
        "cold_seconds": round(cold, 2),
        "again_seconds": round(warm, 3),
        "down_from_params_seconds": round(down, 3),
        "steps": len(steps),
        "classify_ms_per_model": round(1000 * compared / min(size, 100), 2),
    }


def compare(whole: Assembled) -> None:
    """Classify a hundred models against themselves with another comment."""
    for code in list(whole.codes.values())[:100]:
        changed = type(code)(**{**vars(code), "sql": code.sql + "\n-- another comment"})
        assert classify(code, changed).change.value == "none", code.asset


def growth(measured: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Return how the cold seconds grow, per model, from one size to the next."""
    return [
        {
            "models": after["models"] / before["models"],
            "cold_seconds": round(after["cold_seconds"] / max(before["cold_seconds"], 0.01), 1),
        }
        for before, after in itertools.pairwise(measured)
    ]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of a call, and what it returned."""
    began = time.process_time()
    done = work()
    return time.process_time() - began, done


if __name__ == "__main__":
    main()
