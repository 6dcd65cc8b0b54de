"""The way of stock dagster-dbt: dbt as a process of its own for each run. The models and the lake are ours."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

from activity import NAME
from apart import timed
from dagster_dbt import DbtCliResource
from layer_runs import Layers

from weir.core.grains import Grain, Range
from weir.core.settings import Settings
from weir.orchestra.instance import write
from weir.orchestra.warm import Invocation

_ONE = f"{NAME}_activation_daily"
_LAYER = [_ONE, f"{_ONE}_summary", f"{_ONE}_returns"]
SELECTIONS = {
    "one model without its tests": [_ONE, "--exclude", "resource_type:test"],
    "one model": [_ONE],
    "the layer": _LAYER,
}
"""What follows dbt's `--select`."""
_DEFINITIONS = '''"""A code location as in dagster-dbt's manual, over the same dbt project."""

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets


@dbt_assets(
    manifest="{dbt}/target/manifest.json",
    select="{select}",
    partitions_def=dg.DailyPartitionsDefinition("{first}", end_date="{until}"),
)
def layer(context: dg.AssetExecutionContext, dbt: DbtCliResource):
    window = context.partition_time_window
    form = "%Y-%m-%dT%H:%M:%S"
    bounds = ["--event-time-start", window.start.strftime(form)]
    bounds += ["--event-time-end", window.end.strftime(form)]
    yield from dbt.cli(["build", *bounds], context=context).stream()


dbt = DbtCliResource(project_dir="{dbt}", dbt_executable="{executable}")
defs = dg.Definitions(assets=[layer], resources={{"dbt": dbt}})
'''


def inside_a_run(settings: Settings, day: date, runs: int) -> dict[str, object]:
    """Build a partition by `DbtCliResource` and by Weir's warm dbt, in turns; models with their tests.

    Dagster's own part is left out of both. dbt's partial parsing is on, and its state is there.
    """
    layers, stock = Layers(settings), _stock(settings)
    found: dict[str, object] = {}
    for told, models in SELECTIONS.items():
        seconds: dict[str, list[float]] = {"stock": [], "warm": []}
        for counted in (False, *[True] * runs):
            took = {
                "stock": timed(_stock_build, stock, models, day).wall,
                "warm": timed(_warm_build, layers, models, day).wall,
            }
            for side, measured in took.items() if counted else ():
                seconds[side].append(measured)
        middle = {side: statistics.median(of) for side, of in seconds.items()}
        found[told] = {"seconds": seconds, "ratio": round(middle["stock"] / middle["warm"], 2)}
    return found


def _executable() -> str:
    return str(Path(sys.executable).parent / "dbt")


def _stock(settings: Settings) -> DbtCliResource:
    folder = settings.project / "dbt"
    stock = DbtCliResource(
        project_dir=str(folder), profiles_dir=str(folder), dbt_executable=_executable()
    )
    os.environ["WEIR_HOME"] = str(settings.home)
    _run(stock, ["parse"], folder / "target")
    return stock


def _stock_build(stock: DbtCliResource, models: list[str], day: date) -> None:
    form = "%Y-%m-%dT%H:%M:%S"
    start = datetime.combine(day, time())
    bounds = ["--event-time-start", start.strftime(form)]
    bounds += ["--event-time-end", (start + timedelta(days=1)).strftime(form)]
    chosen = [part for part in models if part.startswith(NAME)]
    _run(stock, ["build", "--select", " ".join(chosen), *models[len(chosen) :], *bounds])


def _run(stock: DbtCliResource, command: list[str], target: Path | None = None) -> None:
    with redirect_stdout(StringIO()) as told:  # dbt's own lines, which dagster-dbt passes on
        done = stock.cli(command, target_path=target, raise_on_error=False).wait()
    if not done.is_successful():
        raise RuntimeError(told.getvalue()[-3000:])


def _warm_build(layers: Layers, models: list[str], day: date) -> None:
    start = datetime.combine(day, time())
    labels = Range(start, start + timedelta(days=1), Grain.DAY)
    results = list(layers.project.dbt.build(Invocation(models, labels)))
    if not all(result.passed for result in results):
        raise RuntimeError(f"Warm dbt failed: {results}")


def launched(settings: Settings, first: date, day: date, runs: int) -> dict[str, object]:
    """Measure a run of one partition of the layer from its start as a process to its end, in turns."""
    Layers(settings)
    _stock(settings)
    write(settings)
    location = settings.project / "stock.py"
    location.write_text(
        _DEFINITIONS.format(
            dbt=settings.project / "dbt", executable=_executable(), select=" ".join(_LAYER),
            first=first, until=day + timedelta(days=1),
        )
    )  # fmt: skip
    sides = {"stock": location, "ours": settings.project / "definitions.py"}
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(runs):
        for side, file in sides.items():
            seconds[side].append(timed(_materialize, settings, file, day).wall)
    middle = {side: statistics.median(of) for side, of in seconds.items()}
    return {"seconds": seconds, "ratio": round(middle["stock"] / middle["ours"], 2)}


def _materialize(settings: Settings, location: Path, day: date) -> None:
    keys = ",".join(f"key:activation/{model}" for model in _LAYER)
    command = ["-m", "dagster", "asset", "materialize", "-f", str(location), "-d"]
    chosen = ["--select", keys, "--partition", str(day)]
    done = subprocess.run(
        [sys.executable, *command, str(settings.project), *chosen],
        check=False, capture_output=True, text=True, cwd=settings.project,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
