"""A ledger made anew takes the old one's place at once, or not at all."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from weir.engines.history import LandingHistory
from weir.lineage.ledger import Entry, File, Ledger, Verdict
from weir.lineage.ledger.rebuild import rebuild
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)


@pytest.fixture
def commits(look: Callable[..., Picture], history: LandingHistory, ledger: Ledger) -> Any:
    made = doubles.Commits()
    doubles.run_all(look, history, ledger, made)
    return made


def _differing(found: list) -> dict[str, tuple[int, int, int]]:
    return {d.table: (d.lost, d.found, d.changed) for d in found if d.any}


def test_what_only_the_old_ledger_knew_is_told_and_gone(ledger: Ledger, commits: Any) -> None:
    before = ledger.built("fact/users_bought")
    ledger.record([Verdict("fact/users_bought", "c", "2026-01-05", passed=False)])
    ledger.write("fact/users_bought", {"2026-01-05": Entry(9, "odd", "")}, run="x")
    told = rebuild(ledger.path, commits)
    assert _differing(told) == {
        "partition": (0, 0, 1),
        "history": (1, 0, 0),
        "build": (1, 0, 0),
        "verdict": (1, 0, 0),
        "state": (2, 0, 0),  # what Dagster was told: this double keeps no reports
    }
    assert ledger.built("fact/users_bought") == before
    assert ledger.failed() == []
    assert _differing(rebuild(ledger.path, commits)) == {}
    assert not list(ledger.path.parent.glob("*.new*"))


def test_a_dry_run_changes_nothing(ledger: Ledger, commits: Any) -> None:
    ledger.record([Verdict("fact/users_bought", "c", "2026-01-05", passed=False)])
    assert _differing(rebuild(ledger.path, commits, dry_run=True))["verdict"] == (1, 0, 0)
    assert len(ledger.failed()) == 1


def test_a_deleted_ledger_comes_back(ledger: Ledger, commits: Any) -> None:
    before = {asset: ledger.history(asset) for asset in ledger.assets()}
    ledger.path.unlink()
    assert _differing(rebuild(ledger.path, commits))["partition"][1] > 0
    again = Ledger(ledger.path)
    assert {asset: again.history(asset) for asset in again.assets()} == before


def test_a_file_that_is_no_database_is_replaced(ledger: Ledger, commits: Any) -> None:
    before = ledger.built("fact/users_bought")
    for beside in ledger.path.parent.glob(f"{ledger.path.name}-*"):
        beside.unlink()
    ledger.path.write_bytes(b"not a database" * 1000)
    rebuild(ledger.path, commits)
    assert Ledger(ledger.path).built("fact/users_bought") == before


def test_an_interrupted_rebuild_leaves_the_old_one(
    ledger: Ledger, commits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record([Verdict("fact/users_bought", "c", "2026-01-05", passed=False)])
    real = commits.entries_after

    def interrupted(snapshot: int) -> Iterator[Any]:
        if snapshot == -1:
            yield from list(real(snapshot))[:2]
            raise KeyboardInterrupt
        yield from real(snapshot)

    monkeypatch.setattr(commits, "entries_after", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rebuild(ledger.path, commits)
    assert len(ledger.failed()) == 1
    assert ledger.built("fact/users_bought")
    assert not list(ledger.path.parent.glob("*.new*"))


def test_a_reader_keeps_its_ledger_open_across_the_change(ledger: Ledger, commits: Any) -> None:
    with ledger.database.reading() as connection:
        count = "SELECT count(*) FROM partition"
        before = connection.exec_driver_sql(count).scalar()
        ledger_beside = Ledger(ledger.path)
        ledger_beside.keep_files({"fact/users_bought": [File("", "a", 1, 1)]})
        connection.commit()
        rebuild(ledger.path, commits)
        assert connection.exec_driver_sql(count).scalar() == before
    assert ledger.files("fact/users_bought") == []
