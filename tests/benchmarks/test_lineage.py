"""The benchmark of lineage runs, and says what it promises; its figures are not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_tiny_sizes_give_medians_growth_and_the_machine(tmp_path: Path) -> None:
    out = tmp_path / "lineage.json"
    sizes = ("--models", "62", "--assets", "12", "24", "--facts", "1", "2", "--days", "40", "30")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "lineage.py"), *sizes, "--runs", "1", "--out", str(out)],
        check=False, capture_output=True, text=True, env=env, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(out.read_text())
    (definitions,) = told["definitions"]
    assert definitions["models"] == 62
    assert set(definitions["ratio"]) == {"wall", "cpu"}
    assert [m["partitions"] for m in told["closure"]] == [480, 960]
    assert [m["stale"] for m in told["plan"]] == [30, 60]
    assert [g["partitions"] for g in told["growth"]["closure"]] == [2.0]
    assert told["machine"]["cpus"]
