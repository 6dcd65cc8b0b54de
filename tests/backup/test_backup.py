"""Backups of homes that are in use, and homes made from them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.engines.spool_records import T0, payloads, write_segment
from weir.audit import Wanted, audited, log_of, verify
from weir.audit.reading import find
from weir.backup import Progress, check, read_manifest, restore, take
from weir.backup import taking as taking_module
from weir.backup.manifest import HOME, MANIFEST
from weir.cli.main import app
from weir.collect.durable import retired_footers
from weir.collect.sealer import seal_now
from weir.core.errors import BackupError, UsageError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.search import SearchIndex

ROOT = Path(__file__).resolve().parents[2]
HASH = "SELECT count(*), sum(hash(t)::HUGEINT), bit_xor(hash(t)) FROM (FROM {table}) AS t"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two landed segments, a table, tokens, settings, an audit entry."""
    made = Settings(home=tmp_path / "home", project=ROOT, keep_segments_hours=24)
    with audited(made, "settings"):
        Lake(made).create()
    for first in (0, 5):
        records = payloads("normal", 1, first, 5, T0)
        write_segment(made.spool_dir, "normal", 1, records, first)
    seal_now(made)
    (made.home / "tokens.json").write_text("{}")
    fill(made, "t", 10)
    SearchIndex(made.search_dir).replace_hours(
        T0.replace(minute=0), T0.replace(hour=3, minute=0), []
    )
    return made


def fill(settings: Settings, table: str, rows: int) -> None:
    with Lake(settings).write() as connection:
        connection.execute(
            f"CREATE OR REPLACE TABLE fact.{table} AS SELECT n FROM range({rows}) r(n)"
        )


