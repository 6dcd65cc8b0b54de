"""A change of the repository's own project, reviewed between two commits; no data is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from weir.core.settings import Settings, load
from weir.lineage.columns.changes import Change
from weir.lineage.review.changed import By
from weir.lineage.review.policy import Policy, violations
from weir.orchestra.reviewing import review

ROOT = Path(__file__).resolve().parents[2]
FACT = "dbt/models/fact/users_purchased_item.sql"
LOG = "dbt/models/event_log/push_commit_git.sql"
EDITS = {
    FACT: ("cast(sum(price) as", "cast(max(price) as"),
    LOG: ("-- Generated", "-- Made"),
    "dbt/macros/activation_returns.sql": ("{% macro activation_returns", "{%- macro activation_returns"),
    "dbt/macros/local_date.sql": ("%}", "%}{# days #}"),
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A clone of the project, on a branch that edits a fact, a comment and macros."""
    folder = tmp_path_factory.mktemp("review") / "clone"
    for name in ("dbt", "assets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copy(ROOT / "workspace.yaml", folder)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    commit(folder)
    subprocess.run(["git", "-C", str(folder), "switch", "-qc", "change"], check=True)
    for name, (old, new) in EDITS.items():
        text = (folder / name).read_text()
        assert old in text, name
        (folder / name).write_text(text.replace(old, new, 1))
    commit(folder)
    return load(folder, folder.parent / "home")


def commit(folder: Path) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(folder), *who, "commit", "-qm", "x"], check=True)


def test_what_changed_by_what_and_whom_it_reaches(settings: Settings) -> None:
    report = review(settings, "main")
    found = {one.asset: one for one in report.changed}
    fact = found["fact/users_purchased_item"]
    assert (fact.by, fact.change.change) == (By.FILE, Change.BREAKING)
    assert fact.change.names(Change.BREAKING) == {"amount"}
    assert fact.owner == "data"
    log = found["event_log/push_commit_git"]
    assert (log.by, log.change.change) == (By.FILE, Change.NONE)
    other = found["fact/users_contributed_code"]
    assert (other.by, other.macros, other.change.change) == (By.MACRO, ("local_date",), Change.NONE)
    assert report.restated == ["fact/users_purchased_item"]
    assert report.impact == []  # no layer reads `amount`
    assert (report.cost, report.data, report.failed, report.unresolved) == (None, None, {}, {})
    assert "nothing is built" in report.data_note
    assert [(one.rule, one.asset) for one in violations(report, Policy())] == [
        ("breaking", "fact/users_purchased_item")
    ]


def test_the_home_is_left_alone_and_no_worktree_stays(settings: Settings) -> None:
    assert not settings.home.exists()
    listed = subprocess.run(
        ["git", "-C", str(settings.project), "worktree", "list"], check=True, capture_output=True
    )
    assert listed.stdout.count(b"\n") == 1
