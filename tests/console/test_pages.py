"""What pages show of a home that holds something: a shop of five users and six days, with one bad event."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.console.conftest import BASE
from tests.environments import tiny
from tests.stories.shops import FACT_FILE, Shop
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console

LANDED = "2026-01-13"
FACT = f"fact/{tiny.FACT}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop.open(tiny.make_project(folder / "project"), folder / "home", tiny.START)
    good = tiny.purchases()
    bad = {**good[0], "id": "6f1c441a-0000-4000-8000-000000000001", "params": {"quantity": -1}}
    shop.load(tiny.write([*good, bad], folder / "events.ndjson"))
    shop.weir("run")
    return shop


@pytest.fixture(scope="module")
def console(shop: Shop) -> Console:
    return Console.of(shop.settings, lambda: datetime(2026, 1, 14, 12))


@pytest.fixture(scope="module")
def page(console: Console) -> Any:
    """Ask for the JSON of a page, as a viewer."""
    console.people.add("ann", Role.VIEWER)
    _, token = console.people.make_token("ann")
    client = TestClient(create_app(console), base_url=BASE)
    client.headers["Authorization"] = f"Bearer {token}"

    def ask(path: str) -> Any:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.mark.slow
def test_home_tells_how_each_stage_stands_and_what_is_wrong(page: Any) -> None:
    home = page("home")
    assert home["at"] == "2026-01-14T12:00:00Z"
    assert home["closed_until"].endswith(
        "T00:00:00Z"
    )  # the import closed what was before its own day
    stages = {one["stage"]: one for one in home["stages"]}
    flow = ["collect", "landing", "accepted", "event_log", "fact", "activation", "search"]
    assert list(stages) == flow
    count = len(tiny.purchases())
    assert stages["landing"]["rows"] == count + 1
    assert stages["accepted"]["rows"] == stages["event_log"]["rows"] == count
    assert stages["fact"]["newest"] == "2026-01-10"
    assert {one["missing"] + one["stale"] + one["failed"] for one in stages.values()} == {0}
    told = {(one["kind"], one["subject"]): one for one in home["problems"]}
    assert told.keys() == {("quarantine", tiny.EVENT)}
    assert told["quarantine", tiny.EVENT]["text"] == "1 event in quarantine."
    assert home["live"] == {"collector": None}


@pytest.mark.slow
def test_the_dictionary_finds_and_counts(page: Any) -> None:
    everything = page("events")
    assert everything["total"] == len(everything["events"]) > 0
    found = page("events?q=purch")["events"]
    assert found[0]["name"] == tiny.EVENT
    assert found[0]["matches"][0]["field"] == "name"
    assert found[0]["last_seen"] == LANDED
    assert (found[0]["accepted"], found[0]["violations"]) == (len(tiny.purchases()), 1)
    day = {one["day"]: one for one in found[0]["volume"]}[LANDED]
    assert (day["accepted"], day["violations"]) == (len(tiny.purchases()), 1)
    assert page("events?limit=1")["total"] == everything["total"]
    assert page("events?q=no_such_word_at_all")["events"] == []


@pytest.mark.slow
def test_an_event_is_told_with_its_parameters_readers_and_violations(page: Any) -> None:
    event = page(f"events/{tiny.EVENT}")
    tree = {one["name"]: one for one in event["parameter_tree"]}
    assert tree["quantity"]["type"] == "integer"
    assert tree["quantity"]["required"]
    assert tree["quantity"]["constraints"]["minimum"] == 1
    assert len(tree) == event["parameters"]
    readers = {one["asset"]: one["distance"] for one in event["readers"]}
    assert readers[FACT] == 1
    assert readers[f"activation/{tiny.LAYER}"] > 1
    assert event["by_version"] == [
        {"version": 1, "accepted": len(tiny.purchases()), "violations": 1}
    ]
    assert sum(event["rules"].values()) >= 1
    assert event["example"]["quantity"] >= 1
    assert event["last_received"] == f"{LANDED}T00:00:00Z"


@pytest.mark.slow
def test_a_model_is_told_with_its_columns_partitions_and_runs(page: Any) -> None:
    models = {one["asset"]: one for one in page("models")["models"]}
    assert next(iter(models)).startswith("landing/")
    assert models[FACT]["grain"] == "day"
    fact = page(f"models/{FACT}")
    assert {key: fact[key] for key in models[FACT]} == models[FACT]
    columns = {one["name"]: one for one in fact["columns_of"]}
    assert columns["user_id"]["sources"] == [f"event_log/{tiny.EVENT}.user_id"]
    assert fact["reads"] == [f"event_log/{tiny.EVENT}"]
    assert f"activation/{tiny.LAYER}" in fact["read_by"]
    assert [one["key"] for one in fact["partitions"]] == [f"2026-01-{d:02}" for d in range(5, 11)]
    assert {one["state"] for one in fact["partitions"]} == {"current"}
    assert fact["runs"][0]["partitions"] == tiny.DAYS
    assert fact["checks"]
    assert all(one["passed"] for one in fact["checks"])
    assert "group by" in fact["sql"].lower()
    assert (fact["freshness"]["state"], fact["freshness"]["newest"]) == ("fresh", "2026-01-10")
    assert fact["freshness"]["built_at"].endswith("Z")
    cost = fact["cost"]
    assert cost["runs"] == len(fact["runs"])
    assert 0 < cost["seconds_p50"] <= cost["seconds_p90"]
    assert 0 < cost["bytes_p50"] <= cost["bytes_p90"]
    assert page("models/accepted/normal")["freshness"] is None


@pytest.mark.slow
def test_changed_files_are_seen_while_the_console_runs(
    page: Any, shop: Shop, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last test of this file: it changes the project."""
    monkeypatch.setattr("weir.console.projects.LOOK_SECONDS", 0.0)
    monkeypatch.setattr("weir.console.recent.USABLE_SECONDS", 0.0)

    def changed(old: str, new: str) -> None:
        shop.edit(FACT_FILE, old, new)
        page("home")  # notices it, and answers from what was
        preparing = console.projects._preparing
        assert preparing is not None
        preparing.join(120)

    page("home")  # opens the project
    changed("count(*)", "count(1)")
    home = page("home")
    stale = [one for one in home["problems"] if one["kind"] == "stale"]
    assert (stale[0]["subject"], stale[0]["text"]) == (FACT, "6 partitions stale.")
    assert {one["state"] for one in page(f"models/{FACT}")["partitions"]} == {"stale"}
    changed("count(1)", "count({% if %})")
    (wrong,) = [one for one in page("home")["problems"] if one["kind"] == "project"]
    assert FACT_FILE in wrong["text"]
    event = next((shop.folder / "assets/events").rglob("event.json"))
    right = event.read_text()
    event.write_text("{")
    changed("count({% if %})", "count(*)")
    (wrong,) = [one for one in page("home")["problems"] if one["kind"] == "project"]
    assert event.parent.name in wrong["text"]
    event.write_text(right)
    console.projects.renew()
    assert page("home")["problems"][0]["kind"] == "quarantine"


