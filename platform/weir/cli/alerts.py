"""`weir alerts`: check who is told of what, try a channel, list what is open and what waits."""

from __future__ import annotations

import os
from typing import Any

import typer
from rich.table import Table

from weir.alerts import FILE, Config, Problem, deliver, read_config
from weir.alerts.delivering import send_one
from weir.alerts.outbox import GIVEN_UP, WAITING
from weir.audit import note
from weir.cli.main import FAILED, State, err, out, print_json
from weir.core.clock import utc_now
from weir.core.errors import NotFound
from weir.orchestra.alerting import link_of, outbox_of

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Who is told of what went wrong: check, try, list.",
    epilog="Example: weir alerts check",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")


@app.command()
def check(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """Check alerts.yaml, and that every environment variable that it names is set.

    Exit code 1 if one is not. Example: weir alerts check
    """
    config = _config(ctx)
    unset = {name: who for name, who in config.variables().items() if not os.environ.get(name)}
    if as_json:
        channels = {name: channel.kind for name, channel in config.channels.items()}
        print_json({"ok": not unset, "channels": channels, "owners": config.owners, "unset": unset})
    else:
        for name, who in unset.items():
            err.print(f"{name}, which channel {who} needs, is not set here.", style="yellow")
        err.print(f"{len(config.channels)} channels, {len(config.owners)} owners.")
    if unset:
        raise typer.Exit(FAILED)


@app.command("test")
def try_channel(
    ctx: typer.Context,
    channel: str = typer.Argument(help="The channel, as alerts.yaml names it."),
    as_json: bool = _JSON,
) -> None:
    """Send a message by one channel, to see that it arrives. Exit code 1 if it was not taken.

    Example: weir alerts test data-team
    """
    config, settings = _config(ctx), _settings(ctx)
    config.channel(channel)
    box = outbox_of(settings)
    problem = Problem("test", channel, severity="warning", text="Nothing is wrong.")
    message = box.test(channel, problem, utc_now())
    sent = send_one(box, message, config, os.environ, link=link_of(settings), clock=utc_now)
    if not sent:
        (why,) = (row.error for row in box.messages(WAITING, GIVEN_UP) if row.id == message.id)
        box.failed(message, why, utc_now(), final=True)
    if as_json:
        print_json({"channel": channel, "sent": sent, "error": "" if sent else why})
    elif sent:
        err.print(f"{channel} took it.")
    else:
        err.print(f"{channel} did not take it: {why}.", style="red", soft_wrap=True)
    if not sent:
        raise typer.Exit(FAILED)


@app.command("list")
def list_problems(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """List what is wrong now, and messages that wait or were given up.

    Example: weir alerts list
    """
    box = outbox_of(_settings(ctx))
    problems, waiting = box.rows(), box.messages(WAITING, GIVEN_UP)
    if as_json:
        print_json({
            "problems": [dict(row._mapping) for row in problems],  # noqa: SLF001 - its public name
            "messages": [dict(row._mapping) for row in waiting],  # noqa: SLF001 - its public name
        })  # fmt: skip
        return
    if not problems and not waiting:
        err.print("Nothing is wrong, and nothing waits.")
        return
    out.print(_table(("since (UTC)", "seen", "owner", "what"), [
        (f"{p.first_at:%m-%d %H:%M}", str(p.seen), p.owner, f"{p.kind} {p.asset} {p.check} {p.key}")
        for p in problems
    ]))  # fmt: skip
    for row in waiting:
        err.print(
            f"{row.state}: {row.channel}, {row.title}, {row.attempts} tries. {row.error}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip


@app.command()
def send(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """Send what waits now, as the sensor does every 30 s.

    Example: weir alerts send
    """
    settings = _settings(ctx)
    done = deliver(outbox_of(settings), _config(ctx), os.environ, link=link_of(settings))
    note(**vars(done))
    if as_json:
        print_json(vars(done))
    else:
        err.print(f"{done.sent} sent, {done.failed} failed, {done.put_off} wait.")


def _settings(ctx: typer.Context) -> Any:
    state: State = ctx.obj
    return state.settings


def _config(ctx: typer.Context) -> Config:
    config = read_config(_settings(ctx).project)
    if config is None:
        raise NotFound("file", FILE, remedy="docs/guides/operations.md shows one.")
    return config


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
