"""`weir stale`: which partitions have to be built, or may have to, and the first cause of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import typer
from rich.markup import escape

from weir.cli.main import State, err, out, print_json
from weir.lineage.causes import Explained, explain, faults
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.nodes import find
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def stale(
    ctx: typer.Context,
    asset: str = typer.Argument("", help="Only this asset: `stage/table`, or the table's name."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Say what is missing or stale, through any number of steps, and why.

    A partition is stale if what it is made from, or its code, is another since it was built. One that
    reads a stale partition "may follow": it is built again only if what it reads comes out different.

    Example: weir stale fact/users_purchased_item
    """
    state: State = ctx.obj
    project = Project(state.settings)
    picture = project.picture()
    only = [find(picture.nodes.values(), asset).asset] if asset else None
    graph = graph_of(picture)
    found = explain(picture, graph, faults(picture, graph), only)
    if as_json:
        print_json([plain(one) for one in found])
        return
    show(found)
    certain = sum(one.count for one in found if not one.conditional)
    follow = sum(one.count for one in found if one.conditional)
    if not found:
        err.print(f"{asset or 'Everything'} is up to date.", highlight=False)
    else:
        err.print(
            f"{certain:,} partitions to build, {follow:,} may follow."
            " `weir plan recover` says what that takes; `weir run` does it at once.",
            highlight=False,
        )


def plain(one: Explained) -> dict[str, Any]:
    """Return it as plain data."""
    return {
        "asset": one.asset,
        "partitions": str(one.labels),
        "count": one.count,
        "cause": one.cause.value,
        "why": one.text,
        "root": one.root,
        "root_partitions": one.root_labels,
        "may_follow": one.conditional,
    }


def show(found: Sequence[Explained]) -> None:
    """Print one paragraph per asset: its ranges, and under each its first cause."""
    for asset, group in groupby(found, key=lambda one: one.asset):
        out.print(f"[bold]{escape(asset)}[/]", highlight=False)
        for one in group:
            many = f" ({one.count:,} partitions)" if one.count > 1 else ""
            style = "dim" if one.conditional else "yellow"
            out.print(f"  {one.labels}{many}", style=style, highlight=False)
            out.print(f"    {escape(sentence(one))}", highlight=False, soft_wrap=True)


def sentence(one: Explained) -> str:
    """Return the first cause in one sentence."""
    if one.conditional:
        return f"may follow: {one.root} {one.root_labels}: {one.text}"
    if one.root != one.asset:
        return f"{one.text} (begins at {one.root} {one.root_labels})"
    return one.text
