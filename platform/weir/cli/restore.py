"""`weir restore`: a new home from a backup."""

from __future__ import annotations

from pathlib import Path

import typer

from weir.audit import audited
from weir.backup import read_manifest, restore
from weir.cli.backup import bar, describe
from weir.cli.main import State, out, print_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("restore")
def restore_home(
    ctx: typer.Context,
    source: Path = typer.Argument(metavar="SRC", help="The backup's folder."),
    home: Path = typer.Option(..., help="The new home; it must not exist, or be empty."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make a home from a backup, checking every file. Nothing is overwritten.

    Stop the old home's collector before the new one starts, and start it with WEIR_HOME set.
    Example: weir restore /mnt/backups/2026-11-21 --home /srv/weir
    """
    state: State = ctx.obj
    read_manifest(source)
    new = home.expanduser().resolve()
    with bar(quiet=as_json) as show:
        made = restore(source, new, lambda done, of: show("copying", done, of))
    with audited(
        state.settings.model_copy(update={"home": new}), "restore", source=source
    ) as entry:
        entry.tell(snapshot=made.snapshot, files=len(made.files), copied_from=made.home)
    if as_json:
        print_json({"home": str(new), **describe(made)})
        return
    told = f"{new} is as {made.home} was at snapshot {made.snapshot}, {made.made_at}."
    out.print(f"{told} Use it with WEIR_HOME={new}.", highlight=False, soft_wrap=True)
