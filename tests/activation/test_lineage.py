"""Column lineage of the layers against the engine: what changes with an input column is named.

What lineage says must hold what is seen; random models are in tests/lineage/columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from weir.lineage.columns.flows import Lineage
from weir.lineage.columns.trace import trace

MODELS = Path(__file__).parents[2] / "dbt" / "models"
SPAN = ("2026-03-04", "2026-03-09")
FACT = {"user_id": "'z' || {}", "activity_date": "{} - 1", "event_count": "{} + 5"}
CHECKPOINT = {
    "user_id": "'z' || {}",
    "first_period": "{} - 3",
    "last_period": "{} - 3",
    "streak_start": "{} - 3",
    "longest_streak": "{} + 50",
    "birth": "{} - 3",
    "checkpoint_start": "{} - interval 1 month",
}
ACTIVATION = {"state": "'Other'", "previous_state": "'Other'", "streak": "{} + 7", "churned": "3"}

RETURNED = {"previous_period": "{} - 1", "period_start": "{} - 1", "streak": "{} + 7"}


@pytest.fixture(scope="module")
def layer(layer_of: Any) -> Any:
    """A daily layer with activity in February and March, its checkpoint of February built."""
    days = ["02-01", "02-02", "02-27", "02-28", "03-01", "03-03", "03-04", "03-05", "03-08"]
    layer = layer_of("users_acted", "daily", start="2026-01-01")
    layer.facts([(u, f"2026-{d}") for i, u in enumerate("uvwx") for d in days[i::2]])
    layer.build("firstlast", ("2026-02-01", "2026-03-01"))
    layer.build("activation", SPAN)
    return layer


@pytest.mark.parametrize(
    ("kind", "table", "changes"),
    [
        ("activation", "", FACT),
        ("activation", "firstlast", CHECKPOINT),
        ("returns", "activation", RETURNED),
        ("summary", "activation", ACTIVATION),
    ],
)
def test_activation_changes_where_lineage_says(
    layer: Any, kind: str, table: str, changes: Mapping[str, str]
) -> None:
    macro = kind if kind == "activation" else f"activation_{kind}"
    sql = layer.harness.render(macro, layer.name, layer.grain, model=layer.table(kind), span=SPAN)
    con, source = layer.harness.con, layer.table(table) if table else layer.name
    tables = [layer.name, layer.table("firstlast"), layer.table("activation")]
    inputs = {t: [c[0] for c in con.execute(f"describe {t}").fetchall()] for t in tables}
    found = trace(sql, inputs)
    assert found.unresolved == ()
    before, moved = con.execute(sql).df(), set[str]()
    for column, value in changes.items():
        con.execute("begin")
        con.execute(f"update {source} set {column} = {value.format(column)}")
        changed = seen(before, con.execute(sql).df())
        con.execute("rollback")
        assert changed <= told(found, source, column), column
        moved |= changed
    assert moved  # the changes are such that something can be seen


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("quantity", "quantity + 1", {"quantity"}),
        ("price", "price * 2", {"amount"}),
        ("platform", "'web'", set()),
        ("user_id", "'z' || user_id", {"user_id"}),
        ("event_time", "event_time + interval 40 day", None),
    ],
)
def test_the_example_fact_changes_where_lineage_says(
    harness: Any, column: str, value: str, expected: set[str] | None
) -> None:
    con, log = harness.con, "purchase_item_shop"
    con.execute(
        f"create or replace table {log} as select 'u' || i as user_id, i as quantity, i + 0.5 as price,"
        " timestamp '1997-02-03 04:05:06' + i * interval 9 hour as event_time, 'ios' as platform,"
        " date '1997-02-04' as landing_day from range(1, 9) as r(i)"
    )
    sql = harness.model(MODELS / "fact" / "users_purchased_item.sql", ("1997-02-03", "1997-02-06"))
    found = trace(sql, {log: [c[0] for c in con.execute(f"describe {log}").fetchall()]})
    assert found.unresolved == ()
    before = con.execute(sql).df()
    con.execute(f"update {log} set {column} = {value}")
    changed = seen(before, con.execute(sql).df())
    assert changed <= told(found, log, column)
    assert changed == (set(found.columns) if expected is None else expected)


def told(found: Lineage, table: str, column: str) -> set[str]:
    """The columns that may change with an input column, as lineage says."""
    if any((ref.asset, ref.column) == (table, column) for ref, _ in found.rows):
        return set(found.columns)
    return {
        name
        for name, refs in found.columns.items()
        if any((ref.asset, ref.column) == (table, column) for ref in refs)
    }


def seen(before: Any, after: Any) -> set[str]:
    """The columns whose values are not the same."""
    return {
        c for c in before.columns if sorted(map(repr, before[c])) != sorted(map(repr, after[c]))
    }
