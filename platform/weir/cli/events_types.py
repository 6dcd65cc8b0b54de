"""`weir events types`: write types and constructors of the registered events for a sender."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer

from weir.cli.main import State, err, print_json
from weir.registry import load
from weir.registry.types import FILE, LANGUAGES, generated, outdated, read_lock, resolve, write
from weir.registry.types.node import generator

Lang = StrEnum("Lang", {name: name for name in LANGUAGES})  # type: ignore[misc]


def types(
    ctx: typer.Context,
    lang: Lang = typer.Option(help="The sender's language."),
    event: list[str] = typer.Option(
        [], help="An event, or NAME@VERSION; may be given again. Default: every active one."
    ),
    out: Path | None = typer.Option(None, help="Folder of the files. Default: types/LANG here."),
    check: bool = typer.Option(
        False, "--check", help="Write nothing; exit 1 and name the files that are not current."
    ),
    update: bool = typer.Option(
        False, "--update", help="Take the newest versions instead of the locked ones."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Write typed parameters, envelope and constructors of events for a sender's code.

    The versions are locked in weir-types.lock.json beside the files, until --update.

    Example: weir events types --lang typescript --out app/src/events
    """
    state: State = ctx.obj
    folder = out or Path("types") / lang.value
    registry = load(state.settings.events_dir)
    lock = read_lock(folder / FILE)
    found = resolve(registry, lock, lang.value, generator(), event, update=update)
    files = generated(registry, found.lock)
    changed = outdated(files, folder) if check else write(files, folder)
    if as_json:
        events = {name: one.version for name, one in found.lock.events.items()}
        print_json({"changed": changed, "events": events, "notes": found.notes})
    else:
        _tell(folder, changed, found.notes, check=check)
    if check and changed:
        raise typer.Exit(1)


def _tell(folder: Path, changed: list[str], notes: list[str], *, check: bool) -> None:
    for path in changed:
        typer.echo((folder / path).as_posix())
    for note in notes:
        err.print(f"note: {note}", highlight=False, soft_wrap=True)
    if not changed:
        err.print("Everything is current.")
    elif check:
        err.print("These files are not current. Run the same command without --check.")
