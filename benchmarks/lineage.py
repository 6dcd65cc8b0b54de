"""How lineage scales: definitions of a large manifest, the closure of faults, a plan of many partitions.

    python benchmarks/lineage.py --out benchmarks/results/lineage.json

Each case is measured at several sizes, `--runs` times; medians of wall and CPU seconds, and how they grow
from one size to the next. Definitions are loaded in a process of their own each time, ours and the bare
`@dbt_assets` of the same manifest by turns: the project's own models again and again under other names,
with their tests, and their columns followed before, as `weir` leaves them. The closure and the plan are
of generated warehouses in memory, in the worst case: everything is reached.

What one run costs beside stock dbt and Dagster is measured in `benchmarks/activation.py`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from apart import Took, apart
from event_log import machine
from lineage_manifest import load_bare, load_ours, write_manifest
from lineage_warehouse import close_all, plan_all

MODELS = (625, 1_250, 2_500, 5_000)
ASSETS = (30, 60, 120)
FACTS = (7, 14, 28)
"""Of which each has 365 stale days: the last has 10,220."""
TARGETS = {"definitions_ratio": 1.25, "closure_seconds": 1.0, "plan_seconds": 5.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="*", default=list(MODELS))
    parser.add_argument("--assets", type=int, nargs="*", default=list(ASSETS))
    parser.add_argument("--facts", type=int, nargs="*", default=list(FACTS))
    parser.add_argument("--days", type=int, nargs=2, default=[1_095, 365], help="closure's, plan's")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    before = os.getloadavg()[:2]
    result: dict[str, Any] = {
        "machine": machine(),
        "targets": TARGETS,
        "definitions": [definitions(size, given.runs) for size in given.models],
        "closure": [sized(close_all, n, given.days[0], given.runs) for n in given.assets],
        "plan": [sized(plan_all, n, given.days[1], given.runs) for n in given.facts],
        "runs": given.runs,
    }
    result["machine"]["load"] = [before, os.getloadavg()[:2]]
    result["growth"] = {
        "definitions": growth(result["definitions"], "models"),
        "closure": growth(result["closure"], "partitions"),
        "plan": growth(result["plan"], "partitions"),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


def definitions(models: int, runs: int) -> dict[str, Any]:
    """Load the definitions of a manifest, ours and the bare ones by turns."""
    with tempfile.TemporaryDirectory() as folder:
        found = apart(write_manifest, folder, models)[0]
        took: dict[str, list[Took]] = {"weir": [], "bare": []}
        for _ in range(runs):
            took["bare"].append(apart(load_bare, folder)[0])
            took["weir"].append(apart(load_ours, folder)[0])
    middle = {name: median(each) for name, each in took.items()}
    ratio = {clock: round(middle["weir"][clock] / middle["bare"][clock], 3) for clock in CLOCKS}
    return {**found, **middle, "ratio": ratio}


CLOCKS = ("wall", "cpu")


def sized(
    work: Callable[[int, int], tuple[Mapping[str, int], Took]], size: int, days: int, runs: int
) -> dict[str, Any]:
    """Measure one size of a case."""
    done = [work(size, days) for _ in range(runs)]
    return {**done[0][0], **median([took for _, took in done])}


def median(each: list[Took]) -> dict[str, float]:
    """Return the middle of both clocks, in seconds."""
    walls, cpus = zip(*each, strict=True)
    return {"wall": round(statistics.median(walls), 3), "cpu": round(statistics.median(cpus), 3)}


def growth(sizes: list[dict[str, Any]], by: str) -> list[dict[str, float]]:
    """Return how CPU seconds grow with the size, from each to the next."""
    return [
        {
            by: round(after[by] / before[by], 2),
            "cpu": round(_cpu(after) / max(_cpu(before), 0.001), 2),
        }
        for before, after in itertools.pairwise(sizes)
    ]


def _cpu(one: dict[str, Any]) -> float:
    return float(one["weir"]["cpu"] if "weir" in one else one["cpu"])


if __name__ == "__main__":
    main()
