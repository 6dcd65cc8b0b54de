"""The benchmark of event logs runs, and says what it promises; its figures are not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIDES = {"landing and accepted", "typed logs", "plain", "whole"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "event_log.py"), *arguments],
        check=False, capture_output=True, text=True, env=env, timeout=600,
    )  # fmt: skip


@pytest.mark.slow
def test_tiny_sizes_give_medians_ratios_and_the_machine(tmp_path: Path) -> None:
    out = tmp_path / "results" / "event_log.json"
    sizes = ("--sizes", "50", "400", "--runs", "2", "--types", "3", "--events", "30")
    done = run(*sizes, "--out", str(out))
    assert done.returncode == 0, done.stderr
    told = json.loads(out.read_text())
    assert told == json.loads(done.stdout)
    for clock in ("wall", "cpu"):
        of = told[clock]["sizes"]["400"]
        assert set(of["seconds"]) == set(of["events_per_second"]) == SIDES
        plain = of["seconds"]["plain"]
        assert of["ratio_typed_logs"] == pytest.approx(
            plain / of["seconds"]["typed logs"], abs=0.01
        )
        assert set(told[clock]["a_million_more"]["seconds"]) == SIDES
    assert {len(runs) for of in told["runs"].values() for runs in of.values()} == {2}
    (many,) = told["many_types"]
    assert many["types"] == 3
    assert set(many["first hour"]["of_waves"]) >= {"landing", "event_log", "search"}
    assert many["second hour"]["seconds"] > 0
    assert {"cpu", "cpus", "python", "duckdb", "load"} == set(told["machine"])
    assert str(tmp_path) not in done.stdout


def test_wrong_arguments_are_named() -> None:
    done = run("--types", "many")
    assert done.returncode == 2
    assert "--types" in done.stderr
