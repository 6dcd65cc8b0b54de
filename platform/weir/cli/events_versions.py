"""`weir events new-version|activate|deprecate|archive|review|history`: versions and their life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple

import typer

from weir.audit import login, note
from weir.cli.events_check import tell_notes
from weir.cli.main import State, err, print_json
from weir.core.clock import utc_now
from weir.core.errors import GitError, UsageError
from weir.core.settings import Settings
from weir.registry import Event, Registry, load
from weir.registry.authoring.saving import acting_of
from weir.registry.findings import Finding
from weir.registry.review import review_version
from weir.registry.sync import open_repository
from weir.registry.versions import reviews, steps
from weir.registry.versions.files import EventFiles, read_event, write_files
from weir.registry.versions.history import RECORDS, History

_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_EVENT = typer.Argument(help="The event, e.g. purchase_item_shop.")
_BY = typer.Option(None, "--by", help="Who does it. Default: git's user.email, else the login.")
_DRY = typer.Option(False, "--dry-run", help="Write nothing.")
_DAY = typer.Option(None, help="The first UTC day on which it holds. Default: at once.")


def new_version(
    ctx: typer.Context, name: str = _EVENT, by: str | None = _BY, as_json: bool = _JSON
) -> None:
    """Copy the newest version of an event into a draft to be edited; nobody may send it yet.

    Example: weir events new-version purchase_item_shop
    """
    event, files, acting, registry = _open(ctx, name, by)
    step = steps.new_version(event, files, acting)
    number = max(event.versions) + 1
    drafted = replace(event, drafts={number: event.versions[event.newest]})
    _finish(ctx, step, review_version(registry, drafted, number), as_json=as_json)


def activate(
    ctx: typer.Context,
    name: str = _EVENT,
    version: int | None = typer.Option(None, help="Which draft. Default: the newest."),
    day: datetime | None = typer.Option(None, "--from", formats=["%Y-%m-%d"], help=_DAY.help),
    breaking: str | None = typer.Option(
        None, help="Why it may break what the event's mode protects. It is recorded."
    ),
    by: str | None = _BY,
    dry_run: bool = _DRY,
    as_json: bool = _JSON,
) -> None:
    """Activate a draft version, and its event: it may be sent, and never changes again.

    It must keep what the event's compatibility protects. What looks personal and is not tagged, and
    names that could be better, are told before: --dry-run shows them while they can be mended. An
    active event whose versions were never recorded is recorded as it is.

    Example: weir events activate purchase_item_shop --version 2
    """
    event, files, acting, registry = _open(ctx, name, by)
    if version is None and not event.drafts and event.status != "draft" and files.history is None:
        step = steps.seal(event, files, acting)
    else:
        step = steps.activate(event, files, acting, version, _date(day), breaking)
    number = max(event.drafts or event.versions) if version is None else version
    notes = review_version(registry, event, number)
    _finish(ctx, step, notes, dry_run=dry_run, as_json=as_json)


def deprecate(
    ctx: typer.Context,
    name: str = _EVENT,
    replacement: str | None = typer.Option(None, help="The event to send instead."),
    day: datetime | None = typer.Option(None, "--from", formats=["%Y-%m-%d"], help=_DAY.help),
    until: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="The first UTC day on which it is no longer taken."
    ),
    by: str | None = _BY,
    dry_run: bool = _DRY,
    as_json: bool = _JSON,
) -> None:
    """Ask senders of an event to send another one. It is taken until it is archived.

    Example: weir events deprecate tap_item_home --replacement click_item_home --until 2027-03-01
    """
    event, files, acting, registry = _open(ctx, name, by)
    if replacement == name:
        raise UsageError(f"`{name}` cannot replace itself.", "Name the event to send instead.")
    other = registry.get(replacement) if replacement else None
    step = steps.deprecate(event, files, acting, other, _date(day), _date(until))
    _finish(ctx, step, dry_run=dry_run, as_json=as_json)


def archive(
    ctx: typer.Context,
    name: str = _EVENT,
    version: int | None = typer.Option(None, help="End only this version. Default: the event."),
    day: datetime | None = typer.Option(None, "--on", formats=["%Y-%m-%d"], help=_DAY.help),
    by: str | None = _BY,
    dry_run: bool = _DRY,
    as_json: bool = _JSON,
) -> None:
    """End an event, or one of its versions: it is no longer taken. What was stored stays.

    Example: weir events archive purchase_item_shop --version 1 --on 2027-03-01
    """
    event, files, acting, _ = _open(ctx, name, by)
    if version is None:
        step = steps.archive(event, files, acting, _date(day))
    else:
        step = steps.end_version(event, files, acting, version, _date(day))
    _finish(ctx, step, dry_run=dry_run, as_json=as_json)


def review(  # noqa: PLR0913, PLR0917 - one per question
    ctx: typer.Context,
    name: str = _EVENT,
    of: str = typer.Option("", help="v2, deprecate, archive or 'archive v1'. Default: the draft."),
    request: bool = typer.Option(False, "--request", help="Ask the owner."),
    approve: bool = typer.Option(False, "--approve", help="As the owner: it may take effect."),
    reject: bool = typer.Option(False, "--reject", help="As the owner: it may not."),
    note: str = typer.Option("", help="Why."),
    by: str | None = _BY,
    as_json: bool = _JSON,
) -> None:
    """Ask for an owner's review of a change, or give it. An edit afterwards voids an approval.

    Example: weir events review purchase_item_shop --of v2 --approve --note 'Fine for finance.'
    """
    asked = {"requested": request, "approved": approve, "rejected": reject}
    chosen = [state for state, wanted in asked.items() if wanted]
    if len(chosen) != 1:
        raise UsageError("Say what the review is.", "Give --request, --approve or --reject.")
    event, files, acting, _ = _open(ctx, name, by)
    subject = of or f"v{max(event.drafts or event.versions)}"
    reviews.subject_hash(event, subject)  # whether it exists is said before whose it is
    history = reviews.reviewed(
        event, steps.adopted(event, files, acting), subject, chosen[0], acting.by, acting.at, note
    )
    told = f"`{subject}` of `{event.name}` is {chosen[0]} by {acting.by}."
    _finish(ctx, steps.Step(reviews.review_files(event, history), told), as_json=as_json)


def history(ctx: typer.Context, name: str = _EVENT, as_json: bool = _JSON) -> None:
    """Show the versions of an event, reviews that are open, and who did what when.

    Example: weir events history purchase_item_shop
    """
    settings = _settings(ctx)
    event = load(settings.events_dir).get(name)
    found = read_event(settings.events_dir, event).history or History()
    closed = event.closed_on(datetime.now(UTC).date())
    if as_json:
        print_json({"event": name, "status": event.status, "closed": closed, **found.as_dict()})
        return
    for number in sorted({**event.versions, **event.drafts}):
        record = found.records.get(number)
        state = record.status if record else "draft" if number in event.drafts else event.status
        why = f" ({closed[number]})" if closed.get(number) not in (None, "a draft", state) else ""
        typer.echo(f"v{number}  {state}{why}")
    for subject, one in found.reviews.items():
        typer.echo(f"review of {subject}: {one.state} by {one.by}, {one.at} {one.note}".rstrip())
    for entry in found.audit:
        of = f" v{entry.version}" if entry.version else ""
        typer.echo(f"{entry.at}  {entry.by}  {entry.action}{of}  {entry.note}".rstrip())
    if not found.records:
        note = f"Nothing is recorded in {RECORDS}. Run `weir events activate {name}`."
        err.print(note, highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `weir events`."""
    app.command("new-version")(new_version)
    app.command("activate")(activate)
    app.command("deprecate")(deprecate)
    app.command("archive")(archive)
    app.command("review")(review)
    app.command("history")(history)


