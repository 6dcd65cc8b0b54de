"""The materialization through real dbt on a real lake: atomic, ranged, and noted in the ledger."""

import multiprocessing
import shutil
import threading
from datetime import datetime
from pathlib import Path

import pytest

from weir.core.grains import Grain, Range
from weir.core.settings import Settings, load
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake
from weir.lineage.ledger import Ledger
from weir.orchestra.manifest import prepare
from weir.orchestra.warm import Invocation, NodeResult, WarmDbt

ROOT = Path(__file__).resolve().parents[2]
MODEL = """
{{ config(schema="fact", clock="day", partition_column="activity_date", partition_type="date",
          partitioned_by=["year(activity_date)", "month(activity_date)"]) }}
select activity_date, user_id, %s
from lake.landing.visits
where activity_date >= date '{{ range_start() }}' and activity_date < date '{{ range_end() }}'
"""
YAML = """
models:
  - name: visitors
    columns: [{name: user_id, data_tests: [part_not_null]}]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A project of one model on an empty lake, with a table of visits to read."""
    project = tmp_path / "a project"
    shutil.copytree(ROOT / "dbt" / "macros", project / "dbt" / "macros")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / "dbt" / name, project / "dbt" / name)
    models = project / "dbt" / "models" / "fact"
    models.mkdir(parents=True)
    (models / "visitors.sql").write_text(MODEL % "visits")
    (models / "visitors.yml").write_text(YAML)
    settings = load(project, tmp_path / "home")
    lake = Lake(settings)
    lake.create()
    with lake.write() as connection:
        connection.execute(
            "CREATE TABLE landing.visits AS SELECT date '2026-01-01' + (i % 60)::INT AS activity_date,"
            " (i % 97)::VARCHAR AS user_id, i AS visits FROM range(6000) t(i)"
        )
    return settings


def days(first: int, last: int) -> Range:
    """Return days of January 2026, the last one included."""
    return Range(datetime(2026, 1, first), datetime(2026, 1, last + 1), Grain.DAY)


def build(
    settings: Settings, labels: Range, inputs: dict[str, str] | None = None
) -> list[NodeResult]:
    dbt = WarmDbt(settings, prepare(settings))
    given = {"fact/visitors": inputs} if inputs else {}
    return list(dbt.build(Invocation(["visitors"], labels, "run-1", given)))


def table(settings: Settings) -> list[tuple[object, ...]]:
    with Lake(settings).read() as connection:
        return connection.execute("FROM fact.visitors ORDER BY ALL").fetchall()


def test_a_range_equals_its_days_one_by_one_in_any_order(settings: Settings) -> None:
    build(settings, days(1, 9))
    whole = table(settings)
    for day in (4, 9, 1, 4):
        build(settings, days(day, day))
    assert table(settings) == whole
    assert len(whole) == 900


def test_a_day_that_became_empty_ends_up_empty(settings: Settings) -> None:
    build(settings, days(1, 5))
    with Lake(settings).write() as connection:
        connection.execute("DELETE FROM landing.visits WHERE activity_date = '2026-01-03'")
    build(settings, days(1, 5))
    assert datetime(2026, 1, 3).date() not in {row[0] for row in table(settings)}
    assert len(table(settings)) == 400


def test_the_ledger_knows_rows_hash_and_input_of_every_day_empty_ones_too(
    settings: Settings, tmp_path: Path
) -> None:
    with Lake(settings).write() as connection:
        connection.execute("DELETE FROM landing.visits WHERE activity_date = '2026-01-02'")
    build(settings, days(1, 3), {f"2026-01-0{d}": f"in{d}" for d in (1, 2, 3)})
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.sync(EmbeddedHistory(Lake(settings)))
    built = ledger.built("fact/visitors")
    assert {key: (b.rows, b.input, b.run) for key, b in built.items()} == {
        "2026-01-01": (100, "in1", "run-1"),
        "2026-01-02": (0, "in2", "run-1"),
        "2026-01-03": (100, "in3", "run-1"),
    }
    build(settings, days(1, 1), {"2026-01-01": "in1"})
    ledger.sync(EmbeddedHistory(Lake(settings)))
    assert ledger.built("fact/visitors")["2026-01-01"].hash == built["2026-01-01"].hash


