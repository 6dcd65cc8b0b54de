"""Who reads whom: assets up and down from one, and the path of a column through them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from weir.console.context import Console
from weir.console.http.who import Asked, Viewer
from weir.console.pages.figures import Figures, figures
from weir.lineage.columns.asking import logs_of, parse, steps_of, unresolved
from weir.lineage.columns.graph import ColumnGraph, Step
from weir.lineage.edges import SERVICE
from weir.lineage.nodes import STAGES
from weir.lineage.review.side import VIEW
from weir.lineage.stale import Picture
from weir.orchestra.project import Project

router = APIRouter(prefix="/lineage", tags=["lineage"])
_FURTHEST = 50  # steps
_MOST = 5_000  # steps of a column's path

State = Literal["current", "stale", "missing", "failed", "empty", "none"]
Name = Annotated[str, Path(max_length=200)]
Steps = Annotated[int, Query(ge=0, le=_FURTHEST)]


class Asset(BaseModel):
    """One asset of the graph."""

    asset: str
    stage: str
    kind: str = Field(description="Of how it is built; `view` and `service` have no partitions.")
    grain: str
    state: State = Field(description="The worst of its partitions; `none` for what has none.")
    wrong: int = Field(description="Partitions that are failed, missing or stale.")
    columns: int


class Edge(BaseModel):
    """One asset is read by another."""

    source: str = Field(description="What is read.")
    target: str = Field(description="What reads it.")


class Lineage(BaseModel):
    """Assets and who reads whom."""

    assets: list[Asset]
    edges: list[Edge]


class Column(BaseModel):
    """One column of an asset."""

    name: str
    type: str


class ColumnStep(BaseModel):
    """One edge of a column's path, in the data's direction. A column '' stands for the rows."""

    source: str
    source_column: str
    target: str
    target_column: str
    path: str = Field(description="The place inside the source's column; '' for all of it.")
    uses: list[str] = Field(description="`value`, or what decides rows: `filter`, `join`, `group`.")
    depth: int = Field(description="Steps from what was asked for, from 1; negative upwards.")


class Of(BaseModel):
    """An asset's columns, and where one of them comes from and goes to."""

    asset: str
    columns: list[Column]
    column: str
    steps: list[ColumnStep]
    cut: bool = Field(description="Whether there are more steps than these.")
    unresolved: list[str] = Field(description="What could not be followed, in words.")


@router.get("")
def lineage(
    console: Asked, _: Viewer,
    asset: Annotated[str, Query(max_length=200, description="Only around this asset.")] = "",
    up: Steps = 2, down: Steps = 2,
) -> Lineage:  # fmt: skip
    """Return the assets around one, so many steps up and down; without one, all of them."""
    key = ("lineage", asset, up, down)
    return console.projects.recent.get(key, lambda: _around(console, asset, up, down))


def _around(console: Console, asset: str, up: int, down: int) -> Lineage:
    project, picture = console.projects.current(), console.projects.picture()
    graph = project.columns.graph
    reads = {**{a: one.reads for a, one in graph.models.items()}, **graph.services}
    edges = [(read, one) for one, found in reads.items() for read in sorted(found) if read != one]
    if asset:
        graph.node(asset)
        around = {asset, *_beyond(graph, asset, up=True, depth=up)}
        around |= _beyond(graph, asset, up=False, depth=down)
        edges = [edge for edge in edges if around.issuperset(edge)]
    else:
        around = {*picture.nodes, *(end for edge in edges for end in edge)}
    return Lineage(
        assets=list(_assets(console.now(), project, picture, around)),
        edges=[Edge(source=source, target=target) for source, target in edges],
    )


@router.get("/{stage}/{table}")
def of(
    console: Asked, _: Viewer, stage: Name, table: Name,
    column: Annotated[str, Query(max_length=200)] = "", up: Steps = _FURTHEST, down: Steps = _FURTHEST,
) -> Of:  # fmt: skip
    """Return an asset's columns and, of one of them, all that it is made of and that it reaches."""
    project, asset = console.projects.current(), f"{stage}/{table}"
    graph = project.columns.graph
    code = project.columns.codes().get(asset)
    types = code.columns if code else {}
    steps, told = _path(project, asset, column, up, down) if column else ([], [])
    return Of(
        asset=asset,
        columns=[Column(name=name, type=types.get(name) or "") for name in graph.columns(asset)],
        column=column,
        steps=steps[:_MOST],
        cut=len(steps) > _MOST,
        unresolved=told,
    )


def _beyond(graph: ColumnGraph, asset: str, *, up: bool, depth: int) -> set[str]:
    return (
        {step.there.asset for step in graph.assets(asset, up=up, depth=depth)} if depth else set()
    )


def _assets(
    now: datetime, project: Project, picture: Picture, wanted: Collection[str]
) -> Iterator[Asset]:
    """Yield assets in the data's order; views and what reads from outside last."""
    known = {asset: node for asset, node in picture.nodes.items() if asset in wanted}
    for asset, node in known.items():
        one = figures(picture, node, now)
        yield Asset(
            asset=asset, stage=node.stage, kind=node.kind.value, grain=node.grain.value,
            state=_state(one), wrong=one.failed + one.missing + one.stale,
            columns=_columns(project, asset),
        )  # fmt: skip
    for asset in sorted(set(wanted) - known.keys()):
        stage = asset.partition("/")[0]
        kind = stage if stage == SERVICE else VIEW if stage in STAGES else "table"
        yield Asset(
            asset=asset, stage=stage, kind=kind, grain="", state="none", wrong=0,
            columns=_columns(project, asset),
        )  # fmt: skip


def _state(one: Figures) -> State:
    if one.failed:
        return "failed"
    if one.missing:
        return "missing"
    if one.stale:
        return "stale"
    return "current" if one.newest else "empty"


def _columns(project: Project, asset: str) -> int:
    found = project.columns.graph.models.get(asset)
    return len(found.columns) if found else 0


def _path(
    project: Project, asset: str, column: str, up: int, down: int
) -> tuple[list[ColumnStep], list[str]]:
    graph, logs = project.columns.graph, logs_of(project.nodes)
    wanted = parse(f"{asset}.{column}", graph, logs)
    above = steps_of(wanted, graph, logs, below=False, depth=up) if up else []
    under = steps_of(wanted, graph, logs, below=True, depth=down) if down else []
    found = [
        *(_step(one, below=False) for one in above),
        *(_step(one, below=True) for one in under),
    ]
    return found, unresolved(graph, wanted, [*above, *under])


def _step(one: Step, *, below: bool) -> ColumnStep:
    source, target = (one.here, one.there) if below else (one.there, one.here)
    return ColumnStep(
        source=source.asset, source_column=source.column, target=target.asset,
        target_column=target.column, path=one.path, uses=sorted(use.value for use in one.uses),
        depth=one.depth if below else -one.depth,
    )  # fmt: skip
