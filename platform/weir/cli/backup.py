"""`weir backup`: a copy of the whole home at one snapshot, while it is in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from weir.audit import note
from weir.backup import Manifest, check, read_manifest, take
from weir.backup import Progress as Told
from weir.cli.main import FAILED, State, err, out, print_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def backup(
    ctx: typer.Context,
    target: Path = typer.Argument(metavar="DEST", help="The new backup's folder, or one to check."),
    verify: bool = typer.Option(
        False, "--verify", help="Copy nothing: read every file of a backup again and compare."
    ),
    since: Path | None = typer.Option(
        None, help="An earlier backup on the same disk: what it holds of the lake is linked."
    ),
    copied: bool = typer.Option(
        False, "--copy", help="Copy every file, even where a hard link could be made."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Copy the home to a folder, as of one snapshot of the lake, while everything goes on.

    Cut off with Ctrl-C, it goes on in DEST.partial when it is run again.
    Example: weir backup /mnt/backups/2026-11-21
    """
    if verify:
        _verify(target, as_json=as_json)
        return
    state: State = ctx.obj
    with bar(quiet=as_json) as show:

        def tell(told: Told) -> None:
            show(told.doing, told.done, told.of)

        made = take(state.settings, target, since=since, link=not copied, tell=tell)
    note(snapshot=made.snapshot, files=len(made.files), bytes=made.bytes)
    if as_json:
        print_json({"backup": str(target), **describe(made)})
        return
    out.print(_sentence(target, made), highlight=False, soft_wrap=True)


def describe(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as plain data, without its files."""
    return {
        "snapshot": manifest.snapshot,
        "made_at": manifest.made_at,
        "files": len(manifest.files),
        "bytes": manifest.bytes,
        "audit_head": manifest.audit_head,
    }


@contextmanager
def bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on a terminal's standard error; yield what tells it how far it is."""
    columns = (TextColumn("{task.description:<20}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as progress:
        task = progress.add_task("", total=None)

        def show(doing: str, done: int, of: int) -> None:
            progress.update(task, description=doing, completed=done, total=of or None)

        yield show


def _verify(target: Path, *, as_json: bool) -> None:
    size, done = read_manifest(target).bytes, 0
    with bar(quiet=as_json) as show:

        def on_progress(read: int) -> None:
            nonlocal done
            done += read
            show("reading", done, size)

        manifest, wrong = check(target, on_progress)
    if as_json:
        print_json({"ok": not wrong, "problems": wrong, **describe(manifest)})
    for problem in () if as_json else wrong:
        err.print(problem, style="red", highlight=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(FAILED)
    if not as_json:
        out.print(f"Whole: {_size(manifest)}, as they were copied.", highlight=False)


def _size(manifest: Manifest) -> str:
    return f"{len(manifest.files):,} files, {decimal(manifest.bytes)}"


def _sentence(target: Path, made: Manifest) -> str:
    at = f"snapshot {made.snapshot}" if made.snapshot >= 0 else "without a lake"
    return f"{target}: {_size(made)}, {at}. Check it with `weir backup --verify {target}`."
