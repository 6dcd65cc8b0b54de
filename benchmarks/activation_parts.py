"""What the benchmark of activation measures, part by part; each part runs in a process of its own."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from activity import NAME, add_late, days_of, pattern
from apart import Spilled, Took, apart, timed
from layer_runs import KINDS, Layers
from plain_layer import COLUMNS, STATE_COLUMNS, fingerprint, recompute

from weir.core.settings import Settings

_DAY = timedelta(days=1)
_CHECKPOINTS = f"activation.{NAME}_firstlast_daily"
Json = dict[str, Any]
Hashes = dict[tuple[str, str], str]
"""Content hash of each partition, by asset and key."""
Runs = dict[str, list[Took]]


def daily(settings: Settings, count: int) -> Json:
    """Build day after day, as it would be in operation: the fact, a checkpoint at a month's end, the layer.

    Returns:
        `took` (wall and CPU seconds) of each run by kind, `layer_seconds_in`: what dbt spent in models
        and in tests in all runs of the layer, `bytes` of the tables, and `hashes`.
    """
    layers = Layers(settings)
    days = days_of(count)
    layers.warm_up(days[0], days[0] + _DAY)
    took: Runs = {kind: [] for kind in KINDS}
    inside: dict[str, float] = {}
    for day in days:
        took["fact"].append(layers.run("fact", day, day + _DAY))
        layers.watched.reset()
        took["layer"].append(layers.run("layer", day, day + _DAY))
        for kind, spent in layers.watched.seconds.items():
            inside[kind] = inside.get(kind, 0.0) + spent
        if (day + _DAY).day == 1:
            took["checkpoint"].append(layers.run("checkpoint", day, day + _DAY))
    return {
        "took": took,
        "layer_seconds_in": _split(sum(run.wall for run in took["layer"]), inside),
        "bytes": layers.sizes(),
        "hashes": layers.hashes(),
    }


def _split(whole: float, inside: Mapping[str, float]) -> dict[str, float]:
    rest = {"rest": whole - sum(inside.values())}
    return {kind: round(took, 2) for kind, took in {**inside, **rest}.items()}


def last_day(settings: Settings, facts: Path, count: int, runs: int) -> Json:
    """Measure the run of the last day and the full recompute of it, in turns; compare their rows.

    Raises:
        RuntimeError: if both sides differ.
    """
    layers, target = Layers(settings), settings.home / "recompute.parquet"
    day = days_of(count)[-1]
    layers.warm_up(day, day + _DAY)
    layers.watched.reset()
    took: Runs = {"ours": [], "full recompute": []}
    peak = 0
    for _ in range(runs):
        plain, used = apart(recompute, pattern(facts), day, target)
        took["full recompute"].append(plain)
        peak = max(peak, used)
        took["ours"].append(layers.run("layer", day, day + _DAY))
    inside = {kind: spent / runs for kind, spent in layers.watched.seconds.items()}
    _same_rows(layers, target)
    return {
        "took": took,
        "seconds_in_ours": _split(statistics.mean(run.wall for run in took["ours"]), inside),
        "peak_bytes_full_recompute": peak,
    }


def _same_rows(layers: Layers, target: Path) -> None:
    with layers.project.lake.read() as connection:
        mine = fingerprint(connection, f"activation.{NAME}_activation_daily", COLUMNS)
        theirs = fingerprint(connection, f"'{target}'", COLUMNS)
    if mine != theirs:
        raise RuntimeError(f"The layer's rows {mine} differ from plain DuckDB's {theirs}.")


def same_states(settings: Settings, snapshots: Path) -> int:
    """Compare the kept snapshots of month ends with the checkpoints; return how many there are.

    Raises:
        RuntimeError: if one differs.
    """
    compared = 0
    with Layers(settings).project.lake.read() as connection:
        for file in sorted(snapshots.glob("*.parquet")):
            month = date.fromisoformat(file.stem).replace(day=1)
            states = f"(FROM {_CHECKPOINTS} WHERE checkpoint_start = DATE '{month}')"
            mine = fingerprint(connection, states, STATE_COLUMNS)
            theirs = fingerprint(connection, f"'{file}'", STATE_COLUMNS)
            if mine[0] and mine != theirs:
                raise RuntimeError(
                    f"The checkpoint of {month} {mine} is not {file.name}, {theirs}."
                )
            compared += bool(mine[0])
    return compared


def whole_range(settings: Settings, facts: Path, count: int, runs: int) -> Json:
    """Build all days at once, and recompute them in plain DuckDB, in turns."""
    layers, target = Layers(settings), settings.home / "recompute.parquet"
    days = days_of(count)
    layers.warm_up(days[0], days[0] + _DAY)
    took: Runs = {kind: [] for kind in (*KINDS, "full recompute")}
    inside: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        took["full recompute"].append(apart(recompute, pattern(facts), days[-1], target)[0])
        for kind in KINDS:
            layers.watched.reset()
            took[kind].append(layers.run(kind, days[0], days[-1] + _DAY))
            inside[kind] = _split(took[kind][-1].wall, layers.watched.seconds)
    _same_rows(layers, target)
    return {"took": took, "seconds_in_last": inside, "hashes": layers.hashes()}


def late(settings: Settings, facts: Path, count: int, users: int, rows: int, back: int) -> Json:
    """Add late rows to a day, then build again what depends on it: the day, checkpoints, days after.

    Returns:
        `took` by kind, `partitions` built again and those of them whose content changed, `hashes`.
    """
    layers = Layers(settings)
    days = days_of(count)
    day = days[-1] - back * _DAY
    layers.warm_up(day, day + _DAY)
    before = layers.hashes()
    add_late(facts, day, rows, users)
    took = {"fact": layers.run("fact", day, day + _DAY)}
    took |= {kind: layers.run(kind, day, days[-1] + _DAY) for kind in ("checkpoint", "layer")}
    after = layers.hashes()
    return {
        "rows": rows,
        "days_back": back,
        "took": took,
        "partitions": {"rebuilt": _rebuilt(after, day), "changed": _differ(before, after)},
        "hashes": after,
    }


def _rebuilt(hashes: Hashes, day: date) -> int:
    """Return how many partitions depend on a day: of the fact it alone, else itself and all later."""
    later = [(asset, key) for asset, key in hashes if not asset.startswith("fact/")]
    return 1 + sum(
        key >= str(day.replace(day=1) if "_firstlast_" in asset else day) for asset, key in later
    )


def _differ(before: Hashes, after: Hashes) -> int:
    return sum(before.get(of) != content for of, content in after.items())


def from_scratch(settings: Settings, count: int) -> Hashes:
    """Build all days at once, without measuring; return the content hashes."""
    layers = Layers(settings)
    days = days_of(count)
    for kind in KINDS:
        layers.run(kind, days[0], days[-1] + _DAY)
    return layers.hashes()


def capped(settings: Settings, count: int) -> Json:
    """Build all days at once and the last one more, within the memory that the project allows."""
    layers = Layers(settings)
    days = days_of(count)
    with Spilled(settings.home.parent / "spill") as spilled:
        took = {kind: layers.run(kind, days[0], days[-1] + _DAY) for kind in KINDS}
        took["layer, last day"] = layers.run("layer", days[-1], days[-1] + _DAY)
    return {
        "took": took,
        "spilled_bytes": spilled.peak,
        "failed_checks": layers.failed(),
        "bytes": layers.sizes(),
    }


def many_facts(settings: Settings, count: int) -> Json:
    """Build a day of every fact's layer: in a run for each, as `weir run` plans it, and in one run."""
    layers = Layers(settings)
    *history, before, day = days_of(count)
    for kind in KINDS:
        layers.run(kind, history[0], before)
    layers.run("fact", before, day + _DAY)
    layers.run("layer", before, day)
    names = [asset.rpartition("/")[2] for asset in layers.assets("fact")]
    of = {n: [a for a in layers.assets("layer") if f"/{n}_activation_" in a] for n in names}
    each = timed(lambda: [layers.run("layer", day, day + _DAY, of[name]) for name in names])
    once = layers.run("layer", day, day + _DAY)
    return {
        "facts": len(names),
        "took": {"a run for each": each, "one run": once},
        "seconds_per_fact": {
            "a run for each": round(each.wall / len(names), 3),
            "one run": round(once.wall / len(names), 3),
        },
    }