def _settings(ctx: typer.Context) -> Settings:
    state: State = ctx.obj
    return state.settings


def _date(day: datetime | None) -> date | None:
    return day.date() if day else None


class _Opened(NamedTuple):
    event: Event
    files: EventFiles
    acting: steps.Acting
    registry: Registry


def _open(ctx: typer.Context, name: str, by: str | None) -> _Opened:
    settings = _settings(ctx)
    registry = load(settings.events_dir)
    event = registry.get(name)
    acting = acting_of(settings, by or _who(settings), utc_now())
    return _Opened(event, read_event(settings.events_dir, event), acting, registry)


def _who(settings: Settings) -> str:
    repository = open_repository(settings)
    try:
        return repository.identity().email if repository else login()
    except GitError:
        return login()


def _finish(
    ctx: typer.Context,
    step: steps.Step,
    notes: Iterable[Finding] = (),
    *,
    dry_run: bool = False,
    as_json: bool = False,
) -> None:
    settings = _settings(ctx)
    if not as_json:
        tell_notes(notes)
    root = settings.events_dir.relative_to(settings.project).as_posix()
    written = [f"{root}/{path}" for path in step.files]
    if not dry_run:
        written = write_files(settings.project, step.files)
        note(files=written, told=step.told)
    if as_json:
        told = [note.as_dict() for note in notes]
        print_json({"told": step.told, "files": written, "notes": told, "dry_run": dry_run})
        return
    for path in written:
        typer.echo(path)
    err.print(step.told, highlight=False, markup=False, soft_wrap=True)
    if dry_run:
        err.print("Nothing was written.")
