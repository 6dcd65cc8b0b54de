"""`weir events save`: hand edits of the event files as a branch and commit, merged and proposed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import typer

from weir.audit import note
from weir.cli.events_check import tell_notes
from weir.cli.main import State, err, print_json
from weir.core.errors import EditConflict, RegistryError
from weir.core.settings import Settings
from weir.registry.findings import show
from weir.registry.sync import Author, Conflict, Options, Saved, resolutions_for, save
from weir.registry.sync.change import ROOT

_SHORT = 12
_WIDTH = 70


def save_edits(  # noqa: PLR0913, PLR0917 - one option each
    ctx: typer.Context,
    message: str | None = typer.Option(
        None, "--message", "-m", help="The commit's first words. Default: what follows from it."
    ),
    branch: str | None = typer.Option(None, help="Add to this branch. Default: a new one."),
    push: bool = typer.Option(False, "--push", help="Push the branch."),
    pull_request: bool = typer.Option(
        False, "--pull-request", help="Push it, and propose it at WEIR_GIT_HOST."
    ),
    author: str | None = typer.Option(
        None, metavar="'NAME <ADDRESS>'", help="Who made the change. Default: as git says."
    ),
    base: str = typer.Option("", help="What to save against. Default: WEIR_GIT_BASE, else main."),
    mine: list[str] = typer.Option(
        [], metavar="PLACE", help="In conflict: save what is here. Id, pointer or file#pointer."
    ),
    theirs: list[str] = typer.Option(
        [], metavar="PLACE", help="In conflict: keep what others made of it."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Store nothing; show what would be."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Save what was edited of the event files, with its models, as a commit on a branch.

    The folder, the index and the branch that is checked out stay as they are. What others changed
    on the base branch meanwhile is merged; a place that both changed is a conflict, and nothing is
    saved until a side is chosen. Without git, the models are written beside the files.

    Example: weir events save --message 'Count coupons' --pull-request
    """
    state: State = ctx.obj
    options = Options(
        author=Author.parse(author) if author is not None else None,
        message=message,
        branch=branch,
        base=base,
        push=push,
        pull_request=pull_request,
        dry_run=dry_run,
    )
    try:
        saved = _saved(state.settings, options, mine, theirs)
    except EditConflict as error:
        _tell_conflicts(error, as_json=as_json)
        raise typer.Exit(1) from None
    except (ExceptionGroup, RegistryError) as error:
        if not as_json:
            raise
        several = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
        print_json({"saved": False, "errors": [_error(one) for one in several]})
        raise typer.Exit(1) from None
    note(branch=saved.branch, commit=saved.commit, files=saved.files)
    if as_json:
        done = not (saved.nothing or dry_run)
        print_json({"saved": done, "dry_run": dry_run} | saved.as_dict())
        return
    _tell(saved, dry_run=dry_run)


def _saved(settings: Settings, options: Options, mine: list[str], theirs: list[str]) -> Saved:
    try:
        saved = save(settings, None, options)
    except EditConflict as error:
        if not mine and not theirs:
            raise
        conflicts = [one for one in error.conflicts if isinstance(one, Conflict)]
        chosen = resolutions_for(conflicts, mine, theirs)
        return save(settings, None, replace(options, resolutions=chosen))
    if mine or theirs:
        _say("Nothing is in conflict: --mine and --theirs decided nothing.")
    return saved


def _tell(saved: Saved, *, dry_run: bool) -> None:
    if saved.nothing:
        _tell_nothing(saved)
        return
    facts = {
        "branch": saved.branch,
        "commit": saved.commit and saved.commit[:_SHORT],
        "base": saved.base,
        "pull request": saved.pull_request_url,
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name:<13} {value}")
    for path in saved.files:
        typer.echo(f"  {'removed' if path in saved.removed else 'written'}     {path}")
    _tell_words(saved)
    tell_notes(saved.notes)
    _say(_next(saved, dry_run=dry_run))


def _tell_words(saved: Saved) -> None:
    """Show the commit's message, or without git the columns that change."""
    told = "" if saved.in_place else saved.message
    for line in ["", *told.splitlines(), *(str(log) for log in saved.column_diff if not told)]:
        typer.echo(f"  {line}".rstrip())


def _tell_nothing(saved: Saved) -> None:
    if saved.branch is None:
        _say("Nothing to save.")
        return
    where = " and at the remote" if saved.pushed else ""
    _say(f"Nothing to save: the branch {saved.branch} has it already{where}.")
    if saved.pull_request_url:
        typer.echo(saved.pull_request_url)


def _next(saved: Saved, *, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was stored: this was a dry run."
    if saved.in_place:
        return "The project has no git: the files lie where they are, and the models beside them."
    if saved.pull_request_url:
        return "The pull request shows the columns; `weir events check` tells what it breaks."
    if saved.pushed:
        return "The branch is pushed. Propose it at the host, or save again with --pull-request."
    return "Saved here. Save again with --push or --pull-request to hand it on."


def _tell_conflicts(error: EditConflict, *, as_json: bool) -> None:
    conflicts = [one for one in error.conflicts if isinstance(one, Conflict)]
    if as_json:
        listed = [one.as_dict() for one in conflicts]
        print_json({"saved": False, "conflicts": listed, "remedy": error.remedy})
        return
    for conflict in conflicts:
        _say(f"{conflict.id}  {ROOT}/{conflict.path}#{conflict.pointer}")
        for side, value in _sides(conflict):
            _say(f"  {side:<7} {value}")
        _say(f"  {conflict.remedy}\n")
    many = f"{len(conflicts)} places were" if len(conflicts) > 1 else "One place was"
    _say(f"{many} changed by others too. Nothing was saved. Choose a side for each:")
    _say("  weir events save " + " ".join(f"--mine {one.id}" for one in conflicts))
    _say("or --theirs. For a third value, write it into the file and save it with --mine.")


def _sides(conflict: Conflict) -> Iterable[tuple[str, str]]:
    held = conflict.as_dict()
    for side in ("base", "mine", "theirs"):
        yield side, show(held[side], _WIDTH) if side in held else "(absent)"


def _error(error: Exception) -> dict[str, Any]:
    if not isinstance(error, RegistryError):
        return {"what": str(error)}
    place = {"path": error.path, "pointer": error.pointer}
    return {**place, "what": error.what, "remedy": error.remedy}


def _say(line: str) -> None:
    err.print(line, markup=False, highlight=False, soft_wrap=True)
