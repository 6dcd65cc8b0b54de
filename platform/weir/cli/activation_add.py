"""`weir activation add`: write the models of a fact's layers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer

from weir.activation.contract import Fact
from weir.activation.layers import files_of
from weir.activation.project import fact_in
from weir.cli.main import State, err, print_json
from weir.core.errors import UsageError, WeirError
from weir.core.settings import Settings
from weir.orchestra.manifest import prepare, project_dir


class GrainName(StrEnum):
    """The length of a layer's periods."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("add")(add)


def add(
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    grain: list[GrainName] = typer.Option(..., help="Length of the periods; may be repeated."),
    force: bool = typer.Option(False, "--force", help="Overwrite files that were edited by hand."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing; say what would be."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Write the models of a fact's layers: one line of SQL each, and their YAML.

    What they hold follows from the fact's `meta.weir`; after a change there, add them again.
    The next `weir run` builds them. Files that are as they should be stay untouched.

    Example: weir activation add users_purchased_item --grain daily --grain weekly
    """
    state: State = ctx.obj
    contract = read_fact(state.settings, fact)
    folder = project_dir(state.settings)
    wanted = {
        path: text
        for word in dict.fromkeys(grain)
        for path, text in files_of(contract, word.value).items()
    }
    standing = {path: _standing(folder / path, text) for path, text in wanted.items()}
    edited = [path for path, how in standing.items() if how == "differs"]
    if edited and not force:
        raise UsageError(
            f"{', '.join(map(str, edited))} {'is' if len(edited) == 1 else 'are'} there and differ"
            f"{'s' if len(edited) == 1 else ''} from what the fact says.",
            "Look at the difference with --dry-run --force and git diff; --force overwrites.",
        )
    fresh = [path for path, how in standing.items() if how != "same"]
    if not dry_run:
        _write(state.settings, {path: wanted[path] for path in fresh})
    if as_json:
        same = [path for path in wanted if path not in fresh]
        print_json({
            "fact": fact, "written": _texts(fresh), "unchanged": _texts(same), "dry_run": dry_run
        })  # fmt: skip
        return
    for path in fresh:
        typer.echo(f"{'would write' if dry_run else 'wrote'} {folder.name}/{path}")
    done = (
        "Nothing to write: the layers are as the fact says." if not fresh else "Build: `weir run`."
    )
    err.print(done, highlight=False)


def read_fact(settings: Settings, name: str) -> Fact:
    """Return the contract of a project's fact.

    Raises:
        NotFound: if there is no such fact.
        RunFailed: if dbt cannot parse the project.
        Broken: if the fact breaks its contract.
    """
    return fact_in(prepare(settings).json, name)


def _standing(path: Path, text: str) -> str:
    if not path.is_file():
        return "absent"
    return "same" if path.read_text() == text else "differs"


def _write(settings: Settings, files: dict[Path, str]) -> None:
    """Write files and parse the project; put everything back if it does not parse."""
    folder = project_dir(settings)
    before = {path: _text(folder / path) for path in files}
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        prepare(settings)
    except BaseException as error:
        for path, old in before.items():
            if old is None:
                (folder / path).unlink(missing_ok=True)
            else:
                (folder / path).write_text(old)
        if isinstance(error, WeirError):
            error.remedy = f"{error.remedy} Nothing was written.".strip()
        raise


def _text(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _texts(paths: list[Path]) -> list[str]:
    return [path.as_posix() for path in paths]
