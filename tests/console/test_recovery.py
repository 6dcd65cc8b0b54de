"""What is wrong is told, looked for, planned and repaired through the API, by whoever may."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.console.conftest import BASE
from tests.environments import tiny
from tests.stories.shops import Shop
from weir.audit import Wanted as Asked
from weir.audit import log_of
from weir.audit.reading import find
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.lineage.checking import Level
from weir.lineage.recovery.journal import Event
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.orchestra.planning import planned, plans_of

FACT = f"fact/{tiny.FACT}"
PATIENCE = 180
Ask = Callable[..., Any]


def asking(console: Console, role: Role) -> Ask:
    """Return what asks the API as somebody with a role; an answer of another status fails."""
    name = f"{role}-of-the-test"
    if name not in {one.name for one in console.people.all()}:
        console.people.add(name, role)
    client = TestClient(create_app(console), base_url=BASE, raise_server_exceptions=False)
    client.headers["Authorization"] = f"Bearer {console.people.make_token(name)[1]}"

    def ask(method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = client.request(method, f"/api/v1/{path}", **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


@pytest.fixture
def viewer(console: Console) -> Ask:
    return asking(console, Role.VIEWER)


@pytest.fixture
def operator(console: Console) -> Ask:
    return asking(console, Role.OPERATOR)


class TestWhoMay:
    def test_a_viewer_reads_and_changes_nothing(self, viewer: Ask) -> None:
        assert viewer("GET", "recovery")["wrong"] == []
        assert viewer("GET", "plans") == {"plans": [], "in_all": 0}
        assert viewer("POST", "partitions/check", json={"level": "footer"})["findings"] == []
        plan = "plans/recover-20260101-000000-abcd"
        for method, path, body in (
            ("POST", "plans", {"kind": "recover"}),
            ("POST", f"{plan}/apply", {"digest": "x"}),
            ("POST", f"{plan}/cancel", None),
            ("POST", "partitions/check", {"level": "rows"}),
            ("GET", "audit", None),
            ("GET", "audit/1", None),
        ):
            assert viewer(method, path, 403, json=body)["error"]["code"] == "not_allowed"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"kind": "mend"}, 422),
            ({"kind": "recover", "assets": ["fact/no_such"]}, 404),
            ({"kind": "recover", "range": "2026-01-01"}, 422),
            ({"kind": "backfill"}, 422),
            ({"kind": "restate", "assets": ["users_purchased_item"]}, 422),
            ({"kind": "backfill", "assets": ["users_purchased_item"], "range": "soon"}, 422),
            ({"kind": "recover", "level": "deep"}, 422),
            ({"kind": "recover", "asset": "fact/users_purchased_item"}, 422),
        ],
    )
    def test_a_wrong_question_is_refused(
        self, operator: Ask, body: dict[str, Any], status: int
    ) -> None:
        assert operator("POST", "plans", status, json=body)["error"]["message"]

    def test_what_is_not_there_is_not_found(self, operator: Ask) -> None:
        assert operator("GET", "plans/recover-20260101-000000-abcd", 404)
        assert operator("GET", "plans/..%2f..%2fetc", 404)
        assert operator("GET", "plans/recover", 404)
        assert operator("GET", "recovery/why/fact/no_such", 404)
        assert operator("GET", "audit/99999", 404)

    def test_one_look_at_a_time(self, viewer: Ask, console: Console) -> None:
        with console.looks.one():
            error = viewer("POST", "partitions/check", 409, json={})["error"]
        assert error["code"] == "busy"

    def test_a_look_is_entered_into_the_audit_log(self, viewer: Ask, console: Console) -> None:
        viewer("POST", "partitions/check", json={"level": "footer"})
        (entry, *_) = find(log_of(console.settings), Asked(action="console.look"))
        assert (entry.name, entry.result) == ("viewer-of-the-test", "ok")
        assert entry.arguments["level"] == "footer"

    def test_whether_a_plan_that_read_all_has_expired_is_looked_at_as_files_are(
        self, viewer: Ask, operator: Ask, console: Console
    ) -> None:
        project = console.projects.apart()
        addresses = {}
        for level in ("listing", "rows", "hash"):
            plan = plans_of(project).keep(planned(project, Wanted(PlanKind.RECOVER, level=level)))
            addresses[level] = f"plans/{plan.id}/expiry"
        try:
            with console.looks.one():
                assert not viewer("GET", addresses["listing"])["expired"]
                for level in ("rows", "hash"):
                    assert viewer("GET", addresses[level], 403)["error"]["code"] == "not_allowed"
                    assert operator("GET", addresses[level], 409)["error"]["code"] == "busy"
            assert not operator("GET", addresses["rows"])["expired"]
        finally:  # the console is shared
            for name in plans_of(project).names():
                shutil.rmtree(plans_of(project).journal(name).folder)

    def test_a_look_is_bounded(
        self, viewer: Ask, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("weir.console.pages.checks.MOST", dict.fromkeys(Level, -1))
        error = viewer("POST", "partitions/check", 422, json={})["error"]
        assert "a page looks at" in error["message"]


@pytest.fixture
def broken(shop: Shop) -> Path:
    """The file of the fact, which somebody has deleted."""
    file = shop.file(FACT, 1)
    file.unlink()
    return file


def of_shop(shop: Shop, role: Role) -> Ask:
    return asking(Console.of(shop.settings, lambda: datetime(2026, 1, 14, 12)), role)


def wait_for(ask: Ask, plan: str) -> Any:
    until = time.monotonic() + PATIENCE
    while True:
        progress = ask("GET", f"plans/{plan}/progress")
        if not progress["running"]:
            return progress
        assert time.monotonic() < until, progress
        time.sleep(0.1)


@pytest.mark.slow
def test_a_lost_file_is_found_planned_and_repaired(shop: Shop, broken: Path) -> None:
    before = shop.hashes()[FACT]
    ask = of_shop(shop, Role.OPERATOR)
    assert ask("GET", "recovery")["wrong"] == []  # the records do not know yet
    looked = ask("POST", "partitions/check", json={"assets": [FACT]})
    assert {one["fault"] for one in looked["findings"]} == {"file_missing"}
    assert {(one["key"], one["seen"], one["repair"]) for one in looked["marks"]} == {
        (f"2026-01-{day:02}", "file_missing", "rebuild") for day in range(5, 11)
    }
    assert {one["what"] for one in looked["not_checked"]} == {"footer", "rows", "hash"}

    now = ask("GET", "recovery")
    (wrong,) = now["wrong"]
    assert (wrong["asset"], wrong["partitions"]) == (FACT, "2026-01-05..2026-01-10")
    assert (wrong["cause"], wrong["count"]) == ("check", tiny.DAYS)
    assert now["may_follow"] > 0
    assert now["look"]["level"] == "listing"
    (cause,) = ask("GET", f"recovery/why/{FACT}?partition=2026-01-05")["causes"]
    assert (cause["code"], cause["asset"]) == ("C02", FACT)
    assert cause["evidence"]
    assert cause["repair"].startswith("weir plan recover")

    made = ask("POST", "plans", 201, json={"kind": "recover"})
    plan = ask("GET", f"plans/{made['plan']}")
    first = plan["steps_of"][0]
    assert (first["assets"], first["certain"]) == ([FACT], tiny.DAYS)
    assert first["estimate"]["p50"] > 0
    assert "file missing" in first["causes"][0]
    assert {one["name"] for one in plan["untouched"]} >= {"accepted/normal"}
    assert not ask("GET", f"plans/{made['plan']}/expiry")["expired"]
    error = ask("POST", f"plans/{made['plan']}/apply", 409, json={"digest": "other"})["error"]
    assert "has the digest" in error["message"]

    seen = {"digest": plan["digest"]}
    for _ in range(2):  # a double click
        assert ask("POST", f"plans/{made['plan']}/apply", 202, json=seen)["running"]
    done = wait_for(ask, made["plan"])
    assert (done["standing"], done["why"], done["words"]) == ("done", [], "")
    assert set(done["done"]) == {one["number"] for one in plan["steps_of"]}
    assert done["seconds"]["1"] > 0
    journal = plans_of(shop.project()).journal(made["plan"])
    assert [line.event for line in journal.lines()].count(Event.BEGAN) == 1
    assert shop.hashes()[FACT] == before
    assert shop.select(f"select count(*) from lake.{FACT.replace('/', '.')}")[0][0] > 0
    assert ask("GET", "recovery")["wrong"] == []
    assert ask("GET", "plans")["plans"][0]["standing"] == "done"

    entries = ask("GET", f"audit?about={made['plan']}")["entries"]
    told = {(one["action"], one["name"], one["result"]) for one in entries}
    assert told >= {
        (action, "operator-of-the-test", "ok")
        for action in ("plan.make", "console.apply", "plan.apply")
    }
    again = ask("POST", f"plans/{made['plan']}/apply", 409, json=seen)["error"]
    assert "is done" in again["message"]


@pytest.mark.slow
def test_a_plan_of_another_state_says_that_it_has_expired(shop: Shop) -> None:
    ask = of_shop(shop, Role.OPERATOR)
    wanted = {"kind": "backfill", "assets": [FACT], "rebuild": True, "range": "2026-01-06"}
    made = ask("POST", "plans", 201, json=wanted)["plan"]
    page = ask("GET", f"plans/{made}")
    assert (page["since"], page["until"], page["assets"]) == ("2026-01-06", "2026-01-07", [FACT])
    file = plans_of(shop.project()).journal(made).folder / "plan.json"
    file.write_text(file.read_text().replace('"state": "', '"state": "x'))
    expiry = ask("GET", f"plans/{made}/expiry")
    assert expiry["expired"]
    assert "has expired" in expiry["why"]
    digest = ask("GET", f"plans/{made}")["digest"]
    ask("POST", f"plans/{made}/apply", 202, json={"digest": digest})
    ended = wait_for(ask, made)
    assert ended["standing"] == "made"
    assert "has expired" in ended["words"]
    assert ask("POST", f"plans/{made}/cancel")["standing"] == "cancelled"
    assert ask("POST", f"plans/{made}/cancel", 409)["error"]["code"] == "not_ready"
    restated = {
        "kind": "restate",
        "assets": [tiny.FACT],
        "since": "2026-01-09",
        "layers": ["daily"],
    }
    steps = ask("GET", f"plans/{ask('POST', 'plans', 201, json=restated)['plan']}")["steps_of"]
    assert steps[0]["partitions"] == "2026-01-09..2026-01-10"


@pytest.mark.slow
def test_the_audit_log_is_filtered_and_paged(shop: Shop) -> None:
    ask = of_shop(shop, Role.ADMIN)
    everything = ask("GET", "audit?limit=500")["entries"]
    assert {one["action"] for one in everything} >= {"landing.import", "run"}
    runs = ask("GET", "audit?action=run")["entries"]
    assert {one["action"] for one in runs} == {"run"}
    page = ask("GET", "audit?limit=2")
    assert page["more"]
    older = ask("GET", f"audit?limit=2&before={page['entries'][-1]['id']}")["entries"]
    assert [one["id"] for one in [*page["entries"], *older]] == [
        one["id"] for one in everything[:4]
    ]
    assert ask("GET", "audit?until=2020-01-01T00:00:00Z")["entries"] == []
    assert ask("GET", "audit?result=open")["entries"] == []
    assert {one["result"] for one in ask("GET", "audit?result=ok")["entries"]} == {"ok"}
    whole = ask("GET", f"audit/{runs[0]['id']}")
    assert whole["did"]["partitions"] > 0
    assert whole["meaning"] == "what was missing or stale was built"
    assert ask("GET", "audit/verification")["ok"]
