"""A plan as BigQuery's DDL. Nothing runs it yet: it is written, parsed, and shown.

BigQuery alters a column's type only from INT64 to a wider number, and adds no field to a record:
https://cloud.google.com/bigquery/docs/managing-table-schemas. Any other change copies the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from weir.registry.evolution.ducklake import PARTITIONED_BY
from weir.registry.evolution.steps import AddColumn, CreateView, Plan, RetypeColumn, WidenColumn
from weir.registry.evolution.structures import Structure, bigquery_type
from weir.registry.evolution.united import view_sql


def bigquery_sql(plan: Plan) -> list[str]:
    """Return the statements of a plan; the dataset is `event_log`."""
    table = f"event_log.`{plan.log}`"
    alter = f"ALTER TABLE {table}"
    changed = [step for step in plan.steps if isinstance(step, WidenColumn | RetypeColumn)]
    changed = [step for step in changed if _written(step.before) != _written(step.after)]
    altered = [step for step in changed if (step.before, step.after) == ("BIGINT", "DOUBLE")]
    return [
        *(
            f"{alter} ADD COLUMN `{step.name}` {_written(step.kind)}"
            for step in plan.steps
            if isinstance(step, AddColumn)
        ),
        *(f"{alter} ALTER COLUMN `{step.name}` SET DATA TYPE FLOAT64" for step in altered),
        *_copy(table, [step for step in changed if step not in altered]),
        *(
            f"CREATE OR REPLACE VIEW event_log.`{step.name}` AS "
            + view_sql(plan.log, step.columns, "bigquery")
            for step in plan.steps
            if isinstance(step, CreateView)
        ),
    ]


def _copy(table: str, steps: list[WidenColumn | RetypeColumn]) -> Iterator[str]:
    if steps:
        casts = [f"{_recast(f'`{s.name}`', s.before, s.after)} AS `{s.name}`" for s in steps]
        yield (
            f"CREATE OR REPLACE TABLE {table} PARTITION BY {PARTITIONED_BY}"
            f" AS SELECT * REPLACE ({', '.join(casts)}) FROM {table}"
        )


def _recast(value: str, before: Structure, after: Structure) -> str:
    """Return a value in another type: records field by field, as CAST goes by their position."""
    if _written(before) == _written(after):
        return value
    if isinstance(before, dict) and isinstance(after, dict):
        return f"STRUCT({', '.join(map(partial(_field, value, before, after), after))})"
    if isinstance(before, list) and isinstance(after, list):
        item = _recast("item", before[0], after[0])
        each = f"FROM UNNEST({value}) AS item WITH OFFSET AS position ORDER BY position"
        return f"ARRAY(SELECT {item} {each})"
    if isinstance(before, str) and isinstance(after, str) and after != "JSON":
        return f"SAFE_CAST({value} AS {_written(after)})"
    return f"TO_JSON({value})" if after == "JSON" else f"CAST(NULL AS {_written(after)})"


def _field(value: str, before: dict[str, Structure], after: dict[str, Structure], name: str) -> str:
    inner = after[name]
    if name not in before:
        return f"CAST(NULL AS {_written(inner)}) AS `{name}`"
    return f"{_recast(f'{value}.`{name}`', before[name], inner)} AS `{name}`"


def _written(kind: Structure) -> str:
    return bigquery_type(kind)
