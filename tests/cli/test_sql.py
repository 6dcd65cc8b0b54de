"""`weir sql`: table, CSV, JSON, limits and refusals."""

from __future__ import annotations

import json

import pytest

from weir.core.errors import UsageError


def test_a_table(weir) -> None:
    told = weir("sql", "select n, s, null as z, '[red]' as m from fact.t order by n").stdout
    assert told.splitlines()[0].split() == ["n", "s", "z", "m"]
    assert told.splitlines()[1].split() == ["0", "x0", "NULL", "[red]"]


def test_csv(weir) -> None:
    result = weir("sql", "select n, s || ',' as s from fact.t order by n", "--csv", "--limit", "2")
    assert result.stdout == 'n,s\n0,"x0,"\n1,"x1,"\n'
    assert "Only the first 2 rows" in result.stderr


def test_json_is_one_document_whatever_the_values(weir) -> None:
    statement = """select n, n, 'nan'::double as f, [1.5, 'inf'::double] as l,
      map {date '2026-01-01': 1} as m, {'a': 'nan'::float} as st, 1.10::decimal(9,2) as d,
      timestamp '2026-01-01' as t, 'a'::blob as b, 2::hugeint ** 70 as h
      from fact.t order by 1"""
    told = weir("sql", statement, "--json", "--limit", "1").stdout

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    answer = json.loads(told, parse_constant=refuse)
    assert answer["truncated"]
    assert answer["columns"][:2] == ["n", "n_1"]
    (row,) = answer["rows"]
    assert (row["n"], row["n_1"], row["f"], row["d"]) == (0, 0, "nan", "1.10")
    assert row["l"] == [1.5, "inf"]
    assert row["m"] == {"2026-01-01": 1}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("delete from fact.t", "Refused: a DELETE statement. Only one SELECT"),
        ("select 1; select 2", "Refused: 2 statements"),
        ("selekt", "Mend the query"),
    ],
)
def test_a_refusal_says_why(weir, statement: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        weir("sql", statement)
    assert told in str(caught.value)
