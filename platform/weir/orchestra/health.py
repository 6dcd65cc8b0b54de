"""What is wrong with a machine or home, and how to mend it: what `weir doctor` and the console show."""

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dagster as dg
import duckdb

from weir.collect.ownership import live_url
from weir.core.errors import WeirError
from weir.core.landing import FORMAT_VERSION
from weir.core.processes import is_taken
from weir.core.settings import Settings
from weir.core.told import in_words
from weir.engines.embedded.duck import EXTENSIONS, connect, extension_path
from weir.engines.embedded.lake import Lake
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project

_LEAST_FREE = 2 * 1024**3  # bytes
_PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    ok: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding too."""
    return [_guard(name, look, settings) for name, look in CHECKS.items()]


def versions() -> dict[str, str]:
    """Return the versions that results depend on, by name."""
    python = sys.version.split()[0]
    return {"Python": python} | {name: importlib.metadata.version(name) for name in _PACKAGES}


def _good(subject: str, found: str) -> Finding:
    return Finding(subject, ok=True, found=found)


def _bad(subject: str, found: str, remedy: str) -> Finding:
    return Finding(subject, ok=False, found=found, remedy=remedy)


def _guard(name: str, look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    """Turn an error of a check into its finding: a doctor does not fall ill."""
    try:
        return look(settings)
    except WeirError as error:
        return _bad(name, error.what, error.remedy)
    except ExceptionGroup as error:
        return _bad(name, in_words(error), "Mend these.")
    except (OSError, duckdb.Error, dg.DagsterError) as error:
        return _bad(name, f"{type(error).__name__}: {error}", "Mend what it names.")


def _versions(settings: Settings) -> Finding:
    del settings
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    return _good("versions", found)


def _extensions(settings: Settings) -> Finding:
    del settings
    for name in EXTENSIONS:
        extension_path(name)
    connect().close()
    return _good("extensions", ", ".join(EXTENSIONS))


def _disk(settings: Settings) -> Finding:
    folder = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    remedy = (
        "" if free > _LEAST_FREE else "Free some space: at a full disk the collector answers 503."
    )
    return Finding("disk", not remedy, f"{free / 1024**3:.0f} GB free for {settings.home}", remedy)


def _ports(settings: Settings) -> Finding:
    ours = live_url(settings.spool_dir) is not None
    taken = [f"{name} {port}" for name, port in _port_list(settings) if is_taken(port) and not ours]
    if not taken:
        return _good("ports", ", ".join(f"{n} {p}" for n, p in _port_list(settings)))
    remedy = "End what listens there, or set WEIR_COLLECT_PORT / WEIR_DAGSTER_PORT."
    return _bad("ports", f"taken: {', '.join(taken)}", remedy)


def _port_list(settings: Settings) -> Iterator[tuple[str, int]]:
    yield "collector", settings.collect_port
    yield "dagster", settings.dagster_port


def _lake(settings: Settings) -> Finding:
    lake = Lake(settings)
    if not lake.exists:
        return _good("lake", "none yet: it is made at the first start")
    with lake.read() as connection:
        row = connection.execute(
            "SELECT version, landing_grain, (SELECT count(*) FROM ducklake_snapshots('lake'))"
            " FROM weir.format"
        ).fetchone()
    assert row is not None
    wanted = (FORMAT_VERSION, settings.landing_grain)
    if row[:2] != wanted:
        found = f"format {row[0]}, landing by {row[1]}; the settings want {wanted[0]}, {wanted[1]}"
        remedy = "Set WEIR_LANDING_GRAIN to the lake's grain, or use another WEIR_HOME."
        return _bad("lake", found, remedy)
    return _good("lake", f"format {row[0]}, landing by {row[1]}, {row[2]} commits")


def _collector(settings: Settings) -> Finding:
    url = live_url(settings.spool_dir)
    return _good("collector", url or "not running: start it with `weir up`")


def _events(settings: Settings) -> Finding:
    events = Project(settings).registry.events
    return _good("events", f"{len(events)} event schemas")


def _dbt(settings: Settings) -> Finding:
    nodes = Project(settings).nodes
    return _good("dbt project", f"{sum(1 for n in nodes if n.unique_id)} models")


def _dagster(settings: Settings) -> Finding:
    with open_instance(settings) as instance:
        count = instance.get_runs_count()
    return _good("dagster instance", f"{count} runs in {settings.dagster_dir}")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "versions": _versions,
    "extensions": _extensions,
    "disk": _disk,
    "ports": _ports,
    "lake": _lake,
    "collector": _collector,
    "events": _events,
    "dbt project": _dbt,
    "dagster instance": _dagster,
}