def test_an_empty_home_has_pages_too(tmp_path: Path) -> None:
    empty = Console.of(Shop(Path(__file__).resolve().parents[2], tmp_path / "home").settings)
    empty.people.add("ann", Role.VIEWER)
    client = TestClient(create_app(empty), base_url=BASE)
    client.headers["Authorization"] = f"Bearer {empty.people.make_token('ann')[1]}"
    home = client.get("/api/v1/home").json()
    assert {one["rows"] for one in home["stages"]} == {0}
    assert home["problems"] == []
    for path in (
        "events",
        "events/purchase_item_shop",
        "models",
        "models/fact/users_purchased_item",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 200


def test_a_damaged_segment_does_not_take_home_away(tmp_path: Path) -> None:
    settings = Shop(Path(__file__).resolve().parents[2], tmp_path / "home").settings
    lane = settings.spool_dir / "normal"
    lane.mkdir(parents=True)
    (lane / "1-0.seg").write_bytes(b"no segment")
    damaged = Console.of(settings)
    damaged.people.add("ann", Role.VIEWER)
    client = TestClient(create_app(damaged), base_url=BASE)
    client.headers["Authorization"] = f"Bearer {damaged.people.make_token('ann')[1]}"
    answer = client.get("/api/v1/home")
    assert answer.status_code == 200
    collect = answer.json()["stages"][0]
    assert (collect["stage"], collect["rows_today"]) == ("collect", None)
