"""`weir events import` and `weir events export`: schemas from and for other systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from weir.cli.main import State, err, print_json
from weir.core.errors import NotFound
from weir.core.names import event_name
from weir.registry import Event, load
from weir.registry.exchange import (
    EXPORTS,
    IMPORTS,
    Draft,
    Imported,
    Loss,
    draft,
    export_schema,
    import_schema,
    read_document,
)
from weir.registry.exchange.draft import as_text
from weir.registry.tree import from_json_schema

_IMPORTS, _EXPORTS = ", ".join(IMPORTS), ", ".join(EXPORTS)


def import_event(  # noqa: PLR0913, PLR0917 - one option each
    ctx: typer.Context,
    file: Path = typer.Argument(help="A schema: .json, .yaml, or Avro's .avsc."),
    name: str = typer.Option(help="The event's name, e.g. purchase_item_shop."),
    owner: str = typer.Option(help="Whom to ask about the event."),
    form: str = typer.Option("auto", "--format", help=f"auto, {_IMPORTS}."),
    description: str = typer.Option("", help="When it is sent. Default: what the schema says."),
    domain: str = typer.Option("", help="The business area. Default: the event's service."),
    tier: str = typer.Option("normal", help="critical, normal or bulk."),
    next_version: bool = typer.Option(False, help="Add a version to an event that exists."),
    out: Path | None = typer.Option(
        None, help="Write the files under this folder instead, whatever lint says of them."
    ),
    dry_run: bool = typer.Option(False, help="Write nothing; print the files."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make an event draft from a JSON Schema, Iglu, Spark, BigQuery or Avro schema.

    What the event cannot carry is listed with its place in the file. Nothing is written over, and
    nothing that does not pass lint is written among the project's events.

    Example: weir events import order.avsc --name purchase_item_shop --owner shop@example.com
    """
    state: State = ctx.obj
    imported = import_schema(read_document(file), form)
    said = description or _said(imported) or f"Imported from {file.name}."
    envelope = {
        "name": name,
        "description": said,
        "owner": owner,
        "domain": domain or event_name(name).service,
        "tier": tier,
        "status": "draft",
        "sampling": 0.1,
    }
    events_dir = state.settings.events_dir
    made = draft(imported.tree, envelope, events_dir, next_version=next_version)
    written: list[Path] = []
    if out is not None and not dry_run:
        written = made.write(out)
    elif not made.errors and not dry_run:
        written = made.write(events_dir)
    if as_json:
        print_json(_result(imported, made, written))
    else:
        _print(imported, made, written, show_files=dry_run)
    if made.errors and out is None:
        raise typer.Exit(1)


def export_event(
    ctx: typer.Context,
    name: str = typer.Argument(help="The event, e.g. purchase_item_shop."),
    form: str = typer.Option("json-schema", "--format", help=f"{_EXPORTS}."),
    version: int | None = typer.Option(None, help="Which version. Default: the newest."),
    out: Path | None = typer.Option(None, help="Write the document to this file."),
    as_json: bool = typer.Option(False, "--json", help="Print document and losses as JSON."),
) -> None:
    """Write an event's parameters as JSON Schema 2020-12, Spark, BigQuery or Avro schema.

    What the format cannot carry goes to standard error, with its place in the event.

    Example: weir events export purchase_item_shop --format bigquery
    """
    state: State = ctx.obj
    event = load(state.settings.events_dir).get(name)
    number = event.newest if version is None else version
    if number not in event.versions:
        raise NotFound("version", f"{name} v{number}", map(str, event.versions))
    tree, _ = from_json_schema(dict(event.versions[number]))
    exported = export_schema(tree, form, name)
    losses = [*exported.losses, *_pii_losses(event)]
    if out is not None:
        out.write_text(as_text(exported.document))
    if as_json:
        listed = [loss.as_dict() for loss in losses]
        print_json({"event": name, "version": number, "format": form,
                    "document": exported.document, "losses": listed})  # fmt: skip
        return
    if out is None:
        typer.echo(as_text(exported.document), nl=False)
    _print_losses(losses, form)


def _said(imported: Imported) -> str:
    about = imported.tree.root.about
    return next((str(about[key]) for key in ("description", "title") if about.get(key)), "")


def _pii_losses(event: Event) -> list[Loss]:
    remedy = "The collector does it; whoever reads the exported schema must know it."
    return [
        Loss("", f"That `{column}` is stored by the rule `{action}` cannot be carried.", remedy)
        for column, action in event.pii.items()
    ]


def _result(imported: Imported, made: Draft, written: list[Path]) -> dict[str, Any]:
    errors = [
        {"path": e.path, "pointer": e.pointer, "what": e.what, "remedy": e.remedy}
        for e in made.errors
    ]
    return {
        "format": imported.format,
        "files": made.files,
        "written": [str(path) for path in written],
        "losses": [loss.as_dict() for loss in (*imported.losses, *made.losses)],
        "findings": [finding.as_dict() for finding in imported.findings],
        "errors": errors,
    }


def _print(imported: Imported, made: Draft, written: list[Path], *, show_files: bool) -> None:
    for name, content in made.files.items() if show_files else ():
        typer.echo(f"# {name}\n{as_text(content)}", nl=False)
    for path in written:
        typer.echo(str(path))
    _print_losses([*imported.losses, *made.losses], imported.format)
    for finding in imported.findings:
        _line(f"{finding.severity}: {finding.pointer or '/'}", finding.what, finding.remedy)
    for error in made.errors:
        _line("lint", error.what, error.remedy)
    if written and not made.errors:
        err.print("Next: read the draft, then `weir events generate` and `weir events check`.")
    if made.errors and not written and not show_files:
        err.print("Nothing was written: the registry could not load it. Correct the source, or")
        err.print("write the files elsewhere with --out FOLDER and correct them there.")


def _print_losses(losses: list[Loss], form: str) -> None:
    for loss in losses:
        _line(f"lost ({form}): {loss.pointer or '/'}", loss.what, loss.remedy)


def _line(where: str, what: str, remedy: str) -> None:
    err.print(f"{where}: {what} {remedy}", markup=False, highlight=False, soft_wrap=True)
