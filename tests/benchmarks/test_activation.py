"""The benchmark of activation runs, and its two sides are compared; its figures are not judged."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = {"checkpoint", "fact", "layer"}
SMALL = ("--users", "400", "--days", "6", "--late-rows", "5", "--late-days", "4", "--runs", "1")
FEW = ("--few-users", "200", "--few-days", "4", "--facts", "2")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "activation.py"), *arguments],
        check=False, capture_output=True, text=True, env=env, timeout=1200,
    )  # fmt: skip


def page_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page of measured speed that follows from the results in a folder."""
    spec = importlib.util.spec_from_file_location("docs_speed", ROOT / "docs" / "speed.py")
    assert spec is not None
    assert spec.loader is not None
    speed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(speed)
    monkeypatch.setattr(speed, "RESULTS", folder)
    return str(speed.page())


@pytest.mark.slow
def test_a_tiny_layer_gives_ratios_and_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "results" / "activation.json"
    done = run(*SMALL, *FEW, "--folder", str(tmp_path), "--out", str(out))
    assert done.returncode == 0, done.stderr
    told = json.loads(out.read_text())
    assert told == json.loads(done.stdout)
    layer = told["layer"]
    assert layer["size"]["users"] == 400
    daily = layer["daily"]
    assert daily["runs"] == {"fact": 6, "layer": 6, "checkpoint": 1}
    wall = [took[0] for took in daily["layer_runs"]]
    ratios = layer["ratios"]
    assert ratios["wall"]["flat"] == pytest.approx(sum(wall[3:]) / sum(wall[:3]), abs=0.01)
    assert set(ratios["cpu"]) == {"flat", "full_over_day", "range_over_full"}
    statements = {"full_over_statements", "range_statements_over_full"}
    assert set(ratios["wall"]) == {*ratios["cpu"], *statements}
    inside = layer["range"]["seconds_in_last"]
    spent = inside["checkpoint"]["models"] + inside["layer"]["models"]
    plain = layer["range"]["took"]["full recompute"][-1][0]
    assert ratios["wall"]["range_statements_over_full"] == pytest.approx(spent / plain, abs=0.01)
    assert ratios["state_kept"] > 0
    assert layer["snapshots"]["equal_checkpoints"] == 1
    assert set(layer["late"]["took"]) == LAYER
    # the fact's day, its month's checkpoint, and activation, summary and returns of 5 days
    assert layer["late"]["partitions"]["rebuilt"] == 1 + 1 + 3 * 5
    assert 0 < layer["late"]["partitions"]["changed"] <= layer["late"]["partitions"]["rebuilt"]
    for part in ("daily", "range", "late", "snapshots"):
        assert layer[part]["peak_bytes"] > 10_000_000
    assert set(told["stock"]["inside_a_run"]) == {
        "one model without its tests", "one model", "the layer",
    }  # fmt: skip
    assert told["stock"]["launched"]["ratio"] > 0
    assert [of["facts"] for of in told["facts"]] == [2]
    assert {"cpu", "cpus", "python", "duckdb", "load"} == set(told["machine"])
    assert str(tmp_path) not in done.stdout
    page = page_of(out.parent, monkeypatch)
    assert f"| {ratios['wall']['flat']:.2f} | {ratios['cpu']['flat']:.2f} | at most 1.25 |" in page
    assert f"rebuilt {layer['late']['partitions']['rebuilt']} partitions" in page
    assert f"| 2 | {told['facts'][0]['took']['a run for each'][0]:.1f} |" in page


@pytest.mark.slow
def test_memory_can_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "results" / "activation_capped.json"
    done = run(*SMALL, "--memory", "1GB", "--folder", str(tmp_path), "--out", str(out))
    assert done.returncode == 0, done.stderr
    capped = json.loads(done.stdout)["capped"]
    assert capped["memory"] == "1GB"
    assert capped["failed_checks"] == 0
    assert set(capped["took"]) == {*LAYER, "layer, last day"}
    assert "held to 1GB" in page_of(out.parent, monkeypatch)


def test_wrong_arguments_are_named() -> None:
    done = run("--only", "everything")
    assert done.returncode == 2
    assert "--only" in done.stderr
