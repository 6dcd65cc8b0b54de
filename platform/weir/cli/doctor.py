"""`weir doctor`: what is wrong with this machine or home, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from weir.cli.main import FAILED, State, out, print_json
from weir.orchestra.health import examine

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Check versions, extensions, disk, ports, lake, spool, events, dbt and Dagster.

    Exit code 1 if something is wrong. Example: weir doctor
    """
    state: State = ctx.obj
    found = examine(state.settings)
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            mark = "[green]ok  [/]" if finding.ok else "[red]bad [/]"
            out.print(f"{mark} {finding.subject:<18}", end="")
            out.print(finding.found, markup=False, highlight=False, soft_wrap=True)
            if finding.remedy:
                out.print(f"{'':24}{finding.remedy}", markup=False, highlight=False, soft_wrap=True)
    if not all(finding.ok for finding in found):
        raise typer.Exit(FAILED)
