"""A throw-away project with made-up events: event files, generated models, one landed hour after another.

Used by the benchmarks in this folder; what is measured and compared is theirs.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from itertools import islice, product
from pathlib import Path

import duckdb

from weir.collect.importing import ImportReport, import_events
from weir.collect.lastgood import load_rules
from weir.collect.sources import open_source
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.registry import generate, write
from weir.registry import load as load_registry

REPOSITORY = Path(__file__).parent.parent
ACTIONS = ("view", "click", "open", "close", "add", "remove", "start", "finish", "share", "skip")
OBJECTS = ("item", "cart", "order", "coupon", "banner", "review", "photo", "video", "list", "page")
SERVICES = ("shop", "home", "feed", "game", "chat")

PARAMETERS: dict[str, tuple[str, dict[str, object]]] = {
    "item_id": ("'item-' || (h % 50000)", {"type": "string", "maxLength": 64}),
    "category": ("['shoes', 'books', 'games', 'tools'][h % 4 + 1]", {"type": "string"}),
    "quantity": ("h % 9 + 1", {"type": "integer", "minimum": 1}),
    "price": ("(h % 100000) / 100", {"type": "number", "minimum": 0}),
    "discount": ("(h % 30) / 100", {"type": "number", "minimum": 0}),
    "currency": ("['USD', 'EUR', 'KRW'][h % 3 + 1]", {"type": "string"}),
    "is_gift": ("h % 7 = 0", {"type": "boolean"}),
    "screen": ("'screen-' || (h % 40)", {"type": "string"}),
    "position": ("h % 200", {"type": "integer", "minimum": 0}),
    "duration_ms": ("h % 600000", {"type": "integer", "minimum": 0}),
    "referrer": ("'https://example.com/campaign/' || (h % 900)", {"type": "string"}),
    "experiment": (
        "{name: 'experiment-' || (h % 12), variant: ['a', 'b'][h % 2 + 1]}",
        {
            "type": "object",
            "properties": {"name": {"type": "string"}, "variant": {"type": "string"}},
        },
    ),
    "tags": ("['new', 'sale', 'top'][:h % 4]", {"type": "array", "items": {"type": "string"}}),
    "options": (
        "[{name: 'size', value: h % 50}, {name: 'colour', value: h % 8}]",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "value": {"type": "integer"}},
            },
        },
    ),
    "is_first": ("h % 11 = 0", {"type": "boolean"}),
}
"""Fifteen parameters: DuckDB's expression of a value from the event's hash `h`, and the JSON Schema."""

_EVENTS = """
COPY (
    SELECT printf('0192f5a0-%04x-7000-8000-%012x', {seed}, i) AS id,
        $names[i % {types} + 1] AS name, 1 AS version,
        strftime($hour + to_microseconds((i * 3599999999 // {rows})::BIGINT) - to_seconds(h % 90),
            '%Y-%m-%dT%H:%M:%S.%gZ') AS time,
        strftime($hour + to_microseconds((i * 3599999999 // {rows})::BIGINT),
            '%Y-%m-%dT%H:%M:%S.%gZ') AS received_at,
        'user-' || (h % 40000) AS user_id, ['ios', 'android', 'web'][h % 3 + 1] AS platform,
        '3.' || (h % 9) || '.0' AS app_version, {{{params}}} AS params
    FROM (SELECT i, (hash(i, {seed}) % 1000000007)::BIGINT AS h FROM range({rows}) AS r(i))
) TO '{file}' (FORMAT json)
"""


def names(count: int) -> list[str]:
    """Return names of events: action, object, service."""
    return ["_".join(parts) for parts in islice(product(ACTIONS, OBJECTS, SERVICES), count)]


def make_project(folder: Path, types: int) -> Settings:
    """Write a project with nothing but this many events, and its empty lake."""
    project = folder / "project"
    for name in ("assets", "dbt", "sensors", "resources"):
        shutil.copytree(REPOSITORY / name, project / name, ignore=_ignored)
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(REPOSITORY / name, project / name)
    _write_events(project / "assets" / "events", names(types))
    (project / "dbt" / "models").mkdir()
    settings = load(project, folder / "home")
    write(generate(load_registry(settings.events_dir), project / "dbt"), project / "dbt")
    Lake(settings).create()
    return settings


def _ignored(folder: str, inside: list[str]) -> set[str]:
    left_out = {"__pycache__", "target", "logs", "models"}
    return left_out | (set(inside) if Path(folder).name == "events" else set())


def _write_events(folder: Path, wanted: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    terms = {"action": ACTIONS, "object": OBJECTS, "service": SERVICES}
    dictionary = {kind: {t: f"To {t}." for t in found} for kind, found in terms.items()}
    (folder / "dictionary.json").write_text(json.dumps(dictionary))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Made-up event",
        "description": "Made up for a benchmark.",
        "type": "object",
        "required": ["item_id", "quantity"],
        "properties": {
            name: {**kind, "description": f"The {name}."} for name, (_, kind) in PARAMETERS.items()
        },
    }
    for name in wanted:
        own = folder / name.rpartition("_")[2] / name
        own.mkdir(parents=True)
        (own / "v1.json").write_text(json.dumps(schema))
        envelope = {
            "name": name, "description": f"Made up for a benchmark: {name}.", "tier": "normal",
            "owner": "data@example.com", "domain": "commerce", "status": "active",
            "sampling": 0.01, "compatibility": "backward", "policy": "quarantine",
        }  # fmt: skip
        (own / "event.json").write_text(json.dumps(envelope))


def write_ndjson(file: Path, rows: int, types: int, hour: datetime) -> None:
    """Write the events of one hour in the form in which they are sent, with `received_at`."""
    params = ", ".join(f"{name}: {value}" for name, (value, _) in PARAMETERS.items())
    text = _EVENTS.format(rows=rows, types=types, params=params, file=file, seed=hour.hour)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")  # one order of rows
        connection.execute(text, {"names": names(types), "hour": hour})


def land(settings: Settings, file: Path) -> ImportReport:
    """Land a file's events as `weir import` does, judged against their schemas.

    Raises:
        RuntimeError: if one of them is not valid.
    """
    source = open_source(file, None, "received_at", None)
    report = import_events(settings, source, source.digest[:32], load_rules(settings))
    if set(report.verdicts) != {"accepted"}:
        raise RuntimeError(f"Made-up events are not valid: {report.verdicts}")
    return report
