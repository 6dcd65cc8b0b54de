"""`weir audit`: list and show what was done, and check that the log was not changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.audit import Found, Wanted, log_of, verify
from weir.audit.reading import find, get
from weir.cli.main import FAILED, State, err, out, print_json

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Who did what, when, with which result; check that nothing was changed.",
    epilog="Example: weir audit list",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_COLOURS = {"ok": "green", "refused": "yellow", "running": "cyan"}
_WHO, _LEAST = 16, 8  # widest name, narrowest arguments
_TOLD = ("run", "request", "project", "home", "host", "pid")


@app.command("list")
def list_entries(  # noqa: PLR0913, PLR0917 - one per filter
    ctx: typer.Context,
    action: str = typer.Option("", help="Only this action, or `events.*` for all of a kind."),
    who: str = typer.Option("", help="Only what this person, sensor or agent did."),
    since: datetime | None = typer.Option(
        None, formats=_DAYS, help="Only from this UTC day or time on."
    ),
    asset: str = typer.Option("", help="Only what names this asset, event or token."),
    failed: bool = typer.Option(False, "--failed", help="Only failed, refused, unfinished."),
    request: str = typer.Option("", help="Only what one command did, by its request id."),
    limit: int = typer.Option(50, help="Most entries to show.", min=1, max=100_000),
    as_json: bool = _JSON,
) -> None:
    """List what was done, newest first.

    Example: weir audit list --action 'events.*' --since 2026-11-01
    """
    state: State = ctx.obj
    wanted = Wanted(action, who, since, asset, failed, request, limit)
    found = find(log_of(state.settings), wanted)
    if as_json:
        print_json([entry.as_dict() for entry in found])
        return
    if not found:
        err.print("Nothing of that is in the audit log.")
        return
    out.print(_table(found))
    err.print("`weir audit show ID` shows one with all that is known of it.", highlight=False)


@app.command()
def show(
    ctx: typer.Context,
    number: int = typer.Argument(metavar="ID", help="The entry, as `weir audit list` shows it."),
    as_json: bool = _JSON,
) -> None:
    """Show one entry: who, with which arguments, what came of it.

    Example: weir audit show 12
    """
    state: State = ctx.obj
    entry = get(log_of(state.settings), number)
    if as_json:
        print_json(entry.as_dict())
        return
    seconds = "" if entry.seconds is None else f" after {entry.seconds:g} s"
    lines = [
        ("what", entry.action),
        ("who", f"{entry.kind} {entry.name} ({entry.authenticated})"),
        ("when", entry.at),
        ("result", f"{entry.result}{seconds}"),
        ("message", entry.message),
        *((f"with {name}", value) for name, value in entry.arguments.items()),
        *((f"did {name}", value) for name, value in entry.did.items()),
        *((name, getattr(entry, name)) for name in _TOLD),
        ("hash", entry.hash),
    ]
    for name, value in lines:
        if value != "":
            out.print(f"{name:<18}{value}", markup=False, highlight=False, soft_wrap=True)


@app.command("verify")
def verify_chain(
    ctx: typer.Context,
    head: str = typer.Option("", help="SEQ:HASH that was noted before; it must be in the log."),
    as_json: bool = _JSON,
) -> None:
    """Check that no entry was changed or removed. Exit code 1 if one was.

    Note the head elsewhere: who may write the file could write all of it anew.
    Example: weir audit verify
    """
    state: State = ctx.obj
    found = verify(log_of(state.settings), head)
    if as_json:
        print_json({
            "ok": found.ok, "rows": found.rows, "entries": found.entries,
            "head": found.head, "problems": found.problems,
        })  # fmt: skip
    else:
        for problem in found.problems:
            err.print(problem, style="red", highlight=False, soft_wrap=True)
        if found.ok:
            err.print(f"{found.entries} entries in {found.rows} rows: nothing was changed.")
        if found.head:
            out.print(f"head {found.head}", highlight=False, soft_wrap=True)
    if not found.ok:
        raise typer.Exit(FAILED)


def _table(found: list[Found]) -> Table:
    head = ("id", "when (UTC)", "who", "action", "result")
    rows = [
        (str(e.id), e.at[:16].replace("T", " "), _who(e)[:_WHO], e.action, e.result) for e in found
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    left = max(_LEAST, out.width - sum(width + 2 for width in widths))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name, width in zip(head, widths, strict=True):
        table.add_column(name, no_wrap=True, min_width=width)
    table.add_column("with", no_wrap=True)
    for entry, (number, at, who, action, result) in zip(found, rows, strict=True):
        told = f"[{_COLOURS.get(result, 'red')}]{result}[/]"
        given = _cut(_with(entry.arguments), left)
        table.add_row(number, at, escape(who), action, told, escape(given))
    return table


def _who(entry: Found) -> str:
    return entry.name if entry.kind == "person" else f"{entry.kind} {entry.name}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _with(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())
