"""`weir events search|readers|volume|name|term`: find events, and name new ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import typer

from weir.cli.main import State, err, print_json
from weir.core.errors import InvalidValue
from weir.core.settings import Settings
from weir.registry.catalogue import Hit, Volume
from weir.registry.catalogue import readers as find_readers
from weir.registry.catalogue import search as find_events
from weir.registry.catalogue import volumes as count_volumes
from weir.registry.dictionary import SECTIONS, all_terms
from weir.registry.load import examine, load
from weir.registry.naming import Suggestion, suggest
from weir.registry.naming.adding import add_term

_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_EVENT = typer.Argument(help="The event, e.g. purchase_item_shop.")
_SHOWN = 60  # characters of a matching text

term_app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="The dictionary of names: list its terms, add one.",
    epilog="Example: weir events term list action",
)


def search(
    ctx: typer.Context,
    words: list[str] = typer.Argument(
        help="Words to find, in any script; the last may be unfinished."
    ),
    limit: int = typer.Option(20, min=1, help="Events to show at most."),
    as_json: bool = _JSON,
) -> None:
    """Find events by name, description, owner, parameter, or what people call them.

    Example: weir events search buy price
    """
    hits = find_events(load(_settings(ctx).events_dir), " ".join(words), limit)
    if as_json:
        print_json([asdict(hit) for hit in hits])
    elif not hits:
        _say("No event has all these words. `weir events list` shows every event.")
    else:
        typer.echo(_table([("event", "score", "found in", "text"), *_hits(hits)]))


def readers(ctx: typer.Context, name: str = _EVENT, as_json: bool = _JSON) -> None:
    """Show who reads an event: facts, activation and services, by the models' lineage.

    Example: weir events readers purchase_item_shop
    """
    from weir.lineage.edges import edges  # noqa: PLC0415 - dbt takes seconds to import: only here
    from weir.orchestra.manifest import prepare  # noqa: PLC0415

    settings = _settings(ctx)
    event = load(settings.events_dir).get(name)
    found = find_readers(event, edges(prepare(settings).json))
    if as_json:
        print_json([asdict(reader) for reader in found])
    elif not found:
        _say(f"Nothing reads {name} beyond its log.")
    else:
        rows = [(r.asset, str(r.distance), " > ".join(r.via[:-1])) for r in found]
        typer.echo(_table([("reader", "steps", "through"), *rows]))


def volume(
    ctx: typer.Context,
    name: str = _EVENT,
    days: int = typer.Option(7, min=1, max=400, help="Landing days to count, today included."),
    as_json: bool = _JSON,
) -> None:
    """Count what landed of an event: by day, version and app version, with violations.

    Example: weir events volume purchase_item_shop --days 30
    """
    from weir.engines.embedded.lake import Lake  # noqa: PLC0415 - DuckDB: only here
    from weir.engines.embedded.volumes import EmbeddedVolumes  # noqa: PLC0415

    store = EmbeddedVolumes(Lake(_settings(ctx)))
    found = count_volumes(store, name, datetime.now(UTC).date(), days)
    if as_json:
        print_json(asdict(found) | {"violations": found.violations})
        return
    _tell_volume(found)


def name(
    ctx: typer.Context,
    candidate: str = typer.Argument(
        help="A name for an event, in any form: itemClick, tap-item-shop."
    ),
    as_json: bool = _JSON,
) -> None:
    """Judge a name for a new event, and suggest the one that is meant. Exit code 1 if it is not right.

    Example: weir events name product_buy_store
    """
    registry, _ = examine(_settings(ctx).events_dir)
    said = suggest(candidate, registry.dictionary, tuple(registry.events))
    if as_json:
        print_json(asdict(said))
    else:
        _tell_name(candidate, said)
    if said.findings:
        raise typer.Exit(1)


@term_app.command("list")
def list_terms(
    ctx: typer.Context,
    slot: str | None = typer.Argument(None, help=f"One of {', '.join(SECTIONS)}; default: all."),
    as_json: bool = _JSON,
) -> None:
    """List the terms that names are made of, with their meanings and synonyms.

    Example: weir events term list action
    """
    if slot not in (None, *SECTIONS):
        raise InvalidValue("slot", slot, SECTIONS)
    registry, _ = examine(_settings(ctx).events_dir)
    found = [(s, term) for s, term in all_terms(registry.dictionary) if slot in (None, s)]
    if as_json:
        print_json([{"slot": section, **asdict(term)} for section, term in found])
        return
    rows = [(section, t.name, ", ".join(t.synonyms), t.meaning) for section, t in found]
    typer.echo(_table([("slot", "term", "synonyms", "meaning"), *rows]))


@term_app.command("add")
def add(
    ctx: typer.Context,
    slot: str = typer.Argument(help=f"One of {', '.join(SECTIONS)}."),
    term: str = typer.Argument(help="The term, e.g. click."),
    meaning: str = typer.Option(help="What it is, in a sentence."),
    synonym: list[str] = typer.Option([], help="A word that people say instead; may be repeated."),
    by: str | None = typer.Option(None, help="Who adds it; needed where the slot has owners."),
    as_json: bool = _JSON,
) -> None:
    """Add a term to the dictionary, if who adds it may.

    Example: weir events term add action click --meaning "Press or touch." --synonym tap
    """
    settings = _settings(ctx)
    path = add_term(settings.events_dir, slot, term, meaning, synonym, by)
    if as_json:
        print_json(
            {"path": path.relative_to(settings.project).as_posix(), "slot": slot, "term": term}
        )
    else:
        _say(f"Added the {slot} `{term}`. Commit {path.relative_to(settings.project)}.")


def register(app: typer.Typer) -> None:
    """Put the commands on the group `weir events`."""
    for command in (search, readers, volume, name):
        app.command(command.__name__)(command)
    app.add_typer(term_app, name="term")


def _settings(ctx: typer.Context) -> Settings:
    state: State = ctx.obj
    return state.settings


def _say(text: str) -> None:
    err.print(text, highlight=False, markup=False, soft_wrap=True)


def _hits(hits: Iterable[Hit]) -> Iterable[tuple[str, ...]]:
    for hit in hits:
        for index, match in enumerate(hit.matches):
            place = f"{match.field} {match.place}".strip()
            first = (hit.event, f"{hit.score:.1f}") if index == 0 else ("", "")
            yield (*first, place, _cut(match.text))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _tell_volume(found: Volume) -> None:
    refused = f", {found.refused} refused" if found.refused else ""
    seen = f"; last seen {found.last_seen:%Y-%m-%d %H:%M} UTC" if found.last_seen else ""
    counts = f"{found.valid} valid, {found.quarantined} quarantined{refused} since {found.since}"
    _say(f"{found.event}: {counts}{seen}.")
    if found.apps:
        head = ("day", "version", "app", "valid", "flagged", "quarantined", "last seen")
        typer.echo(_table([head, *(_app(row) for row in found.apps)]))
    if found.violations:
        typer.echo()
        rows = [(rule, str(rows)) for rule, rows in found.violations.items()]
        typer.echo(_table([("rule", "rows"), *rows]))


def _app(row: Any) -> tuple[str, ...]:
    counts = (str(n) for n in (row.valid, row.flagged, row.quarantined))
    version = "?" if row.version is None else f"v{row.version}"
    return (str(row.day), version, row.app_version or "-", *counts, f"{row.last_seen:%H:%M}")


def _tell_name(candidate: str, said: Suggestion) -> None:
    for finding in said.findings:
        typer.echo(f"{finding.severity}: {finding.what}")
        if finding.remedy:
            typer.echo(f"       {finding.remedy}")
    if said.completions:
        typer.echo(f"Could become: {', '.join(said.completions)}")
    if not said.findings:
        state = "exists already" if said.exists else "is a good name, and free"
        typer.echo(f"{candidate} {state}.")
    elif said.name:
        typer.echo(f"{said.name}{' (exists already)' if said.exists else ''}")


def _table(rows: Iterable[Sequence[str]]) -> str:
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
