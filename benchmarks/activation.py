"""Claims about activation layers, over 2,000,000 made-up users and 180 days (9.0 million active days).

Ours is what `weir run` does: through Dagster, dbt and the lake, with content hash, ledger, tests and
identities; a *daily run* makes activation, summary and returns of a day. The fact before it is measured
apart, and so are checkpoints at month ends. Plain is DuckDB from the same Parquet facts to one Parquet
file, without any of that. Rows are compared: day by day = range = plain, checkpoints = snapshots.

- flat: mean daily run of the second half of the days over that of the first half: 1.25 at most;
- full over day: the whole activation table recomputed in plain DuckDB over our run of the last day, in
  turns: 40 or more; `full_over_statements` is the same to what dbt says our models alone took;
- state kept: bytes of a snapshot per day (first, last, streaks of every user seen) over bytes of our
  checkpoints: 20 or more;
- range over full: all days and checkpoints in one run each over one full recompute: 2 at most;
  `range_statements_over_full` is the same of what dbt says our models alone took;
- stock over warm: a partition by dagster-dbt's `DbtCliResource`, a process per run, over our warm dbt,
  models with tests: 20 or more; launched: `dagster asset materialize` of it, stock over ours: 2 or more.

Then: late rows, and seconds of a day with 1, 5 and 20 facts. `took` is [wall, CPU] seconds, CPU over all
threads: on a machine with other work, CPU is the steadier. Each part runs in a process of its own;
`peak_bytes` is the most memory it had resident (Linux: VmHWM).

Run: `python benchmarks/activation.py [--out FILE]`. With `--memory 4GB` only the range build and one
daily run, DuckDB held to that memory: whether it spills and finishes (`--out …/activation_capped.json`).
`--quick` is a small try-out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import activation_parts as parts
from activity import days_of, pattern, write_activity
from apart import Took, apart
from event_log import machine
from layer_runs import make_layer
from plain_layer import snapshots
from stock_dbt import inside_a_run, launched

TARGETS = {
    "flat": 1.25, "full_over_day": 40, "state_kept": 20, "range_over_full": 2,
    "stock_over_warm": 20, "launched": 2,
}  # fmt: skip
PARTS = ("layer", "stock", "facts")
_JSON_PAIR = re.compile(r"\[\s+([\d.]+),\s+([\d.]+)\s+\]")
Json = dict[str, Any]


def told(what: str) -> None:
    """Say on standard error where the benchmark is: it takes long."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def layer(folder: Path, users: int, days: int, late: Sequence[int], runs: int) -> Json:
    """Measure a layer day by day, as a range, and restated, beside plain DuckDB and snapshots."""
    facts = folder / "facts"
    told("activity")
    rows, _ = apart(write_activity, facts, users, days)
    told("day by day")
    lake = make_layer(folder / "daily", facts, days)
    daily, daily_peak = apart(parts.daily, lake, days)
    told("the last day")
    last, _ = apart(parts.last_day, lake, facts, days, runs)
    told("snapshots")
    kept, snapshots_peak = apart(snapshots, pattern(facts), days_of(days), folder / "snapshots")
    equal_states, _ = apart(parts.same_states, lake, folder / "snapshots")
    told("the range")
    other = make_layer(folder / "range", facts, days)
    whole, whole_peak = apart(parts.whole_range, other, facts, days, runs)
    _same("day by day and the range", daily.pop("hashes"), whole.pop("hashes"))
    told("late rows")
    restated, late_peak = apart(parts.late, lake, facts, days, users, *late)
    again, _ = apart(parts.from_scratch, make_layer(folder / "scratch", facts, days), days)
    _same("the restatement and a build from scratch", restated.pop("hashes"), again)
    return {
        "size": {"users": users, "days": days, "active_user_days": rows},
        "ratios": _ratios(daily, last, kept, whole),
        "daily": {**_of_days(daily), "peak_bytes": daily_peak},
        "last_day": last,
        "snapshots": {
            "bytes": kept["bytes"], "rows": kept["rows"], "peak_bytes": snapshots_peak,
            "seconds": round(sum(kept["seconds"]), 2), "equal_checkpoints": equal_states,
        },
        "range": {**whole, "peak_bytes": whole_peak},
        "late": {**restated, "peak_bytes": late_peak},
    }  # fmt: skip


def _same(what: str, one: parts.Hashes, other: parts.Hashes) -> None:
    """Raise unless both hold the same partitions with the same content."""
    wrong = [of for of in {*one, *other} if one.get(of) != other.get(of)]
    if wrong or not one:
        raise RuntimeError(f"{what} differ in {len(wrong)} partitions: {sorted(wrong)[:3]}")


def _ratios(daily: Json, last: Json, kept: Json, whole: Json) -> Json:
    """Return the ratios by wall time and by CPU; the bytes have no clock."""
    found: Json = {}
    for number, clock in enumerate(("wall", "cpu")):
        runs = [run[number] for run in daily["took"]["layer"]]
        half = len(runs) // 2
        last_day = {side: _median(of, number) for side, of in last["took"].items()}
        ours = zip(whole["took"]["checkpoint"], whole["took"]["layer"], strict=True)
        ranges = [checkpoints + rows for checkpoints, rows in ours]
        ratios = {
            "flat": statistics.mean(runs[half:]) / statistics.mean(runs[:half]),
            "full_over_day": last_day["full recompute"] / last_day["ours"],
            "range_over_full": _median(ranges, number)
            / _median(whole["took"]["full recompute"], number),
        }
        found[clock] = {name: round(ratio, 3) for name, ratio in ratios.items()}
    full = _median(last["took"]["full recompute"], 0)
    found["wall"]["full_over_statements"] = round(full / last["seconds_in_ours"]["models"], 3)
    statements = sum(whole["seconds_in_last"][kind]["models"] for kind in ("checkpoint", "layer"))
    plain = whole["took"]["full recompute"][-1].wall
    found["wall"]["range_statements_over_full"] = round(statements / plain, 3)
    checkpoints = sum(size for name, size in daily["bytes"].items() if "_firstlast_" in name)
    found["state_kept"] = round(kept["bytes"] / checkpoints, 2) if checkpoints else None
    return found


