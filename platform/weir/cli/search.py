"""`weir search`: the sampled index, and how many events that stands for."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from weir.cli.main import State, err, out, print_json
from weir.core.errors import InvalidValue, NameRejected, NotReady
from weir.core.instants import within
from weir.engines.embedded.search import Result, SearchIndex

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_BASIS = {
    "exact": "nothing left out",
    "keys": "95 % interval, by user",
    "some keys": "95 % interval, by user, from a sub-sample of users",
}

_INDEX = re.compile(r"[a-z][a-z0-9_]*")


@app.command()
def search(
    ctx: typer.Context,
    query: str = typer.Argument(help="Words and field:value terms; * finds the newest events."),
    limit: int = typer.Option(10, min=1, max=10_000, help="Most hits to show."),
    since: str | None = typer.Option(
        None, "--from", help="Earliest event time, UTC, e.g. 2026-11-20 or 2026-11-20T21:00."
    ),
    until: str | None = typer.Option(
        None, "--to", help="Event time, UTC, from which on events are left out."
    ),
    index: str = typer.Option("events", help="The index to search."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Search the sampled index: newest events first, and the re-scaled count.

    Words must all occur. Fields: event_name, user_id, device_id, event_id, platform, app_version,
    event_time, landing_hour, weight, params.NAME. --from and --to are event times; for arrival
    ask for landing_hour:[2026-11-20T00:00:00Z TO 2026-11-20T05:00:00Z].

    Example: weir search 'event_name:purchase_item_shop params.quantity:>2' --limit 3
    """
    window = (_time("--from", since), _time("--to", until))
    if not _INDEX.fullmatch(index):
        raise NameRejected(index, "an index is named in snake_case", "Name one like `events`.")
    state: State = ctx.obj
    store = SearchIndex(state.settings.search_dir, index)
    result = store.search(query, limit, *window)
    if not result.days and not store.days:
        raise NotReady(f"There is no search index `{index}` yet.", "Build it: `weir run`.")
    if as_json:
        print_json(_plain(query, result))
        return
    if result.hits:
        out.print(_table(result))
    err.print(_summary(result), highlight=False)


def _time(option: str, text: str | None) -> datetime | None:
    """Return a naive UTC time; one with an offset is converted."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(option, text, ["2026-11-20", "2026-11-20T21:00"]) from None
    return within(option, at)


def _plain(query: str, result: Result) -> dict[str, object]:
    hits = []
    for hit in result.hits:
        fields = asdict(hit.document)
        fields["params"] = orjson.loads(hit.document.params)
        del fields["randomness"]
        hits.append(fields)
    return {
        "query": query,
        "matched_documents": result.matched_documents,
        "estimate": result.estimate,
        "low": result.low,
        "high": result.high,
        "interval": result.interval,
        "strata": {
            name: {"matched": s.matched, "estimate": s.estimate, "rate": s.rate}
            for name, s in result.strata.items()
        },
        "days": result.days,
        "seconds": result.took,
        "hits": hits,
    }


def _table(result: Result) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("event time", "event", "user", "params", "weight"):
        table.add_column(column, overflow="fold", no_wrap=column == "event time")
    for hit in result.hits:
        found = hit.document
        who = found.user_id or found.device_id or ""
        cells = (f"{found.at:%Y-%m-%d %H:%M:%S}", found.event_name, who, found.params)
        table.add_row(*(escape(c) for c in cells), f"{found.weight:g}")
    return table


def _summary(result: Result) -> str:
    spread = "" if result.interval == "exact" else f" ({result.low:,.0f} to {result.high:,.0f})"
    return (
        f"{result.matched_documents:,} documents stand for {result.estimate:,.0f} events{spread}; "
        f"{_BASIS[result.interval]}. {result.days} days, {result.took * 1000:.0f} ms."
    )
