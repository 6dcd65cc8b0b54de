"""A plan as DuckDB's DDL for the lake: what the log's next run does in its own transaction.

A type is never altered in place: DuckLake's widening returns wrong results in connections that had
read the table. The table is created anew with the cast columns, dropped, and the new one renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

from weir.registry.evolution.steps import AddColumn, CreateView, Plan, RetypeColumn, WidenColumn
from weir.registry.evolution.structures import duckdb_type
from weir.registry.evolution.united import mark, view_sql

PARTITIONED_BY = "landing_day"
"""As in dbt_project.yml."""


def ducklake_sql(plan: Plan) -> list[str]:
    """Return the statements of a plan, for one transaction; the lake is the default database."""
    table = f'event_log."{plan.log}"'
    added = [
        f'ALTER TABLE {table} ADD COLUMN "{step.name}" {duckdb_type(step.kind)}'
        for step in plan.steps
        if isinstance(step, AddColumn)
    ]
    return [*added, *_swap(plan, table), *_view(plan)]


def _swap(plan: Plan, table: str) -> Iterator[str]:
    casts = [
        f'TRY_CAST("{step.name}" AS {duckdb_type(step.after)}) AS "{step.name}"'
        for step in plan.steps
        if isinstance(step, WidenColumn | RetypeColumn)
    ]
    if casts:
        swap = f'event_log."{plan.log}__swap"'
        yield f"CREATE TABLE {swap} AS SELECT * REPLACE ({', '.join(casts)}) FROM {table}"
        yield f"ALTER TABLE {swap} SET PARTITIONED BY ({PARTITIONED_BY})"
        yield f"DROP TABLE {table}"
        yield f'ALTER TABLE {swap} RENAME TO "{plan.log}"'


def _view(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if isinstance(step, CreateView):
            select = view_sql(plan.log, step.columns)
            yield f'CREATE OR REPLACE VIEW event_log."{step.name}" AS {select}'
            yield f"COMMENT ON VIEW event_log.\"{step.name}\" IS '{mark(select)}'"
