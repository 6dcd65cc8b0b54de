"""Activation, search and the playground through the API, on a shop of five users and six days."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.console.conftest import BASE
from tests.environments import tiny
from tests.stories.shops import Shop
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.pages import playground
from weir.core.errors import LakeError, UsageError
from weir.engines.embedded.readonly import query
from weir.routing.exact import Wanted, search_all

pytestmark = pytest.mark.slow
FACT = tiny.FACT


@pytest.fixture(scope="module")
def console(shop: Shop) -> Console:
    return Console.of(shop.settings, lambda: datetime(2026, 1, 14, 12))


@pytest.fixture(scope="module")
def client(console: Console) -> Callable[[Role], TestClient]:
    """Return a client of somebody with a role."""
    app = create_app(console)

    def of(role: Role) -> TestClient:
        console.people.add(role.value, role) if role.value not in made else None
        made.add(role.value)
        client = TestClient(app, base_url=BASE, raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {console.people.make_token(role.value)[1]}"
        return client

    made: set[str] = set()
    return of


@pytest.fixture(scope="module")
def viewer(client: Callable[[Role], TestClient]) -> TestClient:
    return client(Role.VIEWER)


def test_a_day_that_no_calendar_reaches_is_refused(viewer: TestClient) -> None:
    for day in ("9999-12-31", "0001-01-01"):
        answer = viewer.get(f"/api/v1/activation/{FACT}/weekly", params={"to": day})
        assert answer.status_code == 422


def test_activation_says_what_the_command_says(viewer: TestClient, shop: Shop) -> None:
    (fact,) = viewer.get("/api/v1/activation").json()["facts"]
    assert fact["name"] == FACT
    built = {one["grain"]: (one["has_layer"], one["built"]) for one in fact["grains"]}
    assert built == {"daily": (True, True), "weekly": (False, False), "monthly": (False, False)}
    seen = viewer.get(f"/api/v1/activation/{FACT}/daily").json()
    told = shop.weir("activation", "show", FACT, "--grain", "daily")
    assert seen["computed_from"] is None
    assert [one["active"] for one in seen["periods"]] == [one["active"] for one in told["periods"]]
    assert seen["transitions"] == told["transitions"]
    assert seen["curve"] == told["curve"]
    first = seen["charts"]["decomposition"]
    assert first["sentence"].startswith("Each bar is one day")
    ran = viewer.post("/api/v1/playground/run", json={"sql": first["sql"]}).json()
    assert len(ran["rows"]) == tiny.DAYS


def test_a_layer_that_is_not_built_is_computed_and_says_so(viewer: TestClient, shop: Shop) -> None:
    seen = viewer.get(f"/api/v1/activation/{FACT}/weekly").json()
    ((rows,),) = shop.select(f"select count(*) from fact.{FACT}")
    assert seen["computed_from"] == rows
    assert [(one["period"], one["active"]) for one in seen["periods"]] == [("2026-01-05", 5)]
    sql = seen["charts"]["transitions"]["sql"]
    ran = viewer.post("/api/v1/playground/run", json={"sql": sql}).json()
    assert ran["rows"] == [["Not seen before", "New", 5]]


def test_the_csv_of_a_chart_has_the_figures_of_the_page(viewer: TestClient) -> None:
    address = f"/api/v1/activation/{FACT}/daily"
    answer = viewer.get(f"{address}/transitions.csv?at=2026-01-07")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        f'filename="{FACT}_daily_transitions_2026-01-07.csv"'
        in answer.headers["content-disposition"]
    )
    rows = list(csv.DictReader(StringIO(answer.text)))
    shown = viewer.get(f"{address}?at=2026-01-07").json()["transitions"]
    assert len(rows) == len(shown) == 20
    for row, one in zip(rows, shown, strict=True):
        assert (row["previous_state"], row["state"]) == (one["previous_state"], one["state"])
        assert row["users"] == ("" if one["users"] is None else str(one["users"]))
    assert sum(one["users"] for one in shown) > 0


def test_an_earlier_time_stands_beside(viewer: TestClient) -> None:
    given = {"from": "2026-01-08", "compare": "period"}
    seen = viewer.get(f"/api/v1/activation/{FACT}/daily", params=given).json()
    assert [one["period"] for one in seen["periods"]] == ["2026-01-08", "2026-01-09", "2026-01-10"]
    before = seen["before"]
    assert [one["period"] for one in before["periods"]] == [
        "2026-01-05",
        "2026-01-06",
        "2026-01-07",
    ]
    now, then, change = (side[0]["active"] for side in (
        seen["periods"], before["periods"], before["differences"]
    ))  # fmt: skip
    assert change == now - then
    given["compare"] = "year"
    assert (
        "2025"
        in viewer.get(f"/api/v1/activation/{FACT}/daily", params=given).json()["before_missing"]
    )


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("activation/no_such_fact/daily", 404, "no_such_fact"),
        (f"activation/{FACT}/hourly", 422, "grain"),
        (f"activation/{FACT}/daily?dim=country", 404, "country"),
        (f"activation/{FACT}/daily?value=kr", 400, "dimension"),
        (f"activation/{FACT}/daily?from=2026-01-08&to=2026-01-07", 400, "empty"),
        ("search?q=event_name:(", 422, "character 13"),
        ("search?q=nope:x", 404, "nope"),
        ("search?from=2026-01-08T00:00:00Z&to=2026-01-07T00:00:00Z", 400, "empty"),
        ("search?index=../x", 422, "snake_case"),
        ("search/documents/2026-01-13/normal/1/99999999", 404, "document"),
        ("search/all?q=*", 400, "time"),
        ("search/all?q=*&from=2020-01-01&to=2026-01-01", 400, "days"),
    ],
)
def test_wrong_questions_are_told(viewer: TestClient, path: str, status: int, told: str) -> None:
    answer = viewer.get(f"/api/v1/{path}")
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


def test_nobody_looks_without_signing_in(console: Console) -> None:
    stranger = TestClient(create_app(console), base_url=BASE)
    for path in (
        "activation",
        f"activation/{FACT}/daily",
        "search",
        "search/all?q=*",
        "playground",
    ):
        assert stranger.get(f"/api/v1/{path}").status_code == 401
    assert stranger.post("/api/v1/playground/run", json={"sql": "select 1"}).status_code == 401


def test_search_finds_counts_and_shows_a_whole_event(viewer: TestClient, shop: Shop) -> None:
    every = len(tiny.purchases())
    found = viewer.get("/api/v1/search?q=params.quantity:1").json()
    told = shop.weir("search", "params.quantity:1")
    assert found["count"]["estimate"] == told["estimate"]
    assert found["count"]["matched"] == told["matched_documents"] == len(found["hits"])
    assert found["rate"]["offered"] == every
    assert sum(bar["estimate"] for bar in found["bars"]) == pytest.approx(told["estimate"])
    (event,) = found["facets"]["event_name"]
    assert (event["value"], event["estimate"]) == (tiny.EVENT, told["estimate"])
    hit = found["hits"][0]
    whole = viewer.get(f"/api/v1/search/documents/{hit['day']}/{hit['receipt']}").json()
    assert whole == hit
    assert whole["params"] == {"quantity": 1, "price": 2.5}


def test_every_event_of_a_time_is_counted_one_by_one(viewer: TestClient) -> None:
    given = {"q": "user_id:u1", "from": "2026-01-05", "to": "2026-01-08T00:00:00+00:00"}
    with viewer.stream("GET", "/api/v1/search/all", params=given) as answer:
        parts = [line for line in answer.iter_lines() if line.startswith(("event:", "data:"))]
    assert parts[-2] == "event: found", parts[-1]
    found = json.loads(parts[-1].removeprefix("data: "))
    mine = [e for e in tiny.purchases(range(3)) if e["user_id"] == "u1"]
    assert found["count"] == {
        "matched": len(mine), "estimate": len(mine), "low": len(mine), "high": len(mine)
    }  # fmt: skip
    assert (found["interval"], found["sampled"]) == ("exact", False)
    assert (found["scanned"], found["filters"]) == (len(mine), {"user_id": "u1"})


def test_what_reads_much_is_bounded_and_can_be_stopped(shop: Shop) -> None:
    wanted = Wanted("*", datetime(2026, 1, 5), datetime(2026, 1, 11))
    with pytest.raises(UsageError, match="1 at most are searched"):
        search_all(shop.settings, wanted, most=1)
    with pytest.raises(LakeError, match="was stopped"):
        search_all(shop.settings, wanted, stopped=lambda: True)
    endless = "select count(*) from range(1_000_000_000_000) as a"
    with pytest.raises(LakeError, match="was stopped"):
        query(shop.settings, endless, stopped=lambda: True)
    with pytest.raises(LakeError, match="within 1 s"):
        query(shop.settings, endless, seconds=1, stopped=lambda: False)


def test_the_playground_reads_within_its_bounds(
    viewer: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {
        f"{t['schema_name']}.{t['name']}" for t in viewer.get("/api/v1/playground").json()["tables"]
    }
    assert f"fact.{FACT}" in names

    def run(sql: str, **given: Any) -> Any:
        return viewer.post("/api/v1/playground/run", json={"sql": sql, **given})

    answer = run(
        f"select user_id, 1.5 as x, 1::hugeint << 60 as big from fact.{FACT}", limit=2
    ).json()
    assert [column["name"] for column in answer["columns"]] == ["user_id", "x", "big"]
    assert answer["rows"][0][1:] == ["1.5", str(1 << 60)]
    assert (len(answer["rows"]), answer["cut"]) == (2, True)
    wrong = run("select 1\nfro fact.x").json()["error"]
    assert (wrong["code"], wrong["where"]) == ("query_rejected", {"line": "2", "column": "5"})
    for refused in (
        f"drop table fact.{FACT}",
        f"insert into fact.{FACT} select * from fact.{FACT}",
        "select * from read_text('/etc/passwd')",
        "copy (select 1) to '/tmp/x'",
        "attach '/tmp/x.db'",
    ):
        answer = run(refused)
        assert answer.status_code == 422, refused
        assert "Refused" in answer.json()["error"]["message"]
    plan = run(f"select user_id, count(*) from fact.{FACT} group by 1", explain="plan").json()
    assert "GROUP_BY" in plan["rows"][0][-1]
    assert run("x" * 100_001).status_code == 422
    monkeypatch.setattr(playground, "BYTES", 60)
    assert len(run("select repeat('x', 20) from range(100)").json()["rows"]) == 2


def test_each_query_is_in_the_audit_log_without_its_values(viewer: TestClient, shop: Shop) -> None:
    sql = f"select * from fact.{FACT} where user_id = 'u4' and event_count > 2"
    mark = viewer.post("/api/v1/playground/run", json={"sql": sql}).json()["fingerprint"]
    entries = shop.weir("audit", "list", "--action", "console.query")
    text = json.dumps(entries)
    assert mark in text
    assert "u4" not in text
    assert "user_id = ? and event_count > ?" in text


def test_an_editor_saves_a_draft_as_a_commit_and_nothing_else_changes(
    client: Callable[[Role], TestClient], shop: Shop
) -> None:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(shop.folder), *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("config", "user.name", "t")
    git("config", "user.email", "t@example.com")
    git("add", "dbt", "definitions.py")
    git("commit", "-qm", "all")
    before = git("status", "--porcelain")
    sql = f"select user_id, count(*) as days from lake.fact.\"{FACT}\" as f\nwhere '한글' <> '' group by 1;"
    given = {"name": "users_bought_often", "sql": sql, "description": "Who bought\nhow often."}
    address = "/api/v1/playground/drafts"
    assert client(Role.VIEWER).post(address, json=given).status_code == 403
    editor = client(Role.EDITOR)
    saved = editor.post(address, json=given)
    assert saved.status_code == 200, saved.text
    made = saved.json()
    assert made["path"] == "dbt/models/draft/users_bought_often.sql"
    text = git("show", f"{made['branch']}:{made['path']}")
    assert f'from {{{{ ref("{FACT}") }}}} as f\n' in text
    assert "enabled=false" in text
    assert "-- Who bought\n-- how often.\n" in text
    assert git("log", "-1", "--format=%an", made["branch"]) == "editor"
    assert git("diff", "--name-only", "main", made["branch"]) == made["path"]
    assert (git("status", "--porcelain"), git("branch", "--show-current")) == (before, "main")
    again = editor.post(address, json={**given, "sql": "select 1 as n"}).json()
    assert git("rev-parse", f"{again['commit']}^") == made["commit"]
    for name, wrong, told in (
        ("Users", "select 1", "snake_case"),
        (FACT, "select 1", "of this name"),
        ("users_bought_x", "select 1; drop table x", "one SELECT"),
        ("users_bought_x", "select '{{ env_var(1) }}'", "dbt would run"),
        ("users_bought_x", "select * from read_text('/etc/passwd')", "read_text"),
    ):
        answer = editor.post(address, json={"name": name, "sql": wrong})
        assert (answer.status_code, told in answer.text) == (422, True), answer.text
    assert "users_bought_x" not in git("branch")
