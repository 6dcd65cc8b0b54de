"""Claim: landing → typed event logs runs at 0.5 or more of plain DuckDB's `read_json` → Parquet.

Both sides get the same made-up events (15 parameters, one event type, one landed hour) and write the same
typed columns, in turns, medians of `--runs`. Each runs in this process, warm (one round before is not
counted), and ends when its result is readable:
- plain: `COPY (SELECT … FROM read_json('events.ndjson', columns = {…})) TO 'log.parquet'`, unsorted;
- typed logs: what `weir run` does of the event_log wave for a landed hour that is already accepted, all
  through Dagster: read accepted Parquet, parse the parameters, keep what is undeclared, sort, write
  Parquet, content hash, commit with the ledger entry, three tests, Dagster's events;
- whole: the same and before it the conservation checks of landing, and accepted (deduplication).
A line through the sizes gives the seconds of a million more events, without what does not grow.

Then: `weir run`, from a landed hour to everything done, in a fresh process, with 10, 100 and 500 event
types: the first hour (dbt parses, tables are made) and the second. Target: 500 types in 120 s.

Run: `python benchmarks/event_log.py [--out FILE]`. What is measured runs on a machine with other work:
read ratios before seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from throwaway import PARAMETERS, land, make_project, write_ndjson

from weir.core.grains import Grain, Range
from weir.lineage.plan import RangeRun
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project
from weir.registry import columns

HOUR = datetime(2026, 1, 1)
RATIOS = ("typed logs", "whole")
TARGETS = {"ratio": 0.5, "seconds_500_types": 120}
_WIRE = {
    "id": "VARCHAR", "version": "INTEGER", "time": "TIMESTAMP", "received_at": "TIMESTAMP",
    "user_id": "VARCHAR", "device_id": "VARCHAR", "session_id": "VARCHAR", "platform": "VARCHAR",
    "app_version": "VARCHAR", "sent_at": "TIMESTAMP",
}  # fmt: skip
_PLAIN = """
COPY (
    SELECT received_at::DATE AS landing_day, date_trunc('hour', received_at) AS landing_hour,
        received_at, id AS event_id, version, time AS event_time, sent_at AS event_time_corrected,
        user_id, device_id, session_id, platform, app_version, {typed}
    FROM read_json('{file}', format = 'newline_delimited', columns = {{{declared}}})
) TO '{target}' (FORMAT parquet)
"""
Seconds = dict[str, list[tuple[float, float]]]
"""By side, of each run: seconds of wall time and of CPU, over all threads."""


def plain(project: Project, file: Path, target: Path) -> None:
    """Write a file of events as typed Parquet with nothing but DuckDB."""
    (event,) = project.registry.events.values()
    tree: dict[str, str] = {}
    for column in columns(event):
        inner = f"{'.'.join(column.path)}"
        tree[inner] = column.duckdb
    fields = ", ".join(f"{name} {_struct(tree, name)}" for name in PARAMETERS)
    declared = ", ".join(
        f"{name}: '{kind}'" for name, kind in {**_WIRE, "params": f"STRUCT({fields})"}.items()
    )
    typed = ", ".join(f"params.{path} AS {path.replace('.', '__')}" for path in tree)
    sql = _PLAIN.format(typed=typed, file=file, declared=declared, target=target)
    with duckdb.connect() as connection:
        connection.execute(sql)


def _struct(tree: dict[str, str], name: str) -> str:
    inner = {path: kind for path, kind in tree.items() if path.startswith(f"{name}.")}
    if not inner:
        return tree[name]
    return f"STRUCT({', '.join(f'{path[len(name) + 1 :]} {kind}' for path, kind in inner.items())})"


def launch(launcher: InProcessLauncher, wave: str, assets: Sequence[str], hour: datetime) -> None:
    """Run a wave over an hour."""
    labels = Range(hour, hour + timedelta(hours=1), Grain.HOUR)
    launcher.launch(RangeRun(wave, tuple(assets), labels, missing=1, stale=0))


def compare(sizes: Sequence[int], runs: int) -> dict[int, Seconds]:
    """Measure both sides over landed hours of these many events, one hour for each size."""
    with tempfile.TemporaryDirectory() as name:
        settings = make_project(Path(name), types=1)
        project = Project(settings)
        launcher = InProcessLauncher(project)
        return {
            rows: _compare(launcher, Path(name), HOUR + timedelta(hours=number), rows, runs)
            for number, rows in enumerate(sizes)
        }


def _compare(
    launcher: InProcessLauncher, folder: Path, hour: datetime, rows: int, runs: int
) -> Seconds:
    project = launcher.project
    file, target = folder / "events.ndjson", folder / "log.parquet"
    write_ndjson(file, rows, 1, hour)
    land(project.settings, file)
    (log,) = [node.asset for node in project.nodes if node.stage == "event_log"]
    before = ["landing/normal", "accepted/normal"]
    sides: dict[str, Callable[[], None]] = {
        "landing and accepted": lambda: launch(launcher, "landing", before, hour),
        "typed logs": lambda: launch(launcher, "event_log", [log], hour),
        "plain": lambda: plain(project, file, target),
    }
    seconds: Seconds = {side: [] for side in sides}
    for counted in (False, *[True] * runs):
        for side, measure in sides.items():
            began = time.perf_counter(), time.process_time()
            measure()
            if counted:
                wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
                seconds[side].append((round(wall, 3), round(cpu, 3)))
    _same(project, log, hour, target, rows)
    return seconds


def _same(project: Project, asset: str, hour: datetime, target: Path, rows: int) -> None:
    """Raise unless both sides hold the same rows in the columns that both have."""
    mine = f"(FROM {asset.replace('/', '.')} WHERE landing_hour = TIMESTAMP '{hour}')"
    with project.lake.read() as connection:
        names = [row[0] for row in connection.execute(f"DESCRIBE FROM '{target}'").fetchall()]
        kept = ", ".join(f'"{name}"' for name in names if name != "event_time_corrected")
        row = connection.execute(
            f"SELECT (SELECT count(*) FROM {mine}), (SELECT count(*) FROM"
            f" (SELECT {kept} FROM {mine} EXCEPT SELECT {kept} FROM '{target}'))"
        ).fetchone()
    if row != (rows, 0):
        raise RuntimeError(f"The sides differ: rows and differences {row}, wanted {(rows, 0)}.")


def summary(measured: dict[int, Seconds]) -> dict[str, object]:
    """Return medians, ratios to plain, and what a million more events take; by wall time and CPU."""
    found: dict[str, object] = {}
    for number, clock in enumerate(("wall", "cpu")):
        middle = {rows: _middle(seconds, number) for rows, seconds in measured.items()}
        sizes = {
            str(rows): {
                "seconds": {side: round(took, 3) for side, took in of.items()},
                "events_per_second": {side: round(rows / took) for side, took in of.items()},
                **_ratios(of),
            }
            for rows, of in middle.items()
        }
        found[clock] = {"sizes": sizes, "a_million_more": _growth(middle)}
    return {**found, "runs": {str(rows): seconds for rows, seconds in measured.items()}}


def _middle(seconds: Seconds, clock: int) -> dict[str, float]:
    of = {side: statistics.median(took[clock] for took in runs) for side, runs in seconds.items()}
    both = zip(seconds["landing and accepted"], seconds["typed logs"], strict=True)
    return of | {"whole": statistics.median(a[clock] + b[clock] for a, b in both)}


def _ratios(of: dict[str, float]) -> dict[str, float]:
    return {f"ratio_{side.replace(' ', '_')}": round(of["plain"] / of[side], 3) for side in RATIOS}


def _growth(middle: dict[int, dict[str, float]]) -> dict[str, object]:
    if len(middle) < 2:
        return {}
    small, large = min(middle), max(middle)
    more = {
        side: (middle[large][side] - middle[small][side]) / (large - small) * 1e6
        for side in middle[large]
    }
    return {"seconds": {side: round(took, 2) for side, took in more.items()}, **_ratios(more)}


def many_types(types: int, rows: int) -> dict[str, object]:
    """Measure `weir run` in a fresh process over two landed hours of many event types."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = make_project(folder, types)
        where = ["--project", str(settings.project), "--home", str(settings.home)]
        hours: dict[str, object] = {}
        for number, told in enumerate(("first hour", "second hour")):
            file = folder / f"{number}.ndjson"
            write_ndjson(file, rows, types, HOUR + timedelta(hours=number))
            land(settings, file)
            began = time.perf_counter()
            code = "from weir.cli import main; main()"
            done = subprocess.run(
                [sys.executable, "-c", code, *where, "run", "--json"],
                check=False, capture_output=True, text=True,
            )  # fmt: skip
            took = time.perf_counter() - began
            if done.returncode:
                raise RuntimeError(done.stderr)
            waves = {run["wave"]: run["seconds"] for run in json.loads(done.stdout)}
            hours[told] = {"seconds": round(took, 1), "of_waves": waves}
        _complete(Project(settings), types, 2 * rows)
    return {"types": types, "events_an_hour": rows, **hours}


def _complete(project: Project, types: int, rows: int) -> None:
    """Raise unless every event is in its log."""
    tables = project.lake.tables("event_log")
    with project.lake.read() as connection:
        found = [
            connection.execute(f"SELECT count(*) FROM event_log.{t}").fetchone() for t in tables
        ]
    total = sum(row[0] for row in found if row)
    if (len(tables), total) != (types, rows):
        raise RuntimeError(f"{len(tables)} logs with {total} rows, wanted {types} with {rows}.")


def machine() -> dict[str, object]:
    """Return what ran it, without names or paths."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--types", type=int, nargs="*", default=[10, 100, 500])
    parser.add_argument("--events", type=int, default=200_000, help="of an hour of many types")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    given = parser.parse_args()
    load_before = os.getloadavg()[0]
    result = {
        "targets": TARGETS,
        **summary(compare(given.sizes, given.runs)),
        "many_types": [many_types(types, given.events) for types in given.types],
        "machine": machine() | {"load": [load_before, os.getloadavg()[0]]},
    }
    text = json.dumps(result, indent=2)
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
