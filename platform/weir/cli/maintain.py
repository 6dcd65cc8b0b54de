"""`weir maintain`: keep the lake small and fast."""

from __future__ import annotations

import typer
from rich.text import Text

from weir.cli.main import State, err, out, print_json
from weir.cli.run import interrupts
from weir.engines.embedded.maintenance import Done
from weir.orchestra.checking import require_production
from weir.orchestra.maintaining import maintain as steps_of
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_WORDS = {
    "retention": ("drop", "dropped"),
    "rewrite": ("write anew", "wrote anew"),
    "merge": ("merge", "merged"),
    "expire": ("expire", "expired"),
    "clean": ("delete", "deleted"),
    "strays": ("put aside", "put aside"),
}


@app.command()
def maintain(
    ctx: typer.Context,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be done; do nothing."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Drop what is past its retention, merge small files, expire old commits, clean up.

    Dagster does it every night. It may be cut off anywhere; the next one goes on.
    Example: weir maintain --dry-run
    """
    state: State = ctx.obj
    project = Project(state.settings)
    require_production(project)
    done: list[Done] = []
    with interrupts() as raise_if_interrupted:
        for step in steps_of(project, dry_run=dry_run):
            done.append(step)
            if not as_json:
                out.print(_line(step, dry_run=dry_run))
            raise_if_interrupted()
    if as_json:
        print_json({"dry_run": dry_run, "steps": [step.as_dict() for step in done]})
    elif not done:
        out.print("The lake is in order: nothing to do.")
    elif dry_run:
        err.print("Nothing was done: without --dry-run it is.")


def _line(step: Done, *, dry_run: bool) -> Text:
    word = _WORDS[step.step][0 if dry_run else 1]
    size = f" ({step.bytes / 1e6:,.1f} MB)" if step.bytes else ""
    note = f"  {step.note}" if step.note else ""
    count = f"{step.count:,} {step.unit if step.count != 1 else step.unit.removesuffix('s')}"
    return Text.assemble(
        (f"{word:<11}", "bold"), f"{step.subject}: {count}{size}", (note, "yellow")
    )
