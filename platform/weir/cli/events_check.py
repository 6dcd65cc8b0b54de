"""`weir events check`: what CI asks of a change of the event files, in words, JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from weir.cli.main import State, err, print_json
from weir.core.errors import UsageError
from weir.registry.compat import EventChange
from weir.registry.findings import Finding
from weir.registry.sync.check import Report, check
from weir.registry.sync.comparison import Comparison
from weir.registry.sync.markdown import check_summary


def check_events(
    ctx: typer.Context,
    base: str = typer.Option(
        "", help="Compare with this branch, tag or hash. Default: WEIR_GIT_BASE, else main, if any."
    ),
    summary: Path | None = typer.Option(
        None, allow_dash=True, help="Write a Markdown summary to this file; `-` prints it."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Check event files, their models, and what they break since the base branch.

    Warnings, hints and what hurts without being forbidden are shown too; only what must not be
    merged makes the exit code 1. Without git or a base branch it says so and checks the rest; a
    base that is named has to be there.

    Example: weir events check --base origin/main --summary summary.md
    """
    if as_json and str(summary) == "-":
        what = "--json and --summary - both print to the standard output."
        raise UsageError(what, "Give the summary a file.")
    state: State = ctx.obj
    report = check(state.settings, base)
    if summary is not None:
        write_summary(summary, check_summary(report))
    if as_json:
        print_json(report.as_dict())
        raise typer.Exit(0 if report.ok else 1)
    _tell(report)
    if not report.ok:
        raise ExceptionGroup(f"{len(report.problems)} problems", report.problems)


def write_summary(place: Path | None, text: str) -> None:
    """Write a summary to a file, or to standard output if that is `-`; nowhere if None.

    Raises:
        UsageError: if the file cannot be written.
    """
    if place is None:
        return
    if str(place) == "-":
        typer.echo(text, nl=False)
        return
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"The summary cannot be written to {place}: {error.strerror}."
        raise UsageError(what, "Name a file in a folder that exists.") from None


def tell_notes(notes: Iterable[Finding]) -> None:
    """Print warnings and hints, each with its place and what to do."""
    for note in notes:
        where = f"{note.path}#{note.pointer}: " if note.path else ""
        _say(f"{note.severity}: {where}{note.what}\n       {note.remedy}")


def _tell(report: Report) -> None:
    tell_notes(report.notes)
    if isinstance(report.comparison, str):
        _say(report.comparison)
    else:
        _tell_comparison(report.comparison)
    if report.ok:
        _say("All event files are right and the generated models are current.")


def _tell_comparison(comparison: Comparison) -> None:
    changed = "" if comparison.changes else ": no event changes"
    _say(f"Compared with {comparison.base} at {comparison.commit}{changed}.")
    if comparison.caveat:
        _say(f"warning: {comparison.caveat}")
    if comparison.unread:
        names = ", ".join(comparison.unread)
        _say(f"warning: Not compared, because their files are wrong: {names}.")
    for change in comparison.changes:
        _tell_change(change)
    for log in comparison.columns:
        _say(f"columns of {log}")


def _tell_change(change: EventChange) -> None:
    """Tell a change; what is forbidden in it follows as an error."""
    version = f" v{change.version}" if change.version else ""
    _say(f"{change.event}{version}: {change.note or change.kind.replace('_', ' ')}")
    for one in change.differences:
        if one not in change.violations:
            remedy = f" {one.remedy}" if one.hurts and one.remedy else ""
            _say(f"  {'!' if one.hurts else '·'} {one.pointer or '/'}: {one.reason}{remedy}")


def _say(line: str) -> None:
    err.print(line, markup=False, highlight=False, soft_wrap=True)