def test_a_day_that_was_and_stays_empty_is_recorded_too(settings: Settings, tmp_path: Path) -> None:
    build(settings, days(1, 1))
    with Lake(settings).write() as connection:
        connection.execute("DELETE FROM landing.visits WHERE activity_date = '2026-01-02'")
    ledger = Ledger(tmp_path / "ledger.db")
    for digest in ("first", "second"):
        build(settings, days(2, 2), {"2026-01-02": digest})
        ledger.sync(EmbeddedHistory(Lake(settings)))
        built = ledger.built("fact/visitors")["2026-01-02"]
        assert (built.rows, built.input) == (0, digest)


def test_a_replaced_range_is_one_commit_for_readers(settings: Settings) -> None:
    build(settings, days(1, 30))
    lake, seen, done = Lake(settings), set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            with lake.read() as connection:
                row = connection.execute("SELECT count(*) FROM fact.visitors").fetchone()
                seen.add(row)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(3):
        build(settings, days(1, 30))
    done.set()
    reader.join()
    assert seen == {(3000,)}


def test_a_new_column_is_added_and_the_past_holds_null(settings: Settings) -> None:
    build(settings, days(1, 2))
    model = settings.project / "dbt" / "models" / "fact" / "visitors.sql"
    model.write_text(MODEL % "visits, visits * 2 as twice")
    build(settings, days(2, 2))
    with Lake(settings).read() as connection:
        found = connection.execute(
            "SELECT day(activity_date), count(twice), count(*) FROM fact.visitors GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert found == [(1, 0, 100), (2, 100, 100)]


def test_a_changed_type_is_cast_in_the_past_as_well(settings: Settings) -> None:
    build(settings, days(1, 2))
    model = settings.project / "dbt" / "models" / "fact" / "visitors.sql"
    model.write_text(MODEL % "cast(visits as decimal(18, 2)) as visits")
    build(settings, days(2, 2))
    with Lake(settings).read() as connection:
        found = connection.execute(
            "SELECT DISTINCT typeof(visits), count(*) OVER () > 0 FROM fact.visitors"
        ).fetchall()
    assert found == [("DECIMAL(18,2)", True)]
    assert len(table(settings)) == 200


def test_a_failed_test_is_told_with_its_sql(settings: Settings) -> None:
    with Lake(settings).write() as connection:
        connection.execute(
            "UPDATE landing.visits SET user_id = NULL WHERE activity_date = '2026-01-02' AND visits < 70"
        )
    results = build(settings, days(1, 3))
    (failed,) = [r for r in results if not r.passed]
    with Lake(settings).read() as connection:
        assert connection.execute(failed.sql).fetchall() == [("2026-01-02", 2)]


def test_a_run_without_a_range_is_refused(settings: Settings) -> None:
    from dbt.cli.main import dbtRunner

    from weir.orchestra.manifest import arguments, environment

    environment(settings)
    result = dbtRunner().invoke(["run", *arguments(settings), "--no-partial-parse"])
    messages = [str(r.message) for r in result.result.results]  # type: ignore[union-attr]
    assert not result.success
    assert "--event-time-start" in messages[0]


def _build_days(project: Path, home: Path, first: int, last: int) -> None:
    settings = load(project, home)
    for day in range(first, last + 1):
        results = build(settings, days(day, day))
        assert all(r.passed for r in results), results


@pytest.mark.slow
def test_two_dbt_processes_on_one_catalogue_lose_nothing(settings: Settings) -> None:
    build(settings, days(1, 1))
    spawn = multiprocessing.get_context("spawn")
    places = (settings.project, settings.home)
    workers = [
        spawn.Process(target=_build_days, args=(*places, a, b)) for a, b in ((2, 8), (9, 15))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(table(settings)) == 1500
