"""`weir activation show` and `export`: tables, JSON, the page, files and what is told of mistakes."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from weir.activation import project
from weir.cli import activation_show
from weir.cli.main import out
from weir.core.errors import InvalidValue, NotFound, NotReady, UsageError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake

FACT = "users_purchased_item"
NAME = f"{FACT}_activation_weekly"
EVIL = "<script>alert(1)</script>"
WEEKS = ("2026-01-05", "2026-01-12", "2026-01-19")
SHOW = ("activation", "show", FACT, "--grain", "weekly")
EXPORT = ("activation", "export", FACT, "--grain", "weekly")

# Week, previous state, state, users; the third week is provisional.
MOVES = [
    (0, None, "New", 4),
    (1, "New", "Retained", 3),
    (1, None, "New", 1),
    (1, "New", "Inactive", 1),
    (2, "Retained", "Retained", 2),
    (2, "Inactive", "Reactivated", 1),
]
ROWS = [
    *((0, user, "New", 1) for user in "abcd"),
    *((1, user, "Retained", 2) for user in "abc"),
    (1, "e", "New", 1),
    *((2, user, "Retained", 3) for user in "ab"),
    (2, "d", "Reactivated", 1),
]
RETURNS = [(None, 0, 4), (0, 1, 3), (None, 1, 1), (1, 2, 2), (0, 2, 1)]


@pytest.fixture(scope="module", autouse=True)
def layer(settings: Settings) -> None:
    """A weekly layer of three weeks, with one country."""
    summary = [
        (FACT, "weekly", WEEKS[w], dim, value, before, state, users, users, 0, w < 2)
        for dim, value in (("total", ""), ("country", EVIL))
        for w, before, state, users in MOVES
    ]
    with Lake(settings).write() as connection:
        connection.execute(
            f"CREATE TABLE activation.{NAME}_summary (fact VARCHAR, grain VARCHAR,"
            " period_start DATE, dim_name VARCHAR, dim_value VARCHAR, previous_state VARCHAR,"
            " state VARCHAR, users BIGINT, sum_streak BIGINT, sum_interval BIGINT,"
            " is_complete BOOLEAN)"
        )
        connection.executemany(
            f"INSERT INTO activation.{NAME}_summary VALUES (?,?,?,?,?,?,?,?,?,?,?)", summary
        )
        connection.execute(
            f"CREATE TABLE activation.{NAME}"
            " (period_start DATE, user_id VARCHAR, state VARCHAR, streak BIGINT)"
        )
        connection.executemany(
            f"INSERT INTO activation.{NAME} VALUES (?, ?, ?, ?)",
            [(WEEKS[week], *rest) for week, *rest in ROWS],
        )
        connection.execute(
            f"CREATE TABLE activation.{NAME}_returns"
            " (previous_period DATE, period_start DATE, users BIGINT)"
        )
        connection.executemany(
            f"INSERT INTO activation.{NAME}_returns VALUES (?, ?, ?)",
            [(None if p is None else WEEKS[p], WEEKS[w], n) for p, w, n in RETURNS],
        )


@pytest.fixture
def with_country(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fact's contract, as if it had a dimension."""
    read = activation_show.fact_in
    monkeypatch.setattr(
        activation_show,
        "fact_in",
        lambda *given: dataclasses.replace(read(*given), dimensions=("country", "platform")),
    )


def test_the_tables(weir: Any) -> None:
    told = weir(*SHOW).stdout
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert lines[0] == (
        "users_purchased_item, weekly: 3 weeks, from 2026-01-05 to 2026-01-19. 1 of them"
    )
    assert "provisional" in lines[1]
    assert "2026-01-05 4 4 100% 0 0% 0 0% 0 0 –" in lines
    assert "2026-01-12 4 1 25% 3 75% 0 0% 1 25% 1 1.00" in lines
    assert "2026-01-19* 3 0 0% 2 67% 1 33% – – –" in lines
    assert "From state to state, in the week of 2026-01-12" in lines
    assert "New 0 3 75% 0 1 25%" in lines
    assert "Not seen before 1 100% 0 0 0" in lines
    assert any(re.fullmatch(r"1 1 25% █+", line) for line in lines)  # one week in a row: e
    assert all(len(line) <= 80 for line in told.splitlines())


