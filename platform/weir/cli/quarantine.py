"""`weir quarantine`: list what is wrong in groups, show one event, replay what is valid now."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.audit import login, note
from weir.cli.main import State, err, out, print_json
from weir.cli.quarantine_views import event_text, group_table, replay_sentences
from weir.collect import quarantine
from weir.collect.drops import DropWanted, drops
from weir.core import grains
from weir.core.errors import InvalidValue
from weir.core.settings import Settings

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Events that were found wrong: list, show, replay once they are valid.",
    epilog="Example: weir quarantine list",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_RULE = typer.Option([], "--rule", help="Only events that break this rule. Repeatable.")
_EVENT = typer.Option([], "--event", help="Only events of this name. Repeatable.")
_VERSION = typer.Option([], "--version", help="Only events of this version. Repeatable.")
_PRODUCER = typer.Option([], "--producer", help="Only events of this producer. Repeatable.")
_HOUR = typer.Option(None, "--hour", help="Only this landing hour, e.g. 2026-11-21-05:00.")
_SINCE = typer.Option(None, "--since", help="Only landing hours from this one on (or a day).")
_UNTIL = typer.Option(None, "--until", help="Only landing hours before this one (or day).")


@app.command("list")
def list_groups(  # noqa: PLR0913, PLR0917 - one per filter
    ctx: typer.Context,
    rule: list[str] = _RULE,
    event: list[str] = _EVENT,
    version: list[int] = _VERSION,
    producer: list[str] = _PRODUCER,
    hour: str | None = _HOUR,
    since: str | None = _SINCE,
    until: str | None = _UNTIL,
    by: str = typer.Option(
        "rule,event,version,hour", help="What a group has in common: also producer, pointer, app."
    ),
    limit: int = typer.Option(50, help="Most groups to show.", min=1),
    show_drops: bool = typer.Option(
        False, "--drops", help="Show what was refused instead: nothing of it was kept."
    ),
    as_json: bool = _JSON,
) -> None:
    """List quarantined events in groups: what is wrong, how many, since when, how many replayed.

    Example: weir quarantine list --by rule,event
    """
    settings = _settings(ctx)
    start, end = _hours(settings, hour, since, until)
    if show_drops:
        found = drops(settings, DropWanted(start, end, tuple(event), tuple(producer)), limit)
        _print_drops(found, as_json=as_json)
        return
    wanted = quarantine.Wanted(
        tuple(rule), tuple(event), tuple(version), tuple(producer), start, end
    )
    groups = quarantine.groups(settings, wanted, by.split(","), limit)
    if as_json:
        print_json([asdict(group) for group in groups])
        return
    if not groups:
        err.print("Nothing of that is in quarantine.")
        return
    out.print(group_table(groups, by.split(","), settings.grain))
    err.print(
        "`weir quarantine show RECEIPT` shows one event, `weir quarantine replay` brings back what"
        " is valid now.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def show(
    ctx: typer.Context,
    event: str = typer.Argument(help="A receipt (quarantine/3/17) or the id of an event."),
    as_json: bool = _JSON,
) -> None:
    """Show a quarantined event as it was sent, what is wrong with it, and whether it was replayed.

    Example: weir quarantine show quarantine/3/17
    """
    rows = [quarantine.as_dict(row) for row in quarantine.find(_settings(ctx), event)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        out.print(event_text(row), highlight=False, soft_wrap=True)


@app.command()
def replay(  # noqa: PLR0913, PLR0917 - one per filter
    ctx: typer.Context,
    rule: list[str] = _RULE,
    event: list[str] = _EVENT,
    version: list[int] = _VERSION,
    producer: list[str] = _PRODUCER,
    hour: str | None = _HOUR,
    since: str | None = _SINCE,
    until: str | None = _UNTIL,
    ids: list[str] = typer.Option(
        [], "--id", help="Only this event: a receipt or the event's id. Repeatable."
    ),
    set_version: int | None = typer.Option(
        None, "--set-version", help="Judge by this version of the schema, whatever was sent.", min=1
    ),
    limit: int | None = typer.Option(None, help="Look at this many events at most.", min=1),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would be done."),
    as_json: bool = _JSON,
) -> None:
    """Judge quarantined events by today's registry and land those that are valid now, once each.

    They land in the open landing hour with their old arrival time; the rest stays and is told why.

    Example: weir quarantine replay --event purchase_item_shop --dry-run
    """
    settings = _settings(ctx)
    start, end = _hours(settings, hour, since, until)
    wanted = quarantine.Wanted(
        tuple(rule), tuple(event), tuple(version), tuple(producer), start, end
    )
    report = quarantine.replay(
        settings,
        quarantine.named(ids, wanted),
        quarantine.rejudging_of(settings, set_version),
        by=login(),
        dry_run=dry_run,
        limit=limit,
    )
    note(replay=report.as_dict())
    if as_json:
        print_json(report.as_dict())
        return
    for sentence in replay_sentences(report, settings.grain):
        out.print(sentence, highlight=False, soft_wrap=True)


def _settings(ctx: typer.Context) -> Settings:
    state: State = ctx.obj
    return state.settings


def _hours(
    settings: Settings, hour: str | None, since: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    """Return the wanted landing hours `[start, end)`."""
    if hour is not None:
        start = _label(hour, settings)
        return start, start + timedelta(hours=1 if settings.landing_grain == "hour" else 24)
    return (
        None if since is None else _label(since, settings),
        None if until is None else _label(until, settings),
    )


def _label(text: str, settings: Settings) -> datetime:
    """Return a landing hour; a day stands for its first."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - labels are naive
    except ValueError:
        pass
    try:
        return grains.parse(text, settings.grain)
    except InvalidValue as error:
        raise InvalidValue("landing hour", text, [*error.valid, "a day"]) from None


def _print_drops(found: list[Any], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(drop) for drop in found])
        return
    if not found:
        err.print("Nothing of that was refused.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("code", "producer", "event", "requests", "events", "bytes", "first", "last"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    for drop in found:
        cells = (drop.code, drop.producer or "", drop.event or "")
        counts = (f"{drop.requests:,}", f"{drop.events:,}", f"{drop.bytes:,}")
        table.add_row(
            *map(escape, cells), *counts, f"{drop.first:%m-%d %H:%M}", f"{drop.last:%m-%d %H:%M}"
        )
    out.print(table)


_NUMBERS = ("requests", "events", "bytes")
