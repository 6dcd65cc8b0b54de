"""The Dagster instance of a home: the `dagster.yaml` that Weir writes, and opening it."""

import os
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from weir.core.settings import Settings

ENVIRONMENT = {
    "DAGSTER_EVENT_BATCH_SIZE": "1000",
    "DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS": "true",
    "DAGSTER_DISABLE_TELEMETRY": "1",
}
_HEADER = "# Written by Weir at every start. To change it, set WEIR_* or edit docs/guides/operate.md's way.\n"


def config(folder: Path) -> dict[str, Any]:
    """Return the content of dagster.yaml.

    Three runs at a time, of which bulk and normal work may take one each: a slot stays free for
    critical events. (A backfill that a person starts carries no tier and may take it.)
    """
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": 180,
            "max_resume_run_attempts": 0,
            "free_slots_after_run_end_seconds": 60,
        },
        "run_retries": {"enabled": True, "max_retries": 0},
        "concurrency": {
            "pools": {"default_limit": 1, "granularity": "run"},
            "runs": {
                "max_concurrent_runs": 3,
                "tag_concurrency_limits": [
                    {"key": "weir/tier", "value": tier, "limit": 1} for tier in ("normal", "bulk")
                ],
            },
        },
        "run_storage": _storage("dagster._core.storage.runs", "SqliteRunStorage", folder),
        "event_log_storage": _storage(
            "weir.orchestra.event_log", "BatchingSqliteEventLogStorage", folder
        ),
        "schedule_storage": _storage(
            "dagster._core.storage.schedules", "SqliteScheduleStorage", folder
        ),
    }


def _storage(module: str, name: str, folder: Path) -> dict[str, Any]:
    base = folder / "storage" / name.removesuffix("Storage").removeprefix("Batching").lower()
    return {"module": module, "class": name, "config": {"base_dir": str(base)}}


def write(settings: Settings) -> Path:
    """Write dagster.yaml and set what Dagster reads from the environment; return its folder."""
    folder = settings.dagster_dir
    folder.mkdir(parents=True, exist_ok=True)
    text = _HEADER + yaml.safe_dump(config(folder), sort_keys=False)
    path = folder / "dagster.yaml"
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
    os.environ["DAGSTER_HOME"] = str(folder)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    return folder


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Return the Dagster instance of a home, made when absent."""
    return dg.DagsterInstance.from_config(str(write(settings)))
