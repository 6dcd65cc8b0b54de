"""`weir lineage`: what a column is made of, and what it reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import typer
from rich.markup import escape
from rich.tree import Tree

from weir.cli.main import State, err, out, print_json
from weir.core.errors import UsageError
from weir.lineage.columns.asking import EVENT, Wanted, logs_of, parse, steps_of, unresolved
from weir.lineage.columns.flows import Use
from weir.lineage.columns.graph import ColumnGraph, Node, Step
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_WIDE = 58  # characters of a name that still leave room for how it is read


@app.command()
def lineage(
    ctx: typer.Context,
    name: str = typer.Argument(
        help="ASSET, ASSET.COLUMN, or event:NAME.PARAM for a parameter of an event."
    ),
    up: bool = typer.Option(False, "--up", help="What it is made of; the default for columns."),
    down_: bool = typer.Option(False, "--down", help="What it reaches."),
    depth: int | None = typer.Option(None, "--depth", min=1, help="Steps to go; all by default."),
    as_json: bool = typer.Option(False, "--json", help="Print every step as JSON."),
) -> None:
    """Show what a column or an asset is made of, or what it reaches, through all models.

    The tree tells a column that flows into a value from one that decides which rows there are; that one
    reaches every column. Nothing is run: it is read from the models' SQL.

    Example: weir lineage users_purchased_item.amount --up
    """
    if up and down_:
        raise UsageError("--up and --down were both given.", "Give one of them.")
    state: State = ctx.obj
    project = Project(state.settings)
    graph, logs = project.columns.graph, logs_of(project.nodes)
    wanted = parse(name, graph, logs)
    below = down_ or (name.startswith(EVENT) and not up)
    steps = steps_of(wanted, graph, logs, below=below, depth=depth)
    if as_json:
        print_json(_as_json(wanted, graph, steps, below=below))
        return
    out.print(_tree(wanted, steps, below=below), soft_wrap=False, highlight=False)
    err.print(_summary(wanted, steps, below=below), highlight=False, soft_wrap=True)
    for told in unresolved(graph, wanted, steps):
        err.print(escape(f"Not resolved: {told}."), style="yellow", soft_wrap=True)


def _tree(wanted: Wanted, steps: Iterable[Step], *, below: bool) -> Tree:
    """Return the steps as a tree; what was shown before is not opened again."""
    root, seen = Tree(f"[bold]{escape(wanted.text)}[/]"), {wanted.node}
    beyond: dict[Node, list[Step]] = defaultdict(list)
    for step in steps:
        beyond[step.here].append(step)
    told: set[str] = set()

    def grow(branch: Tree, node: Node) -> None:
        here = beyond[node]
        rows = {step.there.asset for step in here if not step.there.column}
        shown = [s for s in here if Use.VALUE in s.uses or not s.uses or below]
        shown = [s for s in shown if not s.there.column or s.there.asset not in rows]
        for step in shown:
            again = step.there in seen
            more = any(Use.VALUE in s.uses or below for s in beyond[step.there])
            child = branch.add(_label(step, below=below) + (" [dim]…[/]" if again and more else ""))
            if not again:
                seen.add(step.there)
                grow(child, step.there)
        if not below and node.asset not in told and (line := _deciding(here)):
            told.add(node.asset)
            branch.add(f"[dim]rows: {escape(line)}[/]")

    grow(root, wanted.node)
    return root


def _label(step: Step, *, below: bool) -> str:
    """Return the name of what a step leads to and how it is read, on two lines where it is long."""
    place = f"${step.path}" if step.path and not below else ""
    name = escape(step.there.text + place)
    if not step.uses:
        return name
    how = _how(step)
    return f"{name}{chr(10) if len(name) > _WIDE else '  '}[dim]{how}[/]"


def _how(step: Step) -> str:
    """Say how a step's downstream end reads the other one."""
    deciding = sorted(use.value for use in step.uses - {Use.VALUE})
    if not deciding:
        return "value"
    if step.there.column:
        return f"value, decides rows ({', '.join(deciding)})"
    return f"every column: decides rows ({', '.join(deciding)})"


def _deciding(steps: Iterable[Step]) -> str:
    """Return what decides the rows of an asset, by the asset that it comes from."""
    found: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        if step.uses - {Use.VALUE}:
            found[step.there.asset].append(step.there.column or "its rows")
    return "; ".join(f"{asset}: {', '.join(columns)}" for asset, columns in sorted(found.items()))


def _summary(wanted: Wanted, steps: Iterable[Step], *, below: bool) -> str:
    nodes = {step.there for step in steps}
    assets = {node.asset for node in nodes} - {wanted.node.asset}
    if not nodes:
        return f"{wanted.text} {'reaches nothing' if below else 'is made of nothing stored'}."
    verb = "reaches" if below else "is made of"
    if not wanted.node.column:
        return f"{wanted.text} {verb} {len(assets)} assets."
    columns = sum(1 for node in nodes if node.column)
    return f"{wanted.text} {verb} {columns} columns of {len(assets)} assets."


def _as_json(
    wanted: Wanted, graph: ColumnGraph, steps: list[Step], *, below: bool
) -> dict[str, Any]:
    return {
        "of": wanted.text,
        "direction": "down" if below else "up",
        "steps": [step.as_json() for step in steps],
        "unresolved": unresolved(graph, wanted, steps),
    }