def ask(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with Lake(settings).read() as connection:
        return connection.execute(sql).fetchall()


def at(settings: Settings, home: Path) -> Settings:
    return settings.model_copy(update={"home": home})


def test_a_restored_home_is_the_home_of_the_snapshot(settings: Settings, tmp_path: Path) -> None:
    before = {t: ask(settings, HASH.format(table=t)) for t in ("fact.t", "landing.normal")}
    made = take(settings, tmp_path / "b")
    fill(settings, "t", 3)  # goes on after it
    restored = at(settings, tmp_path / "new")
    assert restore(tmp_path / "b", restored.home) == made
    for table, expected in before.items():
        assert ask(restored, HASH.format(table=table)) == expected
    assert made.snapshot == ask(restored, "SELECT id FROM ducklake_current_snapshot('lake')")[0][0]
    assert (restored.home / "tokens.json").read_text() == "{}"
    assert (restored.home / "weir.toml").read_text() == (settings.home / "weir.toml").read_text()
    assert SearchIndex(restored.search_dir).days == SearchIndex(settings.search_dir).days
    assert [e.action for e in find(log_of(restored), Wanted())] == ["settings"]
    assert verify(log_of(restored), made.audit_head).ok
    assert seal_now(restored).rows == 0
    fill(restored, "t", 5)  # it can be written
    assert ask(restored, "SELECT count(*) FROM fact.t") == [(5,)]


def test_older_snapshots_come_along(settings: Settings, tmp_path: Path) -> None:
    old = ask(settings, "SELECT id FROM ducklake_current_snapshot('lake')")[0][0]
    fill(settings, "t", 2)
    take(settings, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "new")
    query = f"SELECT count(*) FROM fact.t AT (VERSION => {old})"
    assert ask(at(settings, tmp_path / "new"), query) == [(10,)]


@contextmanager
def writer(home: Path, stop: Path) -> Iterator[Iterator[int]]:
    """Run `writing.py`; yield how many records are durable, as it tells them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.backup.writing", str(home), str(stop)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield (int(line) for line in process.stdout)
    finally:
        stop.touch()
        process.stdout.read()
        process.stdout.close()
        assert process.wait() == 0


@pytest.mark.slow
def test_while_a_process_collects_and_seals_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", project=ROOT, keep_segments_hours=0)
    Lake(settings).create()
    with writer(settings.home, tmp_path / "stop") as durable:
        for number in range(2):
            acknowledged = [next(durable) for _ in range(2)][-1]
            made = take(settings, tmp_path / f"b{number}")
            assert check(tmp_path / f"b{number}")[1] == []
            restored = at(settings, tmp_path / f"r{number}")
            restore(tmp_path / f"b{number}", restored.home)
            at_snapshot = f"landing.normal AT (VERSION => {made.snapshot})"
            here = ask(restored, HASH.format(table="landing.normal"))
            assert ask(settings, HASH.format(table=at_snapshot)) == here
            seal_now(restored)
            found = ask(restored, 'SELECT "offset" FROM landing.normal ORDER BY 1')
            assert found == [(n,) for n in range(len(found))]
            assert len(found) >= acknowledged


def test_a_segment_that_landed_and_went_between_the_copies_is_noticed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_spool, passes = taking_module.copy_spool, []

    def late(spool: Path, target: Path, *, link: bool) -> None:
        passes.append(1)
        if len(passes) == 1:
            write_segment(spool, "normal", 1, payloads("normal", 1, 10, 5, T0), 10)
            seal_now(settings.model_copy(update={"keep_segments_hours": 0}))
        copy_spool(spool, target, link=link)

    monkeypatch.setattr(taking_module, "copy_spool", late)
    take(settings, tmp_path / "b")
    assert len(passes) == 2
    assert any(True for _ in retired_footers(settings.spool_dir))
    restored = at(settings, tmp_path / "new")
    restore(tmp_path / "b", restored.home)
    seal_now(restored)
    assert ask(restored, "SELECT count(*) FROM landing.normal") == [(15,)]


def test_a_file_that_maintenance_removes_meanwhile_begins_the_copy_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_catalogue, passes = taking_module.copy_catalogue, []

    def then_maintain(lake: Lake, target: Path) -> Any:
        found = copy_catalogue(lake, target)
        passes.append(1)
        if len(passes) == 1:
            fill(settings, "t", 4)
            with lake.write() as connection:
                connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now())")
            with lake.write() as connection:
                connection.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
        return found

    monkeypatch.setattr(taking_module, "copy_catalogue", then_maintain)
    take(settings, tmp_path / "b")
    assert len(passes) == 2
    assert check(tmp_path / "b")[1] == []
    restore(tmp_path / "b", tmp_path / "new")
    assert ask(at(settings, tmp_path / "new"), "SELECT count(*) FROM fact.t") == [(4,)]


def test_open_segments_come_with_what_is_written(settings: Settings, tmp_path: Path) -> None:
    done = write_segment(settings.spool_dir, "normal", 2, payloads("normal", 2, 0, 5, T0), 0)
    done.rename(done.with_suffix(".open"))
    take(settings, tmp_path / "b")
    restored = at(settings, tmp_path / "new")
    restore(tmp_path / "b", restored.home)
    assert seal_now(restored).rows == 5


class Cut(Exception):
    pass


def test_cut_off_it_goes_on_and_leaves_nothing_strange(settings: Settings, tmp_path: Path) -> None:
    def cut(told: Progress) -> None:
        if told.doing == "checksums":
            raise Cut

    with pytest.raises(Cut):
        take(settings, tmp_path / "b", tell=cut)
    partial = tmp_path / "b.partial"
    assert not (tmp_path / "b").exists()
    with pytest.raises(BackupError, match="was not finished"):
        read_manifest(partial)
    kept = next((partial / HOME / "lake/data/landing").rglob("*.parquet"))
    inode = kept.stat().st_ino
    (partial / HOME / "lake/data/strange.parquet").write_text("x")
    (settings.home / "tokens.json").unlink()
    take(settings, tmp_path / "b")
    assert not partial.exists()
    assert (tmp_path / "b" / kept.relative_to(partial)).stat().st_ino == inode
    assert check(tmp_path / "b")[1] == []
    held = {file.path for file in read_manifest(tmp_path / "b").files}
    assert not held & {"lake/data/strange.parquet", "tokens.json"}


def test_an_earlier_backup_gives_its_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(settings, tmp_path / "b1", link=False)
    fill(settings, "u", 3)
    read: list[Path] = []
    digest_of = taking_module.digest_of
    monkeypatch.setattr(taking_module, "digest_of", lambda p: (read.append(p), digest_of(p))[1])
    take(settings, tmp_path / "b2", since=tmp_path / "b1", link=False)
    assert sum(path.suffix == ".parquet" for path in read) == 1  # the new table's
    first, second = (
        {p.name: p.stat() for p in (tmp_path / b / HOME / "lake/data").rglob("*.parquet")}
        for b in ("b1", "b2")
    )
    assert all(second[name].st_ino == stat.st_ino for name, stat in first.items())
    source = {p.stat().st_ino for p in settings.lake_dir.rglob("*.parquet")}
    assert not source & {stat.st_ino for stat in second.values()}
    shutil.rmtree(tmp_path / "b1")
    assert check(tmp_path / "b2")[1] == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda p: p.unlink(), "is missing"),
        (lambda p: p.write_bytes(p.read_bytes()[:-1]), "bytes, not"),
        (lambda p: p.write_bytes(p.read_bytes()[:-1] + b"!"), "another content"),
    ],
)
def test_damage_is_named_and_not_restored(
    settings: Settings, tmp_path: Path, harm: Any, told: str
) -> None:
    take(settings, tmp_path / "b", link=False)
    harm(next((tmp_path / "b" / HOME / "lake/data").rglob("*.parquet")))
    (problem,) = check(tmp_path / "b")[1]
    assert told in problem
    with pytest.raises(BackupError, match="No home was made"):
        restore(tmp_path / "b", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_changed_manifest_and_strange_files_are_noticed(
    settings: Settings, tmp_path: Path
) -> None:
    take(settings, tmp_path / "b")
    (tmp_path / "b" / HOME / "extra").write_text("x")
    assert check(tmp_path / "b")[1] == ["extra is not in the manifest."]
    path = tmp_path / "b" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"snapshot": 1}))
    with pytest.raises(BackupError, match="was changed"):
        read_manifest(tmp_path / "b")
    path.write_text("{")
    with pytest.raises(BackupError, match="cannot be read"):
        read_manifest(tmp_path / "b")


def test_wrong_use(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is inside the home"):
        take(settings, settings.home / "b")
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match="never overwritten"):
        take(settings, tmp_path / "there")
    with pytest.raises(UsageError, match="no home"):
        take(at(settings, tmp_path / "none"), tmp_path / "b")
    remote = settings.model_copy(update={"catalog": "postgres:dbname=weir"})
    with pytest.raises(BackupError, match="pg_dump"):
        take(remote, tmp_path / "b")
    take(settings, tmp_path / "b")
    with pytest.raises(UsageError, match="is not empty"):
        restore(tmp_path / "b", settings.home)
    (tmp_path / "there" / "empty").mkdir()
    assert restore(tmp_path / "b", tmp_path / "there" / "empty").snapshot > 0


def test_a_home_without_a_lake(tmp_path: Path) -> None:
    bare = Settings(home=tmp_path / "home", project=ROOT)
    write_segment(bare.spool_dir, "normal", 1, payloads("normal", 1, 0, 5, T0), 0)
    assert take(bare, tmp_path / "b").snapshot == -1
    restore(tmp_path / "b", tmp_path / "new")
    assert seal_now(at(bare, tmp_path / "new")).rows == 5


def test_the_commands(settings: Settings, tmp_path: Path) -> None:
    def weir(*arguments: str, home: Path = settings.home) -> Any:
        return CliRunner().invoke(app, ["--project", str(ROOT), "--home", str(home), *arguments])

    target, new = str(tmp_path / "b"), tmp_path / "new"
    made = json.loads(weir("backup", target, "--json").stdout)
    assert "Whole" in weir("backup", "--verify", target).stdout
    assert "snapshot" in weir("restore", target, "--home", str(new)).stdout
    theirs, ours = (
        json.loads(weir("status", "--json", home=h).stdout) for h in (settings.home, new)
    )
    assert theirs | {"home": ""} == ours | {"home": ""}
    entries = find(log_of(at(settings, new)), Wanted())
    assert [(e.action, e.did.get("snapshot")) for e in entries[:1]] == [
        ("restore", made["snapshot"])
    ]
    done = find(log_of(settings), Wanted(limit=1))[0]
    assert (done.action, done.result, done.did["files"]) == ("backup", "ok", made["files"])
    next((tmp_path / "b" / HOME).rglob("*.parquet")).unlink()
    wrong = weir("backup", "--verify", target, "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["ok"]) == (1, False)
