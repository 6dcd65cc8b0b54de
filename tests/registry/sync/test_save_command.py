"""`weir events save`: what it prints and exits with, and that a second time there is nothing to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weir.cli.main import app, main
from weir.core.errors import GitError, InvalidValue, NameRejected, UsageError
from weir.registry.sync.repository import GitRepository

EVENT = "shop/view_item_shop"
V1 = f"{EVENT}/v1.json"
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, environment, plain) -> Run:
    """Run `weir events save` on the project; its own errors come out as exceptions."""
    monkeypatch.setenv("COLUMNS", "80")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str, of=plain) -> Result:
        given = ["--project", str(of.project), "--home", str(of.settings.home)]
        result = CliRunner().invoke(app, [*given, "events", "save", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


def edit(world, path: str = V1, **properties: object) -> None:
    """Edit a file by hand: set properties of the parameters."""
    place = world.events / path
    schema = json.loads(place.read_text())
    schema["properties"].update(properties)
    place.write_text(json.dumps(schema, indent=2) + "\n")


COUPON = {"type": "string", "description": "The coupon."}


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_what_could_be_better_in_the_files_that_are_saved_is_told(world, run, arguments):
    edit(world, email={"type": "string", "description": "Where it goes."})
    place = f"assets/events/{V1}#/properties/email"
    assert f"hint: {place}: `email` looks like an email address" in run(*arguments).stderr
    (note,) = json.loads(run("--dry-run", "--branch", "b", "--json").stdout)["notes"]
    assert (note["path"], note["rule"]) == (f"assets/events/{V1}", "personal")


def test_hand_edits_become_a_branch_and_a_second_time_nothing(world, run):
    edit(world, coupon=COUPON)
    (world.project / "README.md").write_text("Half a thought")
    (world.project / "new.txt").write_text("Mine")
    before = world.state()
    result = run()
    assert result.exit_code == 0
    assert "branch        events/view_item_shop-1" in result.stdout
    assert f"written     assets/events/{V1}" in result.stdout
    assert "written     dbt/models/event_log/view_item_shop.sql" in result.stdout
    assert "+ coupon VARCHAR (BigQuery STRING)" in result.stdout
    assert world.state() == before
    changed = world.git("diff", "--name-only", "main", "events/view_item_shop-1").split("\n")
    assert not {"README.md", "new.txt"} & set(changed)
    again = run()
    assert (again.exit_code, again.stdout) == (0, "")
    assert "events/view_item_shop-1 has it already" in again.stderr
    dry = run("--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    assert "events/view_item_shop-1 has it already" in dry.stderr


def test_nothing_edited_is_nothing_to_save(world, run):
    result = run()
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing to save.\n"
    assert json.loads(run("--json").stdout)["saved"] is False


def test_a_dry_run_shows_what_would_be_and_stores_nothing(world, run):
    edit(world, coupon=COUPON)
    stored = world.git("count-objects", "-v")
    result = run("--dry-run", "--message", "Count coupons")
    assert "Count coupons" in result.stdout
    assert "+ coupon VARCHAR" in result.stdout
    assert "commit " not in result.stdout
    assert "dry run" in result.stderr
    assert world.git("count-objects", "-v") == stored
    assert world.git("branch", "--list", "events/*") == ""


def test_json_tells_branch_files_and_columns(world, run):
    edit(world, coupon=COUPON)
    told = json.loads(run("--json", "--author", "Kim Lee <kim@example.com>").stdout)
    assert (told["saved"], told["dry_run"]) == (True, False)
    assert told["branch"] == "events/view_item_shop-1"
    assert told["commit"] == world.git("rev-parse", told["branch"])
    assert told["column_diff"][0]["columns"][0]["name"] == "coupon"
    assert world.git("log", "-1", "--format=%an %ae", told["branch"]) == "Kim Lee kim@example.com"


def test_a_removed_event_is_shown_as_removed(world, run):
    for path in sorted((world.events / EVENT).iterdir()):
        path.unlink()
    result = run("--branch", "farewell")
    assert f"removed     assets/events/{V1}" in result.stdout
    assert "written     dbt/models/event_log/_sources.yml" not in result.stdout


def test_it_is_pushed_and_said_so(world, remote, run):
    edit(world, coupon=COUPON)
    assert "pushed" in run("--push").stderr
    assert world.git("rev-parse", "events/view_item_shop-1", cwd=remote)
    assert "already and at the remote" in run("--push").stderr


@pytest.fixture
def parted(world):
    """Others changed two places on `main` that are edited here, too."""
    start = world.git("rev-parse", "HEAD")
    item, size = ({"type": kind, "description": "Theirs."} for kind in ("integer", "string"))
    edit(world, item_id=item, size={**size, "maxLength": 40})
    world.commit_all("Theirs")
    world.git("checkout", "--quiet", "--detach", start)
    edit(world, item_id={**item, "description": "Mine."}, size={**size, "maxLength": 30})
    return world


def test_conflicts_are_shown_place_by_place(parted, run):
    result = run()
    assert result.exit_code == 1
    assert f"assets/events/{V1}#/properties/size/maxLength" in result.stderr
    sides = [line.split() for line in result.stderr.splitlines()]
    for side in (["base", "20"], ["mine", "30"], ["theirs", "40"]):
        assert side in sides
    assert "2 places were changed by others too. Nothing was saved." in result.stderr
    assert parted.git("branch", "--list", "events/*") == ""
    told = json.loads(run("--json").stdout)
    assert [one["pointer"] for one in told["conflicts"]] == [
        "/properties/item_id/description",
        "/properties/size/maxLength",
    ]


def test_conflicts_are_decided_by_id_pointer_or_place(parted, run):
    first, _ = json.loads(run("--json").stdout)["conflicts"]
    half = run("--theirs", first["id"])
    assert half.exit_code == 1
    assert "One place was changed" in half.stderr
    place = f"assets/events/{V1}#/properties/size/maxLength"
    told = json.loads(run("--theirs", first["id"], "--mine", place, "--json").stdout)
    saved = parted.at(told["branch"])["properties"]
    assert saved["item_id"]["description"] == "Theirs."
    assert saved["size"]["maxLength"] == 30
    same = run("--theirs", first["pointer"], "--mine", "/properties/size/maxLength")
    assert "has it already" in same.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--mine", "/nowhere"), "no conflict at `/nowhere`"),
        (
            ("--mine", "/properties/size/maxLength", "--theirs", "/properties/size/maxLength"),
            "both",
        ),
    ],
)
def test_a_decision_that_is_none_saves_nothing(parted, run, given, said):
    with pytest.raises(UsageError, match=said):
        run(*given)
    assert parted.git("branch", "--list", "events/*") == ""


def test_a_decision_without_a_conflict_is_said(world, run):
    edit(world, coupon=COUPON)
    assert "decided nothing" in run("--mine", "/properties/size").stderr


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("--author", "Kim"), InvalidValue),
        (("--message", " "), InvalidValue),
        (("--branch", "--force"), NameRejected),
        (("--branch", "main"), UsageError),
        (("--base", "nowhere"), UsageError),
        (("--push",), GitError),
        (("--pull-request",), GitError),
    ],
)
def test_wrong_input_is_told_and_saves_nothing(world, run, given, error):
    edit(world, coupon=COUPON)
    with pytest.raises(error):
        run(*given)
    assert world.git("branch", "--list", "events/*") == ""


def test_a_pull_request_needs_a_host_before_anything_is_pushed(world, remote, run):
    edit(world, coupon=COUPON)
    with pytest.raises(UsageError, match="No host"):
        run("--pull-request")
    assert world.git("branch", "--list", "events/*", cwd=remote) == ""


def test_nobody_known_is_told(world, run, tmp_path):
    (tmp_path / "gitconfig").write_text("")
    edit(world, coupon=COUPON)
    with pytest.raises(GitError, match="--author"):
        run()
    assert run("--author", "Kim Lee <kim@example.com>").exit_code == 0


def test_an_interruption_exits_with_130_and_leaves_nothing(world, run, monkeypatch, capsys):
    edit(world, coupon=COUPON)
    before = world.state()

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    where = ["--project", str(world.project), "--home", str(world.settings.home)]
    given = ["weir", *where, "events", "save"]
    monkeypatch.setattr(sys, "argv", given)
    for step in ("tree_with", "commit", "move"):
        with monkeypatch.context() as patched:
            patched.setattr(GitRepository, step, pressed)
            with pytest.raises(SystemExit) as ended:
                main()
        assert ended.value.code == 130
        assert "Interrupted" in capsys.readouterr().err
        assert world.git("branch", "--list", "events/*") == ""
    assert world.state() == before
    assert "commit" in run().stdout


def test_mistakes_in_the_files_are_told_in_words_and_in_json(world, run):
    edit(world, coupon={**COUPON, "mexLength": 3})
    with pytest.raises(ExceptionGroup):
        run()
    result = run("--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["saved"] is False
    assert told["errors"][0]["pointer"] == "/properties/coupon/mexLength"
    (world.events / V1).write_text("{")
    assert "No valid JSON" in json.loads(run("--json").stdout)["errors"][0]["what"]


def test_a_broken_file_that_others_changed_is_told_in_json(parted, run):
    (parted.events / V1).write_text("{")
    told = json.loads(run("--json").stdout)
    assert told["errors"][0]["path"] == f"assets/events/{V1}"


def test_without_git_the_models_are_written(plain, run):
    edit(plain, coupon=COUPON)
    result = run()
    assert "written     dbt/models/event_log/view_item_shop.sql" in result.stdout
    assert "has no git" in result.stderr
    assert run().stderr == "Nothing to save.\n"
    with pytest.raises(UsageError, match="no git"):
        run("--push")


def sizes(world, limit: int) -> None:
    edit(world, size={"type": "string", "description": "The size.", "maxLength": limit})


def length(world, ref: str) -> int:
    return world.at(ref)["properties"]["size"]["maxLength"]


def test_a_further_edit_of_ones_own_is_no_conflict(world, run):
    sizes(world, 30)
    run()
    branch = "events/view_item_shop-1"
    sizes(world, 40)
    assert "written" in run("--branch", branch).stdout
    assert length(world, branch) == 40
    sizes(world, 50)
    assert "written" in run("--branch", branch).stdout
    assert length(world, branch) == 50
    assert world.git("rev-list", "--count", f"main..{branch}") == "3"


def test_a_further_edit_of_what_others_changed_since_is_a_conflict(world, remote, clone, run):
    branch = "events/view_item_shop-1"
    sizes(world, 30)
    run("--push")
    other = clone("other")
    other.git("checkout", "--quiet", branch)
    sizes(other, 35)
    other.commit_all("Theirs")
    other.git("push", "--quiet", "origin", branch)
    sizes(world, 40)
    result = run("--branch", branch, "--push")
    assert (result.exit_code, length(world, f"origin/{branch}")) == (1, 35)
    assert "base    20" in result.stderr
    decided = run("--branch", branch, "--push", "--mine", "/properties/size/maxLength")
    assert (decided.exit_code, length(world, branch)) == (0, 40)
    sizes(world, 45)
    assert run("--branch", branch, "--push").exit_code == 0
    assert length(world, f"origin/{branch}") == 45


def test_a_folder_that_was_put_aside_takes_nothing_back(world, run):
    branch = "events/view_item_shop-1"
    edit(world, coupon=COUPON)
    run()
    world.git("restore", "--worktree", "assets")
    edit(world, voucher={**COUPON, "description": "The voucher."})
    run("--branch", branch)
    assert {"coupon", "voucher"} <= world.at(branch)["properties"].keys()


def test_what_is_committed_on_the_branch_that_is_checked_out_is_saved(world, run):
    edit(world, coupon=COUPON)
    branch = json.loads(run("--json").stdout)["branch"]
    world.git("restore", "--worktree", "assets")
    world.git("switch", "--quiet", branch)
    world.git("branch", "--move", "mine")
    for given in ((), ("--dry-run",)):
        result = run(*given)
        assert (result.stdout, result.exit_code) == ("", 0)
        assert "the branch mine has it already" in result.stderr
    sizes(world, 30)
    assert "events/view_item_shop-1" in run("--dry-run").stdout


def test_what_is_remembered_is_not_seen_by_git_log_or_a_clone(world, remote, run):
    edit(world, coupon=COUPON)
    run("--push")
    assert world.git("log", "--all", "--format=%s").split("\n") == [
        "Change view_item_shop: + coupon",
        "Begin",
    ]
    assert "refs/worktree" not in world.git("for-each-ref", cwd=remote)