def _median(runs: Sequence[Took], clock: int) -> float:
    return float(statistics.median(run[clock] for run in runs))


def _of_days(daily: Json) -> Json:
    """Return the sums of the daily runs, the means of their halves, and those of the layer."""
    runs = daily["took"]
    half = len(runs["layer"]) // 2
    halves = {"first half": runs["layer"][:half], "second half": runs["layer"][half:]}
    return {
        "runs": {kind: len(of) for kind, of in runs.items()},
        "took": {kind: _round(sum(of, Took(0, 0))) for kind, of in runs.items()},
        "mean_of_a_layer_run": {
            told: _round(Took(*(statistics.mean(clock) for clock in zip(*of, strict=True))))
            for told, of in halves.items()
        },
        "layer_seconds_in": daily["layer_seconds_in"],
        "bytes": daily["bytes"],
        "layer_runs": runs["layer"],
    }


def _round(took: Took) -> Took:
    return Took(round(took.wall, 3), round(took.cpu, 3))


def stock(folder: Path, users: int, days: int, runs: int) -> Json:
    """Measure dbt as a process of its own beside warm dbt, on one partition."""
    told("stock dbt")
    facts, (first, *_, last) = folder / "stock_facts", days_of(days)
    apart(write_activity, facts, users, days)
    lake = make_layer(folder / "stock", facts, days)
    apart(parts.from_scratch, lake, days)
    inside, _ = apart(inside_a_run, lake, last, runs)
    fresh, _ = apart(launched, lake, first, last, runs)
    return {"users": users, "days": days, "inside_a_run": inside, "launched": fresh}


def facts_of(folder: Path, users: int, days: int, numbers: Sequence[int]) -> list[Json]:
    """Measure a day of the layers of several facts, all over the same rows."""
    facts = folder / "few_facts"
    apart(write_activity, facts, users, days)
    found = []
    for number in numbers:
        told(f"{number} facts")
        lake = make_layer(folder / f"facts_{number}", facts, days, copies=number)
        measured, peak = apart(parts.many_facts, lake, days)
        found.append({**measured, "users": users, "days": days, "peak_bytes": peak})
    return found


def capped(folder: Path, users: int, days: int, memory: str) -> Json:
    """Build a range and a day of a layer while DuckDB is held to so much memory."""
    facts = folder / "facts"
    told("activity")
    rows, _ = apart(write_activity, facts, users, days)
    told("the range")
    lake = make_layer(folder / "capped", facts, days, memory=memory)
    measured, peak = apart(parts.capped, lake, days)
    size = {"users": users, "days": days, "active_user_days": rows}
    return {"size": size, "memory": memory, **measured, "peak_bytes": peak}


def measure(given: argparse.Namespace, folder: Path) -> Json:
    """Measure what was asked for."""
    if given.memory:
        return {"capped": capped(folder, given.users, given.days, given.memory)}
    found: Json = {"targets": TARGETS}
    if "layer" in given.only:
        late = (given.late_rows, given.late_days)
        found["layer"] = layer(folder, given.users, given.days, late, given.runs)
    if "stock" in given.only:
        found["stock"] = stock(folder, given.few_users, given.few_days, given.runs)
    if "facts" in given.only:
        found["facts"] = facts_of(folder, given.few_users, given.few_days, given.facts)
    return found


def arguments() -> argparse.Namespace:
    """Return the arguments; `--quick` sets sizes that were not given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int)
    parser.add_argument("--days", type=int)
    parser.add_argument("--late-rows", type=int)
    parser.add_argument("--late-days", type=int, help="how many days back the late rows belong")
    parser.add_argument("--runs", type=int, help="of what is measured in turns; medians")
    parser.add_argument("--facts", type=int, nargs="*", help="numbers of facts")
    parser.add_argument("--few-users", type=int, help="users of the parts stock and facts")
    parser.add_argument("--few-days", type=int, help="days of the parts stock and facts")
    parser.add_argument("--memory", help="hold DuckDB to it, e.g. 4GB; only the range build")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary one if not given")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    full = {
        "users": 2_000_000, "days": 180, "late_rows": 1_000, "late_days": 120, "runs": 3,
        "facts": [1, 5, 20], "few_users": 100_000, "few_days": 60,
    }  # fmt: skip
    small = {
        "users": 20_000, "days": 40, "late_rows": 20, "late_days": 20, "runs": 1,
        "facts": [1, 2], "few_users": 5_000, "few_days": 5,
    }  # fmt: skip
    given = parser.parse_args()
    for name, value in (small if given.quick else full).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    return given


def main() -> None:
    given = arguments()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        result = measure(given, Path(name))
    result["machine"] = machine() | {"load": [load_before, os.getloadavg()[0]]}
    text = _JSON_PAIR.sub(r"[\1, \2]", json.dumps(result, indent=2))
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
