"""The content hash of a partition: what changes it, what does not, and that dbt's is the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

from weir.engines.embedded.commit import NO_ROWS, content_hash_sql

MACRO = Path(__file__).parents[2] / "dbt" / "macros" / "content_hash.sql"
ROWS = "(values (1, 'x', [1, 2]), (2, 'y', []), (3, null, null), (null, null, null)) t(a, b, l)"


def macro(names: Sequence[str]) -> str:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    module: Any = environment.from_string(MACRO.read_text()).module
    return str(module.content_hash(list(names)))


def hashed(rows: str, names: Sequence[str] = ("a", "b", "l"), expression: str = "") -> str:
    with duckdb.connect() as connection:
        sql = expression or content_hash_sql(names)
        (found,) = connection.execute(f"select {sql} from {rows}").fetchone() or ()
    return str(found)


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "l"], ["b", "_weir_x", "a"], []])
def test_dbt_and_python_hash_alike(names):
    rows = f"(select *, 1 as _weir_x from {ROWS})"
    assert hashed(rows, names) == hashed(rows, expression=macro(names))


def test_an_added_column_that_is_null_changes_nothing():
    for kind in (
        "bigint",
        "varchar",
        "double[]",
        "struct(a bigint)",
        "map(varchar, bigint)",
        "json",
    ):
        more = f"(select *, cast(null as {kind}) as added from {ROWS})"
        assert hashed(more, ["a", "b", "l", "added"]) == hashed(ROWS)
    filled = f"(select *, 1 as added from {ROWS})"
    assert hashed(filled, ["a", "b", "l", "added"]) != hashed(ROWS)


def test_the_order_of_columns_and_of_rows_changes_nothing():
    assert hashed(ROWS, ["l", "b", "a"]) == hashed(ROWS)
    assert hashed(f"(from {ROWS} order by a desc)") == hashed(ROWS)


@pytest.mark.parametrize(
    "other",
    [
        "(values (2, 'x', [1, 2]), (1, 'y', []), (3, null, null), (null, null, null)) t(a, b, l)",
        "(values (1, 'x', [2, 1]), (2, 'y', []), (3, null, null), (null, null, null)) t(a, b, l)",
        "(values (1, 'x', [1, 2]), (2, 'y', null), (3, null, null), (null, null, null)) t(a, b, l)",
        "(values (1, 'x', [1, 2]), (2, 'y', []), (3, null, null)) t(a, b, l)",
        "(values (1, 'x', [1, 2]), (2, 'y', []), (3, null, null), (3, null, null)) t(a, b, l)",
        "(values (1, 'x', [1, 2]), (2, 'y', []), (3, '', null), (null, null, null)) t(a, b, l)",
    ],
)
def test_any_other_content_is_another_hash(other):
    assert hashed(other) != hashed(ROWS)


def test_values_that_change_their_columns_or_meet_as_equals_are_noticed():
    one = hashed("(values (1, 2), (5, 5)) t(a, b)", ["a", "b"])
    assert one != hashed("(values (2, 1), (5, 5)) t(a, b)", ["a", "b"])
    assert one != hashed("(values (1, 2), (6, 6)) t(a, b)", ["a", "b"])
    assert one != hashed("(values (1, 2), (null, null)) t(a, b)", ["a", "b"])


def test_no_rows():
    assert hashed(f"(from {ROWS} limit 0)") == NO_ROWS


def test_thousands_of_columns():
    names = [f"c{number}" for number in range(3000)]
    columns = ", ".join(f"{number} as {name}" for number, name in enumerate(names))
    rows = f"(select {columns})"
    assert hashed(rows, names) == hashed(rows, expression=macro(names)) != hashed(rows, names[1:])
