"""`weir events diff`: what differs between versions, whom it hurts, and what may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from weir.cli.events_check import tell_notes
from weir.cli.main import State, err, print_json
from weir.core.errors import UsageError
from weir.registry import Event, load
from weir.registry.compat import Difference, Proposal, Transition, propose
from weir.registry.compat.transitions import steps_to
from weir.registry.findings import Finding
from weir.registry.load import read_schema
from weir.registry.review import review_version


def diff(
    ctx: typer.Context,
    name: str = typer.Argument(help="The event, e.g. purchase_item_shop."),
    before: int | None = typer.Option(None, "--from", help="Default: the version before."),
    after: int | None = typer.Option(None, "--to", help="Default: the newest, drafts included."),
    file: Path | None = typer.Option(
        None, help="A schema to compare instead of a version: what could it become?"
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show what differs between versions of an event, whom it hurts, and what to do instead.

    Of a draft or a file, what looks personal and is not tagged and names that could be better too.

    Example: weir events diff purchase_item_shop --file wanted.json
    """
    state: State = ctx.obj
    settings = state.settings
    registry = load(settings.events_dir)
    event = registry.get(name)
    if file is not None:
        schema = read_schema(file, settings.events_dir)
        proposal = propose(event, schema)
        number = max(*event.versions, *event.drafts, 0) + 1
        wanted = replace(event, drafts={number: schema})
        notes = [replace(one, path=file.name) for one in review_version(registry, wanted, number)]
        _tell_steps(event, proposal.transitions, proposal, notes, as_json=as_json)
        raise typer.Exit(1 if proposal.kind == "major" else 0)
    found = _chosen(event, before, after)
    number = found[-1].after
    notes = review_version(registry, event, number) if event.is_draft(number) else []
    _tell_steps(event, found, None, notes, as_json=as_json)
    raise typer.Exit(0 if all(step.allowed for step in found) else 1)


def _chosen(event: Event, before: int | None, after: int | None) -> list[Transition]:
    every = {**event.versions, **event.drafts}
    number = max(every) if after is None else after
    for given in (before, after):
        if given is not None and given not in every:
            known = ", ".join(map(str, sorted(every)))
            raise UsageError(f"`{event.name}` has no version {given}.", f"Known: {known}.")
    if before is None:
        found = list(steps_to(event, number, every[number]))
    else:
        found = [Transition.between(event, before, number)]
    if not found:
        what = f"Version {number} is the first of `{event.name}`."
        raise UsageError(what, "Compare it with --file, or make one: `weir events new-version`.")
    return found


def _tell_steps(
    event: Event, found: Sequence[Transition], proposal: Proposal | None,
    notes: Sequence[Finding], *, as_json: bool,
) -> None:  # fmt: skip
    if as_json:
        print_json(
            {
                "event": event.name,
                "mode": event.compatibility,
                "transitions": [step.as_dict() for step in found],
                "proposal": proposal and {
                    "kind": proposal.kind, "version": proposal.version, "advice": proposal.advice,
                },
                "notes": [note.as_dict() for note in notes],
            }
        )  # fmt: skip
        return
    for step in found:
        after = "the file" if proposal else f"v{step.after}"
        typer.echo(f"{event.name} v{step.before} → {after}, mode {event.compatibility}")
        for one in step.differences:
            _tell_difference(one, forbidden=one in step.violations)
        if not step.differences:
            typer.echo("  Nothing differs.")
        if step.violations and step.breaking:
            typer.echo(f"  Let in all the same: {step.breaking}")
    tell_notes(notes)
    if proposal:
        err.print(f"{proposal.kind}: {proposal.advice}", markup=False, soft_wrap=True)


def _tell_difference(one: Difference, *, forbidden: bool) -> None:
    mark = "✗" if forbidden else "!" if one.hurts else "·"
    typer.echo(f"  {mark} {one.pointer or '/'}  {one.rule}\n      {one.reason}")
    if one.remedy and one.hurts:
        typer.echo(f"      {one.remedy}")
