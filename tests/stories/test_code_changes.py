"""Edits of models on a real home: a comment or a new column leaves the past alone, a break does not."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta

import pytest

from tests.stories import shoppers
from tests.stories.shops import FACT_FILE, LOG_FILE, Shop
from weir.lineage.causes import Cause, faults
from weir.lineage.graph.of_picture import graph_of

FACT, LOG = f"fact/{shoppers.FACT}", f"event_log/{shoppers.EVENT}"
DAYS = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("code changes")
    project = shoppers.make_project(folder / "project", DAYS, ("daily",))
    shop = Shop.open(project, folder / "home", shoppers.START)
    shop.load(shoppers.write(shoppers.purchases(3, users=6, days=DAYS), folder / "events.ndjson"))
    shop.weir("run")
    return shop


EDITS = {
    "comments": (
        [(FACT_FILE, "select user_id", "-- who\nselect user_id"), (LOG_FILE, "True", "true")],
        {},
    ),
    "a macro's comment": ([("macros/local_date.sql", "{% macro", "{# days #}{% macro")], {}),
    "a new column": ([(FACT_FILE, "event_count\n", "event_count, max(version) as newest\n")], {}),
    "an expression": (
        [(FACT_FILE, "count(*) as", "count(distinct event_id) as")],
        {FACT: "its code changed: breaking: `event_count` is computed otherwise"},
    ),
    "a filter": (
        [(FACT_FILE, "user_id is not null", "user_id is not null and version > 0")],
        {FACT: "its code changed: breaking: Its rows change: the filter differs"},
    ),
    "a column that nobody reads": (
        [(LOG_FILE, '["quantity"], "type": "BIGINT"', '["quantity"], "type": "VARCHAR"')],
        {LOG: "its code changed: breaking: `quantity` turns from BIGINT into VARCHAR"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_what_an_edit_makes_stale(home: Shop, edit: str) -> None:
    edits, expected = EDITS[edit]
    before = {home.path(name): home.path(name).read_text() for name, _, _ in edits}
    try:
        for name, old, new in edits:
            assert old in before[home.path(name)]
            home.path(name).write_text(before[home.path(name)].replace(old, new))
        picture = home.project().picture()
        todo = {node.asset for node in picture.nodes.values() if picture.look(node).todo}
        found = faults(picture, graph_of(picture))
    finally:
        for path, text in before.items():
            path.write_text(text)
    assert todo == expected.keys()
    assert {a: {f.text for f in at.values()} for a, at in found.items()} == {
        asset: {told} for asset, told in expected.items()
    }
    assert all(f.cause is Cause.CODE for at in found.values() for f in at.values())


def test_a_change_is_reviewed_with_what_it_costs_and_the_rows_that_differ(home: Shop) -> None:
    """Two commits of the project; the second breaks the fact. The sample is built aside and dropped."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        where = str(home.settings.project)
        subprocess.run(["git", "-C", where, *who, *words], check=True, capture_output=True)

    path = home.path(FACT_FILE)
    before = path.read_text()
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "base")
    git("switch", "-qc", "change")
    path.write_text(before.replace("count(*) as", "2 * count(*) as"))
    git("commit", "-qam", "twice")
    try:
        told = home.weir("ci", "--base", "main", "--sample", "2", "--allow-breaking")
        assert home.run("ci", "--base", "main").returncode == 1
    finally:
        git("switch", "-q", "main")
    assert [(one["asset"], one["change"]) for one in told["changed"]] == [(FACT, "breaking")]
    assert told["restated"] == [FACT]
    assert told["cost"]["partitions"] > DAYS  # the fact's days, and what may follow
    assert told["cost"]["p50"] > 0
    (fact,) = told["data"]
    assert (fact["asset"], len(fact["partitions"])) == (FACT, 1)
    assert (fact["added"], fact["removed"], fact["same"]) == (0, 0, 0)
    assert fact["changed"] == fact["columns"]["event_count"] > 0
    assert "examples" not in fact
    assert list((home.settings.home / "env").iterdir()) == []
    picture = home.project().picture()
    assert not any(picture.look(node).todo for node in picture.nodes.values())


def test_a_new_column_is_there_from_the_next_run_on(home: Shop) -> None:
    """The past holds NULL in it; what late events make stale is built with it."""
    path = home.path(FACT_FILE)
    path.write_text(path.read_text().replace("event_count\n", "event_count, 1 as one\n"))
    assert home.weir("run") == []
    late = home.home.with_name("late.ndjson")
    first = json.loads(home.home.with_name("events.ndjson").read_text().splitlines()[0])
    day = str(shoppers.START + timedelta(3))
    event = {**first, "id": "0" * 32, "user_id": "new", "time": f"{day}T17:00:00Z"}
    late.write_text(json.dumps({**event, "received_at": "2024-06-01T00:00:00Z"}) + "\n")
    home.load(late)
    home.weir("run")
    found = home.select(
        f"select activity_date::text, count(one) > 0, count(*) > 0 from {FACT.replace('/', '.')}"
        " group by 1 order by 1"
    )
    assert [at for at, has, _ in found if has] == [day]
    assert len(found) > 3
    picture = home.project().picture()
    assert not any(picture.look(node).todo for node in picture.nodes.values())
