"""`weir events`: list, show, check and generate from the project's event files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from weir.cli import (
    events_check,
    events_diff,
    events_exchange,
    events_plan,
    events_save,
    events_search,
    events_types,
    events_versions,
)
from weir.cli.main import State, err, print_json
from weir.core.settings import Settings
from weir.registry import Event, columns, generate, load, outdated, write

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="The event registry: list, show, check, generate.",
    epilog="Example: weir events list",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")


@app.command("list")
def list_events(
    ctx: typer.Context,
    as_json: bool = _JSON,
) -> None:
    """List all events with tier, status, owner and description.

    Example: weir events list
    """
    events = load(_settings(ctx).events_dir).events.values()
    if as_json:
        print_json([_summary(event) for event in events])
        return
    rows = [(e.name, e.tier, e.status, e.domain, e.owner, f"v{e.newest}") for e in events]
    typer.echo(_table([("event", "tier", "status", "domain", "owner", "version"), *rows]))


@app.command()
def show(
    ctx: typer.Context,
    name: str = typer.Argument(help="The event, e.g. purchase_item_shop."),
    as_json: bool = _JSON,
) -> None:
    """Show one event: its envelope and the columns of its log.

    Example: weir events show purchase_item_shop
    """
    event = load(_settings(ctx).events_dir).get(name)
    if as_json:
        print_json(_summary(event) | {"columns": _columns(event), "versions": event.versions})
        return
    typer.echo(f"{event.name}: {event.description}\n")
    facts = _summary(event).items()
    shown = [
        (key, str(value)) for key, value in facts if value and key not in ("name", "description")
    ]
    typer.echo(_table(shown))
    typer.echo()
    rows = [(c["name"], c["type"], c["description"]) for c in _columns(event)]
    typer.echo(_table([("column", "type", "description"), *rows]))


@app.command("generate")
def generate_models(
    ctx: typer.Context,
    check_only: bool = typer.Option(
        False, "--check", help="Write nothing; exit 1 and name the files that are not current."
    ),
) -> None:
    """Write the dbt models of the event logs from the event files.

    Example: weir events generate
    """
    settings = _settings(ctx)
    files = generate(load(settings.events_dir), _dbt(settings))
    changed = outdated(files, _dbt(settings)) if check_only else write(files, _dbt(settings))
    for path in changed:
        typer.echo(_relative(path, settings))
    if not changed:
        err.print("Everything is current.")
    elif check_only:
        err.print("These files are not current. Run `weir events generate`.")
        raise typer.Exit(1)


app.command("check")(events_check.check_events)
app.command("diff")(events_diff.diff)
app.command("save")(events_save.save_edits)
app.command("plan")(events_plan.plan_columns)
app.command("types")(events_types.types)
app.command("import")(events_exchange.import_event)
app.command("export")(events_exchange.export_event)
events_search.register(app)
events_versions.register(app)


def _settings(ctx: typer.Context) -> Settings:
    state: State = ctx.obj
    return state.settings


def _dbt(settings: Settings) -> Path:
    return settings.project / "dbt"


def _relative(path: Path, settings: Settings) -> str:
    return path.relative_to(settings.project).as_posix()


def _summary(event: Event) -> dict[str, Any]:
    return {
        "name": event.name,
        "description": event.description,
        "owner": event.owner,
        "domain": event.domain,
        "tier": event.tier,
        "status": event.status,
        "replacement": event.replacement,
        "newest": event.newest,
        "sampling": event.sampling,
        "sampling_floor": event.sampling_floor,
        "pii": dict(event.pii),
        "compatibility": event.compatibility,
        "policy": event.policy,
        "first_event_date": event.first_event_date,
    }


def _columns(event: Event) -> list[dict[str, str]]:
    return [
        {"name": c.name, "type": c.duckdb, "bigquery": c.bigquery, "description": c.description}
        for c in columns(event)
    ]


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
