"""A layer for a new fact: its two files, three lines of contract, one command; nothing else by hand.

By the commands a person types, in a fresh project under git, with real purchases moved to these days.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.activation import reference
from weir.core import grains
from weir.core.grains import Grain

pytestmark = pytest.mark.slow
CDNOW = Path(__file__).resolve().parents[2] / "examples" / "cdnow"
FACT = "users_bought_several"
THREE_LINES = ("key: user_id", "time_zone: Asia/Seoul", "start: {start}")
SQL = """\
select
    user_id, {{ local_date("event_time", "Asia/Seoul") }} as activity_date, count(*) as event_count
from {{ ref("purchase_item_shop") }}
where
    user_id is not null
    and quantity >= 2
    and {{ event_window("event_time", "Asia/Seoul") }}
    and {{ landing_days(events=["purchase_item_shop"]) }}
group by 1, 2
"""
YAML = """\
version: 2
models:
  - name: users_bought_several
    description: Who bought two items or more at once, by day in Seoul.
    config:
      meta:
        weir:
          kind: fact
          {three_lines}
    data_tests:
      - part_unique: {{arguments: {{columns: [user_id, activity_date]}}}}
    columns:
      - {{name: user_id, description: Who, data_type: varchar, data_tests: [part_not_null]}}
      - {{name: activity_date, description: The day, data_type: date, data_tests: [part_not_null]}}
      - {{name: event_count, description: Purchases, data_type: bigint}}
