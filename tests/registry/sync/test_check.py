"""`weir events check`: lint, models, and what breaks since the base; in words, JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weir.cli.main import app
from weir.core.errors import GitError, RegistryError, UsageError
from weir.registry import generate, load, write
from weir.registry.sync.check import check
from weir.registry.sync.inplace import STAGE, write_all
from weir.registry.sync.markdown import check_summary

EVENT = "shop/view_item_shop"
V1, V2 = f"{EVENT}/v1.json", f"{EVENT}/v2.json"
COUPON = {"type": "string", "description": "The coupon."}
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def run(monkeypatch: pytest.MonkeyPatch, environment, plain) -> Run:
    """Run `weir events check` on the project; its own errors come out as exceptions."""
    monkeypatch.setenv("COLUMNS", "80")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str, of=plain) -> Result:
        given = ["--project", str(of.project), "--home", str(of.settings.home)]
        result = CliRunner().invoke(app, [*given, "events", "check", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


def put(world, path: str, change: Callable[[dict], None], of: str = V1) -> None:
    """Write a file as another one with a change, and the models."""
    value = json.loads((world.events / of).read_text())
    change(value)
    place = world.events / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(value, indent=2) + "\n")
    models(world)


def copy_event(world, name: str) -> None:
    """Make another event of the same parameters."""
    folder = world.events / "shop" / name
    folder.mkdir(exist_ok=True)
    envelope = json.loads((world.events / EVENT / "event.json").read_text())
    (folder / "event.json").write_text(json.dumps({**envelope, "name": name}))
    put(world, f"shop/{name}/v1.json", lambda _: None)


def models(world) -> None:
    write(generate(load(world.events), world.project / "dbt"), world.project / "dbt")


def with_coupon(value: dict) -> None:
    value["properties"]["coupon"] = COUPON


def tightened(value: dict) -> None:
    value["properties"]["size"]["maxLength"] = 5


def test_nothing_changed_is_right(world, run):
    report = check(world.settings)
    assert report.ok
    assert report.changes == ()
    assert "Compared with main" in run().stderr
    assert run().exit_code == 0


def test_a_compatible_version_passes_with_its_columns(world, run):
    put(world, V2, with_coupon)
    result = run("--summary", "-")
    assert result.exit_code == 0
    assert "# Events: ✅ right" in result.stdout
    assert "| `view_item_shop` | `+` | `coupon` | `VARCHAR` | `STRING` |" in result.stdout
    assert "| · | `view_item_shop` v2 | `/properties/coupon` | `property_added` |" in result.stdout
    assert "columns of view_item_shop\n  + coupon VARCHAR" in result.stderr


def test_a_forbidden_difference_is_told_with_place_rule_reason_and_remedy(world, run, tmp_path):
    put(world, V2, tightened)
    with pytest.raises(ExceptionGroup) as raised:
        run("--summary", str(tmp_path / "summary.md"))
    (error,) = raised.value.exceptions
    assert isinstance(error, RegistryError)
    assert error.path == f"assets/events/{V2}"
    assert error.pointer == "/properties/size/maxLength"
    assert "limit_tightened" in error.what
    assert error.remedy
    text = (tmp_path / "summary.md").read_text()
    assert "# Events: ❌ 1 problem\n" in text
    row = next(line for line in text.splitlines() if "limit_tightened" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:4] == [
        "❌",
        "`view_item_shop` v2",
        "`/properties/size/maxLength`",
        "`limit_tightened`",
    ]
    assert all(cells[4:])


def test_the_mode_decides(world):
    put(
        world,
        f"{EVENT}/event.json",
        lambda e: e.update(compatibility="none"),
        f"{EVENT}/event.json",
    )
    put(world, V2, tightened)
    assert check(world.settings).ok


def test_an_active_version_that_changes_is_an_error(world, run):
    put(world, V1, with_coupon)
    told = json.loads(run("--json").stdout)
    assert told["ok"] is False
    assert "v1.json of `view_item_shop` is active" in told["errors"][0]["what"]
    assert told["comparison"]["changes"][0]["errors"]
    assert run("--json").exit_code == 1


def test_an_active_event_that_goes_is_an_error(world):
    for path in sorted((world.events / EVENT).iterdir()):
        path.unlink()
    (world.events / EVENT).rmdir()
    models(world)
    (error,) = check(world.settings).problems
    assert error.path == f"assets/events/{EVENT}/event.json"
    assert "archive it" in error.what


def test_lint_errors_are_told_and_the_rest_is_compared(world, run):
    name = "click_item_shop"
    copy_event(world, name)
    world.commit_all()
    (world.events / f"shop/{name}/event.json").write_text("{")
    value = json.loads((world.events / V1).read_text())
    tightened(value)
    (world.events / V2).write_text(json.dumps(value))
    world.git("branch", "base", "HEAD")
    report = check(world.settings, "base")
    whats = [error.what for error in report.problems]
    assert len(whats) == 2
    assert "No valid JSON" in whats[0]
    assert "limit_tightened" in whats[1]
    assert report.comparison.unread == (name,)
    text = check_summary(report)
    assert f"Not compared, because their files are wrong: `{name}`" in text
    assert "Not looked at: the event files are wrong." in text
    with pytest.raises(ExceptionGroup):
        run("--base", "base")


def misspelt(value: dict) -> None:
    value["properties"]["size"]["mexLength"] = value["properties"]["size"].pop("maxLength")


@pytest.mark.parametrize("path", [V1, V2])
def test_a_version_that_cannot_be_read_invents_no_change(world, path):
    """What is told is the mistake, and not that every parameter is gone."""
    value = json.loads((world.events / V1).read_text())
    misspelt(value)
    (world.events / path).write_text(json.dumps(value))
    report = check(world.settings)
    assert [(e.path, e.pointer) for e in report.problems] == [
        (f"assets/events/{path}", "/properties/size/mexLength")
    ]
    assert report.comparison.unread == ("view_item_shop",)
    assert report.comparison.columns == ()


def test_a_version_that_the_base_has_wrong_invents_no_change(world):
    right = (world.events / V1).read_text()
    value = json.loads(right)
    misspelt(value)
    (world.events / V1).write_text(json.dumps(value))
    world.commit_all()
    (world.events / V1).write_text(right)
    report = check(world.settings)
    assert report.ok
    assert report.comparison.unread == ("view_item_shop",)


def test_models_that_are_not_current_are_errors(world):
    model = world.project / "dbt/models/event_log/view_item_shop.sql"
    model.write_text("select 1\n")
    report = check(world.settings)
    assert [error.path for error in report.problems] == ["dbt/models/event_log/view_item_shop.sql"]
    assert "- `dbt/models/event_log/view_item_shop.sql`" in check_summary(report)


def test_it_is_compared_with_where_it_left_the_base(world, remote, clone):
    other = clone("other")
    put(other, V2, with_coupon)
    other.commit_all("Ahead")
    other.git("push", "--quiet", "origin", "main")
    world.git("fetch", "--quiet", "origin")
    report = check(world.settings, "origin/main")
    assert report.ok
    assert report.changes == ()


def test_a_base_may_be_named_as_the_remote_names_it(world, remote, clone):
    other = clone("ci")
    other.git("checkout", "--quiet", "--detach")
    other.git("branch", "--quiet", "--delete", "main")
    put(other, V2, tightened)
    assert not check(other.settings, "main").ok


def test_a_shallow_clone_is_compared_and_told(world, remote, tmp_path):
    put(world, V2, with_coupon)
    world.commit_all()
    world.git("push", "--quiet", "origin", "main:later")
    folder = tmp_path / "shallow"
    world.git("clone", "--quiet", "--depth=1", "--branch=later", "--no-single-branch",
              f"file://{remote}", str(folder), cwd=tmp_path)  # fmt: skip
    report = check(world.settings.model_copy(update={"project": folder}), "main")
    assert "shallow" in report.comparison.caveat
    assert [change.version for change in report.changes] == [2]
    assert "fetch the whole history" in check_summary(report)


def test_without_git_or_base_the_rest_is_checked_and_it_is_said(plain, run):
    result = run("--summary", "-")
    assert result.exit_code == 0
    assert "The project has no git. Compatibility was not checked." in result.stderr
    assert "⚠️ The project has no git" in result.stdout
    assert json.loads(run("--json").stdout)["comparison"] is None
    plain.git("init", "--quiet")
    assert "There is no base branch" in run().stderr
    plain.commit_all()
    plain.git("branch", "--move", "trunk")
    assert "There is no base branch" in run().stderr
    (plain.project / "dbt/models/event_log/view_item_shop.sql").write_text("")
    with pytest.raises(ExceptionGroup):
        run()


def test_a_base_that_is_named_has_to_be_there(plain, run):
    with pytest.raises(UsageError, match="no git"):
        run("--base", "main")
    plain.git("init", "--quiet")
    plain.commit_all()
    with pytest.raises(UsageError, match="no commit `nowhere`"):
        run("--base", "nowhere")
    with pytest.raises(UsageError):
        run("--base", "--all")
    with pytest.raises(UsageError, match="both print"):
        run("--json", "--summary", "-")


def test_without_the_git_command_the_rest_is_checked(world, run, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no git here. Compatibility was not checked." in run().stderr
    with pytest.raises(GitError):
        run("--base", "main")


def test_events_that_the_base_has_wrong_are_not_compared(world):
    wrong = world.events / "shop/click_item_shop"
    wrong.mkdir()
    (wrong / "event.json").write_text("{")
    world.commit_all()
    copy_event(world, "click_item_shop")
    report = check(world.settings)
    assert report.ok
    assert report.comparison.unread == ("click_item_shop",)
    assert report.changes == ()


def test_words_of_the_files_cannot_break_the_table(world):
    def hostile(value: dict) -> None:
        said = "a | b\n<img src=x> `c` [d](http://e)"
        value["properties"]["x|`y"] = {"type": "string", "description": said}

    place = world.events / V2
    value = json.loads((world.events / V1).read_text())
    hostile(value)
    place.write_text(json.dumps(value))
    text = check_summary(check(world.settings))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows
    for row in rows:
        assert row.replace("\\|", "").count("|") in (5, 6, 7)
    assert "<img" not in text


def test_an_interrupted_save_without_git_is_finished_first(plain):
    class Pulled(BaseException):
        pass

    def at(step: str) -> None:
        if step.startswith("place"):
            raise Pulled

    body = (plain.events / V1).read_bytes().replace(b"20", b"5")
    with pytest.raises(Pulled):
        write_all(plain.project, {f"assets/events/{V2}": body}, at)
    assert not (plain.events / V2).exists()
    check(plain.settings)
    assert (plain.events / V2).read_bytes() == body
    assert not (plain.project / STAGE).exists()
