import importlib.util
from collections.abc import Callable
from pathlib import Path

from weir.engines.history import LandingHistory
from weir.lineage.ledger import Ledger, Verdict
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)


def test_a_deleted_ledger_comes_back_from_the_commits(
    look: Callable[[LandingHistory], Picture],
    history: LandingHistory,
    ledger: Ledger,
    tmp_path: Path,
) -> None:
    commits = doubles.Commits()
    doubles.run_all(look, history, ledger, commits)
    again = Ledger(tmp_path / "again.db")
    assert again.sync(commits) == len(commits.entries)
    assert again.assets() == ledger.assets()
    for asset in ledger.assets():
        assert again.built(asset) == ledger.built(asset)


def test_sync_reads_each_commit_once(ledger: Ledger) -> None:
    commits = doubles.Commits()
    assert (ledger.sync(commits), ledger.sync(commits)) == (0, 0)


def test_another_lake_under_the_same_home_starts_the_ledger_over(
    look: Callable[[LandingHistory], Picture], history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    ledger.sync(doubles.Commits())
    assert ledger.assets() == []


def test_the_newest_verdict_wins(ledger: Ledger) -> None:
    bad = Verdict("fact/f", "part_unique", "2026-01-01", passed=False, detail="2 rows")
    ledger.record([bad])
    assert ledger.failed("fact/f", blocking_only=True) == [bad]
    ledger.record([Verdict("fact/f", "part_unique", "2026-01-01", passed=True)])
    assert ledger.failed() == []


def test_a_file_of_another_version_is_made_anew(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE partition (asset TEXT)")
        old.execute("PRAGMA user_version = 99")
    old.close()
    assert Ledger(path).built("fact/f") == {}