"""
BY_HAND = {f"dbt/models/fact/{FACT}.sql", f"dbt/models/fact/{FACT}.yml"}
GRAINS = {"daily": Grain.DAY, "weekly": Grain.WEEK}
PARTS = ("firstlast_{}", "activation_{}", "activation_{}_summary", "activation_{}_returns")
LAYERS = {f"{FACT}_{part.format(grain)}" for grain in GRAINS for part in PARTS}
DAYS = 60  # of the purchases


class Person:
    """Types commands in a project of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        given = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
        self.env = given | {"PYTHONDONTWRITEBYTECODE": "1"}

    def tries(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program; return how it ended."""
        return subprocess.run(
            words, cwd=self.folder, env=self.env, check=False, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip

    def types(self, *words: str) -> str:
        """Run a program that must succeed; return what it printed."""
        done = self.tries(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def weir(self, *words: str) -> Any:
        """Run a command of Weir; return its JSON."""
        return json.loads(self.types(sys.executable, "-m", "weir", *words, "--json"))

    def changed(self) -> dict[str, str]:
        """Return what git says of each file that is not as it was committed."""
        lines = self.types("git", "status", "--porcelain", "--untracked-files=all").splitlines()
        return {line[3:]: line[:2] for line in lines}


class Work(Person):
    """A project with a new fact, its layers and their tables."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.purchases = _moved()
        self.start = min(day for _, day, _, _ in self.purchases)
        self.env |= {"WEIR_HOME": str(folder / "home"), "WEIR_LANDING_START": str(self.start)}
        self.weir("init", "shop")
        self.folder = folder / "shop"
        self._commit()
        models = self.folder / "dbt" / "models" / "fact"
        (models / f"{FACT}.sql").write_text(SQL)
        three = ("\n" + " " * 10).join(THREE_LINES).format(start=self.start)
        (models / f"{FACT}.yml").write_text(YAML.format(three_lines=three))
        self.added = self.weir("activation", "add", FACT, "--grain", "daily", "--grain", "weekly")
        self.after_add = self.changed()
        self._import(folder / "purchases.csv")
        self.ran = self.weir("run")

    def _commit(self) -> None:
        self.types("git", "init", "--quiet")
        self.types("git", "add", ".")
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        self.types("git", *who, "commit", "--quiet", "--message", "Begin")

    def _import(self, file: Path) -> None:
        """Load the purchases; all of them arrived yesterday."""
        arrived = max(day for _, day, _, _ in self.purchases)
        with file.open("w", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(["user_id", "date", "cds", "value", "received"])
            writer.writerows((*row, f"{arrived}T13:00:00Z") for row in self.purchases)
        mapping = str(self.folder / "examples" / "cdnow" / "mapping.yml")
        told = self.weir("import", str(file), "--mapping", mapping, "--received-at", "received")
        assert told["verdicts"] == {"accepted": len(self.purchases)}

    def summary(self, grain: str) -> dict[reference.Move, int]:
        """Return the users of a layer's complete periods by move, in period indexes."""
        told = self.weir(
            "sql", "select period_start::varchar as period, previous_state as before, state, users from"
            f" activation.{FACT}_activation_{grain}_summary where is_complete", "--limit", "10000",
        )  # fmt: skip
        assert not told["truncated"]
        return {
            (_index(date.fromisoformat(row["period"]), grain),
             row["before"] and reference.State(row["before"]),
             reference.State(row["state"])): row["users"]
            for row in told["rows"]
        }  # fmt: skip

    def expected(self, grain: str, until: int) -> dict[reference.Move, int]:
        """Return the users of the periods before one, by the definition in plain Python."""
        histories = defaultdict(set)
        for user, day, quantity, _ in self.purchases:
            if int(quantity) >= 2:
                histories[user].add(_index(day, grain))
        total = reference.summary(histories, _index(self.start, grain), until)
        return {move: counted.users for move, counted in total.items()}


def _moved() -> list[tuple[str, date, str, str]]:
    """Return the sample's purchases of its first days, moved to end yesterday."""
    with (CDNOW / "cdnow_sample.csv").open(newline="") as file:
        rows = [(r["user_id"], date.fromisoformat(r["date"]), r["cds"], r["value"])
                for r in csv.DictReader(file)]  # fmt: skip
    first = min(day for _, day, _, _ in rows)
    later = datetime.now(UTC).date() - timedelta(days=DAYS) - first
    return [
        (user, day + later, quantity, price)
        for user, day, quantity, price in rows
        if day < first + timedelta(days=DAYS)
    ]


def _index(day: date, grain: str) -> int:
    return grains.index(datetime.combine(day, time()), GRAINS[grain])


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """The project after the work; nothing in it is changed by the tests."""
    return Work(tmp_path_factory.mktemp("three lines"))


def test_two_files_by_hand_and_one_command_are_all_that_changed(work: Work) -> None:
    written = {f"dbt/{path}" for path in work.added["written"]}
    layers = {f"dbt/models/activation/{name}.sql" for name in LAYERS}
    described = {f"dbt/models/activation/{FACT}_activation_{grain}.yml" for grain in GRAINS}
    assert written == layers | described
    assert work.after_add == dict.fromkeys(BY_HAND | written, "??")
    assert work.changed() == work.after_add


def test_the_contract_is_three_lines(work: Work) -> None:
    text = (work.folder / "dbt" / "models" / "fact" / f"{FACT}.yml").read_text()
    after = text.partition("kind: fact\n")[2].splitlines()
    contract = [line.strip() for line in after[: after.index("    data_tests:")]]
    assert contract == [line.format(start=work.start) for line in THREE_LINES]


def test_a_run_builds_the_fact_and_all_of_its_layers(work: Work) -> None:
    built = {asset for run in work.ran for asset in run["assets"]}
    assert {f"fact/{FACT}", *(f"activation/{name}" for name in LAYERS)} <= built


@pytest.mark.parametrize("grain", GRAINS)
def test_every_count_is_that_of_the_definition(work: Work, grain: str) -> None:
    found = work.summary(grain)
    until = max(period for period, _, _ in found) + 1
    last = max(day for _, day, _, _ in work.purchases)
    assert until >= _index(last - timedelta(days=1), grain)
    assert {state for _, _, state in found} == set(reference.State)
    assert found == work.expected(grain, until)


def test_dagster_holds_the_new_assets(work: Work) -> None:
    code = (
        "import definitions as d; g = d.defs.resolve_asset_graph();"
        "print(*(k.to_user_string() for k in g.get_all_asset_keys()))"
    )
    assets = set(work.types(sys.executable, "-W", "ignore", "-c", code).split())
    assert {f"fact/{FACT}", *(f"activation/{name}" for name in LAYERS)} <= assets


def test_adding_the_layers_again_writes_nothing(work: Work) -> None:
    again = work.weir("activation", "add", FACT, "--grain", "daily", "--grain", "weekly")
    assert (again["written"], len(again["unchanged"])) == ([], len(work.added["written"]))


def test_a_model_of_another_name_is_told_the_right_one(work: Work) -> None:
    wrong = work.folder / "dbt" / "models" / "activation" / "several_by_month.sql"
    wrong.write_text(f'{{{{ activation(fact="{FACT}", grain="monthly") }}}}\n')
    try:
        done = work.tries(sys.executable, "-m", "weir", "run")
    finally:
        wrong.unlink()
    assert done.returncode == 1
    assert "several_by_month" in done.stderr
    assert f"`{FACT}_activation_monthly`" in " ".join(done.stderr.split())