def test_json(weir: Any) -> None:
    answer = json.loads(weir(*SHOW, "--json").stdout)
    assert (answer["from"], answer["to"], answer["at"]) == ("2026-01-05", "2026-01-26", WEEKS[1])
    assert answer["at_is_complete"]
    assert answer["values"] is None
    first, second, third = answer["periods"]
    assert (first["churn_rate"], second["churn_rate"], third["churn_rate"]) == (None, 0.25, None)
    assert (second["pulse"], second["went"], third["went"]) == (1.0, 1, None)
    assert answer["streaks"] == [
        {"periods": 1, "users": 1, "share": 0.25},
        {"periods": 2, "users": 3, "share": 0.75},
    ]
    assert [(row["periods"], row["users"]) for row in answer["intervals"]] == [(1, 5), (2, 1)]
    assert answer["absences"] == [{"periods": 1, "users": 1, "share": 1.0}]
    assert len(answer["transitions"]) == 20


def test_a_range_and_a_period(weir: Any) -> None:
    """--to is the first day left out; the week of 12 January has days before the 14th."""
    narrow = ("--from", "2026-01-08", "--to", "2026-01-14", "--at", "2026-01-09", "--json")
    answer = json.loads(weir(*SHOW, *narrow).stdout)
    assert (answer["from"], answer["to"], answer["at"]) == (WEEKS[0], WEEKS[2], WEEKS[0])
    answer = json.loads(weir(*SHOW, "--to", WEEKS[1], "--json").stdout)
    assert [row["period_start"] for row in answer["periods"]] == [WEEKS[0]]


def test_a_provisional_period_says_so(weir: Any) -> None:
    told = " ".join(weir(*SHOW, "--at", WEEKS[2]).stdout.split())
    assert "Retained 0 2 0 –" in told
    assert "not known before the period is complete" in told


