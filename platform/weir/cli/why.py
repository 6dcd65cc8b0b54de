"""`weir why`: what is wrong with an asset or a run, where it begins, and the plan that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

import typer
from rich.markup import escape

from weir.cli.main import FAILED, State, err, out, print_json
from weir.core.errors import InvalidValue, UsageError
from weir.lineage.checking import Level
from weir.lineage.nodes import find
from weir.lineage.triage import Cause, Diagnosis, Reach
from weir.orchestra.project import Project
from weir.orchestra.triage import NO_LEVEL, why_asset, why_run

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_WIDTH = 78
_SHOWN = 5
_LONG_NAME = re.compile(r"(?<=ducklake-)[0-9a-f-]{24}(?=[0-9a-f]{12})")
"""Of a file's name; its last twelve digits tell files apart, too."""


@app.command()
def why(
    ctx: typer.Context,
    asset: str = typer.Argument("", help="The asset: `stage/table`, or the table's name."),
    partition: str = typer.Argument("", help="Only this partition, e.g. 2026-01-31."),
    run: str = typer.Option(
        "", "--run", help="A run of Dagster instead: its id, or its beginning."
    ),
    level: str = typer.Option(
        "listing", help=f"How closely to look at files: {', '.join(Level)}, none."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Say why an asset, a partition or a run is not as it should be, and how to mend it.

    What comes first is where to begin. Exit code 1 if something is wrong.
    Example: weir why fact/users_purchased_item 1998-03-05
    """
    state: State = ctx.obj
    if bool(asset) == bool(run):
        raise UsageError("Name an asset or a run.", "`weir why ASSET`, or `weir why --run ID`.")
    if level != NO_LEVEL and level not in set(Level):
        raise InvalidValue("level", level, [*Level, NO_LEVEL])
    project = Project(state.settings)
    if run:
        diagnosis = why_run(project, run, level=level)
    else:
        diagnosis = why_asset(project, find(project.nodes, asset).asset, partition, level=level)
    if as_json:
        print_json(diagnosis.as_dict())
    else:
        show(diagnosis)
    if diagnosis.causes:
        raise typer.Exit(FAILED)


def show(diagnosis: Diagnosis) -> None:
    """Print the causes, where to begin first, then what was looked at and what was not."""
    name = f"{diagnosis.asset} {diagnosis.partition}".strip()
    if not diagnosis.causes:
        out.print(f"{escape(name)}: nothing is wrong.", highlight=False, soft_wrap=True)
    for number, cause in enumerate(diagnosis.causes, 1):
        if number > 1:
            out.print()
        _show(number, cause)
    for note in diagnosis.notes:
        out.print(escape(note), style="dim", highlight=False, soft_wrap=True)
    for what, how in diagnosis.checked.items():
        _small(f"checked: {what} ({how})")
    for what, reason in diagnosis.not_checked.items():
        _small(f"not checked: {what}: {reason}")


def _show(number: int, cause: Cause) -> None:
    sure = "" if cause.confidence == "proved" else f" ({cause.confidence})"
    head = f"{number}. {cause.code} {cause.meaning.title}{sure}"
    out.print(f"[bold red]{escape(head)}[/]", highlight=False)
    for line in _lines(cause):
        out.print(escape(line), highlight=False, soft_wrap=True)
    if cause.repair:
        for line in _command(cause.repair):
            out.print(f"   [bold]{escape(line)}[/]", highlight=False, soft_wrap=True)


def _lines(cause: Cause) -> Iterator[str]:
    many = f" ({len(cause.labels):,} partitions)" if len(cause.labels) > 1 else ""
    yield from _wrapped(f"{cause.asset} {cause.partitions}{many}")
    named = "/" in cause.text.partition(" ")[0]
    yield from _wrapped(f"{cause.text if named else cause.text[:1].upper() + cause.text[1:]}.")
    for one in cause.evidence:
        yield from _wrapped(f"{one.what}: {_LONG_NAME.sub('…', one.value)}", "     ")
    yield from _reaching(cause.reaches)
    yield from _wrapped(cause.meaning.remedy)


def _reaching(reaches: tuple[Reach, ...]) -> Iterator[str]:
    """Yield what a cause reaches: an asset a line, with its ranges."""
    yield "   Reaches:" if reaches else "   Reaches nothing that is built."
    for one in reaches[:_SHOWN]:
        yield from _wrapped(f"{one.asset} {one.partitions} ({one.count:,})", "     ")
    if len(reaches) > _SHOWN:
        yield f"     and {len(reaches) - _SHOWN} more assets"


def _wrapped(text: str, indent: str = "   ") -> list[str]:
    return wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ",
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _command(words: str) -> list[str]:
    """Return a command in lines that a shell takes as one."""
    lines = wrap(
        words, _WIDTH - 6, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
    )
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _small(text: str) -> None:
    for line in wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False):
        err.print(escape(line), style="dim", highlight=False)
