"""`weir events plan`: what the next runs change in the tables of the event logs, before they do."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

import typer

from weir.cli.main import State, err, print_json
from weir.core.settings import Settings
from weir.registry.columns import columns
from weir.registry.evolution.bigquery import bigquery_sql
from weir.registry.evolution.ducklake import ducklake_sql
from weir.registry.evolution.parsing import parse
from weir.registry.evolution.steps import Plan, plan
from weir.registry.evolution.united import SUFFIX
from weir.registry.load import load

_COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = 'lake' AND schema_name = 'event_log' ORDER BY table_name, column_index
"""
_VIEWS = """
SELECT view_name, comment FROM duckdb_views()
WHERE database_name = 'lake' AND schema_name = 'event_log'
"""


class Engine(StrEnum):
    """The engine whose DDL is shown."""

    DUCKDB = "duckdb"
    BIGQUERY = "bigquery"


def plan_columns(
    ctx: typer.Context,
    name: str | None = typer.Argument(None, help="The event; default: all that have a log."),
    engine: Engine = typer.Option(Engine.DUCKDB, help="The engine whose SQL is shown."),
    drafts: bool = typer.Option(False, "--drafts", help="As if draft versions were activated."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show how the next run changes the columns of event logs, and its SQL. Changes nothing.

    The run itself does the steps, in the transaction that writes the rows.

    Example: weir events plan purchase_item_shop --engine bigquery
    """
    state: State = ctx.obj
    plans = _plans(state.settings, name, drafts=drafts)
    sql = bigquery_sql if engine is Engine.BIGQUERY else ducklake_sql
    if as_json:
        print_json([_described(one, sql(one)) for one in plans])
        return
    for one in plans:
        if one.steps:
            typer.echo("\n".join([one.log, *(f"  {step}" for step in one.steps)]))
        for statement in sql(one):
            typer.echo(f"    {statement};")
    if not any(one.changes for one in plans):
        asked = f"{name} has" if name else f"{len(plans)} event logs have"
        built = "Nothing to do: {} the columns that the events declare."
        none = "Nothing to do: there is no log yet; its first run creates it."
        err.print((built if plans else none).format(asked), highlight=False, soft_wrap=True)


def _plans(settings: Settings, name: str | None, *, drafts: bool) -> list[Plan]:
    """Return the plans of the events that have a log in the lake."""
    from weir.engines.embedded.lake import Lake  # noqa: PLC0415 - DuckDB: only here

    registry = load(settings.events_dir)
    wanted = [registry.get(name)] if name else list(registry.events.values())
    if drafts:
        wanted = [replace(one, versions={**one.versions, **one.drafts}) for one in wanted]
    with Lake(settings).read() as connection:
        tables: dict[str, dict[str, Any]] = {}
        for table, column, kind in connection.execute(_COLUMNS).fetchall():
            tables.setdefault(table, {})[column] = parse(kind)
        views = dict(connection.execute(_VIEWS).fetchall())
    return [
        plan(one.name, tables[one.name], columns(one), views.get(one.name + SUFFIX))
        for one in sorted(wanted, key=lambda event: event.name)
        if one.name in tables
    ]


def _described(one: Plan, sql: list[str]) -> dict[str, Any]:
    steps = [{"step": type(step).__name__, "text": str(step)} for step in one.steps]
    return {"event": one.log, "steps": steps, "sql": sql, "nothing_to_do": not one.changes}