def test_by_a_dimension(weir: Any, with_country: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_width", 120)
    answer = json.loads(weir(*SHOW, "--dim", "country", "--json").stdout)
    assert answer["dimension"] == "country"
    assert [row["dim_value"] for row in answer["values"]] == [EVIL] * 3
    told = " ".join(weir(*SHOW, "--dim", "country").stdout.split())
    assert f"{EVIL} 4 1 25% 3 75% 0 0% 1 25% 1 1.00" in told
    assert "12 largest values" in told


def test_the_page_holds_all_and_loads_nothing(
    weir: Any, with_country: None, tmp_path: Path
) -> None:
    file = tmp_path / "a page.html"
    file.write_text("old")
    result = weir(*SHOW, "--dim", "country", "--html", str(file))
    assert f"Wrote {file}." in result.stderr.replace("\n", "")
    assert list(tmp_path.iterdir()) == [file]
    text = file.read_text()
    assert "default-src 'none'" in text
    assert not re.findall(r"<(?:link|img|iframe)\b|<script[^>]*\bsrc=|@import|url\(", text[:9000])
    head, _, _ = text.partition("<script>(() =>")
    assert EVIL not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in head
    specs = re.findall(r'<script type="application/json" id="(.+?)">(.+?)</script>', head)
    assert {name for name, _ in specs} == {
        "spec-decomposition", "spec-pulse", "spec-churn", "spec-value-0", "spec-streaks",
        "spec-intervals", "spec-away",
    }  # fmt: skip
    for name, spec in specs:
        assert orjson.loads(spec)["width"] == "container", name
        assert f'data-spec="{name}"' in head
    assert text.count("<script>") == text.count("</script>") - len(specs) == 1


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium on this machine")
def test_the_page_draws_in_a_browser(weir: Any, with_country: None, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    weir(*SHOW, "--dim", "country", "--html", str(file))
    browser = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000", "--dump-dom",
        file.as_uri(),
    ]  # fmt: skip
    drawn = subprocess.run(browser, capture_output=True, text=True, timeout=120, check=True).stdout
    assert 'data-drawn="yes"' in drawn
    assert len(re.findall(r'<svg[^>]*class="marks"', drawn)) == 7


def test_json_names_the_page(weir: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert json.loads(weir(*SHOW, "--html", str(file), "--json").stdout)["html"] == str(file)


@pytest.mark.parametrize(
    ("given", "told", "kind"),
    [
        (
            ("--from", "yesterday"),
            "--from=yesterday`. Valid values are: a day such as",
            InvalidValue,
        ),
        (("--to", "2026-13-01"), "--to=2026-13-01", InvalidValue),
        (("--at", "x"), "--at=x", InvalidValue),
        (("--from", "2026-01-12", "--to", "2026-01-05"), "is empty", UsageError),
        (("--from", "2027-01-12"), "weeks from 2026-01-05 to 2026-01-19", UsageError),
        (("--at", "2027-01-12"), "no rows of the week 2027-01-11", UsageError),
        (("--dim", "country"), "`users_purchased_item` has none", NotFound),
        (("--html", "/nowhere/at/all.html"), "no folder /nowhere/at", UsageError),
        (("--html", "/tmp"), "/tmp is a folder", UsageError),
    ],
)
def test_a_mistake_is_told(weir: Any, given: tuple[str, ...], told: str, kind: Any) -> None:
    with pytest.raises(kind) as caught:
        weir(*SHOW, *given)
    assert told in str(caught.value)


def test_an_unknown_dimension_lists_the_known(weir: Any, with_country: None) -> None:
    with pytest.raises(NotFound, match="Known: country, platform"):
        weir(*SHOW, "--dim", "shoe_size")
    with pytest.raises(NotFound, match="Did you mean `platform`"):
        weir(*SHOW, "--dim", "platfrm")


def test_a_dimension_without_rows(weir: Any, with_country: None) -> None:
    with pytest.raises(NotReady, match="no rows by `platform`"):
        weir(*SHOW, "--dim", "platform")


@pytest.mark.parametrize("command", ["show", "export"])
def test_an_unknown_layer_is_told(weir: Any, command: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "o.csv")) if command == "export" else ()
    with pytest.raises(NotFound, match="Did you mean `users_purchased_item`"):
        weir("activation", command, "users_purchased_items", "--grain", "weekly", *out)
    with pytest.raises(NotReady, match=r"no rows yet. Build it: `weir run`"):
        weir("activation", command, "users_contributed_code", "--grain", "weekly", *out)
    assert not list(tmp_path.iterdir())


def test_a_fact_without_that_layer_is_told(weir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "LAYER_GRAINS", ("daily", "monthly"))
    with pytest.raises(NotFound) as caught:
        weir(*SHOW)
    assert "no weekly layer of `users_purchased_item`" in str(caught.value)
    assert "It has: daily, monthly. Add it: `weir activation add" in str(caught.value)


@pytest.mark.parametrize(
    ("what", "rows"), [("rows", len(ROWS)), ("summary", 2 * len(MOVES)), ("returns", len(RETURNS))]
)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_an_export_is_the_table(
    weir: Any, tmp_path: Path, what: str, rows: int, ending: str
) -> None:
    file = tmp_path / f"o'clock.{ending}"
    file.write_text("old")
    told = weir(*EXPORT, "--what", what, "--out", str(file)).stderr
    assert f"Wrote {rows} rows" in told
    assert list(tmp_path.iterdir()) == [file]
    read = duckdb.read_parquet if ending == "parquet" else duckdb.read_csv
    assert len(read(str(file)).fetchall()) == rows


def test_an_export_of_a_range(weir: Any, tmp_path: Path) -> None:
    file = tmp_path / "o.parquet"
    span = ("--from", "2026-01-14", "--to", "2026-01-19")
    answer = json.loads(weir(*EXPORT, "--what", "rows", "--out", str(file), *span, "--json").stdout)
    assert answer == {"file": str(file), "what": "rows", "rows": 4}
    assert [row[1] for row in duckdb.read_parquet(str(file)).fetchall()] == list("abce")


def test_an_export_of_another_kind_is_refused(weir: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"\.parquet, a name that ends in \.csv"):
        weir(*EXPORT, "--out", str(tmp_path / "o.xlsx"))
    with pytest.raises(UsageError, match="no folder"):
        weir(*EXPORT, "--out", str(tmp_path / "no" / "o.csv"))
    with pytest.raises(UsageError, match="is empty"):
        weir(*EXPORT, "--out", str(tmp_path / "o.csv"), "--from", WEEKS[1], "--to", WEEKS[0])
